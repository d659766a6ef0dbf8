"""Every status of the API, in the orders in which it comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ecr_push.aws import AwsRefusedError
from ecr_push.ecr import Scanning
from ecr_push.errors import RegistryError, ScanError
from ecr_push.findings import ScanReport
from ecr_push.plan import ScanPlan
from ecr_push.push import PlatformImage
from ecr_push.reference import Digest
from ecr_push.scan import await_scan
from ecr_push.scan_image import SETTLE_SECONDS
from ecr_push.severity import Severity
from tests.unit.fakes import Answer, FakeClock, FakeNarrator, FakeRepository, digest

ON_PUSH = Scanning("basic", "SCAN_ON_PUSH")
MANUAL = Scanning("basic", "MANUAL")
ENHANCED = Scanning("enhanced", "CONTINUOUS_SCAN")
IMAGE = PlatformImage(digest("image"))


def status(name: str, description: str = "", **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"imageScanStatus": {"status": name, "description": description}}
    return found | ({"imageScanFindings": body} if body else {})


HIGH = [{"name": "CVE-1", "severity": "HIGH"}]
DONE = status("COMPLETE", imageScanCompletedAt="2026-01-02", findings=HIGH)
CLEAN = status("COMPLETE", imageScanCompletedAt="2026-01-02", findings=[], findingSeverityCounts={})


class Script:
    """Answers in turn; the last one stays."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, digest: Digest) -> Answer:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def wait(
    *answers: Answer,
    scanning: Scanning = ON_PUSH,
    timeout: float = 900,
    warn: bool = False,
    clock: FakeClock | None = None,
    repository: FakeRepository | None = None,
) -> ScanReport:
    client = repository or FakeRepository(answers=Script(answers))
    return await_scan(
        [IMAGE], client, scanning, ScanPlan(timeout, warn), clock or FakeClock(), FakeNarrator()
    )


@pytest.mark.parametrize(
    "before",
    [
        [],
        [None],
        [None, None, status("PENDING", findings=[]), status("IN_PROGRESS")],
        [status("IN_PROGRESS")],
        [status("PENDING"), None, status("PENDING")],
        [status("SOMETHING_NEW")],
        [{}],
        [status("COMPLETE")],
        [status("ACTIVE")],
    ],
)
def test_what_is_waited_through(before: list[Answer]) -> None:
    (found,) = wait(*before, DONE).platforms
    assert (found.status, dict(found.counts)) == ("COMPLETE", {Severity.HIGH: 1})


@pytest.mark.parametrize("name", ["COMPLETE", "ACTIVE"])
@pytest.mark.parametrize("scanning", [ON_PUSH, ENHANCED])
def test_an_answer_with_its_time_of_completion_is_final(name: str, scanning: Scanning) -> None:
    clock = FakeClock()
    wait(status(name, imageScanCompletedAt="2026-01-02", findings=[]), scanning=scanning, clock=clock)
    assert clock.seconds == 0


def test_empty_first_and_full_later_is_no_false_pass() -> None:
    empty = status("COMPLETE")
    (found,) = wait(empty, empty, empty, DONE, scanning=ENHANCED).platforms
    assert found.counts == {Severity.HIGH: 1}


def test_without_a_time_of_completion_the_answer_must_stand_for_the_settle_window() -> None:
    clock = FakeClock()
    partial = status("ACTIVE", enhancedFindings=[{"severity": "LOW", "status": "ACTIVE"}])
    (found,) = wait(status("ACTIVE"), status("ACTIVE"), partial, scanning=ENHANCED, clock=clock).platforms
    assert found.counts == {Severity.LOW: 1}
    assert SETTLE_SECONDS <= clock.seconds < SETTLE_SECONDS * 1.2


@pytest.mark.parametrize("name", ["FAILED", "FINDINGS_UNAVAILABLE", "LIMIT_EXCEEDED"])
@pytest.mark.parametrize("warn", [False, True])
def test_a_scan_that_failed_is_no_answer_whatever_the_policy(name: str, warn: bool) -> None:
    with pytest.raises(ScanError) as caught:
        wait(status("IN_PROGRESS"), status(name, "internal error"), warn=warn)
    assert "internal error" in caught.value.why
    assert caught.value.exit_code == 5


UNSCANNABLE = [
    status("UNSUPPORTED_IMAGE"),
    status("SCAN_ELIGIBILITY_EXPIRED"),
    status("IMAGE_ARCHIVED"),
    status("IMAGE_SIZE_EXCEEDED"),
    status("FAILED", "UnsupportedImageError: The operating system is not supported."),
]


@pytest.mark.parametrize("answer", UNSCANNABLE)
def test_what_cannot_be_scanned_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(ScanError, match="cannot be scanned") as caught:
        wait(answer)
    assert "--unscannable warn" in caught.value.remedy


