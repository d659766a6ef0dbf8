"""What ECR does beside its documentation, and a run: it copes, or it says what the registry refuses."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")

TAGS = {"1.4.2", "1.4", "1", "latest"}
EVERY = "no-referrers, no-subjects, strict-manifests, no-digest-header, no-mounts, chunked-uploads"


def test_a_run_copes_with_every_quirk_at_once_and_with_the_quota_of_put_image(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """The verdict is attached under a tag, since no manifest may have a subject."""
    registry.play(f"{{quirks: [{EVERY}], quotas: {{PutImage: 3}}}}")
    copy = "public.ecr.aws/sandbox/team/copy"
    extras = ("--create-repository", "--cache", "ecr", "--attest-verdict", "--to", copy)
    run = cli.run(project.root, "-r", REPOSITORY, *extras)
    assert run.code == 0, run.stderr
    [tag] = [name for name in registry.released() if ".verdict-" in name]
    statement = registry.manifest(f"{registry.sandbox.host}/{REPOSITORY}:{tag}")
    assert "subject" not in statement
    [sha] = [name for name in registry.released() if name.startswith("sha-")]
    assert {name: registry.tags()[name] for name in (*TAGS, sha)} == dict.fromkeys((*TAGS, sha), run.digest)
    public = f"{registry.sandbox.public_host}/sandbox/team/copy"
    found = set(registry.client.ask("crane", "ls", public).split())
    assert found >= TAGS
    assert {registry.client.ask("crane", "digest", f"{public}:{name}") for name in TAGS} == {run.digest}
    # A statement and six tags here, five there, at three in a second: some were throttled, and none was lost.
    assert registry.asked("PutImage") > 12


@pytest.mark.parametrize("quirk", ["no-subjects", "no-referrers"])
def test_a_signature_that_the_registry_does_not_take(
    cli: CommandLine, project: GitRepository, registry: Registry, client_path: str, tmp_path: Path, quirk: str
) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    cli.environ |= {"PATH": client_path, "COSIGN_PASSWORD": "dummy"}
    environ = {"PATH": client_path, "COSIGN_PASSWORD": "dummy", "HOME": str(folder)}
    subprocess.run(["cosign", "generate-key-pair"], cwd=folder, env=environ, check=True, capture_output=True)
    registry.create()
    registry.play(f"quirks: [{quirk}]")
    sign = ("--sign", "cosign", "--sign-key", str(folder / "cosign.key"))
    run = cli.run(project.root, "-r", REPOSITORY, *sign)
    assert run.code == 4, run.stderr
    assert "the registry refuses what a signature is: a manifest with a subject" in run.stderr
    assert "ask AWS Support about this registry, or leave out --sign" in run.stderr
    assert registry.released() == {}
