"""Every status of the API, in the orders in which it comes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError, RegistryError, ScanError
from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.registry.aws.errors import AccessRefusedError, AwsRefusedError, AwsUnreachableError
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import Scanning
from ecr_push.registry.scan_api import Coverage, EpssPage, Heard, ScanEvents
from ecr_push.scan.findings import PlatformScan, ScanReport
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.settling import CONFIRMED_SETTLE_SECONDS, SETTLE_SECONDS
from ecr_push.scan.turns import ATTEMPTS
from ecr_push.scan.wait import await_scan
from tests.support.fakes import START, Answer, FakeClock, FakeNarrator, FakeRepository, digest

ON_PUSH = Scanning("basic", "SCAN_ON_PUSH")
MANUAL = Scanning("basic", "MANUAL")
ENHANCED = Scanning("enhanced", "CONTINUOUS_SCAN")
IMAGE = PlatformImage(digest("image"))


def status(name: str, description: str = "", **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"imageScanStatus": {"status": name, "description": description}}
    return found | ({"imageScanFindings": body} if body else {})


HIGH = [{"name": "CVE-1", "severity": "HIGH"}]
DONE = status("COMPLETE", imageScanCompletedAt="2026-01-02", findings=HIGH)
CLEAN_ENHANCED = status("ACTIVE", imageScanCompletedAt="2026-01-02", enhancedFindings=[])
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
    max_age: float = 86_400,
    clock: FakeClock | None = None,
    repository: FakeRepository | None = None,
    narrator: FakeNarrator | None = None,
) -> ScanReport:
    client = repository or FakeRepository(answers=Script(answers))
    plan = ScanPlan(timeout, warn, max_age)
    return await_scan([IMAGE], client, scanning, plan, clock or FakeClock(), narrator or FakeNarrator())


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


def test_an_empty_result_that_fills_later_is_not_a_pass() -> None:
    empty = status("COMPLETE")
    (found,) = wait(empty, empty, empty, DONE, scanning=ENHANCED).platforms
    assert found.counts == {Severity.HIGH: 1}


def test_a_result_without_a_completion_time_must_stay_unchanged() -> None:
    clock = FakeClock()
    partial = status("ACTIVE", enhancedFindings=[{"severity": "LOW", "status": "ACTIVE"}])
    (found,) = wait(status("ACTIVE"), status("ACTIVE"), partial, scanning=ENHANCED, clock=clock).platforms
    assert found.counts == {Severity.LOW: 1}
    assert SETTLE_SECONDS <= clock.seconds < SETTLE_SECONDS * 1.2


@pytest.mark.parametrize("name", ["FAILED", "FINDINGS_UNAVAILABLE", "LIMIT_EXCEEDED"])
@pytest.mark.parametrize("warn", [False, True])
def test_a_failed_scan_gives_no_result_whatever_the_policy(name: str, warn: bool) -> None:
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
    assert caught.value.exit_code == 5
    assert clock.seconds == pytest.approx(timeout, abs=0.5)
    longer = "30m" if timeout == 900 else "15m"
    assert caught.value.remedy == f"give it more time, such as --scan-timeout {longer}"
    assert caught.value.again == ("--scan-timeout", longer)


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
def test_where_no_scan_can_be_started_the_registrys_own_is_awaited(code: str) -> None:
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


@pytest.mark.parametrize(("seconds", "calls"), [(0.5, 5), (2, 9), (19, 28), (200, 80), (1200, 120)])
def test_little_is_lost_once_the_scan_is_done(seconds: float, calls: int) -> None:
    for clock, script in scan_of(seconds):
        wait(repository=FakeRepository(answers=script), clock=clock, timeout=3600)
        assert clock.seconds - seconds <= max(1.0, 0.05 * seconds)
        assert script.asked <= calls


# ------------------------------------------------------------------ how old an answer may be

HOUR = 3600.0


def done_at(ago: float, name: str = "COMPLETE", **body: Any) -> dict[str, Any]:
    """An answer that was completed so many seconds before the wait began."""
    return status(name, imageScanCompletedAt=START - timedelta(seconds=ago), **{"findings": HIGH, **body})


@pytest.mark.parametrize(
    ("ago", "max_age", "fresh"),
    [
        (0, 24 * HOUR, True),
        (-60, 0, True),  # completed after the wait began
        (23 * HOUR, 24 * HOUR, True),
        (25 * HOUR, 24 * HOUR, False),
        (25 * HOUR, 48 * HOUR, True),
        (60, 0, False),
    ],
)
def test_a_recent_result_is_used_and_an_older_one_is_scanned_again(
    ago: float, max_age: float, fresh: bool
) -> None:
    repository = FakeRepository(
        answers=lambda digest: done_at(-30, findings=[]) if repository.scans_started else done_at(ago)
    )
    (found,) = wait(repository=repository, max_age=max_age).platforms
    assert (not repository.scans_started) == fresh
    assert (Severity.HIGH in found.counts) == fresh


def test_the_old_result_is_not_taken_for_that_of_the_new_scan() -> None:
    old = done_at(48 * HOUR)
    repository = FakeRepository(
        answers=Script([old, old, old, status("PENDING"), status("IN_PROGRESS"), CLEAN_NOW])
    )
    (found,) = wait(repository=repository).platforms
    assert (len(repository.scans_started), found.findings) == (1, ())


CLEAN_NOW = done_at(-5, findings=[], findingSeverityCounts={})


@pytest.mark.parametrize(
    ("scanning", "answer", "start_error", "words"),
    [
        (ON_PUSH, done_at(48 * HOUR), "LimitExceededException", ["2 days old", "one scan a day"]),
        (Scanning("unknown"), done_at(5 * HOUR), "ValidationException", ["5 h old", "one scan a day"]),
        (ENHANCED, done_at(48 * HOUR), None, ["2 days old", "continuous scanning"]),
        (
            Scanning("unknown"),
            done_at(48 * HOUR, findings=[], enhancedFindings=[{"severity": "LOW"}]),
            None,
            ["continuous scanning"],
        ),
    ],
)
def test_a_result_that_is_too_old_is_refused_if_no_new_scan_can_start(
    scanning: Scanning, answer: Answer, start_error: str | None, words: list[str]
) -> None:
    error = AwsRefusedError(start_error, "no", "ecr:StartImageScan") if start_error else None
    repository = FakeRepository(answers=Script([answer]), start_error=error)
    with pytest.raises(ScanError) as caught:
        wait(scanning=scanning, repository=repository, max_age=HOUR)
    assert len(repository.scans_started) == bool(start_error)
    assert "--scan-max-age" in caught.value.remedy
    for word in words:
        assert word in str(caught.value)


def test_continuous_scanning_is_never_too_old() -> None:
    answer = done_at(400 * 24 * HOUR, "ACTIVE")
    (found,) = wait(answer, scanning=ENHANCED).platforms
    assert (found.status, found.note) == ("ACTIVE", "")


def test_the_age_is_said_in_the_log_and_in_the_report() -> None:
    narrator = FakeNarrator()
    (found,) = wait(done_at(5 * HOUR), narrator=narrator).platforms
    assert found.note == "scanned 5 h ago"
    assert any("using the last scan" in line for line in narrator.said)


def test_a_clean_answer_of_basic_scanning_says_what_it_did_not_look_at() -> None:
    (found,) = wait(CLEAN_NOW).platforms
    assert "distroless" in found.note
    (found,) = wait(CLEAN_NOW, scanning=ENHANCED).platforms
    assert found.note == ""


def test_a_dry_run_starts_no_scan_and_does_not_wait_for_one() -> None:
    clock = FakeClock()
    for answer in (None, done_at(48 * HOUR)):
        repository = FakeRepository(answers=Script([answer]))
        dry = DryRun(repository, FakeNarrator())
        with pytest.raises(ScanError, match="needs a scan"):
            await_scan([IMAGE], dry, MANUAL, ScanPlan(900), clock, FakeNarrator())  # type: ignore[arg-type]
        assert (clock.seconds, repository.scans_started) == (0, [])


# ------------------------------------------------------------------ is it sure that it is empty?

SCANNED = Coverage("ACTIVE", "SUCCESSFUL", START, START - timedelta(seconds=30))


class Covered(FakeRepository):
    """Inspector's answers in turn; the last one stays."""

    def __init__(self, *coverages: Coverage | Exception | None, answers: Any) -> None:
        super().__init__(answers=answers)
        self.coverages = list(coverages)
        self.confirmations = 0

    def coverage(self, digest: Digest) -> Coverage | None:
        self.confirmations += 1
        found = self.coverages.pop(0) if len(self.coverages) > 1 else self.coverages[0]
        if isinstance(found, Exception):
            raise found
        return found


