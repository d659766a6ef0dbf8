"""Whatever AWS answers, in whatever order: the wait ends with an answer, an error or the timeout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecr_push.base.errors import RegistryError, ScanError
from ecr_push.base.reference import Digest
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import Scanning
from ecr_push.registry.scan_api import Coverage, Heard, ScanEvents
from ecr_push.scan.findings import ScanReport
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.wait import await_scan
from tests.support.fakes import START, Answer, FakeClock, FakeNarrator, FakeRepository, digest

TIMEOUT = 300.0
STATUSES = [
    "PENDING", "IN_PROGRESS", "COMPLETE", "ACTIVE", "FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED",
    "FINDINGS_UNAVAILABLE", "LIMIT_EXCEEDED", "IMAGE_ARCHIVED", "IMAGE_SIZE_EXCEEDED",
]  # fmt: skip
UNKNOWN = ["CONTINUOUS", "RESCANNING", "complete", "", "DONE"]
FINDINGS = [{"name": "CVE-1", "severity": "HIGH"}]
bodies = st.fixed_dictionaries(
    {},
    optional={
        "findings": st.sampled_from([None, [], FINDINGS]),
        "enhancedFindings": st.sampled_from([None, [], [{"severity": "LOW", "status": "ACTIVE"}]]),
        "findingSeverityCounts": st.sampled_from([None, {}, {"HIGH": 1}, {"NEW": 2}]),
        "imageScanCompletedAt": st.sampled_from(
            [None, START, START - timedelta(days=3), START + timedelta(seconds=20)]
        ),
    },
)


def responses(statuses: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda status, body: {"imageScanStatus": {"status": status}, "imageScanFindings": body},
        st.sampled_from(statuses),
        st.none() | bodies,
    )


refusals = st.sampled_from(
    [
        AwsRefusedError("ThrottlingException", "", "x"),
        AwsRefusedError("ServerException", "", "x", 500),
        AwsRefusedError("ValidationException", "", "x", 400),
        AwsUnreachableError("no answer"),
    ]
)
scannings = st.sampled_from(
    [
        Scanning(mode, frequency)
        for mode in ("basic", "enhanced", "unknown", "none")
        for frequency in ("SCAN_ON_PUSH", "MANUAL", "CONTINUOUS_SCAN", "")
    ]
)


class World(FakeRepository):
    """Answers in turn, the last one for ever; events come when they like."""

    def __init__(self, answers: Sequence[Answer], clock: FakeClock, may_start: bool, hears: bool) -> None:
        error = None if may_start else AwsRefusedError("LimitExceededException", "", "ecr:StartImageScan")
        super().__init__(start_error=error)
        self.left, self.clock, self.hears = list(answers), clock, hears
        self.shown: list[Answer] = []

    def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        answer = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        self.shown.append(answer)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def coverage(self, digest: Digest) -> Coverage | None:
        return Coverage("ACTIVE", "SUCCESSFUL", START, START)

    def scan_events(self, queue: str) -> ScanEvents:
        return self

    def listen(self, digests: Any, seconds: float) -> Heard:
        self.clock.sleep(seconds / 2)
        return Heard(frozenset(digests) if self.hears else frozenset(), others=not self.hears)


def outcome(
    answers: Sequence[Answer], scanning: Scanning, *, may_start: bool, queue: str = "", hears: bool = True
) -> tuple[ScanReport | Exception, World]:
    clock = FakeClock()
    world = World(answers, clock, may_start, hears)
    plan = ScanPlan(TIMEOUT, events_queue=queue)
    image = PlatformImage(digest("image"))
    try:
        return await_scan([image], world, scanning, plan, clock, FakeNarrator()), world
    except (ScanError, RegistryError) as error:
        return error, world
    finally:
        assert clock.seconds <= TIMEOUT + 1
        assert len(world.scans_started) <= 1


@settings(max_examples=3 * settings.default.max_examples)
@given(
    st.lists(st.none() | responses(STATUSES + UNKNOWN) | refusals, min_size=1, max_size=12),
    scannings, st.booleans(), st.sampled_from(["", "scans"]), st.booleans(),
)  # fmt: skip
def test_it_ends_and_passes_only_by_an_answer_that_is_one(
    answers: list[Answer], scanning: Scanning, may_start: bool, queue: str, hears: bool
) -> None:
    ended, world = outcome(answers, scanning, may_start=may_start, queue=queue, hears=hears)
    if isinstance(ended, Exception):
        return
    (found,) = ended.platforms
    assert found.status in ("COMPLETE", "ACTIVE")
    last = world.shown[-1]
    assert isinstance(last, Mapping)
    assert last["imageScanStatus"]["status"] == found.status
    assert len(found.findings) == sum(
        len((last["imageScanFindings"] or {}).get(name) or ()) for name in ("findings", "enhancedFindings")
    )


@given(
    st.lists(
        st.none() | responses([*UNKNOWN, "PENDING", "IN_PROGRESS"])
        | st.just(AwsRefusedError("ThrottlingException", "", "x")),
        min_size=1, max_size=8,
    ),
    scannings.filter(lambda one: one.mode != "none"), st.booleans(), st.sampled_from(["", "scans"]),
)  # fmt: skip
def test_a_word_that_we_do_not_know_never_passes(
    answers: list[Answer], scanning: Scanning, may_start: bool, queue: str
) -> None:
    ended, _ = outcome(answers, scanning, may_start=may_start, queue=queue)
    assert isinstance(ended, ScanError)
    assert ended.exit_code == 5


@given(st.lists(responses(["PENDING", "IN_PROGRESS", "COMPLETE"]), max_size=6))
def test_findings_that_are_there_in_the_end_are_found(before: list[Answer]) -> None:
    """As long as no answer before them said when it was completed, or stood for the settle window."""
    undone = [
        {**one, "imageScanFindings": {**(one["imageScanFindings"] or {}), "imageScanCompletedAt": None}}
        for one in before
        if isinstance(one, Mapping)
    ]
    done = {
        "imageScanStatus": {"status": "COMPLETE"},
        "imageScanFindings": {"imageScanCompletedAt": START, "findings": FINDINGS},
    }
    ended, _ = outcome([*undone, done], Scanning("basic", "SCAN_ON_PUSH"), may_start=True)
    assert isinstance(ended, ScanReport)
    assert len(ended.platforms[0].findings) == 1


@pytest.mark.parametrize("queue", ["", "scans"])
def test_the_property_tests_can_pass_at_all(queue: str) -> None:
    body = {"imageScanCompletedAt": START, "enhancedFindings": []}
    answer = {"imageScanStatus": {"status": "ACTIVE"}, "imageScanFindings": body}
    ended, _ = outcome([answer], Scanning("enhanced", "CONTINUOUS_SCAN"), may_start=True, queue=queue)
    assert isinstance(ended, ScanReport)
