"""ECR's answers about scans. The client is botocore's own; only the wire is stubbed."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.scan_api import ImageMissingError
from ecr_push.registry.scans import EcrScans, merge_pages
from tests.support.aws import StubAws, refused
from tests.support.fakes import FakeClock, digest

ONE = digest("one")
FINDINGS = "DescribeImageScanFindings"


def opened(answers: dict[str, Any], registry_id: str = "") -> tuple[EcrScans, StubAws]:
    aws = StubAws(answers)
    return EcrScans(RepositoryApi(aws, "ecr", "team/app", registry_id=registry_id), FakeClock()), aws


def asked(**more: Any) -> dict[str, Any]:
    return {"repositoryName": "team/app", "imageId": {"imageDigest": ONE.value}, **more}


def test_a_scan_is_started() -> None:
    scans, aws = opened({"StartImageScan": {"imageScanStatus": {}}}, "123456789012")
    assert scans.start(ONE) is True
    assert aws.log == [("StartImageScan", asked(registryId="123456789012"))]


def test_a_page_and_the_next() -> None:
    scans, aws = opened({FINDINGS: [{"imageScanStatus": {}, "nextToken": "more"}, {"imageScanStatus": {}}]})
    first = scans.page(ONE)
    assert first is not None
    assert scans.page(ONE, first["nextToken"]) == {"imageScanStatus": {}}
    assert aws.log == [
        (FINDINGS, asked(maxResults=1000)),
        (FINDINGS, asked(maxResults=1000, nextToken="more")),
    ]


def test_an_answer_is_read_to_its_last_page() -> None:
    scans, aws = opened(
        {
            FINDINGS: [
                {"imageScanFindings": {"findings": [1]}, "nextToken": "more"},
                {"imageScanFindings": {"findings": [2]}},
            ]
        }
    )
    assert scans.answer(ONE) == {"imageScanFindings": {"findings": [1, 2]}}
    assert len(aws.log) == 2


@pytest.mark.parametrize("code", ["ScanNotFoundException", "ImageNotFoundException"])
def test_no_scan_yet_is_none(code: str) -> None:
    scans, _ = opened({FINDINGS: refused(code)})
    assert scans.answer(ONE) is None


def test_a_page_distinguishes_a_missing_image_from_a_missing_scan() -> None:
    assert opened({FINDINGS: refused("ScanNotFoundException")})[0].page(ONE) is None
    with pytest.raises(ImageMissingError):
        opened({FINDINGS: refused("ImageNotFoundException")})[0].page(ONE)


def test_any_other_refusal_is_an_error() -> None:
    scans, _ = opened({FINDINGS: refused("RepositoryNotFoundException")})
    for ask in (scans.page, scans.answer):
        with pytest.raises(AwsRefusedError):
            ask(ONE)


def test_pages_become_one_answer_whose_counts_come_from_the_first() -> None:
    first = {"findings": [1], "findingSeverityCounts": {"HIGH": 3}}
    pages = [
        {"imageScanStatus": 1, "imageScanFindings": first, "nextToken": "x"},
        {"imageScanStatus": 1, "imageScanFindings": {"findings": [2], "findingSeverityCounts": {}}},
        {"imageScanStatus": 1},
    ]
    assert merge_pages(pages) == {
        "imageScanStatus": 1,
        "imageScanFindings": {"findings": [1, 2], "findingSeverityCounts": {"HIGH": 3}},
    }


@pytest.mark.parametrize("page", [{"imageScanStatus": 1}, {"imageScanFindings": {"enhancedFindings": []}}])
def test_what_an_answer_lacks_it_still_lacks(page: dict[str, Any]) -> None:
    assert merge_pages([page]) == page
