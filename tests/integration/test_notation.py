"""Signatures of notation: a real one, with a key, a certificate and a trust policy of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ecr_push.signing.notation import SIGNATURE
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")

KEY = "release.example"
ASKED = ("--sign", "notation", "--sign-key", KEY)


def trust(cli: CommandLine, store: str, level: str = "strict") -> None:
    """The command line finds notation, whose policy trusts the certificates of a store."""
    policy = {
        "name": "all",
        "registryScopes": ["*"],
        "signatureVerification": {"level": level},
        "trustStores": [f"ca:{store}"],
        "trustedIdentities": ["*"],
    }
    file = cli.folder / "trust.json"
    file.write_text(json.dumps({"version": "1.0", "trustPolicies": [policy]}))
    ask(cli, "policy", "import", "--force", str(file))


def ask(cli: CommandLine, *words: str) -> None:
    subprocess.run(["notation", *words], env=cli.environ, check=True, capture_output=True)


@pytest.fixture
def notation(cli: CommandLine, client_path: str) -> CommandLine:
    cli.environ.update(PATH=f"{cli.environ['PATH']}:{client_path}")
    for name in (KEY, "other.example"):
        ask(cli, "cert", "generate-test", name)
    trust(cli, KEY)
    return cli


def signatures(registry: Registry, image: str) -> list[str]:
    argv = ("oras", "discover", "--plain-http", "--format", "json", "--artifact-type", SIGNATURE, image)
    return [one["reference"] for one in json.loads(registry.client.ask(*argv)).get("referrers") or []]


def test_the_image_and_the_verdict_are_signed_once_and_verified(
    notation: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    asked = (project.root, "-r", REPOSITORY, *ASKED, "--attest-verdict")
    run = notation.run(*asked)
    assert run.code == 0, run.stderr
    [signature] = signatures(registry, run.image)
    said = run.document["signature"]
    assert (said["by"], said["key"], said["result"], said["reference"]) == (
        *("notation", KEY, "signed"),
        signature,
    )
    [of_the_verdict] = signatures(registry, run.document["statement"])
    tags = registry.tags()
    assert not [name for name in tags if name.startswith("sha256-")]
    again = notation.run(*asked)
    assert (again.code, again.digest) == (0, run.digest), again.stderr
    assert again.document["signature"]["result"] == "already"
    assert signatures(registry, run.image) == [signature]
    assert signatures(registry, run.document["statement"]) == [of_the_verdict]
    assert registry.tags() == tags

    verified = notation.command("verify", f"{REPOSITORY}:1.4.2", "--sign", "notation")
    assert (verified.code, verified.stdout) == (0, f"{run.image}\n"), verified.stderr
    assert "signed by an identity that notation trusts" in verified.stderr
    trust(notation, "other.example")
    other = notation.command("verify", f"{REPOSITORY}:1.4.2", "--sign", "notation")
    assert (other.code, other.stdout) == (12, ""), other.stderr
    assert "signature verification failed for all the signatures" in other.stderr
    # Where a policy only logs, notation exits with 0 all the same.
    trust(notation, "other.example", "audit")
    logged = notation.command("verify", f"{REPOSITORY}:1.4.2", "--sign", "notation")
    assert (logged.code, logged.stdout) == (12, ""), logged.stderr


def test_what_cannot_be_verified_moves_no_tag_and_gets_no_second_signature(
    notation: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    asked = (project.root, "-r", REPOSITORY, *ASKED)
    trust(notation, "other.example")
    run = notation.run(*asked)
    assert (run.code, run.document["failure"]["phase"]) == (4, "sign"), run.stderr
    assert "what it signed cannot be verified" in run.document["failure"]["what"]
    assert registry.released() == {}
    image = run.document["image"]["reference"]
    assert len(signatures(registry, image)) == 1
    trust(notation, KEY)
    registry.play("faults: [{plane: v2, operation: ListReferrers, status: 500, times: always}]")
    unsure = notation.run(*asked)
    assert unsure.code == 4, unsure.stderr
    assert "notation cannot verify it" in unsure.document["failure"]["what"]
    gone = notation.command("verify", image, "--sign", "notation", "--require", "signature")
    assert gone.code == 4 and "what is signed could not be verified" in gone.stderr
    registry.play("{}")
    done = notation.run(*asked)
    assert done.code == 0, done.stderr
    assert len(signatures(registry, image)) == 1


def test_what_is_missing_is_reported_before_anything_is_built(
    notation: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    plan = ("plan", project.root, "-r", REPOSITORY, "--sign", "notation", "--sign-key")
    Path(notation.home, ".config", "notation", "trustpolicy.json").unlink(missing_ok=True)
    Path(notation.home, ".config", "notation", "trustpolicy.oci.json").unlink(missing_ok=True)
    none = notation.command(*plan, "missing")
    assert none.code == 2, none.stderr
    for part in ("there is no trust policy", "--sign-key missing: `notation key ls` does not list missing"):
        assert part in none.stderr
    plugin = notation.command(*plan, "com.example.signer/key-1")
    assert "`notation plugin ls` does not list com.example.signer" in plugin.stderr
    assert not registry.pushed_to
