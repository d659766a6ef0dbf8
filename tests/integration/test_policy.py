"""Policies at work: exceptions, baselines, base images, a central policy in S3, and trying one out."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.object_store import ObjectStore
from tests.support.registry import REPOSITORY, Registry

TODAY = datetime.now(timezone.utc).date()
# CVE-2023-37920 of the advisories that ship with the sandbox: HIGH.
CERTIFI = {
    "rootfs/usr/local/lib/python3.11/site-packages/certifi-2022.12.7.dist-info/METADATA": (
        "Metadata-Version: 2.1\nName: certifi\nVersion: 2022.12.7\n"
    )
}


def exception(days: int) -> str:
    return (
        "exceptions:\n  - {vulnerability: CVE-2020-14343, reason: no loader is called, owner: team-a, "
        f"until: {TODAY + timedelta(days=days)}}}\n"
    )


def indented(policy: str) -> str:
    return "".join(f"  {line}\n" for line in policy.splitlines())


@pytest.fixture
def vulnerable(project: GitRepository, registry: Registry) -> GitRepository:
    """v1.4.2, with PyYAML 5.3.1 in it, in a repository that is there."""
    registry.create()
    project.commit("Add PyYAML", images.VULNERABLE)
    project.git("tag", "--force", "v1.4.2")
    return project


@pytest.mark.usefixtures("engine")
def test_what_was_released_is_known_and_what_is_new_refuses(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry
) -> None:
    assert (
        cli.run(vulnerable.root, "-r", REPOSITORY, "--baseline", "latest").code == 10
    )  # nothing is known yet
    vulnerable.write({"ecr-push.yml": f"policy:\n{indented(exception(0))}"})  # today is the last day
    vulnerable.git("add", ".")
    vulnerable.git("commit", "--quiet", "--message", "Accept it")
    vulnerable.git("tag", "--force", "v1.4.2")
    released = cli.run(vulnerable.root, "-r", REPOSITORY)
    assert released.code == 0, released.stderr

    vulnerable.commit("Forget the exception", {"ecr-push.yml": "policy: {baseline: latest}\n"})
    vulnerable.tag("v1.4.3")
    known = cli.run(vulnerable.root, "-r", REPOSITORY)
    assert known.code == 0, known.stderr
    assert registry.tags()["latest"] == known.digest != released.digest
    # A run that was interrupted once latest had moved is run again, and comes to the same verdict.
    again = cli.run(vulnerable.root, "-r", REPOSITORY)
    assert (again.code, again.document["image"]["reused"]) == (0, True), again.stderr
    assert released.digest[:19] in again.document["verdict"]["baseline"]
    # A scan of the image itself gets no such grace.
    assert cli.command("scan", known.image, "--baseline", "latest").code == 10

    vulnerable.commit("Add certifi", CERTIFI)
    vulnerable.tag("v1.4.4")
    new = cli.run(vulnerable.root, "-r", REPOSITORY)
    assert new.code == 10
    assert [one["id"] for one in new.document["verdict"]["deciding"]] == ["CVE-2023-37920"]
    assert registry.tags()["latest"] == known.digest


@pytest.mark.usefixtures("engine")
def test_what_the_base_image_brought_is_left_out(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    registry.create("base/python")
    base = cli.run(
        vulnerable.root, "-r", "base/python", "--fail-on", "critical", "--max-findings", "critical=1"
    )
    assert base.code == 10  # both hold
    base = cli.run(vulnerable.root, "-r", "base/python", "--max-findings", "critical=1")
    assert base.code == 0, base.stderr
    own = {name.replace("rootfs/", "own/"): text for name, text in CERTIFI.items()}
    app = GitRepository.init(tmp_path / "service")
    app.commit("First", {"Dockerfile": f"FROM {base.image}\nCOPY hello /\n", "hello": "hello\n"})
    app.tag("v1.0.0")
    assert cli.run(app.root, "-r", REPOSITORY).code == 10
    policy = tmp_path / "policy.yml"
    policy.write_text("layers: own\n")
    judging = ("-r", REPOSITORY, "--policy", policy, "--base-image", f"base/python@{base.digest}")
    accepted = cli.run(app.root, *judging)
    assert accepted.code == 0, accepted.stderr

    app.commit("Bring one", {**own, "Dockerfile": f"FROM {base.image}\nCOPY own /\n"})
    app.tag("v1.1.0")
    refused = cli.run(app.root, *judging)
    assert refused.code == 10
    assert [one["id"] for one in refused.document["verdict"]["deciding"]] == ["CVE-2023-37920"]

    # An image that is not built on it has nothing from it.
    alien = cli.run(vulnerable.root, "-r", REPOSITORY, "--policy", policy, "--base-image",
                    f"{REPOSITORY}@{accepted.digest}")  # fmt: skip
    assert alien.code == 10
    assert "is not built on" in alien.stderr


@pytest.mark.usefixtures("engine")
def test_a_central_policy_in_s3_cannot_be_loosened(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry
) -> None:
    with ObjectStore() as store:
        aws = {"AWS_ENDPOINT_URL_S3": store.url}
        vulnerable.write(
            {"ecr-push.yml": f"policy:\n  extends: s3://acme/images.yml\n{indented(exception(9))}"}
        )
        missing = cli.run(vulnerable.root, "-r", REPOSITORY, **aws)
        assert missing.code == 2
        assert "cannot read s3://acme/images.yml: it does not exist (NoSuchKey)" in missing.stderr

        store.objects["acme/images.yml"] = b"fail-on: high\nlocked: true\n"
        locked = cli.run(vulnerable.root, "-r", REPOSITORY, "--fail-on", "critical", **aws)
        assert locked.code == 2
        assert "locked by s3://acme/images.yml, line 2" in locked.stderr
        assert "ecr-push.yml, line 3, exceptions" in locked.stderr
        assert "--fail-on: fail-on critical loosens high (s3://acme/images.yml, line 1)" in locked.stderr

        store.objects["acme/images.yml"] = b"#" * (2 * 1024 * 1024)
        assert "it is larger than 1024 KiB" in cli.run(vulnerable.root, "-r", REPOSITORY, **aws).stderr
        assert not registry.tags()

        store.objects["acme/images.yml"] = b"fail-on: high\nlocked: [fail-on]\n"
        # The checkout has the file that is not committed; the released one must be.
        vulnerable.git("add", ".")
        vulnerable.git("commit", "--quiet", "--message", "Policy")
        vulnerable.git("tag", "--force", "v1.4.2")
        assert cli.run(vulnerable.root, "-r", REPOSITORY, **aws).code == 0


@pytest.mark.usefixtures("engine")
def test_a_policy_is_tried_on_what_is_there_and_on_saved_answers(
    cli: CommandLine, vulnerable: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    good = cli.run(vulnerable.root, "-r", REPOSITORY, "--max-findings", "critical=1")
    assert good.code == 0
    policy = tmp_path / "policy.yml"
    policy.write_text(exception(30))
    before = registry.tags()
    scans = registry.asked("StartImageScan")

    tried = cli.command("policy", "test", "-r", REPOSITORY, "--policy", policy)
    assert tried.code == 0, tried.stderr
    assert "1 of 1 images would be accepted" in tried.stdout
    assert "0 would be newly refused, 1 newly accepted" in tried.stdout
    assert cli.command("policy", "test", "-r", REPOSITORY, "--policy", tmp_path / "no.yml").code == 2
    assert (registry.tags(), registry.asked("StartImageScan")) == (before, scans)

    saved = tmp_path / "findings.json"
    saved.write_text(
        registry.client.ask(
            *("aws", "ecr", "describe-image-scan-findings", "--repository-name", REPOSITORY),
            *("--image-id", "imageTag=latest"),
        )
    )
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    assert cli.command("gate", saved, **nowhere).code == 10
    assert cli.command("gate", saved, "--policy", policy, **nowhere).code == 0
    document = tmp_path / "result.json"
    again = cli.command("gate", document, "--output", "json", **nowhere)
    assert again.code == 10
    assert json.loads(again.stdout)["scan"] == json.loads(document.read_text())["scan"]

    shown = cli.command("policy", "show", "--policy", policy)
    assert shown.code == 0
    assert "exceptions: [{" in shown.stdout and "policy.yml, line 1" in shown.stdout
