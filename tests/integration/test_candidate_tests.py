"""Tests of the pushed image: real programs; where docker is part of it, a real engine and the sandbox."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.run import dry_run, run
from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.fakes import FakeRepository
from tests.support.git_repository import GitRepository
from tests.support.judged_images import answer
from tests.support.registry import REPOSITORY, Registry
from tests.support.stories import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A run whose builder and registry are in memory. Its tests are real programs."""
    story = Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))
    story.environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_SECRET_ACCESS_KEY": "dummy"}
    return story


def with_a_program(project: GitRepository) -> None:
    """A release whose image can be run."""
    busybox = shutil.which("busybox")
    assert busybox, "apt-get install busybox-static, as `make test` does"
    (project.root / "rootfs" / "bin").mkdir()
    shutil.copy(busybox, project.root / "rootfs" / "bin" / "busybox")
    project.commit("A program in it", images.CLEAN)
    project.tag("v1.4.3")


def endings(found: Outcome) -> list[tuple[str, int | None]]:
    return [(one.ending, one.exit_code) for one in found.tests]


def test_all_run_whichever_fails_and_no_tag_moves(story: Story) -> None:
    commands = (
        'test "$CANDIDATE_IMAGE" = "$CANDIDATE_REPOSITORY@$CANDIDATE_DIGEST" && echo "$CANDIDATE_TAG"',
        "echo first >&2; echo second; exit 3",
        "kill -s KILL $$",
        "echo last; env",
    )
    found = story.run(run, tests=commands)
    assert (found.status, found.exit_code, found.released) == ("test-failed", 11, "")
    assert endings(found) == [("passed", 0), ("failed", 3), ("failed", 137), ("passed", 0)]
    assert [one.why for one in found.failed_tests] == ["exit code 3", "exit code 137"]
    assert found.tests[0].output == (str(found.candidate),)
    assert found.tests[1].output == ("first", "second")
    assert not any(line.startswith("AWS_SECRET") for line in found.tests[3].output)
    assert [name for name in story.repository.tags if not name.startswith("candidate-")] == []
    assert {"test 1", "test 4", "test"} <= {one.what for one in found.timeline}
    assert "failed after 0.0 s: exit code 3" in story.narrator.said


def test_where_they_pass_the_image_is_released_a_reused_one_too(story: Story) -> None:
    first = story.run(run, tests=("true",))
    assert (first.status, first.exit_code, endings(first)) == ("accepted", 0, [("passed", 0)])
    again = story.run(run, tests=('test "$CANDIDATE_TAG" = sha-0123456789ab && exit 5',))
    assert again.pushed and again.pushed.reused
    assert (again.status, endings(again)) == ("test-failed", [("failed", 5)])


def test_a_policy_that_refuses_is_reported_with_the_tests(story: Story) -> None:
    story.repository = FakeRepository(answers=lambda image: answer("CRITICAL"))
    story.builders.target = story.repository
    found = story.run(run, tests=("false",))
    assert (found.status, found.exit_code, endings(found)) == ("refused", 10, [("failed", 1)])
    observed = story.run(run, tests=("false",), observe=True)
    assert (observed.status, observed.exit_code) == ("test-failed", 11)


def test_what_takes_too_long_is_ended_and_has_failed(story: Story) -> None:
    found = story.run(run, tests=("sleep 600",), test_timeout=0.2)
    assert (found.status, endings(found)) == ("test-failed", [("failed", None)])
    assert found.tests[0].why == "it did not end within 0.2 s, and was ended: see --test-timeout"


def test_what_is_left_in_the_background_ends_with_its_command(story: Story) -> None:
    found = story.run(run, tests=("sleep 600 & exit 0",))
    assert endings(found) == [("passed", 0)]


