"""SIGTERM and SIGINT in each phase: nothing left, no release tag; a re-run converges.

benchmarks/interrupt.py measures how soon it is over.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.support import images
from tests.support.command_line import CommandLine, Running
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")

Reach = Callable[[Running, Registry, Gate], None]


def _build(run: Running, registry: Registry, gate: Gate) -> None:
    run.until(gate.arrived.is_set, "the build")


def _asked(operation: str) -> Reach:
    def reach(run: Running, registry: Registry, gate: Gate) -> None:
        gate.open()
        run.until(lambda: registry.asked(operation), operation)

    return reach


# phase -> what makes it last, and how to know that it has begun
PHASES: dict[str, tuple[str, Reach]] = {
    "registry": ("latency: {api: {DescribeRepositories: 600}}", _asked("DescribeRepositories")),
    "create": ("latency: {api: {CreateRepository: 600}}", _asked("CreateRepository")),
    "build": ("{}", _build),
    "layers": ("latency: {v2: {PutUpload: 600}}", _asked("PutUpload")),
    "manifest": ("latency: {v2: {PutManifest: 600}}", _asked("PutManifest")),
    "scan": ("scan: {statuses: [PENDING: 600, COMPLETE]}", _asked("DescribeImageScanFindings")),
    "promote": ("latency: {api: {PutImage: 600}}", _asked("PutImage")),
}


@contextmanager
def heeded(number: signal.Signals, how: signal.Handlers = signal.SIG_DFL) -> Iterator[None]:
    """What is started meanwhile ignores the signal or not, whatever these tests were started with."""
    before = signal.signal(number, how)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize(
    ("phase", "number"),
    [
        *((phase, signal.SIGTERM) for phase in PHASES),
        ("build", signal.SIGINT),
        ("scan", signal.SIGINT),
        ("scan", signal.SIGHUP),
    ],
)
def test_interrupted(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    gate: Gate,
    phase: str,
    number: signal.Signals,
) -> None:
    project.commit("Slow", images.waiting_for(gate.url))
    project.tag("v1.4.3")
    scenario, reach = PHASES[phase]
    registry.play(scenario)
    with heeded(number):
        run = cli.start_run(project.root, "-r", REPOSITORY, "--create-repository")
    reach(run, registry, gate)
    run.signal(number)
    # `end` also checks that no process, no temporary file and no token is left.
    ended = run.end()
    assert ended.code == 128 + number
    assert ended.document["status"] == "interrupted"
    assert ended.stdout == ""
    assert "INTERRUPTED" in ended.stderr
    assert f"interrupted by {number.name}" in ended.stderr
    assert registry.released() == {}

    registry.play("{}")
    gate.open()
    again = cli.run(project.root, "-r", REPOSITORY, "--create-repository")
    assert again.code == 0, again.stderr
    names = [f"sha-{project.head[:12]}", "1.4.3", "1.4", "1", "latest"]
    assert registry.released() == dict.fromkeys(names, again.digest)


def test_interrupted_within_the_promotion(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """`latest` never stands ahead of its version, and the next run completes the very same image."""
    registry.create()
    registry.play("faults: [{operation: PutImage, skip: 2, hold: before, times: always}]")
    run = cli.start_run(project.root, "-r", REPOSITORY)
    held = registry.sandbox.faults.held
    run.until(lambda: held()["api"], "the move of the floating tags, all at once")
    run.signal(signal.SIGTERM)
    registry.play("{}")
    ended = run.end()
    assert ended.code == 143
    assert "To do: run again to move the release tags that are left" in ended.stderr
    digest = ended.document["image"]["digest"]
    found = registry.released()
    assert found.items() >= {f"sha-{project.head[:12]}": digest, "1.4.2": digest}.items()
    assert set(found.values()) == {digest}
    again = cli.run(project.root, "-r", REPOSITORY)
    assert again.code == 0, again.stderr
    assert (again.digest, again.document["image"]["reused"]) == (digest, True)
    assert registry.released() == dict.fromkeys(ended.tags, digest)
    assert len(registry.api().describe_images(repositoryName=REPOSITORY)["imageDetails"]) == 1


def test_a_second_signal_does_not_break_the_clean_up(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate
) -> None:
    """An impatient user presses Ctrl-C again; that must not leave the builder or the token behind."""
    registry.create()
    project.commit("Slow", images.waiting_for(gate.url))
    run = cli.start_run(project.root, "-r", REPOSITORY)
    _build(run, registry, gate)
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
        run.signal(number)
    assert run.end().code in (130, 143)  # whichever the kernel hands over first
    assert registry.tags() == {}


def test_interrupted_with_a_sandbox_of_its_own(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate
) -> None:
    """It ends with the run."""
    project.commit("Slow", images.waiting_for(gate.url))
    run = cli.start_run(project.root, "-r", REPOSITORY, "--sandbox", "--create-repository")
    _build(run, registry, gate)
    run.signal(signal.SIGTERM)
    assert run.end().code == 143


def test_a_run_that_ignores_the_end_of_its_terminal_goes_on(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """As under nohup."""
    registry.create()
    registry.play("scan: {statuses: [PENDING: 3, COMPLETE]}")
    with heeded(signal.SIGHUP, signal.SIG_IGN):
        run = cli.start_run(project.root, "-r", REPOSITORY)
    run.until(lambda: registry.asked("DescribeImageScanFindings"), "the scan")
    run.signal(signal.SIGHUP)
    assert run.end().code == 0


# A main thread that waits for what never comes, without a limit, and a signal that another thread is given.
_WAITING = """
import os, signal, threading
from ecr_push.base.errors import Interrupted
from ecr_push.cli.main import _signals

waiting = threading.Lock()
waiting.acquire()
with _signals():
    def give() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        threading.Event().wait()
    timer = threading.Timer(0.3, give)
    timer.daemon = True
    try:
        timer.start()
        %s
    except Interrupted:
        print("interrupted")
"""


@pytest.mark.parametrize(
    "wait", ["waiting.acquire()", "threading.Event().wait()", "os.read(os.pipe()[0], 1)"], ids=str
)
def test_a_signal_that_another_thread_is_given_wakes_the_main_thread(wait: str) -> None:
    """Seen with three signals at once: the kernel gave them to other threads, and the command went on."""
    ended = subprocess.run(
        [sys.executable, "-c", _WAITING % wait], capture_output=True, text=True, timeout=300, check=True
    )
    assert ended.stdout == "interrupted\n"