EMPTY = status("COMPLETE", findings=[])
DENIED = AccessRefusedError("AccessDeniedException", "no", "inspector2:ListCoverage")


@pytest.mark.parametrize(
    ("coverages", "seconds"),
    [
        ([SCANNED], (CONFIRMED_SETTLE_SECONDS, 7)),
        ([None, SCANNED], (10, 12)),
        ([Coverage("INACTIVE", "PENDING_INITIAL_SCAN"), SCANNED], (10, 12)),
        ([Coverage("ACTIVE", "SUCCESSFUL", START, START + timedelta(seconds=1))], (SETTLE_SECONDS, 32)),
        ([Coverage("ACTIVE", "SUCCESSFUL", START, None)], (SETTLE_SECONDS, 32)),
        ([DENIED], (SETTLE_SECONDS, 32)),
        ([AwsRefusedError("ThrottlingException", "", "inspector2:ListCoverage"), SCANNED], (10, 12)),
        ([None], (SETTLE_SECONDS, 32)),
    ],
)
def test_an_empty_answer_stands_until_it_is_sure(
    coverages: list[Coverage | Exception | None], seconds: tuple[float, float]
) -> None:
    clock = FakeClock()
    client = Covered(*coverages, answers=Script([EMPTY]))
    (found,) = wait(scanning=ENHANCED, repository=client, clock=clock).platforms
    assert found.findings == ()
    assert seconds[0] <= clock.seconds <= seconds[1]
    assert client.confirmations <= 8


