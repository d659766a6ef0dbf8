"""An image that is deleted while its scan is awaited, and one that is not seen yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ecr_push.base.errors import ScanError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.aws.errors import AccessRefusedError, AwsRefusedError
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import Scanning
from ecr_push.registry.scan_api import ImageMissingError
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.presence import VISIBLE_SECONDS
from ecr_push.scan.wait import await_scan
from tests.support.fakes import Answer, FakeClock, FakeNarrator, FakeRepository, digest

IMAGE = PlatformImage(digest("image"))
ON_PUSH, MANUAL = Scanning("basic", "SCAN_ON_PUSH"), Scanning("basic", "MANUAL")
MISSING = ImageMissingError("the image is not in the registry")
GONE = AwsRefusedError("ImageNotFoundException", "it does not exist", "ecr:DescribeImages")
DENIED = AccessRefusedError("AccessDeniedException", "no", "ecr:DescribeImages")
PENDING: Answer = {"imageScanStatus": {"status": "PENDING"}}
DONE: Answer = {
    "imageScanStatus": {"status": "COMPLETE"},
    "imageScanFindings": {
        "imageScanCompletedAt": "2026-01-02T03:04:04+00:00",
        "findings": [],
        "findingSeverityCounts": {},
    },
}


class Repository(FakeRepository):
    """look: raised where DescribeImages is asked for the image."""

    def __init__(self, *answers: Answer, look: Exception | None = None) -> None:
        self.left, self.look, self.looks = list(answers), look, 0
        super().__init__(answers=self._next, start_error=GONE)

    def _next(self, of: Digest) -> Answer:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]

    def tags_of(self, digest: Digest) -> frozenset[Tag]:
        self.looks += 1
        if self.look:
            raise self.look
        return frozenset({Tag("candidate-1")})


def wait(repository: FakeRepository, scanning: Scanning = ON_PUSH) -> tuple[str, float]:
    """The status, and how long the wait was."""
    clock = FakeClock()
    plan = ScanPlan(900, False, 86_400)
    report = await_scan([IMAGE], repository, scanning, plan, clock, FakeNarrator())
    return report.platforms[0].status, clock.seconds


def error_of(repository: FakeRepository, scanning: Scanning = ON_PUSH) -> tuple[ScanError, float]:
    clock = FakeClock()
    plan = ScanPlan(900, False, 86_400)
    with pytest.raises(ScanError) as raised:
        await_scan([IMAGE], repository, scanning, plan, clock, FakeNarrator())
    return raised.value, clock.seconds


@pytest.mark.parametrize("scanning", [ON_PUSH, MANUAL])
@pytest.mark.parametrize("before", [[None], [PENDING], [MISSING, PENDING], [None, PENDING, PENDING]])
def test_an_image_that_is_gone_after_it_was_seen_ends_the_wait_at_once(
    before: Sequence[Answer], scanning: Scanning
) -> None:
    error, seconds = error_of(Repository(*before, MISSING, look=GONE), scanning)
    assert "was deleted while its scan was awaited" in error.what
    assert IMAGE.digest.value in error.why
    assert "run again" in error.remedy
    assert error.exit_code == 5
    assert seconds < 5


def test_right_after_the_push_it_is_waited_for() -> None:
    repository = Repository(MISSING, MISSING, PENDING, DONE, look=GONE)
    assert wait(repository)[0] == "COMPLETE"
    assert repository.looks == 0


def test_an_image_that_was_never_seen_is_not_waited_for_to_the_end() -> None:
    error, seconds = error_of(Repository(MISSING, look=GONE))
    assert "is not in the registry" in error.what
    assert VISIBLE_SECONDS <= seconds < VISIBLE_SECONDS * 1.5


def test_an_image_that_another_operation_finds_is_there() -> None:
    assert wait(Repository(PENDING, MISSING, MISSING, DONE))[0] == "COMPLETE"


def test_where_we_may_not_look_the_answer_about_the_scan_decides() -> None:
    error, seconds = error_of(Repository(PENDING, MISSING, look=DENIED))
    assert "was deleted" in error.what
    assert seconds < 5
    assert wait(Repository(*[MISSING] * 40, DONE, look=DENIED))[0] == "COMPLETE"


def test_a_look_that_is_throttled_is_repeated() -> None:
    throttled = AwsRefusedError("ThrottlingException", "slow down", "ecr:DescribeImages", 400)

    class Busy(Repository):
        def tags_of(self, digest: Digest) -> frozenset[Tag]:
            self.look = throttled if self.looks < 2 else GONE
            return super().tags_of(digest)

    error, _ = error_of(Busy(PENDING, MISSING))
    assert "was deleted" in error.what


def test_an_image_that_is_gone_while_its_findings_are_read() -> None:
    class Paged(Repository):
        def scan_page(self, digest: Digest, token: str = "") -> Any:
            if token:
                self.left = [MISSING]
            page = self.scan_answer(digest)
            return page if page is None or token else {**page, "nextToken": "more"}

    error, seconds = error_of(Paged(DONE, look=GONE))
    assert "was deleted" in error.what
    assert seconds < 5
