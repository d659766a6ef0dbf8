"""The commands beside `run`, the settings' mistakes, and what standard output may carry."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
from pathlib import Path

import boto3
import pytest

from tests.support import images
from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

RELEASE_TAGS = ["1.4.2", "1.4", "1", "latest"]


def test_every_mistake_in_the_settings_at_once(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    project.write({"ecr-push.yml": "repositry: team/app\nscan-timeout: soon\n"})
    run = cli.command(
        *("run", project.root, "--fail-on", "hihg", "--platform", "linux", "--build-arg", f"{'x' * 9}"),
        ECR_PUSH_REGION="mars",
        ECR_PUSH_UNSCANABLE="warn",
    )
    assert run.code == 2
    assert run.stdout == ""
    for part in (
        *("'repositry'", "did you mean 'repository'", "'soon' is not a valid duration"),
        *(
            "--fail-on: 'hihg'",
            "--platform: 'linux'",
            "--build-arg: 'xxxxxxxxx': expected NAME=VALUE",
            "ECR_PUSH_REGION: 'mars'",
        ),
        *("ECR_PUSH_UNSCANABLE", "ECR_PUSH_UNSCANNABLE", "docs/settings.md#the-file"),
    ):
        assert part in run.stderr, part
    assert registry.sandbox.faults.requests() == {"api": {}, "v2": {}}


def test_no_git_checkout(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    run = cli.run(tmp_path, "-r", REPOSITORY)
    assert run.code == 2
    assert run.document["failure"]["kind"] == "source"


def test_tags_sends_no_request(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    run = cli.command(
        "tags", project.root, DOCKER_HOST="unix:///nowhere", AWS_ENDPOINT_URL="http://127.0.0.1:9"
    )
    assert run.code == 0
    assert run.stderr == ""
    lines = [line.split() for line in run.stdout.splitlines()]
    assert lines[0][:2] == ["version", "1.4.2"]
    assert [line[1] for line in lines[1:]] == [f"sha-{project.head[:12]}", *RELEASE_TAGS]
    document = json.loads(cli.command("tags", project.root, "--output", "json").stdout)
    assert document["version"] == "1.4.2"
    assert [one["tag"] for one in document["tags"]] == [line[1] for line in lines[1:]]


@pytest.mark.parametrize("command", [("plan",), ("run", "--dry-run")], ids=["plan", "dry run"])
def test_planning_writes_nothing(
    cli: CommandLine, project: GitRepository, registry: Registry, command: tuple[str, ...]
) -> None:
    """Not even a build, and not even where the repository would be created."""
    run = cli.command(*command, project.root, "-r", REPOSITORY, "--create-repository")
    assert run.code == 0, run.stderr
    assert not registry.pushed_to
    assert not registry.exists()
    for part in (
        *("1.4.2", project.head, f"{registry.sandbox.host}/{REPOSITORY}", "to be created"),
        *(f"tag         {tag}" for tag in RELEASE_TAGS),
    ):
        assert part in run.stdout


def test_a_plan_finds_what_a_run_would_stumble_over(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    run = cli.command("plan", project.root, "-r", REPOSITORY)
    assert run.code == 4
    assert "there is no repository" in run.stderr


@pytest.mark.usefixtures("engine")
def test_standard_output_carries_the_result_and_nothing_else(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    image = cli.run(project.root, "-r", REPOSITORY).image
    text = cli.run(project.root, "-r", REPOSITORY)
    as_json = cli.run(project.root, "-r", REPOSITORY, "--output", "json", "--progress", "quiet")
    assert (text.code, as_json.code) == (0, 0)
    assert text.stdout == f"{image}\n"
    assert as_json.stderr == ""
    printed = json.loads(as_json.stdout)
    assert printed == as_json.document
    for document in (text.document, printed):
        document["seconds"].clear()
        document["timeline"].clear()
        document["run"].clear()  # when it began
    assert printed == text.document


@pytest.mark.usefixtures("engine")
def test_standard_output_of_a_refused_run_is_empty_or_the_document(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    project.commit("Add PyYAML", images.VULNERABLE)
    run = cli.run(project.root, "-r", REPOSITORY, "--output", "json", "--progress", "quiet")
    assert run.code == 10
    assert json.loads(run.stdout) == run.document
    assert run.document["status"] == "refused"
    assert "CVE-2020-14343" in run.stderr  # quiet, but never about a refusal


@pytest.mark.usefixtures("engine")
def test_scan_and_promote_an_image_that_is_in_ecr(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    good = cli.run(project.root, "-r", REPOSITORY, "--floating-tags", "none")
    project.commit("Add PyYAML", images.VULNERABLE)
    bad = cli.run(project.root, "-r", REPOSITORY)
    assert (good.code, bad.code) == (0, 10)
    before = registry.tags()

    by_name = cli.command("scan", f"{REPOSITORY}:1.4.2")
    assert (by_name.code, by_name.stdout.strip()) == (0, good.image)
    assert cli.command("scan", good.image).code == 0
    refused = f"{REPOSITORY}@{bad.document['image']['digest']}"
    assert cli.command("scan", refused).code == 10
    assert cli.command("scan", refused, "--max-findings", "critical=1").code == 0
    assert cli.command("scan", f"{REPOSITORY}:none-such").code == 4
    assert cli.command("promote", refused, "staging").code == 10
    assert cli.command("promote", good.image, "candidate-mine").code == 2
    assert registry.tags() == before

    promoted = cli.command("promote", good.image, "staging", "latest")
    assert (promoted.code, promoted.stdout.strip()) == (0, good.image), promoted.stderr
    assert registry.tags() == {**before, "staging": good.digest, "latest": good.digest}
    # A full version never moves, whatever the command.
    taken = cli.command("promote", refused, "1.4.2", "--max-findings", "critical=1")
    assert taken.code == 4
    assert "1.4.2" in taken.stderr
    assert registry.tags()["1.4.2"] == good.digest

    dry = cli.command("promote", refused, "trial", "--observe", "--dry-run")
    assert (dry.code, "trial" in registry.tags()) == (0, False)
    observed = cli.command("promote", refused, "trial", "--observe")
    assert (observed.code, observed.stdout.strip()) == (0, bad.document["image"]["reference"]), (
        observed.stderr
    )
    assert registry.tags()["trial"] == bad.document["image"]["digest"]
    for ended in (dry, observed, cli.command("scan", refused, "--observe")):
        assert ended.stderr.lstrip().startswith("OBSERVED") or "\nOBSERVED" in ended.stderr


@pytest.mark.usefixtures("engine")
def test_a_dry_promotion_moves_nothing(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    registry.create()
    image = cli.run(project.root, "-r", REPOSITORY).image
    before = registry.tags()
    run = cli.command("promote", image, "staging", "--dry-run")
    assert run.code == 0, run.stderr
    assert "staging would be pointed to" in run.stderr
    assert registry.tags() == before


@pytest.mark.usefixtures("engine")
def test_login_is_for_docker_commands_of_ones_own(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    run = cli.command("login")
    assert run.code == 0, run.stderr
    assert run.stdout == ""
    assert "--password-stdin" in run.stderr
    config = cli.home / ".docker" / "config.json"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert list(json.loads(config.read_text())["auths"]) == [registry.sandbox.host]
    image = f"{registry.sandbox.host}/{REPOSITORY}:mine"
    # A client that reads docker's configuration is logged in now.
    registry.client.ask(
        "env", f"DOCKER_CONFIG={config.parent}", "crane", "ls", f"{registry.sandbox.host}/{REPOSITORY}"
    )
    registry.client.ask(
        *("env", f"DOCKER_CONFIG={config.parent}", "docker", "buildx", "build"),
        *("--quiet", "--push", "--provenance=false", "--output=type=image,store=false"),
        *(f"--tag={image}", str(project.root)),
    )
    assert list(registry.tags()) == ["mine"]


def read_by_a_shell(lines: str, **before: str) -> dict[str, str]:
    """The variables of a shell that has read what a sandbox prints."""
    shell = ["sh", "-c", f"{lines}\nenv"]
    done = subprocess.run(
        shell, env={**before, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_sandbox_to_keep_up(cli: CommandLine, number: signal.Signals, code: int) -> None:
    run = cli.start("sandbox", "--region", "eu-central-1", "--state", cli.folder / "state")
    run.until_printed("Ctrl-C ends it")
    run.until(lambda: "AWS_SHARED_CREDENTIALS_FILE" in run.stdout, "the environment")
    keys = read_by_a_shell(run.stdout, AWS_PROFILE="none-such", AWS_SESSION_TOKEN="of another account")
    assert {name for name in keys if name.startswith("AWS_") and "FILE" not in name} == {
        *("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_EC2_METADATA_DISABLED"),
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    }
    client = boto3.client(
        "ecr",
        endpoint_url=keys["AWS_ENDPOINT_URL"],
        region_name=keys["AWS_REGION"],
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    made = client.create_repository(repositoryName=REPOSITORY)["repository"]
    assert ":eu-central-1:" in made["repositoryArn"]
    run.signal(number)
    assert run.end().code == code


@pytest.mark.usefixtures("engine")
def test_a_sandbox_keeps_its_content(cli: CommandLine, project: GitRepository) -> None:
    """A release into it, then the same commit again in another life of it: nothing is built twice."""
    released: list[Ended] = []
    for _ in range(2):
        run = cli.start("sandbox", "--state", cli.folder / "state", "--scan-delay", "0")
        run.until(lambda: "AWS_SHARED_CREDENTIALS_FILE" in run.stdout, "the environment")  # noqa: B023
        keys = read_by_a_shell(run.stdout)
        other = CommandLine.at(cli.folder / f"life-{len(released)}", keys)
        released.append(other.run(project.root, "-r", REPOSITORY, "--create-repository"))
        run.signal(signal.SIGTERM)
        run.end()
    first, second = released
    assert (first.code, second.code) == (0, 0), second.stderr
    assert second.digest == first.digest
    assert second.document["image"]["reused"] is True


@pytest.mark.usefixtures("engine")
def test_a_run_with_a_sandbox_of_its_own(cli: CommandLine, project: GitRepository) -> None:
    """Needs no credentials, and sends no other request: the registry in the environment is not touched."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        del cli.environ[name]
    run = cli.run(
        *(project.root, "-r", REPOSITORY, "--sandbox", "--create-repository"),
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
    )
    assert run.code == 0, run.stderr
    assert run.document["sandbox"] is True
    assert "sandbox" in run.stderr