def test_who_may_not_ask_inspector_is_not_made_to_ask_again() -> None:
    client = Covered(DENIED, answers=Script([EMPTY]))
    wait(scanning=ENHANCED, repository=client)
    assert client.confirmations == 1


def test_findings_that_come_after_inspectors_word_are_still_found() -> None:
    client = Covered(SCANNED, answers=Script([EMPTY, EMPTY, DONE]))
    (found,) = wait(scanning=ENHANCED, repository=client).platforms
    assert found.counts == {Severity.HIGH: 1}


@pytest.mark.parametrize("scanning", [ON_PUSH, Scanning("unknown")])
def test_basic_scanning_is_nothing_that_inspector_knows_of(scanning: Scanning) -> None:
    clock = FakeClock()
    client = Covered(SCANNED, answers=Script([EMPTY]))
    wait(scanning=scanning, repository=client, clock=clock)
    assert client.confirmations == 0
    assert clock.seconds >= SETTLE_SECONDS


# ------------------------------------------------------------------ refusals and failures on the way


def refusal(code: str, http: int = 400) -> AwsRefusedError:
    return AwsRefusedError(code, "Rate exceeded", "ecr:DescribeImageScanFindings", http)


THROTTLED = [
    refusal("ThrottlingException"),
    refusal("TooManyRequestsException", 429),
    refusal("Whatever", 429),
    refusal("RequestLimitExceeded", 503),
]


@pytest.mark.parametrize("throttled", THROTTLED)
def test_throttling_slows_down_and_is_not_a_failure(throttled: AwsRefusedError) -> None:
    narrator, script = FakeNarrator(), Script([throttled] * 12 + [DONE])
    clock = FakeClock()
    wait(repository=FakeRepository(answers=script), clock=clock, narrator=narrator)
    assert 60 < clock.seconds < 330
    assert [line for line in narrator.said if "slowing down" in line] == [
        f"slowing down: {throttled.code}: Rate exceeded"
    ]


def test_throttling_that_never_ends_ends_with_the_timeout() -> None:
    clock = FakeClock()
    with pytest.raises(ScanError, match="no answer within 300 s") as caught:
        wait(refusal("ThrottlingException"), timeout=300, clock=clock)
    assert "Rate exceeded" in caught.value.why
    assert clock.seconds == pytest.approx(300, abs=0.5)