@pytest.mark.parametrize("answer", UNSCANNABLE)
def test_or_let_through_with_a_word_where_the_policy_says_so(answer: dict[str, Any]) -> None:
    (found,) = wait(answer, warn=True).platforms
    assert found.unscannable


@pytest.mark.parametrize("scanning", [Scanning("none"), Scanning("enhanced", "MANUAL")])
def test_a_registry_that_does_not_scan_is_not_asked(scanning: Scanning) -> None:
    script = Script([DONE])
    with pytest.raises(ScanError, match="cannot be scanned"):
        wait(scanning=scanning, repository=FakeRepository(answers=script))
    assert script.asked == 0


@pytest.mark.parametrize(
    "answer", [None, status("PENDING"), status("IN_PROGRESS"), status("SOMETHING_NEW"), {}]
)
@pytest.mark.parametrize("timeout", [0, 1, 30, 900])
def test_no_answer_in_time_is_an_error(answer: Answer, timeout: float) -> None:
    clock = FakeClock()
    with pytest.raises(ScanError, match="no answer within") as caught:
        wait(answer, timeout=timeout, scanning=ENHANCED, clock=clock)
    assert clock.seconds == pytest.approx(timeout, abs=0.5)
    assert "--scan-timeout" in caught.value.remedy


def test_a_scan_is_started_where_the_repository_does_not_scan_on_push() -> None:
    repository = FakeRepository(answers=Script([None, None, status("IN_PROGRESS"), DONE]))
    wait(scanning=MANUAL, repository=repository)
    assert repository.scans_started == [IMAGE.digest]


def test_a_scan_on_push_that_stays_away_is_started_after_a_while() -> None:
    clock = FakeClock()
    repository = FakeRepository(answers=lambda digest: DONE if repository.scans_started else None)
    wait(scanning=ON_PUSH, repository=repository, clock=clock)
    assert clock.seconds >= 60


def test_enhanced_scanning_has_no_manual_scans() -> None:
    repository = FakeRepository()
    with pytest.raises(ScanError):
        wait(scanning=ENHANCED, repository=repository)
    assert repository.scans_started == []


@pytest.mark.parametrize("code", ["LimitExceededException", "ValidationException"])
def test_where_no_scan_of_our_own_is_to_be_had_the_registrys_is_waited_for(code: str) -> None:
    repository = FakeRepository(
        answers=Script([None, None, None, DONE]),
        start_error=AwsRefusedError(code, "no", "ecr:StartImageScan"),
    )
    wait(scanning=MANUAL, repository=repository)
    assert len(repository.scans_started) == 1


def test_an_image_type_that_ecr_does_not_scan() -> None:
    repository = FakeRepository(start_error=AwsRefusedError("UnsupportedImageTypeException", "index", "x"))
    with pytest.raises(ScanError, match="cannot be scanned"):
        wait(scanning=MANUAL, repository=repository)


def test_an_error_of_aws_is_not_taken_for_an_answer() -> None:
    with pytest.raises(RegistryError):
        wait(AwsRefusedError("ServerException", "later", "ecr:DescribeImageScanFindings"))


def test_every_image_of_an_index_is_waited_for() -> None:
    images = [PlatformImage(digest(name), name) for name in ("linux/amd64", "linux/arm64")]
    scripts = {images[0].digest: Script([DONE]), images[1].digest: Script([None, status("PENDING"), CLEAN])}
    client = FakeRepository(answers=lambda digest: scripts[digest](digest))
    found = await_scan(images, client, ON_PUSH, ScanPlan(900), FakeClock(), FakeNarrator())
    assert [(one.platform, sum(one.counts.values())) for one in found.platforms] == [
        ("linux/amd64", 1),
        ("linux/arm64", 0),
    ]
    assert scripts[images[0].digest].asked == 1


def scan_of(seconds: float) -> Iterator[tuple[FakeClock, Script]]:
    clock = FakeClock()

    class Timed(Script):
        def __call__(self, digest: Digest) -> Answer:
            self.asked += 1
            return DONE if clock.seconds >= seconds else status("IN_PROGRESS")

    yield clock, Timed([])


@pytest.mark.parametrize(("seconds", "calls"), [(0.5, 6), (2, 12), (19, 40), (200, 95), (1200, 140)])
def test_little_is_lost_once_the_scan_is_done(seconds: float, calls: int) -> None:
    for clock, script in scan_of(seconds):
        wait(repository=FakeRepository(answers=script), clock=clock, timeout=3600)
        assert clock.seconds - seconds <= max(1.0, 0.05 * seconds)
        assert script.asked <= calls
