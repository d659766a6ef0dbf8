"""Scans over time: how one is requested, and its status at each moment.

An image is read in the background as soon as its scan is requested, so that a push does not wait. The status
that DescribeImageScanFindings returns follows the delay, or the statuses that a scenario orders.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace

from ecr_push.sandbox.advisories import AdvisoryDatabase
from ecr_push.sandbox.archive import active_since
from ecr_push.sandbox.model import EcrError, Image, StoredRepository
from ecr_push.sandbox.scan_course import Course
from ecr_push.sandbox.scan_result import ScanResult
from ecr_push.sandbox.scan_rules import AppliedRule, applied_rule
from ecr_push.sandbox.scanner import ImageScanner, ScanOutcome, is_scannable
from ecr_push.sandbox.scenario_model import SCAN_NOT_FOUND, ScanScenario
from ecr_push.sandbox.state import State

# How long a request waits for a scan without a delay, before it returns IN_PROGRESS. Below the 60 s of
# botocore's read timeout.
_PATIENCE = 30.0
_COMPLETE = frozenset({"COMPLETE", "ACTIVE"})
_DESCRIPTIONS = {
    "COMPLETE": "The scan was completed successfully.",
    "ACTIVE": "Continuous scan is selected for image.",
}


@dataclass
class _Scan:
    """A requested scan. Changed only under the service's lock."""

    requested_at: float
    rule: AppliedRule
    future: Future[ScanOutcome]
    scenario: ScanScenario | None = None
    course: Course | None = None
    completed_at: float | None = None
    was_late: bool = False

    def outcome(self) -> ScanOutcome | None:
        """None if it takes longer than a client waits for a response."""
        try:
            return self.future.result(timeout=_PATIENCE)
        except FutureTimeoutError:
            return None


