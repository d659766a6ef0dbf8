"""Signatures of accepted images: a real cosign, with a key of its own, against the sandbox."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto.kms.utils import ECDSAPrivateKey

from ecr_push.sandbox.model import Mutability
from ecr_push.signing.cosign import SIGNATURES
from tests.support import images
from tests.support.command_line import CommandLine, Ended
from tests.support.gateway import prehashed
from tests.support.git_repository import GitRepository
from tests.support.moto_server import moto_server
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")

PASSWORD = "dummy-password-of-a-key"


@dataclass(frozen=True)
class Key:
    """A key pair of cosign's, and a program on the PATH before cosign that keeps what each call was given."""

    private: Path
    public: Path
    calls: Path
    path: str

    def log(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def key(tmp_path: Path, client_path: str, cli: CommandLine) -> Key:
    """The command line finds cosign, and knows the key's password."""
    folder = tmp_path / "signing"
    folder.mkdir()
    environ = {"PATH": client_path, "COSIGN_PASSWORD": PASSWORD, "HOME": str(folder)}
    subprocess.run(["cosign", "generate-key-pair"], cwd=folder, env=environ, check=True, capture_output=True)
    real = shutil.which("cosign", path=client_path)
    calls = folder / "calls"
    program = folder / "cosign"
    program.write_text(
        f'#!/bin/sh\necho "$*" >>{calls}\n'
        f'[ -e {folder}/fails ] && [ "$1 $2" = "$(cat {folder}/fails) --key" ] && '
        f'{{ echo "Error: it fails" >&2; exit 1; }}\nexec {real} "$@"\n'
    )
    program.chmod(0o755)
    path = f"{folder}:{cli.environ['PATH']}"
    cli.environ.update(PATH=path, COSIGN_PASSWORD=PASSWORD)
    return Key(folder / "cosign.key", folder / "cosign.pub", calls, path)


def test_mistakes_in_the_policy_and_in_the_key_are_one_list(
    cli: CommandLine, project: GitRepository, registry: Registry, key: Key, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text("max-findings: {critcal: 0}\n")
    mistakes = ("--policy", policy, "--sign", "cosign", "--sign-key", key.private)
    run = cli.run(project.root, "-r", REPOSITORY, *mistakes, COSIGN_PASSWORD="wrong")
    assert run.code == 2, run.stderr
    for part in ("the settings are wrong in 2 places", "critcal", "--sign-key"):
        assert part in run.stderr, run.stderr
    assert not registry.pushed_to


def verified(registry: Registry, key: Key, image: str) -> list[dict[str, object]]:
    """What cosign verifies of an image, by the public key."""
    environ = {**registry.client.environ, "PATH": registry.client.environ["PATH"]}
    argv = ["cosign", "verify", "--key", str(key.public), "--insecure-ignore-tlog=true", image]
    done = subprocess.run(argv, env=dict(environ), capture_output=True, text=True)
    return [one["critical"] for one in json.loads(done.stdout)] if done.returncode == 0 else []


def signatures(registry: Registry, image: str) -> list[dict[str, object]]:
    asked = registry.client.ask("oras", "discover", "--plain-http", "--format", "json", image)
    return list(json.loads(asked).get("referrers") or [])


def without_secrets(run: Ended, key: Key) -> None:
    shown = "\n".join((run.stdout, run.stderr, json.dumps(run.document), *key.log()))
    assert PASSWORD not in shown
    assert "PRIVATE KEY" not in shown


@pytest.mark.parametrize("mutability", ["MUTABLE", "IMMUTABLE"])
def test_an_accepted_image_is_signed_once(
    cli: CommandLine, project: GitRepository, registry: Registry, key: Key, mutability: str
) -> None:
    registry.create(mutability=Mutability(mutability))
    asked = (
        project.root,
        "-r",
        REPOSITORY,
        "--sign",
        "cosign",
        "--sign-key",
        key.private,
    )
    run = cli.run(*asked)
    assert run.code == 0, run.stderr
    (said,) = verified(registry, key, run.image)
    assert (said["type"], said["image"]) == (SIGNATURES[0], {"docker-manifest-digest": run.digest})
    assert run.document["signature"] == {
        "by": "cosign",
        "key": str(key.private),
        "result": "signed",
        "image": run.image,
        "reference": signatures(registry, run.image)[0]["reference"],
        "identity": "",
        "issuer": "",
    }
    assert "signed by" in run.stderr and "and verified" in run.stderr
    assert {"sign", "signer"} <= {one["what"] for one in run.document["timeline"]}
    tags = registry.tags()
    assert not [name for name in tags if name.startswith(("sha256-", "candidate-"))]
    again = cli.run(*asked)
    assert (again.code, again.digest) == (0, run.digest), again.stderr
    assert again.document["signature"] == {**run.document["signature"], "result": "already"}
    promoted = cli.command("promote", run.image, "stable", "--sign", "cosign", "--sign-key", key.private)
    assert promoted.code == 0, promoted.stderr
    assert "has a signature by" in promoted.stderr
    assert len(signatures(registry, run.image)) == 1
    assert registry.tags() == {**tags, "stable": run.digest}
    for one in (run, again, promoted):
        without_secrets(one, key)


def test_a_signature_that_fails_moves_no_tag_and_a_run_again_completes_it(
    cli: CommandLine, project: GitRepository, registry: Registry, key: Key
) -> None:
    """Also for one that is pushed, and cannot be verified."""
    registry.create()
    asked = (project.root, "-r", REPOSITORY, "--sign", "cosign", "--sign-key", key.private)
    for fails, why in (("sign", "it fails"), ("verify", "`cosign verify` shows no signature")):
        (key.private.parent / "fails").write_text(fails)
        run = cli.run(*asked)
        assert (run.code, run.document["failure"]["kind"]) == (4, "signing"), run.stderr
        assert run.document["failure"]["phase"] == "sign"
        assert why in run.document["failure"]["why"]
        assert registry.released() == {}
        without_secrets(run, key)
    # It is there, and by this key: a failure of cosign makes no second one.
    run = cli.run(*asked)
    assert run.code == 4 and "has a signature already, and cosign cannot verify it" in run.stderr
    assert len(signatures(registry, run.document["image"]["reference"])) == 1
    (key.private.parent / "fails").unlink()
    done = cli.run(*asked)
    assert done.code == 0, done.stderr
    assert verified(registry, key, done.image)
    assert registry.tags()["1.4.2"] == done.digest


def test_what_is_refused_or_only_planned_is_not_signed(
    cli: CommandLine, project: GitRepository, registry: Registry, key: Key
) -> None:
    registry.create()
    asked = ("--sign", "cosign", "--sign-key", key.private)
    plan = cli.command("plan", project.root, "-r", REPOSITORY, *asked)
    assert plan.code == 0, plan.stderr
    assert f"sign        by cosign with {key.private}\n" in plan.stdout
    first = cli.run(project.root, "-r", REPOSITORY)
    dry = cli.command("promote", first.image, "stable", "--dry-run", *asked)
    assert dry.code == 0, dry.stderr
    assert f"would sign {first.image}" in dry.stderr
    project.commit("Vulnerable", images.VULNERABLE)
    refused = cli.run(project.root, "-r", REPOSITORY, *asked)
    assert refused.code == 10, refused.stderr
    assert refused.document["signature"]["result"] == "planned"
    assert {line.split()[0] for line in key.log()} == {"version", "sign", "public-key"}
    assert {line for line in key.log() if line.startswith("sign ")} == {"sign --help"}


def test_an_attestation_by_the_key_counts_as_no_signature(
    cli: CommandLine, project: GitRepository, registry: Registry, key: Key, tmp_path: Path
) -> None:
    """`cosign verify` takes it, and exits with 0."""
    registry.create()
    first = cli.run(project.root, "-r", REPOSITORY)
    (tmp_path / "predicate.json").write_text("{}")
    environ = {**registry.client.environ, "COSIGN_PASSWORD": PASSWORD}
    argv = ["cosign", "attest", "--key", str(key.private), "--type", "custom", "--yes", "--tlog-upload=false"]
    argv += ["--use-signing-config=false", "--predicate", str(tmp_path / "predicate.json"), first.image]
    subprocess.run(argv, env=environ, check=True, capture_output=True)
    assert [one["type"] for one in verified(registry, key, first.image)] == [
        "https://cosign.sigstore.dev/attestation/v1"
    ]
    asked = ("--sign", "cosign", "--sign-key", "env://SIGN_WITH")
    signed = cli.command("promote", first.image, "stable", *asked, SIGN_WITH=key.private.read_text())
    assert signed.code == 0, signed.stderr
    assert SIGNATURES[0] in [one["type"] for one in verified(registry, key, first.image)]


def test_all_that_is_missing_is_reported_before_anything_is_built(
    cli: CommandLine, project: GitRepository, registry: Registry, key: Key, tmp_path: Path
) -> None:
    registry.create()
    asked = (project.root, "-r", REPOSITORY, "--sign", "cosign", "--sign-key")
    bare = {name: value for name, value in cli.environ.items() if name != "COSIGN_PASSWORD"}
    (tmp_path / "docker-alone").mkdir()
    for name in ("docker", "git"):
        (tmp_path / "docker-alone" / name).symlink_to(str(shutil.which(name)))
    nothing = CommandLine(cli.folder, {**bare, "PATH": f"{tmp_path / 'docker-alone'}:/usr/bin:/bin"})
    run = nothing.run(*asked, "missing.key")
    assert run.code == 2, run.stderr
    for part in ("no cosign on the PATH", "missing.key: there is no such file", "COSIGN_PASSWORD is not set"):
        assert part in run.stderr
    wrong = cli.run(*asked, key.private, COSIGN_PASSWORD="another-one")
    assert wrong.code == 2
    assert "cosign cannot use this key: decrypt" in wrong.stderr
    assert "another-one" not in wrong.stderr
    assert not registry.pushed_to


def test_a_signature_of_cosign_2_counts_and_its_tag_confuses_nothing(
    cli: CommandLine, project: GitRepository, registry: Registry, key: Key
) -> None:
    registry.create()
    first = cli.run(project.root, "-r", REPOSITORY)
    environ = {**registry.client.environ, "COSIGN_PASSWORD": PASSWORD}
    argv = ["cosign", "sign", "--key", str(key.private), "--yes", "--tlog-upload=false", first.image]
    argv += ["--use-signing-config=false", "--new-bundle-format=false"]
    subprocess.run(argv, env=environ, check=True, capture_output=True)
    tag = f"sha256-{first.digest.partition(':')[2]}.sig"
    before = registry.tags()
    assert tag in before
    asked = ("--sign", "cosign", "--sign-key", key.private)
    again = cli.run(project.root, "-r", REPOSITORY, *asked)
    assert (again.code, again.digest) == (0, first.digest), again.stderr
    assert again.document["signature"]["result"] == "already"
    assert again.document["signature"]["reference"] == ""
    assert registry.tags() == before
    back = cli.command("rollback", "latest", "--repository", REPOSITORY, "--to", "1.4.2")
    assert back.code == 0, back.stderr
    assert registry.tags() == before


def test_a_key_of_aws_kms_signs_with_the_credentials_of_the_run(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    key: Key,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No password is needed. The run's credentials are all that cosign gets."""
    registry.create()
    monkeypatch.setattr(ECDSAPrivateKey, "sign", prehashed)
    with moto_server() as url:
        names = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "y"}
        kms = boto3.client("kms", endpoint_url=url, **names)
        made = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]
        kms.create_alias(AliasName="alias/release", TargetKeyId=made["KeyId"])
        del cli.environ["COSIGN_PASSWORD"]
        asked = ("--sign", "cosign", "--sign-key", "awskms:///alias/release")
        run = cli.run(project.root, "-r", REPOSITORY, *asked, AWS_ENDPOINT_URL_KMS=url)
        assert run.code == 0, run.stderr
        assert run.document["signature"]["result"] == "signed"
        assert run.document["signature"]["key"] == "awskms:///alias/release"
        assert len(signatures(registry, run.image)) == 1


def test_the_signature_of_ecr_itself_is_awaited_where_it_is_required(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/release"
    filters = [{"filter": "team/*", "filterType": "WILDCARD_MATCH"}]
    rules = [{"signingProfileArn": profile, "repositoryFilters": filters}]
    registry.api().put_signing_configuration(signingConfiguration={"rules": rules})
    asked = (project.root, "-r", REPOSITORY, "--require-signature")
    registry.play("signing: {delay: 1, failure: AccessDenied, reason: signer:SignPayload is not allowed}")
    failed = cli.run(*asked)
    assert (failed.code, failed.document["failure"]["phase"]) == (4, "sign"), failed.stderr
    assert f"{profile}: AccessDenied: signer:SignPayload is not allowed" in failed.document["failure"]["why"]
    assert registry.released() == {}
    registry.play("signing: {delay: 1}")
    signed = cli.run(*asked)
    assert signed.code == 0, signed.stderr
    assert signed.document["managedSignatures"] == [profile]
    assert registry.tags()["1.4.2"] == signed.digest
