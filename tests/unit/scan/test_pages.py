"""A long result is read page by page, however often a page is refused, and again if it changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import AuthenticationError, ScanError
from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.scan.pages import MOST_PAGES, AnswerPages
from tests.support.fakes import FakeRepository, digest

IMAGE = digest("image")
AT = "2026-01-02T03:00:00+00:00"
THROTTLED = AwsRefusedError("ThrottlingException", "Rate exceeded", "ecr:DescribeImageScanFindings")
EXPIRED = AwsRefusedError("InvalidParameterException", "Invalid next token", "ecr:DescribeImageScanFindings")


def page(number: int, of: int, **more: Any) -> dict[str, Any]:
    """A page with one finding. The counts stand on the first one only."""
    body: dict[str, Any] = {
        "imageScanCompletedAt": AT,
        "findings": [{"name": f"CVE-{number}", "severity": "LOW"}],
    }
    if number == 1:
        body["findingSeverityCounts"] = {"LOW": of}
    found: dict[str, Any] = {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": body, **more}
    return found | ({"nextToken": f"after {number}"} if number < of else {})


class Paged(FakeRepository):
    """Answers and refusals in turn. asked lists the tokens."""

    def __init__(self, *answers: dict[str, Any] | Exception | None) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[str] = []

    def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        self.asked.append(token)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def names(pages: AnswerPages) -> list[str]:
    return [finding.id for finding in pages.findings()]


def test_all_pages_are_one_answer() -> None:
    client = Paged(page(1, 3), page(2, 3), page(3, 3))
    pages = AnswerPages(client, IMAGE)
    assert pages.first()
    assert pages.is_begun
    assert pages.rest()
    assert not pages.is_begun
    assert names(pages) == ["CVE-1", "CVE-2", "CVE-3"]
    assert pages.counts() == {Severity.LOW: 3}
    assert client.asked == ["", "after 1", "after 2"]


def test_a_page_that_is_throttled_is_asked_again_and_not_those_before_it() -> None:
    client = Paged(page(1, 3), page(2, 3), THROTTLED, THROTTLED, page(3, 3))
    pages = AnswerPages(client, IMAGE)
    pages.first()
    for _ in range(2):
        with pytest.raises(AwsRefusedError):
            pages.rest()
        assert pages.is_begun
    assert pages.rest()
    assert client.asked == ["", "after 1", "after 2", "after 2", "after 2"]
    assert names(pages) == ["CVE-1", "CVE-2", "CVE-3"]


@pytest.mark.parametrize(
    "change",
    [
        EXPIRED,
        None,
        page(2, 3, imageScanStatus={"status": "IN_PROGRESS"}),
        page(2, 3, imageScanFindings={"imageScanCompletedAt": "2026-01-02T03:09:00+00:00", "findings": []}),
    ],
)
def test_an_answer_that_changes_while_it_is_read_is_read_again(change: Any) -> None:
    client = Paged(page(1, 3), change, page(1, 2), page(2, 2))
    pages = AnswerPages(client, IMAGE)
    pages.first()
    assert not pages.rest()
    assert names(pages) == []
    pages.first()
    assert pages.rest()
    assert (names(pages), pages.counts()) == (["CVE-1", "CVE-2"], {Severity.LOW: 2})


def test_pages_in_a_circle_are_read_again_in_the_next_turn() -> None:
    client = Paged(page(1, 9), page(1, 9), page(1, 9))
    pages = AnswerPages(client, IMAGE)
    pages.first()
    assert not pages.rest()
    assert client.asked == ["", "after 1"] and not pages.is_begun


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_a_circle_of_any_length_has_an_end(length: int) -> None:
    client = Paged(page(1, 9), *(page(2, 2, nextToken=f"after {n % length}") for n in range(30)))
    pages = AnswerPages(client, IMAGE)
    pages.first()
    assert not pages.rest()
    assert len(client.asked) <= length + 3


def test_pages_without_an_end_are_not_an_answer() -> None:
    class World(FakeRepository):
        asked = 0

        def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
            self.asked += 1
            return page(2, 2, nextToken=f"after {self.asked}")

    client = World()
    pages = AnswerPages(client, IMAGE)
    pages.first()
    with pytest.raises(ScanError, match="has no result"):
        pages.rest()
    assert client.asked <= MOST_PAGES + 2


OTHER = {"imageDigest": digest("other").value}


@pytest.mark.parametrize(
    ("odd", "member"),
    [
        (page(1, 1, imageId=OTHER), "imageId.imageDigest"),
        (page(1, 1, moreFindings=[{}]), "moreFindings"),
        (
            page(1, 1, imageScanFindings={"findings": [], "codeFindings": [{}]}),
            "imageScanFindings.codeFindings",
        ),
        (page(1, 1, imageScanFindings={"findings": {}}), "imageScanFindings.findings"),
        (page(1, 1, imageScanFindings={"findings": [None]}), "imageScanFindings.findings[0]"),
        (page(1, 1, imageScanFindings={"findingSeverityCounts": {"LOW": -1}}), "findingSeverityCounts.LOW"),
    ],
)
def test_a_page_of_another_form_is_not_an_answer(odd: dict[str, Any], member: str) -> None:
    for answers in ([odd], [page(1, 2), odd]):
        if answers[-1] is odd and len(answers) > 1 and "Counts" in member:
            continue  # the counts of later pages are not read
        pages = AnswerPages(Paged(*answers), IMAGE)
        with pytest.raises(ScanError) as caught:
            assert pages.first() and pages.rest()
        assert "ecr:DescribeImageScanFindings" in caught.value.why
        assert member in caught.value.why


def test_a_later_page_need_not_say_when_the_scan_was_completed() -> None:
    later = page(2, 2, imageScanFindings={"findings": [{"name": "CVE-2", "severity": "LOW"}]})
    pages = AnswerPages(Paged(page(1, 2), later), IMAGE)
    pages.first()
    assert pages.rest()
    assert names(pages) == ["CVE-1", "CVE-2"]


def test_any_other_refusal_is_one() -> None:
    pages = AnswerPages(Paged(page(1, 2), AuthenticationError("no")), IMAGE)
    pages.first()
    with pytest.raises(AuthenticationError):
        pages.rest()


@given(st.integers(1, 6), st.lists(st.sampled_from(["answer", "throttled", "expired"]), max_size=30))
def test_in_the_end_every_finding_is_read_once(of: int, fates: list[str]) -> None:
    class World(FakeRepository):
        def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
            fate = fates.pop(0) if fates else "answer"
            if fate == "throttled":
                raise THROTTLED
            if fate == "expired" and token:
                raise EXPIRED
            return page(int(token.rpartition(" ")[2]) + 1 if token else 1, of)

    pages = AnswerPages(World(), IMAGE)
    done = False
    while not done:
        try:
            done = pages.rest() if pages.is_begun else pages.first() is not None and not pages.is_begun
        except AwsRefusedError:
            continue
        if not done and not pages.is_begun:
            continue
    assert sorted(names(pages)) == sorted(f"CVE-{number}" for number in range(1, of + 1))
    assert pages.counts() == {Severity.LOW: of}
