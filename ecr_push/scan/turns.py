"""The order in which images are asked for their scan, and the pauses between."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import TypeVar

from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError, ScanError
from ecr_push.base.log import Narrator
from ecr_push.base.option import duration_text
from ecr_push.base.reference import Digest
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.scan_api import Heard
from ecr_push.scan.findings import PlatformScan, ScanReport
from ecr_push.scan.image import ImageScan
from ecr_push.scan.options import ScanOptions
from ecr_push.scan.pace import Pace
from ecr_push.scan.plan import ScanPlan

# Without a line from time to time a run looks as if it hangs.
HEARTBEAT_SECONDS = 60.0
# How often in a row a call is repeated that gets no response or a server error.
ATTEMPTS = 6

T = TypeVar("T")


@dataclass(frozen=True)
class Pause:
    """A wait of so many seconds. If there are digests, an event about one of them may end it earlier."""

    seconds: float
    digests: frozenset[Digest] = frozenset()


# A pause is answered with the events that arrived; None if the queue cannot be read.
Wait = Generator[Pause, "Heard | None", ScanReport]


class _NotNowError(Exception):
    """A call was refused and may be repeated later."""


class Turns:
    """Asks for the scans in turns, with a pause after each, until all have a result or the time is over.

    One image is watched at a time, and the others are asked when it changes: so several platforms need
    hardly more calls than one, and the end of the last scan is not seen later.
    """

    def __init__(
        self, scans: Sequence[ImageScan], plan: ScanPlan, pace: Pace, clock: Clock, narrator: Narrator
    ):
        self._scans = scans
        self._plan = plan
        self._pace = pace
        self._clock = clock
        self._narrator = narrator
        self._began = self._logged_at = clock.monotonic()
        self._listens = bool(plan.events_queue)
        self._heard: set[Digest] = set()
        # The images of a turn that a refusal interrupted.
        self._owed: list[ImageScan] = []
        self._failures = 0
        self._refused = ""
        self._warned_of_stale = self._warned_of_refusal = False
        self._answers: dict[PlatformImage, PlatformScan] = {}

    def until_answered(self) -> Generator[Pause, Heard | None, Mapping[PlatformImage, PlatformScan]]:
        due = self._scans
        while True:
            self._ask(due)
            if not self._waiting:
                return self._answers
            self._check_time(self._states())
            due = yield from self._pause()

    def until_read(self, ask: Callable[[], T], what: str) -> Generator[Pause, Heard | None, T]:
        """Repeats ask until it is no longer refused, and returns its result."""
        while True:
            try:
                return self._patiently(ask)
            except _NotNowError:
                self._check_time(what)
                yield Pause(self._limited(self._pace.pause(self._clock.monotonic())))

    @property
    def _waiting(self) -> list[ImageScan]:
        return [scan for scan in self._scans if scan.image not in self._answers]

    def _ask(self, due: Iterable[ImageScan]) -> None:
        """Does one turn. If one image has changed, often all have: then all are asked at once."""
        queue, asked = list(due), set[PlatformImage]()
        self._owed = []
        while queue:
            scan = queue.pop(0)
            if scan.image in asked or scan.image in self._answers:
                continue
            asked.add(scan.image)
            was_settling, had_begun = scan.is_settling, scan.has_begun
            try:
                answer = self._patiently(scan.ask)
            except _NotNowError:
                self._owed = [scan, *queue]
                return
            if answer:
                _check_scannable(answer, self._plan)
                self._answers[scan.image] = answer
            if scan.has_begun and not had_begun:
                self._pace.restart(self._clock.monotonic())
            if answer or scan.is_settling != was_settling:
                queue += self._waiting

    def _pause(self) -> Generator[Pause, Heard | None, Sequence[ImageScan]]:
        """Pauses until the next turn, and returns the images whose turn it is."""
        restless = [scan for scan in self._waiting if scan.is_restless or scan.image.digest in self._heard]
        if self._listens and not restless and not self._owed:
            return (yield from self._listen())
        now = self._clock.monotonic()
        due = self._owed or restless or self._waiting[:1]
        if self._beat(now):
            due = self._waiting
        seconds = self._pace.pause(now, max(1, len(restless)))
        settled = min((scan.settles_at for scan in restless), default=math.inf)
        yield Pause(self._limited(min(seconds, max(settled - now, 0.01))))
        return due

    def _listen(self) -> Generator[Pause, Heard | None, Sequence[ImageScan]]:
        """Waits for an event, or until it is time to ask without one."""
        waiting = self._waiting
        digests = frozenset(scan.image.digest for scan in waiting)
        look_at = self._clock.monotonic() + self._pace.look(self._clock.monotonic())
        while (now := self._clock.monotonic()) < min(look_at, self._began + self._plan.timeout):
            self._beat(now)
            heard = yield Pause(self._limited(look_at - now), digests)
            if heard is None:
                self._listens = False
                break
            if heard.digests:
                self._heard |= heard.digests
                self._pace.restart(self._clock.monotonic())
                return [scan for scan in waiting if scan.image.digest in heard.digests]
            if heard.stale:
                self._warn_of_stale()
            if heard.others:
                yield Pause(self._limited(self._pace.crowded(self._clock.monotonic())))
        return waiting

    def _beat(self, now: float) -> bool:
        """Logs from time to time that the wait goes on; returns whether it did."""
        if now - self._logged_at < HEARTBEAT_SECONDS:
            return False
        self._logged_at = now
        self._narrator.say(f"waiting for {now - self._began:.0f} s: {self._states()}")
        return True

    def _states(self) -> str:
        return "; ".join(f"{scan.name}: {scan.state}" for scan in self._waiting)

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Calls ask. Raises _NotNowError, and slows down, if it is throttled or gets no response."""
        try:
            answer = ask()
        except AwsRefusedError as refused:
            if not refused.throttled and refused.status < 500:
                raise
            self._failures = 0 if refused.throttled else self._failures + 1
            failed: RegistryError = refused
        except AwsUnreachableError as unreachable:
            self._failures += 1
            failed = unreachable
        else:
            self._failures, self._refused = 0, ""
            self._pace.answered()
            return answer
        if self._failures >= ATTEMPTS:
            raise failed
        self._refused = failed.why or failed.what
        self._pace.refused()
        if not self._warned_of_refusal:
            self._warned_of_refusal = True
            self._narrator.say(f"slowing down: {self._refused}")
        raise _NotNowError from failed

    def _check_time(self, states: str) -> None:
        if self._clock.monotonic() - self._began >= self._plan.timeout:
            longer = duration_text(max(2 * self._plan.timeout, ScanOptions().scan_timeout))
            raise ScanError(
                f"the scan gave no answer within {self._plan.timeout:g} s",
                why="; ".join(filter(None, (states, self._refused))),
                remedy=f"give it more time, such as --scan-timeout {longer}",
                again=("--scan-timeout", longer),
            )

    def _limited(self, seconds: float) -> float:
        left = self._plan.timeout - (self._clock.monotonic() - self._began)
        return min(seconds, max(left, 0.01))

    def _warn_of_stale(self) -> None:
        if not self._warned_of_stale:
            self._warned_of_stale = True
            self._narrator.warn(
                "the event queue holds old messages, so new events are found late: "
                "set its MessageRetentionPeriod to 60 seconds"
            )


def _check_scannable(found: PlatformScan, plan: ScanPlan) -> None:
    if found.unscannable and not plan.warn_unscannable:
        raise ScanError(
            f"{found.platform or found.digest.short} cannot be scanned",
            why=found.unscannable,
            remedy="an image without a scan is not released; --unscannable warn accepts it",
            again=("--unscannable", "warn"),
        )
