"""The wait for the scan of one image: what a sequence of responses means."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import Enum

from ecr_push.base.clock import Clock
from ecr_push.base.errors import ScanError
from ecr_push.base.log import Narrator
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import RepositoryClient, ScanMode, Scanning
from ecr_push.registry.scan_api import ImageMissingError
from ecr_push.scan.answer_shape import answer_of, check_completed
from ecr_push.scan.findings import PlatformScan
from ecr_push.scan.own_scan import OwnScan, unscannable
from ecr_push.scan.pages import AnswerPages
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.presence import Presence
from ecr_push.scan.settling import Settling
from ecr_push.scan.state import AnswerState, Step, classify_answer

# How long a scan-on-push may be invisible before we start a scan ourselves.
GRACE_SECONDS = 60.0
# Minimum age of a scan result before its age is logged.
LOGGED_AGE = timedelta(minutes=10)

CLEAN_BASIC = (
    "basic scanning found nothing; it scans only the operating system's packages, and has reported "
    "distroless images as clean"
)


class Phase(Enum):
    """What the wait for one image is doing."""

    WAITING = "for a result"
    SETTLING = "a result looks complete, and is watched until it has not changed for long enough"
    READING = "the result is final, and its further pages are being read"


class ImageScan:
    """The state of one image's scan as last seen, and since when.

    name, state: for the log.
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
        self._scanning = scanning
        self._plan = plan
        self._clock = clock
        self._narrator = narrator
        self._pages = AnswerPages(client, image.digest)
        self._presence = Presence(self.name, image.digest, client, clock)
        self._reading: AnswerState | None = None
        self._began = clock.monotonic()
        self._began_at = clock.now()
        self._phase = Phase.WAITING
        self._own = OwnScan(self.name, image, client, narrator)
        self._superseded: datetime | None = None
        self._settling = Settling(
            self.name, image.digest, client, clock, narrator, confirm=scanning.mode == "enhanced"
        )

    @property
    def kind(self) -> ScanMode:
        """The kind of scanning that produced the result, by its own fields."""
        return self._reading.kind if self._reading else "unknown"

    @property
    def is_settling(self) -> bool:
        return self._phase is Phase.SETTLING

    @property
    def has_begun(self) -> bool:
        """Whether a scan that we started is running."""
        return self._own.has_begun

    @property
    def settles_at(self) -> float:
        """The time by `clock.monotonic` at which a settling result is final; otherwise infinite."""
        return self._settling.ends_at if self.is_settling else math.inf

    @property
    def is_restless(self) -> bool:
        """Whether to ask again soon even when listening to events: no event reports what we wait for."""
        return self._phase is not Phase.WAITING or self._own.is_to_retry

    def ask(self) -> PlatformScan | None:
        """Returns the final result, or None while there is none.

        Raises ScanError if there will be none, RegistryError if AWS cannot be reached now. A further call
        then continues with the page that failed.
        """
        try:
            return self._ask()
        except ImageMissingError:
            self._reading, self._phase = None, Phase.WAITING
            self._settling.forget()
            self._log_state("the image is not found")
            self._presence.check()
            return self._missing()

    def _ask(self) -> PlatformScan | None:
        if self._scanning.mode == "none":
            return self._cannot("NONE", "ECR Public has no vulnerability scanning")
        if self._scanning.mode == "enhanced" and self._scanning.frequency == "MANUAL":
            # Enhanced scanning has no manual scans: MANUAL means that no filter covers the repository.
            return self._cannot("OFF", "no filter of the registry's enhanced scanning covers this repository")
        if self._phase is Phase.READING and self._reading:
            return self._read_on(self._reading)
        with answer_of(self.name):
            reading = self._reading = classify_answer(self._pages.first())
            self._presence.seen()
            check_completed(reading.completed_at, self._clock.now())
        self._log_state(reading.text)
        self._phase = Phase.SETTLING if reading.step is Step.SETTLING else Phase.WAITING
        if not self.is_settling:
            self._settling.forget()
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
        if self.is_settling and self._settling.is_final(
            (reading, self._pages.counts(), self._pages.findings())
        ):
            return self._read_on(reading)
        return None

    def _missing(self) -> PlatformScan | None:
        waited = self._clock.monotonic() - self._began
        by_us = self._scanning.mode == "basic" and self._scanning.frequency == "MANUAL"
        late = self._scanning.mode != "enhanced" and waited >= GRACE_SECONDS
        if self._own.is_decided or not (by_us or late):
            return None
        became = self._own.start("the push started none")
        return became if isinstance(became, PlatformScan) else None

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
        if not enhanced and not self._own.is_decided:
            self._superseded = at
            if self._own.start(f"the last one is {self._age(at)} old") in ("started", "later"):
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

    def _read_on(self, reading: AnswerState) -> PlatformScan | None:
        self._phase = Phase.READING
        if self._pages.is_begun:
            self.state = f"{reading.status}, reading its findings"
        if not self._pages.rest():
            self._phase = Phase.SETTLING if reading.step is Step.SETTLING else Phase.WAITING
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
        return unscannable(self.image, status, why)

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
