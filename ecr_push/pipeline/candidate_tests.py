"""Runs the tests of the image that was pushed, beside the wait for its scan.

They run one after the other, because two may use the same port, and all of them, whichever fails. A test is a
program of the caller's: what is not known of it is its end, so it has a time limit, and it is ended with the
run, with its children and its container.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from signal import Signals

from ecr_push.base import background, interruption, process
from ecr_push.base.held_log import HeldNarrator
from ecr_push.base.reference import Tag
from ecr_push.base.shorten import shorten
from ecr_push.builder.interface import Builders
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.image_test import ImageTest, ImageTestResult, argv_of, environ_of, pending_tests
from ecr_push.pipeline.record import Record
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.settings.image_test_options import ImageTestOptions

_KEPT_LINES = 50
# How long the end of a run waits for the thread of a test whose program has ended, and for its container.
_ENDING_SECONDS = 5.0
# https://docs.docker.com/engine/containers/run/#exit-status
# podman's are the same: https://docs.podman.io/en/latest/markdown/podman-run.1.html#exit-status
_OF_DOCKER = {
    125: "the image could not be run",
    126: "the command cannot be invoked in the image",
    127: "there is no such command in the image",
}


@contextmanager
def candidate_tests(
    options: ImageTestOptions,
    pushed: PushedImage,
    tag: Tag | None,
    client: Reader,
    builders: Builders,
    tools: Tools,
    record: Record,
) -> Iterator[CandidateTests]:
    """The tests, which have begun. They are ended at the end, where they go on.

    tag: of the image, for what cannot name it by its digest.
    """
    running = CandidateTests(options, pushed, tag, client, builders, tools, record)
    try:
        running.begin()
        yield running
    finally:
        with interruption.held():
            running.end()


class CandidateTests:
    """The tests of one image, which are in the log once the run waits for them."""

    def __init__(
        self,
        options: ImageTestOptions,
        pushed: PushedImage,
        tag: Tag | None,
        client: Reader,
        builders: Builders,
        tools: Tools,
        record: Record,
    ) -> None:
        self._results = list(pending_tests(options))
        self._seconds = options.test_timeout
        self._pushed = pushed
        self._tag = tag
        self._client = client
        self._builders = builders
        self._tools = tools
        self._record = record
        self._narrator = HeldNarrator(tools.narrator)
        self._lock = threading.Lock()
        self._stop: Callable[[], None] = lambda: None  # ends the test that runs
        self._over = threading.Event()
        self._is_shown = False
        self._done: Future[None] | None = None

    def begin(self) -> None:
        """Starts the first test. Raises nothing: `wait` does."""
        if self._results:
            self._tools.narrator.say("tests of the image run beside the scan")
            self._done = background.start(self._run_all, "tests")

    def wait(self) -> None:
        """Waits until all tests have ended. Raises EcrPushError if they could not be run."""
        if self._done:
            with self._record.phase("test"):
                self._show()
                self._done.result()

    @property
    def passed(self) -> bool:
        """Whether all tests passed; a test that has not ended has not."""
        return all(one.ending == "passed" for one in self._results)

    def end(self) -> None:
        """Ends the test that runs, and starts no other."""
        if self._done is None:
            return
        with self._lock:
            self._over.set()
            stop = self._stop
        stop()
        wait([self._done], _ENDING_SECONDS)
        if not self._is_shown:
            self._tools.narrator.phase("test")
            self._show()

    def _show(self) -> None:
        self._is_shown = True
        self._narrator.let_go()

    def _run_all(self) -> None:
        host = self._pushed.repository.registry.host
        login = partial(self._tools.login, self._client)
        with self._builders.logged_in(host, login, self._narrator) as builders:
            docker = builders.docker_environ()
            for place, pending in enumerate(self._results):
                environ = environ_of(pending.test, docker, self._pushed, self._tag)
                run = partial(self._run, place + 1, pending.test, environ)
                self._results[place] = self._record.timed(f"test {place + 1}", run)()
                self._record.note(tests=tuple(self._results))

    def _run(self, number: int, test: ImageTest, environ: dict[str, str]) -> ImageTestResult:
        container = f"ecr-push-{self._tools.run_id}-test-{number}"
        runs = self._builders.container_program() if test.in_image else ""
        remove: Callable[[], None] = partial(_remove, runs, container, environ) if runs else lambda: None
        program = process.Stop()

        def stop() -> None:
            remove()  # its client would wait for a program that takes no signal
            program.now()

        with self._lock:
            if self._over.is_set():
                return ImageTestResult(test)
            self._stop = stop
        self._narrator.say(f"test {number} of {len(self._results)}: {test}")
        argv = argv_of(test, self._pushed, container, runs)
        timed_out = threading.Event()

        def time_out() -> None:
            timed_out.set()
            stop()

        timer = threading.Timer(self._seconds, time_out)
        timer.daemon = True
        began = self._tools.clock.monotonic()
        timer.start()
        try:
            found = self._judged(
                test,
                process.run(
                    argv,
                    environ=environ,
                    on_line=lambda line: self._narrator.detail(shorten(line)),
                    stop=program,
                ),
            )
        except process.StoppedError:
            found = ImageTestResult(test, "ended")
        except OSError as error:  # there is no such program, or no argument can be so long
            found = ImageTestResult(test, "failed", why=f"{argv[0]}: {error.strerror}")
        finally:
            timer.cancel()
        if timed_out.is_set():
            why = f"it did not end within {self._seconds:g} s, and was ended: see --test-timeout"
            found = replace(found, ending="failed", exit_code=None, why=why)
        elif self._over.is_set() and found.failed:
            found = replace(found, ending="ended", exit_code=None, why="the run was over before it")
        if timed_out.is_set() or self._over.is_set():
            remove()  # the client may have been about to start it
        found = replace(found, seconds=round(self._tools.clock.monotonic() - began, 3))
        self._narrator.say(
            f"{found.ending} after {found.seconds:.1f} s" + (f": {found.why}" if found.why else "")
        )
        return found

    @staticmethod
    def _judged(test: ImageTest, completed: process.Completed) -> ImageTestResult:
        code, output = completed.exit_code, tuple(map(shorten, completed.output[-_KEPT_LINES:]))
        if code == 0:
            return ImageTestResult(test, "passed", 0, output=output)
        why = f"it was ended by {Signals(-code).name}" if code < 0 else f"exit code {code}"
        if test.in_image and code in _OF_DOCKER:
            why += f": {_OF_DOCKER[code]}"
        return ImageTestResult(test, "failed", code, why, output=output)


def _remove(program: str, container: str, environ: dict[str, str]) -> None:
    """Ends and removes the container, if there is one."""
    with contextlib.suppress(OSError):  # without the program there is none
        process.run((program, "rm", "--force", "--volumes", container), environ=environ)
