"""A build that begins while the registry is asked, with a real engine: ended without a trace, or pushed."""

from __future__ import annotations

import signal
import time

import pytest

from tests.support import images
from tests.support.command_line import CommandLine, Running
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")

ENDED = "the build, which had begun meanwhile, was ended: nothing was pushed"
# Where tags point is asked before the build and answered late, and so is everything that asks for images.
LATE = "latency: {api: {BatchGetImage: 3}}"
NEVER = "latency: {api: {BatchGetImage: 600}}"


def begun(cli: CommandLine, project: GitRepository, gate: Gate, *options: str) -> Running:
    """A run whose build has begun and waits, as does the registry."""
    run = cli.start_run(project.root, "-r", REPOSITORY, *options)
    run.until(gate.arrived.is_set, "the build")
    assert "docker buildx build" not in run.stderr, "its lines belong to its own phase"
    return run


@pytest.fixture
def _slow(project: GitRepository, registry: Registry, gate: Gate) -> None:
    """A release whose build lasts until the gate opens."""
    registry.create()
    project.commit("Slow", images.waiting_for(gate.url))
    project.tag("v1.4.3")


def test_a_version_that_is_taken_ends_it(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate
) -> None:
    registry.create()
    first = cli.run(project.root, "-r", REPOSITORY)
    assert first.code == 0, first.stderr
    before = registry.tags()
    project.commit("Slow", images.waiting_for(gate.url))
    project.git("tag", "--force", "v1.4.2")
    registry.play(NEVER)
    run = begun(cli, project, gate)
    registry.play("{}")
    ended = run.end()
    assert (ended.code, ended.document["failure"]["phase"]) == (2, "registry")
    assert "taken by another image: 1.4.2" in ended.stderr
    assert ENDED in ended.stderr
    assert registry.tags() == before


@pytest.mark.usefixtures("_slow")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("operation: BatchGetImage, error: AccessDeniedException, status: 400", "ecr:BatchGetImage"),
        ("operation: BatchGetImage, error: ServerException, status: 500", "ecr:BatchGetImage"),
    ],
)
def test_a_refusal_ends_it(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate, fault: str, words: str
) -> None:
    faults = f"faults: [{{{fault}, times: always}}]"
    registry.play(f"{NEVER}\n{faults}")
    run = begun(cli, project, gate)
    registry.play(faults)  # which ends the latency
    ended = run.end()
    assert (ended.code, ended.document["failure"]["phase"]) == (4, "registry")
    assert words in ended.stderr
    assert ENDED in ended.stderr
    assert registry.tags() == {}


@pytest.mark.usefixtures("_slow")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interruption_ends_it(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate, number: signal.Signals
) -> None:
    registry.play(NEVER)
    run = begun(cli, project, gate)
    run.signal(number)
    ended = run.end()
    assert (ended.code, ended.document["status"]) == (128 + number, "interrupted")
    assert registry.tags() == {}
    registry.play("{}")
    gate.open()
    again = cli.run(project.root, "-r", REPOSITORY)
    assert again.code == 0, again.stderr


@pytest.mark.parametrize("cache", [(), ("--cache", "ecr", "--create-repository")], ids=["", "cache"])
def test_it_waits_with_its_push_for_the_last_answer(
    cli: CommandLine, project: GitRepository, registry: Registry, cache: tuple[str, ...]
) -> None:
    """The build is over before the registry has answered, and has asked it for nothing.

    A cache in the registry is read after that too: BuildKit asks once for the login that it pushes with.
    """
    registry.create()
    registry.play(NEVER)
    run = cli.start_run(project.root, "-r", REPOSITORY, *cache)
    run.until(lambda: registry.asked("BatchGetImage"), "the question")
    time.sleep(
        2
    )  # far longer than the build takes on most machines; on others less is seen, and nothing wrong
    assert registry.tags() == {}
    assert "docker buildx build" not in run.stderr
    registry.play("{}")
    ended = run.end()
    assert ended.code == 0, ended.stderr
    assert set(registry.tags(f"{REPOSITORY}-cache")) == ({"cache-main"} if cache else set())


def test_its_failure_is_reported_when_the_registry_has_answered(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    project.commit("Broken", {"Dockerfile": "FROM scratch\nCOPY none-such /\n"})
    registry.play(LATE)
    ended = cli.run(project.root, "-r", REPOSITORY)
    assert (ended.code, ended.document["failure"]["phase"]) == (3, "build")
    assert "Dockerfile:2: COPY none-such /" in ended.stderr
    assert registry.tags() == {}