@pytest.mark.parametrize(
    "failure",
    [AwsRefusedError("ServerException", "", "x", 500), AwsUnreachableError("AWS could not be reached")],
)
def test_a_defect_on_the_way_is_borne_for_a_while(failure: RegistryError) -> None:
    wait(*[failure] * (ATTEMPTS - 1), DONE)
    with pytest.raises(RegistryError):
        wait(*[failure] * ATTEMPTS, DONE)


def test_pages_are_read_on_after_a_refusal() -> None:
    """The one thing that is not asked again is the answer as a whole."""
    pages = {
        "": status(
            "COMPLETE", imageScanCompletedAt="2026-01-02", findings=HIGH, findingSeverityCounts={"HIGH": 2}
        )
        | {"nextToken": "two"},
        "two": status(
            "COMPLETE", imageScanCompletedAt="2026-01-02", findings=[{"name": "CVE-2", "severity": "HIGH"}]
        ),
    }
    refusals = {"": 1, "two": 2}
    asked: list[str] = []

    class Paged(FakeRepository):
        def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
            asked.append(token)
            refusals[token] -= 1
            if refusals[token] >= 0:
                raise refusal("ThrottlingException")
            return pages[token]

    (found,) = wait(repository=Paged()).platforms
    assert [finding.id for finding in found.findings] == ["CVE-1", "CVE-2"]
    assert asked == ["", "", "two", "two", "two"]


class Book(FakeRepository):
    """Answers of two pages each, one after another: a first page begins the next of them."""

    def __init__(self, *answers: dict[str, Any], **known: Any) -> None:
        super().__init__(**known)
        self.answers = list(answers)
        self.now: dict[str, Any] = {}

    def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        if token:
            return self.now
        self.now = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return self.now | {"nextToken": "two"}


@pytest.mark.parametrize("name", ["PENDING", "IN_PROGRESS", "SOMETHING_NEW"])
def test_an_answer_of_several_pages_is_none_before_the_scan_is_done(name: str) -> None:
    undone = status(name, enhancedFindings=[{"findingArn": "a", "severity": "LOW"}])
    with pytest.raises(ScanError) as caught:
        wait(repository=Book(undone), timeout=60)
    assert caught.value.exit_code == 5
    (found,) = wait(repository=Book(undone, undone, DONE)).platforms
    assert found.status == "COMPLETE"


def test_an_answer_of_several_pages_settles_too() -> None:
    clock = FakeClock()
    unsure = status("ACTIVE", enhancedFindings=[{"findingArn": "a", "severity": "LOW"}])
    wait(repository=Book(unsure), scanning=ENHANCED, clock=clock)
    assert clock.seconds >= SETTLE_SECONDS


def test_throttled_pages_of_a_settled_result_slow_down() -> None:
    """Not at the pace of a result that is about to settle, which would be a hundred calls a second."""
    clock = FakeClock()
    unsure = status("ACTIVE", enhancedFindings=[{"findingArn": "a", "severity": "LOW"}])

    class Busy(Book):
        refused = 0

        def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
            if token and self.refused < 3:
                self.refused += 1
                raise refusal("ThrottlingException")
            return super().scan_page(digest, token)

    wait(repository=Busy(unsure), scanning=ENHANCED, clock=clock)
    assert clock.seconds >= SETTLE_SECONDS + (2 + 4 + 8) / 2


def test_an_old_answer_of_several_pages_is_not_taken_for_the_new_one() -> None:
    old = status("COMPLETE", imageScanCompletedAt=START - timedelta(days=2), findings=[])
    new = status("COMPLETE", imageScanCompletedAt=START + timedelta(seconds=5), findings=HIGH)
    (found,) = wait(repository=Book(old, old, new)).platforms
    assert found.counts == {Severity.HIGH: 2}


def test_a_result_from_before_the_scan_continued_does_not_settle() -> None:
    clock = FakeClock()

    class Fitful(FakeRepository):
        def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
            if clock.seconds < 2 or 40 <= clock.seconds < 45:
                return status("ACTIVE")
            return status("IN_PROGRESS") if clock.seconds < 40 else DONE

    (found,) = wait(repository=Fitful(), scanning=ENHANCED, clock=clock).platforms
    assert found.counts == {Severity.HIGH: 1}