class ScanService:
    """The scans of the private registry's images. Thread-safe.

    Subscribes to pushes, for repositories that are scanned on push or continuously.

    scenario:  returns the active one; called at every request.
    delay:     seconds from a scan's request to its result, unless the scenario sets them. 0: the first
               request for the result waits for it.
    basic_sees_languages:  whether basic scanning reports Python packages too. ECR's does not: it reads
               only the operating system's packages.
    """

    def __init__(
        self,
        state: State,
        advisories: AdvisoryDatabase,
        *,
        scenario: Callable[[], ScanScenario] = ScanScenario,
        delay: float = 0.0,
        basic_sees_languages: bool = True,
    ) -> None:
        self._state = state
        self._advisories = advisories
        self._scenario = scenario
        self._delay = delay
        self._basic_sees_languages = basic_sees_languages
        self._started_at = state.clock()
        self._lock = threading.Lock()
        self._scans: dict[tuple[str, str], _Scan] = {}
        self._scanner = ImageScanner(lambda digest: state.layers.path(digest).open("rb"), advisories)
        state.images.on_push.append(self._on_push)

    def close(self) -> None:
        """Start no further scan."""
        self._scanner.close()

    def request(self, repository: str, digest: str, *, manual: bool) -> None:
        """Request the scan of an image. manual: by StartImageScan, which has its own rules.

        Raises EcrError: ImageNotFoundException, RepositoryNotFoundException, ImageArchivedException,
        UnsupportedImageTypeException; if manual also ValidationException under enhanced scanning, and
        LimitExceededException if the image was scanned less than a day ago.
        """
        image = self._state.images.find("private", repository, digest=digest)
        if self._state.images.status(image) != "ACTIVE":
            raise EcrError("ImageArchivedException", "The specified image is archived and cannot be scanned.")
        rule = self._rule(repository)
        if manual and rule.scan_type == "ENHANCED":
            raise EcrError("ValidationException", "This feature is disabled")
        if not is_scannable(image):
            media_type = image.artifact_type if image.config else image.media_type
            raise EcrError(
                "UnsupportedImageTypeException",
                f"An artifact with media type '{media_type}' cannot be scanned",
            )
        now = self._state.clock()
        with self._lock:
            last = self._scans.get((repository, digest))
            if manual and last and now - last.requested_at < self._scenario().restart_after:
                raise EcrError(
                    "LimitExceededException",
                    "The scan quota per image has been exceeded. Wait and try again.",
                )
        self._begin(repository, image, rule)

    def result(self, repository: str, digest: str) -> ScanResult | None:
        """Returns the state now, by delay and scenario; None means ScanNotFoundException.

        Each call counts as a request for a status that lasts for one. Raises EcrError
        ImageNotFoundException, RepositoryNotFoundException.
        """
        image = self._state.images.find("private", repository, digest=digest)
        if self._state.images.status(image) != "ACTIVE":
            return ScanResult("IMAGE_ARCHIVED", "The image is archived.", self._rule(repository).scan_type)
        found = self._find(repository, digest)
        if found is None:
            return None
        scenario, now = self._scenario(), self._state.clock()
        if scenario.statuses:
            status = self._ordered_status(found, scenario, now)
            if status == SCAN_NOT_FOUND:
                return None
            description = scenario.description
        else:
            status, description = self._own_status(found, scenario, now)
        bare = ScanResult(status, description or _DESCRIPTIONS.get(status, ""), found.rule.scan_type)
        if status not in _COMPLETE or self._is_late(found, scenario):
            return bare
        outcome = found.outcome()
        if outcome is None:
            return replace(bare, status="IN_PROGRESS", description="")
        return self._completed(bare, found, outcome)

    def own_result(self, repository: str, digest: str) -> ScanResult | None:
        """Returns the scanner's own result by now, regardless of the status: Inspector's view.

        Does not count as a request for the status. None if the image is not scanned. Raises EcrError.
        """
        found = self._find(repository, digest)
        if found is None:
            return None
        scenario, now = self._scenario(), self._state.clock()
        status, description = self._own_status(found, scenario, now)
        bare = ScanResult(status, description, found.rule.scan_type)
        outcome = found.outcome() if status in _COMPLETE else None
        return bare if outcome is None else self._completed(bare, found, outcome)

    @property
    def epss(self) -> Mapping[str, float]:
        """Returns the probabilities of exploitation in the active scenario, by vulnerability."""
        return self._scenario().epss

    def _ordered_status(self, found: _Scan, scenario: ScanScenario, now: float) -> str:
        with self._lock:
            if found.course is None or found.scenario is not scenario:
                # A scenario that is set later starts with the first request.
                started_at = now if found.course else found.requested_at
                found.course = Course(scenario.statuses, started_at)
                found.scenario = scenario
            return found.course.status(now)

    def _own_status(self, found: _Scan, scenario: ScanScenario, now: float) -> tuple[str, str]:
        """The scanner's own course: pending for half of the delay, in progress for the other half, then its
        result."""
        delay = self._delay if scenario.delay is None else scenario.delay
        left = found.requested_at + delay - now
        if left > 0:
            return ("PENDING" if left > delay / 2 else "IN_PROGRESS"), ""
        outcome = found.outcome()
        enhanced = found.rule.scan_type == "ENHANCED"
        if outcome is None:
            return "IN_PROGRESS", ""
        if outcome.failure:
            return ("UNSUPPORTED_IMAGE" if enhanced and outcome.unsupported else "FAILED"), outcome.failure
        return ("ACTIVE" if found.rule.frequency == "CONTINUOUS_SCAN" else "COMPLETE"), ""

    def _is_late(self, found: _Scan, scenario: ScanScenario) -> bool:
        """Whether this response is complete without its findings."""
        if scenario.no_findings:
            return True
        with self._lock:
            is_late = scenario.late_findings and not found.was_late
            found.was_late = found.was_late or is_late
            return is_late

    def _completed(self, bare: ScanResult, found: _Scan, outcome: ScanOutcome) -> ScanResult:
        with self._lock:
            if found.completed_at is None:
                found.completed_at = self._state.clock()
        findings = outcome.findings
        if found.rule.scan_type == "BASIC" and not self._basic_sees_languages:
            findings = tuple(it for it in findings if it.package.kind != "pypi")
        return replace(
            bare,
            completed_at=found.completed_at,
            source_updated_at=self._advisories.updated_at,
            packages=outcome.packages,
            findings=findings,
            architecture=outcome.architecture,
            platform=outcome.platform,
        )

    def _find(self, repository: str, digest: str) -> _Scan | None:
        image = self._state.images.find("private", repository, digest=digest)
        with self._lock:
            found = self._scans.get((repository, digest))
        if found and found.requested_at >= active_since(image):
            return found
        # Results are not kept: a new sandbox on the same state scans the images again. Nor are those from
        # before an image was archived; a restored one is scanned as one that was pushed.
        rule = self._rule(repository)
        due = image.pushed_at < self._started_at or image.restored_at
        if rule.on_push and is_scannable(image) and due:
            return self._begin(repository, image, rule)
        return None

    def _rule(self, repository: str) -> AppliedRule:
        return applied_rule(self._state.settings, self._state.repositories.get("private", repository))

    def _begin(self, repository: str, image: Image, rule: AppliedRule) -> _Scan:
        begun = _Scan(self._state.clock(), rule, self._scanner.submit(image))
        with self._lock:
            self._scans[repository, image.digest] = begun
        return begun

    def _on_push(self, repository: StoredRepository, image: Image, _: str) -> None:
        if repository.kind != "private" or not is_scannable(image):
            return
        with self._lock:
            last = self._scans.get((repository.name, image.digest))
            # Another tag on an image does not make a new image; a push after a deletion does.
            if last and last.requested_at >= active_since(image):
                return
        rule = applied_rule(self._state.settings, repository)
        if rule.on_push:
            self._begin(repository.name, image, rule)
