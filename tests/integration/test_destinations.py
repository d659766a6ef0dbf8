"""One build to several registries, each a sandbox of its own, as crane and oras see them."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry, client_of, remove_images

pytestmark = pytest.mark.usefixtures("engine")

TAGS = {"1.4.2", "1.4", "1", "latest"}
PLATFORMS = ("--platform", "linux/amd64,linux/arm64")


@pytest.fixture
def registries(tmp_path: Path, client_path: str) -> Iterator[list[Registry]]:
    """Those of three accounts; the first one is the run's own. Only that one has the repository."""
    with ExitStack() as opened:
        sandboxes = [
            opened.enter_context(Sandbox(SandboxOptions(scan_delay=0.0, account=str(number) * 12)))
            for number in range(3)
        ]
        yield [
            Registry(one, client_of(one, tmp_path / f"clients-{number}", client_path))
            for number, one in enumerate(sandboxes)
        ]
        remove_images(*(one.host for one in sandboxes))


@pytest.fixture
def cli(registries: list[Registry], tmp_path: Path) -> CommandLine:
    """The command line with a profile of each account: `default`, `b` and `c`."""
    profiles = []
    for name, registry in zip(("default", "profile b", "profile c"), registries, strict=True):
        keys = registry.sandbox.environment
        profiles += [
            f"[{name}]",
            f"endpoint_url = {registry.sandbox.url}",
            f"region = {keys['AWS_REGION']}",
            f"aws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}",
            f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}",
        ]
    made = CommandLine.at(tmp_path, {"AWS_EC2_METADATA_DISABLED": "true"})
    config = tmp_path / "aws"
    config.write_text("\n".join(profiles))
    made.environ |= {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(config)}
    return made


def test_three_destinations_of_which_one_fails_and_is_completed(
    cli: CommandLine, project: GitRepository, registries: list[Registry]
) -> None:
    own, second, third = registries
    own.create()
    for one in (second, third):
        one.create()
    own.create("team/copy")
    third.play("faults: [{plane: v2, operation: PutUpload, status: 403, times: always}]")
    to = ("--to", "profile=b", "--to", "profile=c", "--to", "team/copy")
    run = (project.root, "-r", REPOSITORY, *PLATFORMS, *to, "--attest-verdict")
    failed = cli.run(*run)
    assert (failed.code, failed.document["failure"]["phase"]) == (4, "copy")
    assert f"{third.sandbox.host}/{REPOSITORY}: PUT" in failed.document["failure"]["what"]
    results = [one["result"] for one in failed.document["destinations"]]
    assert results == ["held", "failed", "held"]
    for one in registries:
        assert one.released() == {}, "a tag has moved although one of them lacks the image"
    assert third.sandbox.state.images.all("private", REPOSITORY) == ()

    third.play("{}")
    done = cli.run(*run)
    assert done.code == 0, done.stderr
    assert [one["result"] for one in done.document["destinations"]] == ["released"] * 3
    for registry, name in ((own, REPOSITORY), (second, REPOSITORY), (third, REPOSITORY), (own, "team/copy")):
        found = registry.released(name)
        assert found.keys() > TAGS
        assert set(found.values()) == {done.digest}
        uri = f"{registry.sandbox.host}/{name}@{done.digest}"
        client = registry.client
        assert {one["platform"]["architecture"] for one in json.loads(client.ask("crane", "manifest", uri))[
            "manifests"]} == {"amd64", "arm64"}  # fmt: skip
        client.ask("crane", "validate", "--remote", uri)
        discovered = json.loads(client.ask("oras", "discover", "--plain-http", "--format", "json", uri))
        assert len(discovered.get("referrers") or discovered["manifests"]) == 1, "the verdict is there too"

    # The same command again builds nothing and moves nothing.
    again = cli.run(*run)
    assert (again.code, again.document["image"]["reused"]) == (0, True)
    assert {tag["result"] for one in again.document["destinations"] for tag in one["tags"]} == {"already"}


