"""The wait for the scan of one image: what a sequence of responses means."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Literal

from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError, RegistryError, ScanError
from ecr_push.base.log import Narrator
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import RepositoryClient, ScanMode, Scanning
from ecr_push.scan.findings import PlatformScan
from ecr_push.scan.pages import AnswerPages
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.state import AnswerState, Step, classify_answer

# A result without a completion time may still be incomplete: it must stay unchanged for so long.
SETTLE_SECONDS = 30.0
# Or only for so long, once Inspector reports that it has scanned the image since it was pushed.
CONFIRMED_SETTLE_SECONDS = 5.0
# How often Inspector is asked for that.
CONFIRM_EVERY_SECONDS = 5.0
# How long a scan-on-push may be invisible before we start a scan ourselves.
GRACE_SECONDS = 60.0
# Minimum age of a scan result before its age is logged.
LOGGED_AGE = timedelta(minutes=10)

# Refusals of StartImageScan after which we can only wait: the limit of one scan a day for an image, and
# enhanced scanning, which has no manual scans.
_NOT_NOW = frozenset({"LimitExceededException", "ValidationException"})
_CANNOT = {
    "UnsupportedImageTypeException": "UNSUPPORTED_IMAGE",
    "ImageArchivedException": "IMAGE_ARCHIVED",
}

Started = Literal["started", "not now", "later"]

CLEAN_BASIC = (
    "basic scanning found nothing; it scans only the operating system's packages, and has reported "
    "distroless images as clean"
)


class ImageScan:
    """The state of one image's scan as last seen, and since when.

    name, state: for the log.
    is_settling: the result looks complete, and is watched until it has not changed for long enough.
    has_begun:   a scan that we started is running.
    """

    def __init__(
        self,
        image: PlatformImage,
        client: RepositoryClient,
        scanning: Scanning,
        plan: ScanPlan,
        clock: Clock,
        narrator: Narrator,
    ) -> None:
        self.image = image
        self.name = image.platform or image.digest.short
        self.state = Step.MISSING.value
        self.is_settling = False
        self.has_begun = False
        self._client = client
        self._scanning = scanning
        self._plan = plan
        self._clock = clock
        self._narrator = narrator
        self._pages = AnswerPages(client, image.digest)
        self._reading: AnswerState | None = None
        self._reads_on = False  # the result is final, and its further pages are being read
        self._began = clock.monotonic()
        self._began_at = clock.now()
        self._asked_for_a_scan = False
        self._start_again = False
        self._superseded: datetime | None = None
        self._seen: tuple[Any, ...] = ()
        self._seen_since = 0.0
        self._may_confirm = scanning.mode == "enhanced"
        self._confirm_next = 0.0
        self._confirmed_since: float | None = None

    @property
    def kind(self) -> ScanMode:
        """The kind of scanning that produced the result, by its own fields."""
        return self._reading.kind if self._reading else "unknown"

    @property
    def settles_at(self) -> float:
        """The time by `clock.monotonic` at which a settling result is final; otherwise infinite."""
        if not self.is_settling:
            return math.inf
        confirmed = math.inf if self._confirmed_since is None else self._confirmed_since
        return min(self._seen_since + SETTLE_SECONDS, confirmed + CONFIRMED_SETTLE_SECONDS)

    @property
    def is_restless(self) -> bool:
        """Whether to ask again soon even when listening to events: no event reports what we wait for."""
        return self.is_settling or self._start_again or self._reads_on

    def ask(self) -> PlatformScan | None:
        """Returns the final result, or None while there is none.

        Raises ScanError if there will be none, RegistryError if AWS cannot be reached now. A further call
        then continues with the page that failed.
        """
        if self._scanning.mode == "none":
            return self._cannot("NONE", "ECR Public has no vulnerability scanning")
        if self._scanning.mode == "enhanced" and self._scanning.frequency == "MANUAL":
            # Enhanced scanning has no manual scans: MANUAL means that no filter covers the repository.
            return self._cannot("OFF", "no filter of the registry's enhanced scanning covers this repository")
        if self._reads_on and self._reading:
            return self._read_on(self._reading)
        reading = self._reading = classify_answer(self._pages.first())
        self._log_state(reading.text)
        self.is_settling = reading.step is Step.SETTLING
        if not self.is_settling:
            self._seen = ()  # a result from before the scan continued proves nothing about a later one
        if reading.step is Step.MISSING:
            return self._missing()
        if reading.step is Step.UNSCANNABLE:
            return self._cannot(reading.status, reading.why)
        if reading.step is Step.FAILED:
            raise ScanError(
                f"{reading.why} for {self.name}",
                why=reading.text,
                remedy="push again for a new scan; without a scan result nothing is released",
            )
        if reading.step is Step.DONE and self._is_current(reading):
            return self._read_on(reading)
        if reading.step is Step.SETTLING and self._has_settled():
            return self._read_on(reading)
        return None

    def _missing(self) -> PlatformScan | None:
        waited = self._clock.monotonic() - self._began
        by_us = self._scanning.mode == "basic" and self._scanning.frequency == "MANUAL"
        late = self._scanning.mode != "enhanced" and waited >= GRACE_SECONDS
        if self._asked_for_a_scan or not (by_us or late):
            return None
        became = self._start("the push started none")
        return became if isinstance(became, PlatformScan) else None

    def _start(self, why: str) -> Started | PlatformScan:
        """Starts a scan, at most once: the reason for a refusal does not change during the wait."""
        try:
            started = self._client.scans.start(self.image.digest)
        except AwsRefusedError as refused:
            if refused.code in _CANNOT:
                return self._cannot(_CANNOT[refused.code], refused.why)
            if refused.code == "ImageNotFoundException":
                self._start_again = True
                return "later"  # right after a push; it exists the next time
            if refused.code not in _NOT_NOW:
                raise
            self._asked_for_a_scan = True
            self._narrator.say(f"{self.name}: no new scan: {refused.why}")
            return "not now"
        self._asked_for_a_scan, self._start_again = True, False
        if not started:
            raise ScanError(
                f"{self.name} needs a scan", why=f"{why}, and a dry run does not start one",
                remedy="run it without --dry-run",
            )  # fmt: skip
        self.has_begun = True
        self._narrator.say(f"{self.name}: started a scan: {why}")
        return "started"

    def _is_current(self, reading: AnswerState) -> bool:
        """Whether the result is recent enough; if not, a new scan is started.

        Raises ScanError if no newer result is possible.
        """
        at = reading.completed_at
        # Continuous scanning keeps its findings up to date, whenever it started.
        if at is None or reading.status == "ACTIVE" or at >= self._began_at:
            return True
        if self.has_begun and self._superseded:
            return at != self._superseded  # the old result, until that of the scan that we started appears
        if self._clock.now() - at <= timedelta(seconds=self._plan.max_age):
            return True
        enhanced = "enhanced" in (self._scanning.mode, reading.kind)
        if not enhanced and not self._asked_for_a_scan:
            self._superseded = at
            if self._start(f"the last one is {self._age(at)} old") in ("started", "later"):
                return False
        raise ScanError(
            f"the last scan of {self.name} is {self._age(at)} old",
            why="enhanced scanning scanned it when it was pushed, and does not scan again on demand"
            if enhanced
            else f"it completed at {_text(at)}, and ECR starts only one scan a day for an image",
            remedy="turn on continuous scanning, push a new build, or accept the age with --scan-max-age"
            if enhanced
            else "run again a day after the last scan, or accept the age with --scan-max-age",
        )

    def _has_settled(self) -> bool:
        """Whether a result without a completion time has stayed unchanged for long enough."""
        now = self._clock.monotonic()
        seen = (self._reading, self._pages.counts(), self._pages.findings())
        if seen != self._seen:
            self._seen, self._seen_since, self._confirmed_since = seen, now, None
        if self._may_confirm and self._confirmed_since is None and now >= self._confirm_next:
            self._confirm_next = now + CONFIRM_EVERY_SECONDS
            self._confirm(now)
        return now >= self.settles_at

    def _confirm(self, now: float) -> None:
        try:
            coverage = self._client.inspector.coverage(self.image.digest)
        except AuthenticationError:
            self._may_confirm = False  # then wait for the full time
            return
        except RegistryError:
            return
        if coverage and coverage.has_scanned and coverage.last_scanned_at:
            self._confirmed_since = now
            self._narrator.say(f"{self.name}: Inspector scanned it at {_text(coverage.last_scanned_at)}")

    def _read_on(self, reading: AnswerState) -> PlatformScan | None:
        self._reads_on = True
        if self._pages.is_begun:
            self.state = f"{reading.status}, reading its findings"
        is_whole = self._pages.rest()
        self._reads_on = False
        if not is_whole:
            self._narrator.say(f"{self.name}: the findings changed while they were read: reading them again")
            self._reading = None
            return None
        findings, counts = self._pages.findings(), self._pages.counts()
        notes = []
        if (at := reading.completed_at) and reading.status != "ACTIVE" and self._began_at - at > LOGGED_AGE:
            notes.append(f"scanned {self._age(at)} ago")
            self._narrator.say(f"{self.name}: using the last scan, completed at {_text(at)}")
        if self._scanning.mode == "basic" and not findings and not any(counts.values()):
            notes.append(CLEAN_BASIC)
        return PlatformScan(
            self.image.digest,
            self.image.platform,
            reading.status,
            findings,
            counts,
            _text(reading.completed_at) if reading.completed_at else "",
            note="; ".join(notes),
        )

    def _cannot(self, status: str, why: str) -> PlatformScan:
        return PlatformScan(self.image.digest, self.image.platform, status, unscannable=why)

    def _age(self, at: datetime) -> str:
        """Returns the age, rounded down: `5 h`, `12 min`, `3 days`."""
        minutes = int((self._clock.now() - at).total_seconds() // 60)
        if minutes >= 2 * 24 * 60:
            return f"{minutes // (24 * 60)} days"
        return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"

    def _log_state(self, state: str) -> None:
        if state != self.state:
            self._narrator.say(f"{self.name}: {state}")
        self.state = state


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