# ------------------------------------------------------------------ several platforms


@pytest.mark.parametrize("platforms", [1, 2, 5])
@pytest.mark.parametrize("seconds", [2, 20, 200])
def test_several_platforms_cost_hardly_more_calls_than_one(platforms: int, seconds: float) -> None:
    clock, asked = FakeClock(), Counter[Digest]()
    images = [PlatformImage(digest(str(number)), f"linux/{number}") for number in range(platforms)]
    ready = {image.digest: seconds * (number + 1) / platforms for number, image in enumerate(images)}

    def answers(of: Digest) -> Answer:
        asked[of] += 1
        return DONE if clock.seconds >= ready[of] else status("IN_PROGRESS")

    repository = FakeRepository(answers=answers)
    for order in (images, images[::-1]):
        clock.seconds = 0
        asked.clear()
        report = await_scan(order, repository, ON_PUSH, ScanPlan(900), clock, FakeNarrator())
        assert [one.digest for one in report.platforms] == [image.digest for image in order]
        assert clock.seconds - seconds <= max(1.0, 0.05 * seconds)
        one_alone = {2: 9, 20: 29, 200: 80}[seconds]
        assert sum(asked.values()) <= one_alone + platforms * (platforms + 3)


def test_settle_windows_of_several_platforms_run_at_the_same_time() -> None:
    clock = FakeClock()
    images = [PlatformImage(digest(str(number)), f"linux/{number}") for number in range(4)]
    await_scan(
        images, FakeRepository(answers=lambda of: EMPTY), ON_PUSH, ScanPlan(900), clock, FakeNarrator()
    )
    assert SETTLE_SECONDS <= clock.seconds < SETTLE_SECONDS + 2


def test_one_platform_that_fails_ends_the_wait_for_all() -> None:
    clock = FakeClock()
    images = [PlatformImage(digest(name), name) for name in ("linux/amd64", "linux/arm64")]
    answers = {images[0].digest: status("IN_PROGRESS"), images[1].digest: status("FAILED", "internal")}
    with pytest.raises(ScanError, match="linux/arm64"):
        await_scan(
            images,
            FakeRepository(answers=lambda of: answers[of]),
            ON_PUSH,
            ScanPlan(900),
            clock,
            FakeNarrator(),
        )
    assert clock.seconds == 0


@pytest.mark.parametrize("queue", ["", "scans"])
def test_a_turn_that_is_cut_short_is_taken_up_again(queue: str) -> None:
    """Else the scans of the other platforms would be started a minute late."""
    clock = FakeClock()
    images = [PlatformImage(digest(str(number)), f"linux/{number}") for number in range(3)]
    refusals = [refusal("ThrottlingException")]

    def answers(of: Digest) -> Answer:
        if refusals and of == images[1].digest:
            return refusals.pop()
        return DONE if of in client.scans_started and clock.seconds > 20 else None

    client = Hearing(Ears(clock, {21: Heard(frozenset(image.digest for image in images))}), answers)
    plan = ScanPlan(900, events_queue=queue)
    started: list[float] = []
    start, client.start_scan = client.start_scan, lambda of: (started.append(clock.seconds), start(of))[1]  # type: ignore[method-assign]
    await_scan(images, client, MANUAL, plan, clock, FakeNarrator())
    assert len(started) == 3
    assert max(started) < 5


def test_without_scanning_the_queue_is_not_read() -> None:
    plan = ScanPlan(900, warn_unscannable=True, events_queue="scans")
    report = await_scan([IMAGE], FakeRepository(), Scanning("none"), plan, FakeClock(), FakeNarrator())
    assert report.unscannable


def test_an_artifact_has_nothing_to_scan_and_is_not_a_pass() -> None:
    with pytest.raises(ScanError, match="no image to scan"):
        await_scan([], FakeRepository(), ON_PUSH, ScanPlan(900), FakeClock(), FakeNarrator())