@pytest.mark.parametrize(
    ("held", "left"),
    [
        # While a layer is sent, which may be before the verdict or after it: no image is there.
        ("{plane: v2, operation: PutUpload, hold: before}", {"pending"}),
        # The image was taken, and the answer has not come.
        ("{operation: PutImage, hold: after}", {"held", "pending"}),
        # The first of its tags was moved.
        ("{operation: PutImage, skip: 1, hold: after}", {"held"}),
    ],
)
def test_a_run_that_is_interrupted_is_completed_by_the_same_command(
    cli: CommandLine, project: GitRepository, registries: list[Registry], held: str, left: set[str]
) -> None:
    own, _, third = registries
    for one in registries:
        one.create()
    third.play(f"faults: [{held}]")
    run = (project.root, "-r", REPOSITORY, "--to", "profile=b", "--to", "profile=c")
    stopped = cli.start_run(*run)
    stopped.until(
        lambda: any(any(one.values()) for one in third.sandbox.faults.held().values()), "it is held"
    )
    tagged = own.released()
    stopped.signal(signal.SIGTERM)
    ended = stopped.end()
    assert ended.code == 143
    assert ended.document["destinations"][1]["result"] in left
    assert bool(tagged) is ("skip" in held), "tags have moved only where each has the image"
    third.play("{}")
    again = cli.run(*run)
    assert again.code == 0, again.stderr
    for one in registries:
        released = one.released()
        assert released.keys() > TAGS
        assert set(released.values()) == {again.digest}
    assert again.document["image"]["reused"] is bool(tagged)


def test_everything_that_is_wrong_is_named_before_the_build(
    cli: CommandLine, project: GitRepository, registries: list[Registry]
) -> None:
    own, second, third = registries
    for one in (own, second):
        one.create()
    assert cli.run(project.root, "-r", REPOSITORY, "--to", "profile=b").code == 0
    project.commit("Another image", images.NO_SYSTEM)
    run = cli.run(
        *(project.root, "-r", REPOSITORY, "--version", "1.4.2", "--to", "profile=b", "--to", "profile=c"),
        *("--to", "repository=team/optional,profile=c,required=false"),
    )
    assert run.code == 2, run.stderr
    for words in (
        "taken by another image: 1.4.2",
        f"{second.sandbox.host}/{REPOSITORY}: taken by another image: 1.4.2",
        f"there is no repository {third.sandbox.host}/{REPOSITORY}",
        f"there is no repository {third.sandbox.host}/team/optional",
    ):
        assert words in run.stderr, words
    assert third.asked("PutImage") == 0
    plan = cli.command("plan", project.root, "-r", REPOSITORY, "--to", "profile=c", "--create-repository")
    assert plan.code == 0, plan.stderr
    assert f"also to     {third.sandbox.host}/{REPOSITORY}, to be created" in plan.stdout
    assert not third.exists()


def test_texts_that_name_no_destination(cli: CommandLine, project: GitRepository) -> None:
    run = cli.command(
        *("run", project.root, "-r", REPOSITORY, "--to", "regoin=eu-west-1", "--to", "Team/App"),
        *("--to", REPOSITORY),
    )
    assert run.code == 2
    for words in (
        "--to: 'regoin=eu-west-1': expected repository=…, region=…",
        "did you mean 'region'?",
        "--to: repository: 'Team/App' is not a valid repository name",
    ):
        assert words in run.stderr


def test_ecr_public_with_a_private_gate(
    cli: CommandLine, project: GitRepository, registries: list[Registry]
) -> None:
    own = registries[0]
    own.create()
    alias = own.sandbox.state.alias
    run = (project.root, "--repository", f"public.ecr.aws/{alias}/app", "--create-repository")
    refused = cli.run(*run)
    assert refused.code == 5 and "--gate-in NAME judges it in a private repository" in refused.stderr
    done = cli.run(*run, "--gate-in", REPOSITORY)
    assert done.code == 0, done.stderr
    public = f"{own.sandbox.public_host}/{alias}/app"
    for tag in TAGS:
        assert own.client.ask("crane", "digest", f"{public}:{tag}") == done.digest
    assert own.released()["latest"] == done.digest


def test_a_promotion_to_another_account(
    cli: CommandLine, project: GitRepository, registries: list[Registry]
) -> None:
    own, second, _ = registries
    own.create()
    assert cli.run(project.root, "-r", REPOSITORY).code == 0
    image = own.released()["1.4.2"]
    argv = ("promote", f"{REPOSITORY}:1.4.2", "stable", "--to", "profile=b", "--create-repository")
    planned = cli.command(*argv, "--dry-run")
    assert planned.code == 0 and not second.exists(), planned.stderr
    second.play("faults: [{plane: v2, operation: PutUpload, status: 403, times: always}]")
    assert cli.command(*argv).code == 4
    assert "stable" not in own.released(), "no tag moves before the other repository has the image"
    second.play("{}")
    done = cli.command(*argv)
    assert done.code == 0, done.stderr
    assert second.released() == {"stable": image} and own.released()["stable"] == image
