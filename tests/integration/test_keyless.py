"""Signatures of a CI's job, without a key: a real cosign, and a Sigstore on this machine."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ecr_push.pipeline.verdict_statement import PREDICATE_TYPE
from ecr_push.report.verdict_schema import verdict_schema
from ecr_push.signing.cosign import BUNDLE, SIGNATURES
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.oidc import OidcEndpoint
from tests.support.registry import REPOSITORY, Registry
from tests.support.sigstore import IDENTITY, ISSUER, Sigstore, token

pytestmark = pytest.mark.usefixtures("engine")
SPDX = "https://spdx.dev/Document"


@pytest.fixture
def sigstore(tmp_path: Path, client_path: str, cli: CommandLine) -> Iterator[Sigstore]:
    """The command line finds cosign, and has the token of a job."""
    cli.environ.update(PATH=f"{cli.environ['PATH']}:{client_path}", SIGSTORE_ID_TOKEN=token())
    with Sigstore(tmp_path / "sigstore") as served:
        yield served


def how(sigstore: Sigstore) -> tuple[str | Path, ...]:
    return ("--sign", "keyless", "--sign-config", sigstore.config, "--sign-trusted-root", sigstore.root)


def verified(registry: Registry, sigstore: Sigstore, image: str, *more: str) -> list[Any]:
    """What cosign verifies of the identity, as anyone would ask it."""
    argv = ["cosign", more[0] if more else "verify", "--trusted-root", str(sigstore.root), *more[1:]]
    argv += ["--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER]
    argv += ["--use-signed-timestamps", "--insecure-ignore-tlog", "--insecure-ignore-sct", image]
    done = subprocess.run(argv, env=dict(registry.client.environ), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line[:1] in ("[", "{")]


def bundles(registry: Registry, image: str) -> list[str]:
    found = registry.client.ask("oras", "discover", "--plain-http", "--format", "json", image)
    listed = json.loads(found).get("referrers") or []
    assert {one["artifactType"] for one in listed} <= {BUNDLE}
    return [one["annotations"]["dev.sigstore.bundle.predicateType"] for one in listed]


def test_a_job_signs_the_image_and_the_verdict_once(
    cli: CommandLine, project: GitRepository, registry: Registry, sigstore: Sigstore
) -> None:
    """The tests of the image are stated, too. Neither the token nor a second signature is left."""
    registry.create()
    sbom = cli.folder / "sbom.json"
    packages = [{"name": f"package-{number}", "note": "x" * 100} for number in range(2000)]
    sbom.write_text(json.dumps({"spdxVersion": "SPDX-2.3", "packages": packages}))
    asked = (project.root, "-r", REPOSITORY, *how(sigstore), "--attest-verdict", "--test", "test -z ''")
    asked = (*asked, "--attest-sbom", sbom)
    run = cli.run(*asked)
    assert run.code == 0, run.stderr
    assert f"signed by cosign as {IDENTITY}" in run.stderr
    signature = run.document["signature"]
    assert (signature["key"], signature["identity"], signature["issuer"]) == ("", IDENTITY, ISSUER)
    [payloads] = verified(registry, sigstore, run.image)
    assert SIGNATURES[0] in {one["critical"]["type"] for one in payloads}
    [envelope] = verified(registry, sigstore, run.image, "verify-attestation", "--type", PREDICATE_TYPE)
    said = json.loads(base64.b64decode(envelope["payload"]))
    Draft202012Validator(verdict_schema()).validate(said)
    assert said["subject"][0]["digest"]["sha256"] == run.digest.partition(":")[2]
    assert said["predicate"]["tests"] == [{"command": "test -z ''", "inImage": False, "result": "passed"}]
    assert run.document["statementSigned"] is True
    [envelope] = verified(registry, sigstore, run.image, "verify-attestation", "--type", SPDX)
    assert json.loads(base64.b64decode(envelope["payload"]))["predicate"]["packages"] == packages
    assert sorted(bundles(registry, run.image)) == sorted((PREDICATE_TYPE, SIGNATURES[0], SPDX))
    again = cli.run(*asked)
    assert (again.code, again.digest) == (0, run.digest), again.stderr
    assert again.document["signature"]["result"] == "already"
    assert again.document["statement"] == run.document["statement"]
    assert again.document["sboms"] == run.document["sboms"] != []
    assert (len(bundles(registry, run.image)), sigstore.issued) == (3, 3)
    for one in (run, again):
        assert cli.environ["SIGSTORE_ID_TOKEN"] not in one.stderr + json.dumps(one.document)


def test_what_cannot_be_signed_or_verified_moves_no_tag(
    cli: CommandLine, project: GitRepository, registry: Registry, sigstore: Sigstore
) -> None:
    """A signature of ours that cosign cannot verify is not made again."""
    registry.create()
    asked = (project.root, "-r", REPOSITORY, *how(sigstore))
    sigstore.refused = True
    refused = cli.run(*asked)
    assert (refused.code, refused.document["failure"]["phase"]) == (4, "sign"), refused.stderr
    assert "the token is not accepted" in refused.document["failure"]["why"]
    assert registry.released() == {}
    sigstore.refused = False
    signed = cli.run(*asked)
    assert signed.code == 0, signed.stderr
    with Sigstore(cli.folder / "another") as other:
        unverified = cli.command("promote", signed.image, "stable", *how(other))
    assert unverified.code == 4, unverified.stderr
    assert "has a signature already, and cosign cannot verify it" in unverified.stderr
    assert (bundles(registry, signed.image), other.issued) == ([SIGNATURES[0]], 0)
    assert "stable" not in registry.tags()


def test_whose_signature_it_will_be_is_known_before_anything_is_built(
    cli: CommandLine, project: GitRepository, registry: Registry, sigstore: Sigstore
) -> None:
    registry.create()
    asked = (project.root, "-r", REPOSITORY, *how(sigstore))
    plan = cli.command("plan", *asked)
    assert f"sign        by cosign as {IDENTITY}\n" in plan.stdout, plan.stderr
    wrong = cli.command("plan", *asked, "--sign-identity", "https://github.com/acme/*@refs/tags/*")
    assert wrong.code == 2
    assert f"--sign-identity https://github.com/acme/*@refs/tags/*: the certificate will name {IDENTITY}" in (
        wrong.stderr
    )
    other = cli.command("plan", *asked, SIGSTORE_ID_TOKEN=token(iss="https://jenkins.example"))
    assert "--sign-identity: is required for tokens of https://jenkins.example" in other.stderr
    del cli.environ["SIGSTORE_ID_TOKEN"]
    (cli.folder / "root.json").write_text("{}")
    none = cli.command("plan", *asked[:-1], cli.folder / "root.json")
    assert none.code == 2
    for part in (
        "there is no OIDC token to sign with: SIGSTORE_ID_TOKEN is not set",
        "is not a valid trusted root",
    ):
        assert part in none.stderr
    with OidcEndpoint() as endpoint:
        job = {**endpoint.environment, "GITHUB_ACTIONS": "true", "GITHUB_SHA": project.head}
        cli.command("plan", *asked, **job)
    assert set(endpoint.audiences) == {"sigstore"}
    assert not registry.pushed_to
