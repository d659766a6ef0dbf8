"""The wait for one image: what its answers mean in the order in which they come."""

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

# An answer that does not say when it was completed may still be filling up: it must stand so long.
SETTLE_SECONDS = 30.0
# Or only so long, once Inspector says that it has scanned the image since it was pushed.
CONFIRMED_SETTLE_SECONDS = 5.0
# How often Inspector is asked that.
CONFIRM_EVERY_SECONDS = 5.0
# How long a scan-on-push may be invisible before we start a scan ourselves.
GRACE_SECONDS = 60.0
# From what age on it is worth a word that an answer is not new.
WORTH_A_WORD = timedelta(minutes=10)

# StartImageScan's refusals after which there is nothing left to do but wait: once a day an image; disabled
# under enhanced scanning.
_NOT_NOW = frozenset({"LimitExceededException", "ValidationException"})
_CANNOT = {
    "UnsupportedImageTypeException": "UNSUPPORTED_IMAGE",
    "ImageArchivedException": "IMAGE_ARCHIVED",
}

Started = Literal["started", "not now", "later"]

CLEAN_BASIC = (
    "nothing found by basic scanning, which looks at the operating system's packages alone and has shown "
    "distroless images as clean"
)


class ImageScan:
    """What was seen last of one image's scan, and since when.

    name, state: for the log.
    is_settling: it looks done, and is watched until that is sure.
    has_begun:   a scan of our own is under way.
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
        self._reads_on = False  # the answer is the final one, and its other pages are being read
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
        """The scanning that the answer is from, by its own fields."""
        return self._reading.kind if self._reading else "unknown"

    @property
    def settles_at(self) -> float:
        """When, by the clock's `monotonic`, what looks done counts as done; infinite for what does not."""
        if not self.is_settling:
            return math.inf
        confirmed = math.inf if self._confirmed_since is None else self._confirmed_since
        return min(self._seen_since + SETTLE_SECONDS, confirmed + CONFIRMED_SETTLE_SECONDS)

    @property
    def is_restless(self) -> bool:
        """Whether to ask again soon, whatever events may come: none tells of what is waited for."""
        return self.is_settling or self._start_again or self._reads_on

    def ask(self) -> PlatformScan | None:
        """The final answer, or None while there is none.

        Raises ScanError when there will be none, RegistryError where AWS cannot be asked now: then ask
        again, and what was read of a long answer is not read anew.
        """
        if self._scanning.mode == "none":
            return self._cannot("NONE", "ECR Public has no vulnerability scanning")
        if self._scanning.mode == "enhanced" and self._scanning.frequency == "MANUAL":
            # Enhanced scanning has no manual scans: MANUAL means that no filter covers the repository.
            return self._cannot("OFF", "no filter of the registry's enhanced scanning covers this repository")
        if self._reads_on and self._reading:
            return self._read_on(self._reading)
        reading = self._reading = classify_answer(self._pages.first())
        self._tell(reading.text)
        self.is_settling = reading.step is Step.SETTLING
        if not self.is_settling:
            self._seen = ()  # what stood before the scan went on says nothing of what stands after it
        if reading.step is Step.MISSING:
            return self._missing()
        if reading.step is Step.UNSCANNABLE:
            return self._cannot(reading.status, reading.why)
        if reading.step is Step.FAILED:
            raise ScanError(
                f"{reading.why} for {self.name}",
                why=reading.text,
                remedy="push again for a new scan; without an answer nothing is released",
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
        """Starts a scan, once: what it is refused for stays so until the wait is over."""
        try:
            started = self._client.scans.start(self.image.digest)
        except AwsRefusedError as refused:
            if refused.code in _CANNOT:
                return self._cannot(_CANNOT[refused.code], refused.why)
            if refused.code == "ImageNotFoundException":
                self._start_again = True
                return "later"  # right after a push; the next time it is there
            if refused.code not in _NOT_NOW:
                raise
            self._asked_for_a_scan = True
            self._narrator.say(f"{self.name}: no new scan: {refused.why}")
            return "not now"
        self._asked_for_a_scan, self._start_again = True, False
        if not started:
            raise ScanError(
                f"{self.name} has to be scanned", why=f"{why}, and a dry run starts none",
                remedy="run it without --dry-run",
            )  # fmt: skip
        self.has_begun = True
        self._narrator.say(f"{self.name}: started a scan: {why}")
        return "started"

    def _is_current(self, reading: AnswerState) -> bool:
        """Whether the answer is fresh enough to judge by; where it is not, a new scan is asked for.

        Raises ScanError where there will be no fresher one.
        """
        at = reading.completed_at
        # Continuous scanning keeps its findings up to date, whenever it began.
        if at is None or reading.status == "ACTIVE" or at >= self._began_at:
            return True
        if self.has_begun and self._superseded:
            return at != self._superseded  # the old one, until the scan that we started shows
        if self._clock.now() - at <= timedelta(seconds=self._plan.max_age):
            return True
        enhanced = "enhanced" in (self._scanning.mode, reading.kind)
        if not enhanced and not self._asked_for_a_scan:
            self._superseded = at
            if self._start(f"the last one is {self._age(at)} old") in ("started", "later"):
                return False
        raise ScanError(
            f"the last scan of {self.name} is {self._age(at)} old",
            why="enhanced scanning looked at it when it was pushed, and scans no image again on demand"
            if enhanced
            else f"it was completed at {_text(at)}, and ECR starts no new one now (one a day for an image)",
            remedy="turn on continuous scanning, push a new build, or accept its age: --scan-max-age"
            if enhanced
            else "run again when a day has passed since the last scan, or accept its age: --scan-max-age",
        )

    def _has_settled(self) -> bool:
        """Whether an answer that does not say when it was completed has stood long enough."""
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
            self._may_confirm = False  # what it would have shortened is waited out
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
            self._narrator.say(f"{self.name}: the findings changed while they were read: reading them anew")
            self._reading = None
            return None
        findings, counts = self._pages.findings(), self._pages.counts()
        notes = []
        if (at := reading.completed_at) and reading.status != "ACTIVE" and self._began_at - at > WORTH_A_WORD:
            notes.append(f"scanned {self._age(at)} ago")
            self._narrator.say(f"{self.name}: judged by the last scan, completed at {_text(at)}")
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
        """`5 h`, `12 min`, `3 days`: rounded down."""
        minutes = int((self._clock.now() - at).total_seconds() // 60)
        if minutes >= 2 * 24 * 60:
            return f"{minutes // (24 * 60)} days"
        return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"

    def _tell(self, state: str) -> None:
        if state != self.state:
            self._narrator.say(f"{self.name}: {state}")
        self.state = state


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
