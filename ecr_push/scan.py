"""PushedImage to ScanReport: one state machine for basic and enhanced scanning.

The waiter that comes with the SDK is no help: it takes ScanNotFound for an error and ACTIVE for
never ending. Here every status of the API has a meaning, and one that we do not know is no answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.aws import AwsRefusedError
from ecr_push.clock import Clock
from ecr_push.ecr import RepositoryClient, Scanning
from ecr_push.errors import ScanError
from ecr_push.findings import PlatformScan, ScanReport, read_counts, read_findings
from ecr_push.narration import Narrator
from ecr_push.plan import ScanPlan
from ecr_push.push import PlatformImage
from ecr_push.severity import Severity

# Statuses of DescribeImageScanFindings, shape ScanStatus of the service model.
_DONE = frozenset({"COMPLETE", "ACTIVE"})
_UNSCANNABLE = {
    "UNSUPPORTED_IMAGE": "its operating system or package manager is not supported",
    "IMAGE_SIZE_EXCEEDED": "it is larger than ECR scans",
    "IMAGE_ARCHIVED": "it is archived: restore it first",
    "SCAN_ELIGIBILITY_EXPIRED": "it is too old to be scanned: push it again",
}
_FAILED = {
    "FAILED": "the scan failed",
    "FINDINGS_UNAVAILABLE": "the findings are not available",
    "LIMIT_EXCEEDED": "the limit of scans is reached",
}

# An answer without imageScanCompletedAt may still be filling up: enhanced scan-on-push has answered
# COMPLETE with nothing and got its findings seconds later (aws/aws-sdk#289).
SETTLE_SECONDS = 30.0
# How long a scan-on-push may be invisible before we start a scan ourselves.
GRACE_SECONDS = 60.0
# A log that stands still looks like a run that hangs.
HEARTBEAT_SECONDS = 60.0
# How much a wait may cost once the scan is done: a second for a short scan, 5 % of a long one.
FIRST_PAUSE_SECONDS = 0.25
SHORT_PAUSE_SECONDS = 1.0
EARLY_SHARE = 0.25
LATE_SHARE = 0.05


def await_scan(
    images: Sequence[PlatformImage],
    client: RepositoryClient,
    scanning: Scanning,
    plan: ScanPlan,
    clock: Clock,
    narrator: Narrator,
) -> ScanReport:
    """Waits until every image has its answer.

    Raises ScanError when one of them fails or has none in time, and where one cannot be scanned at
    all, unless the plan only warns of those. Raises RegistryError when ECR cannot be asked.
    """
    waiting = [_Wait(image, client, scanning, clock, narrator) for image in images]
    began = told = clock.monotonic()
    answers: dict[PlatformImage, PlatformScan] = {}
    while True:
        for wait in waiting:
            if wait.image not in answers and (found := wait.poll()) is not None:
                _check_scannable(found, plan)
                answers[wait.image] = found
        if len(answers) == len(waiting):
            return ScanReport(scanning.mode, tuple(answers[wait.image] for wait in waiting))
        elapsed = clock.monotonic() - began
        if clock.monotonic() - told >= HEARTBEAT_SECONDS:
            told = clock.monotonic()
            narrator.say(f"waiting for {elapsed:.0f} s: {_states(waiting, answers)}")
        if elapsed >= plan.timeout:
            raise _timed_out(_states(waiting, answers), plan)
        clock.sleep(min(_pause(elapsed), max(plan.timeout - elapsed, 0.01)))


def read_scan(images: Sequence[PlatformImage], client: RepositoryClient) -> ScanReport | None:
    """What ECR's scans say already; no scan is awaited or started. None where none has ended.

    Raises RegistryError when ECR cannot be asked.
    """
    scanning = client.scanning()
    if scanning.mode == "none":
        return None
    answers = [(image, client.scan_answer(image.digest) or {}) for image in images]
    ended = tuple(_read(image, answer) for image, answer in answers if _status(answer) in _DONE)
    return ScanReport(scanning.mode, ended) if ended else None


def _status(answer: Mapping[str, Any]) -> str:
    return str((answer.get("imageScanStatus") or {}).get("status", ""))


def _read(image: PlatformImage, answer: Mapping[str, Any]) -> PlatformScan:
    body = answer.get("imageScanFindings") or {}
    return PlatformScan(
        image.digest,
        image.platform,
        _status(answer),
        read_findings(answer),
        read_counts(answer),
        str(body.get("imageScanCompletedAt") or ""),
    )


def _pause(elapsed: float) -> float:
    """Seconds until the next poll, by the seconds already waited.

    The jitter keeps pipelines that began together from asking together.
    """
    early = min(max(FIRST_PAUSE_SECONDS, EARLY_SHARE * elapsed), SHORT_PAUSE_SECONDS)
    return max(early, LATE_SHARE * elapsed) * random.uniform(0.8, 1.0)  # noqa: S311 - no secret


def _states(waiting: Sequence[_Wait], answers: Mapping[PlatformImage, PlatformScan]) -> str:
    return "; ".join(f"{wait.name}: {wait.state}" for wait in waiting if wait.image not in answers)


def _timed_out(states: str, plan: ScanPlan) -> ScanError:
    return ScanError(
        f"the scan gave no answer within {plan.timeout:g} s",
        why=states,
        remedy="run again: a finished scan is found at once; a longer --scan-timeout waits longer",
    )


def _check_scannable(found: PlatformScan, plan: ScanPlan) -> None:
    if found.unscannable and not plan.warn_unscannable:
        raise ScanError(
            f"{found.platform or found.digest.short} cannot be scanned",
            why=found.unscannable,
            remedy="an image that nobody judged is not released; --unscannable warn accepts that",
        )


class _Wait:
    """The wait for one image: what was seen last, and since when."""

    def __init__(
        self,
        image: PlatformImage,
        client: RepositoryClient,
        scanning: Scanning,
        clock: Clock,
        narrator: Narrator,
    ) -> None:
        self.image = image
        self.name = image.platform or image.digest.short
        self.state = "no scan found"
        self._client = client
        self._scanning = scanning
        self._clock = clock
        self._narrator = narrator
        self._began = clock.monotonic()
        self._started = False
        self._seen: tuple[Any, ...] = ()
        self._seen_since = 0.0

    def poll(self) -> PlatformScan | None:
        """The final answer, or None while there is none. Raises ScanError when there will be none."""
        if self._scanning.mode == "none":
            return self._cannot("NONE", "ECR Public has no vulnerability scanning")
        if self._scanning.mode == "enhanced" and self._scanning.frequency == "MANUAL":
            # Enhanced scanning has no manual scans: MANUAL means that no filter covers the repository.
            return self._cannot("OFF", "no filter of the registry's enhanced scanning covers this repository")
        answer = self._client.scan_answer(self.image.digest)
        if answer is None:
            return self._not_found()
        status = _status(answer)
        description = str((answer.get("imageScanStatus") or {}).get("description", ""))
        self._tell(status or "no status", description)
        if status in _DONE:
            return self._settled(status, answer)
        if status in _UNSCANNABLE:
            return self._cannot(status, description or _UNSCANNABLE[status])
        if status == "FAILED" and description.startswith("UnsupportedImageError"):
            return self._cannot(status, description)
        if status in _FAILED:
            raise ScanError(
                f"{_FAILED[status]} for {self.name}",
                why=f"{status}: {description}" if description else status,
                remedy="push again for a new scan; without an answer nothing is released",
            )
        return None  # PENDING, IN_PROGRESS, and whatever AWS may add: not an answer

    def _not_found(self) -> PlatformScan | None:
        waited = self._clock.monotonic() - self._began
        by_us = self._scanning.mode == "basic" and self._scanning.frequency == "MANUAL"
        late = self._scanning.mode != "enhanced" and waited >= GRACE_SECONDS
        if not self._started and (by_us or late):
            self._started = True
            return self._start()
        return None

    def _start(self) -> PlatformScan | None:
        try:
            self._client.start_scan(self.image.digest)
            self._narrator.say(f"{self.name}: started a scan: the repository does not scan on push")
        except AwsRefusedError as refused:
            if refused.code == "UnsupportedImageTypeException":
                return self._cannot(refused.code, refused.why)
            # Once a day a manual scan; disabled under enhanced scanning. In both cases the answer, if
            # there is to be one, comes without our doing.
            if refused.code not in (
                "LimitExceededException",
                "ValidationException",
                "ImageNotFoundException",
            ):
                raise
            self._started = refused.code != "ImageNotFoundException"
            self._narrator.say(f"{self.name}: no scan of our own: {refused.why}")
        return None

    def _settled(self, status: str, answer: Mapping[str, Any]) -> PlatformScan | None:
        scan = _read(self.image, answer)
        if scan.completed_at:
            return scan
        now = self._clock.monotonic()
        seen = (status, scan.findings, tuple(scan.counts.items()))
        if seen != self._seen:
            self._seen, self._seen_since = seen, now
        return scan if now - self._seen_since >= SETTLE_SECONDS else None

    def _cannot(self, status: str, why: str) -> PlatformScan:
        return PlatformScan(self.image.digest, self.image.platform, status, unscannable=why)

    def _tell(self, status: str, description: str) -> None:
        state = f"{status}: {description}" if description else status
        if state != self.state:
            self._narrator.say(f"{self.name}: {state}")
        self.state = state


def counts_text(counts: Mapping[Severity, int]) -> str:
    """`2 CRITICAL, 1 LOW`, worst first; `no findings` where there is none."""
    return ", ".join(f"{number} {severity}" for severity, number in counts.items() if number) or "no findings"