def test_a_scan_without_an_answer_ends_them(story: Story, tmp_path: Path) -> None:
    """The fake clock's scan is over at once; the test has begun by then."""
    begun = threading.Event()
    os.mkfifo(tmp_path / "begun")

    def wait() -> None:
        (tmp_path / "begun").read_bytes()
        begun.set()

    threading.Thread(target=wait, daemon=True).start()

    def unanswered(image: object) -> Mapping[str, Any] | None:
        assert begun.wait(60)
        return None

    story.repository = FakeRepository(answers=unanswered)
    story.builders.target = story.repository
    command = f"echo x > {tmp_path}/begun; sleep 600"
    found = story.run(run, tests=(command, "true"))
    assert (found.status, found.exit_code) == ("no-answer", 5)
    assert [one.ending for one in found.tests] == ["ended", "pending"]


def test_a_dry_run_shows_them_and_runs_none(story: Story, tmp_path: Path) -> None:
    found = story.run(dry_run, tests=(f"touch {tmp_path}/ran",))
    assert (found.status, endings(found)) == ("planned", [("pending", None)])
    assert not (tmp_path / "ran").exists()


@pytest.mark.usefixtures("engine")
def test_in_the_image_and_beside_it_with_the_runs_login(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """One run of the command line: both ways, their output without secrets, and the reports."""
    registry.create()
    with_a_program(project)
    report = cli.folder / "report.xml"
    ended = cli.run(
        *(project.root, "-r", REPOSITORY, "--report", f"junit={report}"),
        *("--test-in-image", "busybox echo 'in the image'"),
        *("--test-in-image", "missing"),
        *("--test", 'docker run --rm "$CANDIDATE_IMAGE" busybox true && echo beside it'),
        *("--test", "echo ${CANDIDATE_IMAGE%%/*} | docker-credential-ecr-push get"),
    )
    assert (ended.code, ended.document["status"]) == (11, "test-failed"), ended.stderr
    found = ended.document["tests"]
    assert [one["result"] for one in found] == ["passed", "failed", "passed", "passed"]
    assert (found[0]["output"][-1], found[2]["output"][-1]) == ("in the image", "beside it")
    assert found[1]["why"] == "exit code 127: there is no such command in the image"
    assert "[redacted]" in json.dumps(found[3]["output"])
    assert "TEST-FAILED" in ended.stderr
    assert 'type="test" message="exit code 127' in report.read_text()
    assert set(registry.tags()) == {ended.document["candidate"]}


@pytest.mark.usefixtures("engine")
def test_an_interruption_ends_the_container(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    with_a_program(project)
    started = cli.start_run(project.root, "-r", REPOSITORY, "--test-in-image", "busybox sleep 600")

    named = ("docker", "ps", "--format", "{{.Image}} {{.Names}}")

    def runs() -> bool:
        shown = subprocess.run(named, capture_output=True, text=True, check=True).stdout
        return any(line.startswith(registry.sandbox.host) for line in shown.splitlines())

    started.until(runs, "the container")
    started.signal(signal.SIGTERM)
    ended = started.end()
    assert (ended.code, ended.document["tests"][0]["result"]) == (143, "ended")
    assert not runs()
    assert registry.released() == {}


def test_a_test_may_write_the_word_of_another_scanner(story: Story, tmp_path: Path) -> None:
    """It is read after the tests, and must be about this image."""
    said = (
        '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Scanner"}}, "properties": '
        '{"repoDigests": ["%s"]}, "results": [{"ruleId": "CVE-2026-1", "level": "error"}]}]}'
    )
    file = tmp_path / "scan.sarif"

    def scanned(image: str) -> Outcome:
        file.unlink(missing_ok=True)
        test = f"sleep 0.1; printf '{said}' \"{image}\" > {file}"
        return story.run(run, tests=(test,), verdict_from=(str(file),))

    found = scanned("$CANDIDATE_IMAGE")
    assert (found.status, found.exit_code, endings(found)) == ("refused", 10, [("passed", 0)])
    assert found.verdict and [one.id for one in found.verdict.deciding] == ["CVE-2026-1"]
    another = scanned(f"team/app@sha256:{7:064}")
    assert (another.status, another.exit_code) == ("no-answer", 5)
