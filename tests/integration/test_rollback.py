"""`ecr-push rollback`, read back with crane: what goes back, what never does, and what is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecr_push.sandbox.model import Mutability
from tests.support import images
from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry
from tests.support.shelf import OURS, Shelf

MAIN = {**OURS, "ecr-push.branch": "main"}


@pytest.fixture
def shelf(registry: Registry, tmp_path: Path) -> Shelf:
    registry.create()
    folder = tmp_path / "layers"
    folder.mkdir()
    return Shelf(registry, folder)


def rollback(cli: CommandLine, *arguments: str, repository: str = REPOSITORY) -> Ended:
    """The command with its result document."""
    result = cli.folder / "result.json"
    result.unlink(missing_ok=True)
    return cli.start("rollback", *arguments, "-r", repository, "--result", result).end()


@pytest.mark.usefixtures("engine")
def test_latest_goes_back_and_the_next_release_moves_it_on(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    project.git("tag", "--delete", "v1.4.2")
    released = {}
    for version in ("1.4.0", "1.4.1", "1.4.2"):
        project.commit(version)
        project.tag(f"v{version}")
        run = cli.run(project.root, "-r", REPOSITORY)
        assert run.code == 0, run.stderr
        released[version] = run
    # A refused one since; it must not come up.
    project.commit("Add PyYAML", images.VULNERABLE)
    project.tag("v1.5.0")
    assert cli.run(project.root, "-r", REPOSITORY).code == 10
    before = registry.tags()

    run = rollback(cli, "latest")
    assert run.code == 0, run.stderr
    assert run.image == released["1.4.1"].image
    assert registry.tags() == {**before, "latest": released["1.4.1"].digest}
    short = {version: one.digest[:19] for version, one in released.items()}
    assert f"latest: 1.4.2 ({short['1.4.2']}) -> 1.4.1 ({short['1.4.1']})" in run.stderr
    assert f"still at 1.4.2 ({short['1.4.2']}): 1, 1.4" in run.stderr
    assert run.document["rollback"]["before"] == {"digest": released["1.4.2"].digest, "name": "1.4.2"}
    assert run.tags == {"latest": "moved"}
    assert run.document["scan"]["platforms"][0]["status"] == "COMPLETE"
    assert run.document["verdict"] is None
    assert registry.asked("StartImageScan") == 0

    # The report is right about a re-run of the bad version's pipeline, and about the next release.
    project.switch("v1.4.2")
    project.git("tag", "--delete", "v1.5.0")
    assert cli.run(project.root, "-r", REPOSITORY).code == 0
    assert registry.tags() == before
    assert rollback(cli, "latest").code == 0
    project.commit("Fixed")
    project.tag("v1.4.3")
    fixed = cli.run(project.root, "-r", REPOSITORY)
    assert fixed.code == 0, fixed.stderr
    assert registry.tags()["latest"] == fixed.digest


def test_it_goes_back_once_a_run_and_named_it_stays(
    cli: CommandLine, registry: Registry, shelf: Shelf
) -> None:
    oldest, old = shelf.put("1.4.0"), shelf.put("1.4.1")
    shelf.put("1.4.2", "1.4", "latest")
    shelf.put("candidate-0123456789ab-1")
    assert rollback(cli, "1.4").image.endswith(old)
    for _ in range(2):
        named = rollback(cli, "latest", "--to", "1.4.1")
        assert (named.code, named.digest) == (0, old)
    assert named.tags == {"latest": "already"}
    again = rollback(cli, "latest")
    assert again.digest == oldest
    assert "latest is already below 1.4.2, the highest version" in again.stderr
    nothing = rollback(cli, "latest")
    assert nothing.code == 2
    assert "there is no image to roll latest back to" in nothing.stderr
    assert registry.tags()["latest"] == oldest


def test_a_dry_run_writes_nothing(cli: CommandLine, registry: Registry, shelf: Shelf) -> None:
    shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    before = registry.tags()
    registry.sandbox.faults.forget()
    run = rollback(cli, "latest", "--dry-run")
    assert run.code == 0, run.stderr
    assert registry.asked("PutImage") == 0
    assert registry.tags() == before
    assert run.digest == before["1.4.1"]
    assert run.document["status"] == "planned"
    assert "would move latest: 1.4.2" in run.stderr


def test_standard_output_is_the_document_where_it_is_asked_for(
    cli: CommandLine, registry: Registry, shelf: Shelf
) -> None:
    shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    run = cli.command("rollback", "latest", "-r", REPOSITORY, "--output", "json", "--progress", "quiet")
    assert json.loads(run.stdout)["rollback"]["after"]["name"] == "1.4.1"
    assert run.stderr == ""


def test_a_branch_goes_back_to_its_image_before_and_else_a_list_is_given(
    cli: CommandLine, registry: Registry, shelf: Shelf
) -> None:
    """ECR tells the time of a push by the second."""
    first = shelf.put("sha-00000000000a", "1.4.3-dev.1", labels=MAIN)
    shelf.put("sha-0000000000ff", labels={**OURS, "ecr-push.branch": "fix"})
    registry.sandbox.clock.advance(2)
    shelf.put("sha-00000000000b", "main", "stable", labels=MAIN)
    assert rollback(cli, "main").digest == first
    shelf.put("sha-00000000000c", "nightly")
    before = registry.tags()
    asked = rollback(cli, "nightly")
    assert asked.code == 2
    assert asked.document["failure"]["kind"] == "undecided"
    for part in ("does not name its branch", "1.4.3-dev.1", "aaaaaaaaaaaa", first[:19], "--to "):
        assert part in asked.stderr
    assert registry.tags() == before
    assert rollback(cli, "nightly", "--to", first[:19]).digest == first


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("lastest",), "did you mean 'latest'"),
        (("gone",), f"aws ecr list-images --repository-name {REPOSITORY}"),
        (("latest", "--to", "1.4.11"), "did you mean '1.4.1'"),
        (("latest", "--to", "candidate-0123456789ab-1"), "was refused, or never judged"),
        (("1.4.2",), "never moves: only a floating tag"),
        (("sha-0123456789ab",), "never moves: only a floating tag"),
        (("candidate-0123456789ab-1",), "is a candidate's tag"),
    ],
)
def test_what_cannot_be_meant_is_said(
    cli: CommandLine, registry: Registry, shelf: Shelf, arguments: tuple[str, ...], hint: str
) -> None:
    shelf.put("1.4.1")
    shelf.put("1.4.2", "latest", "sha-0123456789ab")
    shelf.put("candidate-0123456789ab-1")
    before = registry.tags()
    run = rollback(cli, *arguments)
    assert run.code == 2
    assert hint in run.stderr
    assert registry.tags() == before


def test_a_repository_that_freezes_the_tag(cli: CommandLine, registry: Registry, shelf: Shelf) -> None:
    shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    registry.api().put_image_tag_mutability(repositoryName=REPOSITORY, imageTagMutability="IMMUTABLE")
    before = registry.tags()
    registry.sandbox.faults.forget()
    run = rollback(cli, "latest")
    assert run.code == 2
    assert run.document["failure"]["kind"] == "conflict"
    assert "the repository does not let this tag move: latest" in run.stderr
    assert "ecr:PutImageTagMutability" in run.stderr
    assert registry.asked("PutImage") == 0
    assert registry.tags() == before
    registry.sandbox.state.repositories.change(
        "private", REPOSITORY, mutability=Mutability("IMMUTABLE_WITH_EXCLUSION", ("latest",))
    )
    assert rollback(cli, "latest").digest == before["1.4.1"]


def test_only_an_image_without_our_labels_is_judged_first(
    cli: CommandLine, registry: Registry, shelf: Shelf
) -> None:
    """A vulnerability that was found since does not stop a return to the last release: it is a warning."""
    accepted = shelf.put("1.4.1", files=images.VULNERABLE)
    bad = shelf.put("1.4.0", labels={}, files=images.VULNERABLE)
    good = shelf.put("1.3.0", labels={})
    now = shelf.put("1.4.2", "latest")
    refused = rollback(cli, "latest", "--to", "1.4.0")
    assert refused.code == 10
    assert "CVE-2020-14343" in refused.stderr
    assert refused.stdout == ""
    assert registry.tags() == {"1.4.0": bad, "1.4.1": accepted, "1.3.0": good, "1.4.2": now, "latest": now}
    judged = rollback(cli, "latest", "--to", "1.3.0")
    assert (judged.code, judged.digest, registry.tags()["latest"]) == (0, good, good), judged.stderr
    assert judged.document["rollback"]["judged"] is True
    assert judged.document["verdict"]["accepted"] is True
    known = rollback(cli, "latest", "--to", accepted)
    assert (known.code, registry.tags()["latest"]) == (0, accepted)
    assert "warning: 1.4.1" in known.stderr
    assert "1 CRITICAL by now" in known.stderr


def test_a_scan_that_cannot_be_read_does_not_stop_a_rollback(
    cli: CommandLine, registry: Registry, shelf: Shelf
) -> None:
    shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    registry.play(
        "faults: [{operation: DescribeImageScanFindings, error: AccessDeniedException, times: always}]"
    )
    run = rollback(cli, "latest")
    assert (run.code, registry.tags()["latest"]) == (0, registry.tags()["1.4.1"])
    assert "could not read " in run.stderr


def test_a_pipeline_that_moves_the_tag_meanwhile_wins(
    cli: CommandLine, registry: Registry, shelf: Shelf
) -> None:
    shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    newer = shelf.put("1.4.3")
    # The labels are read after our first look, and as late as the other pipeline needs.
    registry.play("latency: {v2: 600}")
    run = cli.start("rollback", "latest", "-r", REPOSITORY)
    before = registry.asked("GetManifest") + registry.asked("GetBlob")
    run.until(lambda: registry.asked("DescribeImages"), "the first look")
    run.until(lambda: registry.asked("GetManifest") + registry.asked("GetBlob") > before, "the labels")
    manifest = registry.api().batch_get_image(
        repositoryName=REPOSITORY, imageIds=[{"imageTag": "1.4.3"}]
    )["images"][0]["imageManifest"]  # fmt: skip
    registry.api().put_image(repositoryName=REPOSITORY, imageManifest=manifest, imageTag="latest")
    registry.play("{}")
    ended = run.end()
    assert ended.code == 4, ended.stderr
    assert "latest was moved by another process in the meantime" in ended.stderr
    assert newer in ended.stderr
    assert registry.tags()["latest"] == newer


def test_throttling_is_waited_out(cli: CommandLine, registry: Registry, shelf: Shelf) -> None:
    shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    registry.play(
        "faults: [{operation: PutImage, error: ThrottlingException}, "
        "{operation: DescribeImages, error: ThrottlingException}]"
    )
    run = rollback(cli, "latest")
    assert run.code == 0, run.stderr
    assert registry.tags()["latest"] == registry.tags()["1.4.1"]


def test_a_move_whose_answer_is_lost_can_be_repeated(
    cli: CommandLine, registry: Registry, shelf: Shelf
) -> None:
    shelf.put("1.4.0")
    old = shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    registry.play("faults: [{operation: PutImage, error: AccessDeniedException}]")
    run = rollback(cli, "latest")
    assert run.code == 4
    assert "--to 1.4.1 is safe to repeat" in run.stderr
    assert [rollback(cli, "latest", "--to", "1.4.1").digest for _ in range(2)] == [old, old]


def test_ecr_public(cli: CommandLine, registry: Registry, shelf: Shelf) -> None:
    registry.sandbox.state.repositories.create("public", REPOSITORY)
    alias = registry.sandbox.state.alias
    uri = f"{registry.sandbox.public_host}/{alias}/{REPOSITORY}"
    old = shelf.put("1.4.1", to=uri)
    shelf.put("1.4.2", "latest", to=uri)
    theirs = shelf.put("1.0.0", labels={}, to=uri)
    run = rollback(cli, "latest", repository=f"public.ecr.aws/{alias}/{REPOSITORY}")
    assert run.code == 0, run.stderr
    assert registry.client.ask("crane", "digest", f"{uri}:latest") == old
    unjudged = ("latest", "--to", "1.0.0")
    assert rollback(cli, *unjudged, repository=f"public.ecr.aws/{alias}/{REPOSITORY}").code == 5
    run = rollback(cli, *unjudged, "--unscannable", "warn", repository=f"public.ecr.aws/{alias}/{REPOSITORY}")
    assert (run.code, run.digest) == (0, theirs)


def test_a_repository_that_is_not_there(cli: CommandLine, registry: Registry) -> None:
    run = rollback(cli, "latest")
    assert run.code == 4
    assert f"there is no repository {REPOSITORY}" in run.stderr