@pytest.mark.parametrize(
    ("scanning", "answer", "mode"),
    [
        (Scanning("unknown"), DONE, "basic"),
        (
            Scanning("unknown"),
            CLEAN_ENHANCED,
            "enhanced",
        ),
        (Scanning("unknown"), CLEAN, "unknown"),
        (ENHANCED, DONE, "enhanced"),
    ],
)
def test_where_the_setting_may_not_be_read_the_answer_tells_the_mode(
    scanning: Scanning, answer: Answer, mode: str
) -> None:
    assert wait(answer, scanning=scanning).mode == mode


# ------------------------------------------------------------------ listening


class Ears:
    """What is heard, by the second at which it comes; listening lets time pass."""

    def __init__(self, clock: FakeClock, news: Mapping[float, Heard | RegistryError]) -> None:
        self.clock, self.news = clock, dict(news)
        self.asked: list[float] = []

    def listen(self, digests: Collection[Digest], seconds: float) -> Heard:
        self.asked.append(self.clock.seconds)
        end = self.clock.seconds + min(seconds, 20)
        for at in sorted(self.news):
            if at <= end:
                self.clock.seconds = max(at, self.clock.seconds)
                heard = self.news.pop(at)
                if isinstance(heard, RegistryError):
                    raise heard
                return heard
        self.clock.seconds = end
        return Heard()


class Hearing(FakeRepository):
    def __init__(self, ears: Ears, answers: Any) -> None:
        super().__init__(answers=answers)
        self.ears = ears

    def scan_events(self, queue: str) -> ScanEvents:
        return self.ears


def listen(
    seconds: float, news: Mapping[float, Heard | RegistryError], scanning: Scanning = ON_PUSH
) -> tuple[FakeClock, Script, Ears, FakeNarrator]:
    """The wait for a scan that takes so long, with a queue."""
    clock, narrator = FakeClock(), FakeNarrator()

    class Timed(Script):
        def __call__(self, of: Digest) -> Answer:
            self.asked += 1
            return DONE if clock.seconds >= seconds else status("IN_PROGRESS")

    ears, script = Ears(clock, news), Timed([])
    plan = ScanPlan(1800, events_queue="scans")
    await_scan([IMAGE], Hearing(ears, script), scanning, plan, clock, narrator)
    return clock, script, ears, narrator


OURS = Heard(frozenset({IMAGE.digest}))


@pytest.mark.parametrize(("seconds", "calls"), [(2, 2), (20, 2), (200, 9), (1200, 20)])
def test_who_listens_hardly_asks(seconds: float, calls: int) -> None:
    clock, script, _, _ = listen(seconds, {seconds: OURS})
    assert clock.seconds == seconds
    assert script.asked <= calls


def test_an_event_that_never_comes_is_made_up_for() -> None:
    clock, script, _, _ = listen(200, {})
    assert 200 <= clock.seconds <= 200 * 1.35
    assert script.asked <= 9


def test_an_event_that_comes_before_its_answer_makes_us_ask_often() -> None:
    clock, script, _, _ = listen(200, {190: OURS})
    assert 200 <= clock.seconds <= 201
    assert script.asked <= 30


def test_events_of_others_are_left_alone_and_the_queue_is_not_stormed() -> None:
    others = {float(second): Heard(others=True) for second in range(1, 200)}
    _, script, ears, _ = listen(200, {**others, 200: OURS})
    assert script.asked <= 9
    assert all(later - earlier >= 0.2 for earlier, later in itertools.pairwise(ears.asked[1:]))


def test_an_unreadable_queue_is_one_warning_and_ecr_is_asked_instead() -> None:
    clock, _, ears, narrator = listen(100, {0: AwsRefusedError("AccessDenied", "no", "sqs:ReceiveMessage")})
    assert clock.seconds <= 105
    assert len(ears.asked) == 1
    assert len([line for line in narrator.warned if "sqs:ReceiveMessage" in line]) == 1


def test_a_queue_that_is_not_cleared_is_said_once() -> None:
    _, _, _, narrator = listen(100, {1: Heard(others=True, stale=True), 9: Heard(stale=True), 100: OURS})
    assert len([line for line in narrator.warned if "MessageRetentionPeriod" in line]) == 1


