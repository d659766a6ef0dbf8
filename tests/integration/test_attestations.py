"""Provenance and SBOM by the real BuildKit: pushed beside the image, read with others' clients, judged."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")
BOTH_WAYS = pytest.mark.parametrize("more", [(), ("--build-arg", "A=of-an-argument")], ids=["build", "bake"])
SPDX = "https://spdx.dev/Document"
# What BuildKit asks of a generator: https://github.com/moby/buildkit/blob/v0.25.0/docs/attestations/sbom-protocol.md
GENERATOR = f"""\
/bin/busybox test -f "$BUILDKIT_SCAN_SOURCE/etc/os-release" || exit 1
printf '%s' '{{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "{SPDX}",
"predicate": {{"name": "'"$BUILDKIT_SCAN_NOTE"'"}}}}' >"$BUILDKIT_SCAN_DESTINATION/image.spdx.json"
"""


@pytest.fixture(autouse=True)
def _repository(registry: Registry) -> None:
    registry.create()


@pytest.fixture
def generator(registry: Registry, tmp_path: Path) -> str:
    """The name of an image that makes an SBOM, in the sandbox."""
    registry.create("team/generator", scan_on_push=False)
    folder = tmp_path / "generator"
    folder.mkdir()
    busybox = shutil.which("busybox")
    assert busybox, "apt-get install busybox-static, as `make test` does"
    shutil.copy(busybox, folder / "busybox")
    (folder / "scan.sh").write_text(GENERATOR)
    (folder / "Dockerfile").write_text(
        'FROM scratch\nCOPY busybox /bin/\nCOPY scan.sh /\nCMD ["/bin/busybox", "sh", "/scan.sh"]\n'
    )
    name = f"{registry.sandbox.host}/team/generator:1"
    command = ("docker", "buildx", "build", "--provenance=false", "--push", f"--tag={name}", str(folder))
    done = subprocess.run(
        command, env={**registry.client.environ, "HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return name


def statements(registry: Registry, image: str) -> dict[str, list[dict[str, Any]]]:
    """Digest of each image in an index -> the statements about it, as crane reads them."""
    name = image.partition("@")[0]
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in registry.manifest(image)["manifests"]:
        notes = entry.get("annotations", {})
        if notes.get("vnd.docker.reference.type") != "attestation-manifest":
            found.setdefault(entry["digest"], [])
            continue
        layers = registry.manifest(f"{name}@{entry['digest']}")["layers"]
        found[notes["vnd.docker.reference.digest"]] = [
            json.loads(registry.client.ask("crane", "blob", f"{name}@{layer['digest']}")) for layer in layers
        ]
    return found


@BOTH_WAYS
def test_provenance_and_sbom_are_judged_around_and_released(
    more: tuple[str, ...], cli: CommandLine, project: GitRepository, registry: Registry, generator: str
) -> None:
    project.git("remote", "add", "origin", "https://user:hunter2@git.example/team/app.git")
    asked = ("--provenance", "mode=max,version=v1", "--sbom", f"generator={generator},NOTE=of-the-test")
    run = cli.run(project.root, "-r", REPOSITORY, *asked, *more)
    assert run.code == 0, run.stderr
    assert set(registry.released().values()) == {run.digest}
    ((image, (provenance, sbom)),) = statements(registry, run.image).items()
    if sbom["predicateType"] != SPDX:
        provenance, sbom = sbom, provenance
    assert (sbom["predicateType"], sbom["predicate"]["name"]) == (SPDX, "of-the-test")
    assert provenance["predicateType"] == "https://slsa.dev/provenance/v1"
    assert {one["digest"]["sha256"] for one in provenance["subject"]} == {image.partition(":")[2]}
    text = json.dumps(provenance)
    assert project.head in text and "https://git.example/team/app.git" in text
    assert ("of-an-argument" in text) == bool(more) and "hunter2" not in text
    # The image alone is scanned, and the index alone is released.
    assert [one["digest"] for one in run.document["scan"]["platforms"]] == [image]
    assert registry.labels(run.image)["org.opencontainers.image.version"] == "1.4.2"


def test_artifacts_are_referrers_and_every_command_works_with_them(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    run = cli.run(project.root, "-r", REPOSITORY, "--provenance", "min", "--oci-artifact")
    assert run.code == 0, run.stderr
    ((image, _),) = statements(registry, run.image).items()
    found = registry.client.ask(
        "oras", "discover", "--plain-http", "--format", "json", f"{run.image.partition('@')[0]}@{image}"
    )
    (referrer,) = json.loads(found)["referrers"]
    assert referrer["artifactType"] == "application/vnd.docker.attestation.manifest.v1+json"
    again = cli.run(project.root, "-r", REPOSITORY, "--provenance", "mode=min", "--oci-artifact")
    assert (again.code, again.digest) == (0, run.digest), again.stderr
    assert "was already built from this commit" in again.stderr
    other = cli.run(project.root, "-r", REPOSITORY)  # the released image has other inputs
    assert other.code == 2 and "taken by another image" in other.stderr, other.stderr
    scanned = cli.command("scan", run.image)
    assert scanned.code == 0, scanned.stderr
    promoted = cli.command("promote", run.image, "stable")
    assert promoted.code == 0, promoted.stderr
    project.commit("Second", {"notes": "2"})
    project.tag("v1.4.3")
    second = cli.run(project.root, "-r", REPOSITORY, "--attest", "type=provenance,mode=min")
    assert second.code == 0, second.stderr
    assert registry.tags()["latest"] == second.digest
    back = cli.command("rollback", "latest", "-r", REPOSITORY)
    assert back.code == 0, back.stderr
    assert registry.tags()["latest"] == run.digest


def test_a_registry_that_takes_no_referrers_gets_image_manifests(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    refusal = (
        "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"  # ECR's
    )
    registry.play(
        "faults: [{plane: v2, operation: PutManifest, status: 405, times: 1, "
        f'error: UNSUPPORTED, message: "{refusal}"}}]'
    )
    run = cli.run(project.root, "-r", REPOSITORY, "--provenance", "min", "--oci-artifact", "--annotate")
    assert run.code == 0, run.stderr
    assert "the registry takes no attestations as OCI artifacts" in run.stderr
    annotations = registry.manifest(run.image)["annotations"]
    assert annotations["org.opencontainers.image.version"] == "1.4.2"
    attested = [one for one in registry.manifest(run.image)["manifests"] if "annotations" in one]
    (manifest,) = (registry.manifest(f"{run.image.partition('@')[0]}@{one['digest']}") for one in attested)
    assert "subject" not in manifest


def test_one_vulnerable_platform_refuses_an_index_with_attestations(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    project.commit("Arm", images.ONE_BAD_PLATFORM)
    platforms = ("--platform", "linux/amd64,linux/arm64", "--provenance", "min")
    run = cli.run(project.root, "-r", REPOSITORY, *platforms)
    assert run.code == 10, run.stderr
    assert set(registry.tags()) == {run.document["candidate"]}
    assert len(run.document["scan"]["platforms"]) == 2


def test_a_part_keeps_its_attestations(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    options = ("-r", REPOSITORY, "--platform")
    built = [
        cli.command("build", project.root, *options, f"linux/{one}", "--provenance=min", "--compression=zstd")
        for one in ("amd64", "arm64")
    ]
    assert [one.code for one in built] == [0, 0], built[0].stderr
    run = cli.run(project.root, "-r", REPOSITORY, *(w for one in built for w in ("--part", one.image)))
    assert run.code == 0, run.stderr
    found = statements(registry, run.image)
    assert len(found) == 2 and all(len(one) == 1 for one in found.values())


def test_what_cannot_be_attested_is_refused_before_the_build(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    (cli.home / ".docker").mkdir()
    proxies = {"default": {"httpProxy": "http://user:hunter2@127.0.0.1:9"}}
    (cli.home / ".docker" / "config.json").write_text(json.dumps({"proxies": proxies}))
    max_ = (project.root, "-r", REPOSITORY, "--provenance", "max")
    shown = cli.run(*max_)
    assert shown.code == 3
    assert "--provenance mode=max would show the password of a proxy: httpProxy" in shown.stderr
    secret = cli.run(*max_, "--build-arg", "NPM_TOKEN=hunter2", "--build-arg", "P=http://u:hunter2@h")
    assert secret.code == 2
    for name in ("NPM_TOKEN", "P"):
        assert f"mode=max would show the build argument {name}," in secret.stderr
    assert "hunter2" not in shown.stderr + secret.stderr
    assert not registry.pushed_to


@pytest.mark.usefixtures("without_buildx")
def test_an_engine_without_buildx_attests_nothing(cli: CommandLine, project: GitRepository) -> None:
    run = cli.run(project.root, "-r", REPOSITORY, "--provenance", "min", "--sbom", "true")
    assert run.code == 2
    assert "without buildx there is no --provenance, no --sbom" in run.stderr