def test_what_no_event_tells_of_is_watched_all_the_same() -> None:
    """An empty answer settles, and the scan that we start is started, whether events are used or not."""
    clock = FakeClock()
    client = Hearing(Ears(clock, {}), Script([EMPTY]))
    plan = ScanPlan(900, events_queue="scans")
    await_scan([IMAGE], client, ENHANCED, plan, clock, FakeNarrator())
    assert SETTLE_SECONDS <= clock.seconds < SETTLE_SECONDS + 2


# ------------------------------------------------------------------ EPSS


class Inspected(FakeRepository):
    def __init__(self, *pages: EpssPage | Exception, answers: Any) -> None:
        super().__init__(answers=answers)
        self.pages = list(pages)
        self.tokens: list[str] = []

    def epss_page(self, digest: Digest, token: str = "") -> EpssPage:
        self.tokens.append(token)
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page


TWO = status(
    "ACTIVE",
    imageScanCompletedAt="2026-01-02",
    enhancedFindings=[
        {"severity": "LOW", "packageVulnerabilityDetails": {"vulnerabilityId": name}}
        for name in ("CVE-1", "CVE-2")
    ],
)


def with_epss(*pages: EpssPage | Exception, answer: Answer = TWO) -> tuple[PlatformScan, Inspected]:
    client = Inspected(*pages, answers=Script([answer]))
    plan = ScanPlan(900, epss=True)
    report = await_scan([IMAGE], client, ENHANCED, plan, FakeClock(), FakeNarrator())
    return report.platforms[0], client


def test_epss_is_read_page_by_page_and_a_refused_page_again() -> None:
    throttled = refusal("ThrottlingException")
    found, client = with_epss(
        EpssPage({"CVE-1": 0.5}, "more"), throttled, throttled, EpssPage({"CVE-2": None})
    )
    assert [(one.id, one.epss) for one in found.findings] == [("CVE-1", 0.5), ("CVE-2", None)]
    assert client.tokens == ["", "more", "more", "more"]
    assert found.note == ""


def test_findings_that_inspector_does_not_list_are_noted() -> None:
    found, _ = with_epss(EpssPage({"CVE-1": 0.5}))
    assert "no EPSS for 1 finding," in found.note


def test_missing_epss_scores_are_never_silently_none() -> None:
    with pytest.raises(AuthenticationError) as denied:
        with_epss(AccessRefusedError("AccessDeniedException", "no", "inspector2:ListFindings"))
    assert denied.value.exit_code == 4
    with pytest.raises(ScanError, match="the policy needs their EPSS") as refused:
        with_epss(refusal("ValidationException"))
    with pytest.raises(ScanError, match="no EPSS is available") as empty:
        with_epss(EpssPage({"CVE-9": 0.1}))
    assert refused.value.remedy and empty.value.remedy
    with pytest.raises(ScanError, match="no answer within"):
        with_epss(*[refusal("ThrottlingException")] * 99)


def test_epss_pages_in_a_circle_are_an_error() -> None:
    class Circling(FakeRepository):
        def epss_page(self, digest: Digest, token: str = "") -> EpssPage:
            return EpssPage({"CVE-1": 0.1}, "again")

    plan = ScanPlan(900, epss=True)
    with pytest.raises(ScanError, match="the same page"):
        await_scan([IMAGE], Circling(answers=lambda _: DONE), ENHANCED, plan, FakeClock(), FakeNarrator())


def test_without_findings_no_epss_is_requested() -> None:
    found, client = with_epss(answer=CLEAN_ENHANCED)
    assert (found.findings, client.tokens) == ((), [])


@pytest.mark.parametrize("scanning", [ON_PUSH, MANUAL, Scanning("none")])
def test_a_rule_about_epss_is_empty_words_where_scanning_has_none(scanning: Scanning) -> None:
    script = Script([DONE])
    with pytest.raises(ScanError, match="EPSS") as caught:
        plan = ScanPlan(900, epss=True)
        await_scan([IMAGE], FakeRepository(answers=script), scanning, plan, FakeClock(), FakeNarrator())
    assert (script.asked, "enhanced scanning" in caught.value.remedy) == (0, True)


def test_it_is_not_asked_for_unless_the_policy_needs_it() -> None:
    client = Inspected(answers=Script([TWO]))
    await_scan([IMAGE], client, ENHANCED, ScanPlan(900), FakeClock(), FakeNarrator())
    assert client.tokens == []
