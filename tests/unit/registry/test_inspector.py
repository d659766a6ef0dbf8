"""Inspector's answers about an image. The clients are botocore's own; only the wire is stubbed."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.inspector import Inspector
from ecr_push.registry.scan_api import Coverage, EpssPage
from tests.support.aws import StubAws, refused
from tests.support.fakes import REPOSITORY, START, digest

ONE = digest("one")
ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"
KNOWN = {
    "DescribeRepositories": {"repositories": [{"repositoryUri": str(REPOSITORY), "repositoryArn": ARN}]},
    "DescribeImages": {"imageDetails": [{"imagePushedAt": START}]},
}


def opened(answers: dict[str, Any]) -> tuple[Inspector, StubAws]:
    aws = StubAws(answers)
    return Inspector(RepositoryApi(aws, "ecr", "team/app")), aws


def test_the_coverage_of_an_image() -> None:
    status = {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"}
    inspector, aws = opened(
        {**KNOWN, "ListCoverage": {"coveredResources": [{"scanStatus": status, "lastScannedAt": START}]}}
    )
    for _ in range(2):
        assert inspector.coverage(ONE) == Coverage("ACTIVE", "SUCCESSFUL", START, START)
    asked = dict(aws.log)["ListCoverage"]["filterCriteria"]["resourceId"]
    assert asked == [{"comparison": "EQUALS", "value": f"{ARN}/{ONE}"}]
    assert aws.operations.count("DescribeRepositories") == 1  # the repository's ARN does not change


@pytest.mark.parametrize(
    "answers",
    [
        {"DescribeImages": refused("ImageNotFoundException")},
        {**KNOWN, "ListCoverage": {"coveredResources": []}},
    ],
)
def test_an_image_that_is_not_known_has_no_coverage(answers: dict[str, Any]) -> None:
    inspector, _ = opened(answers)
    assert inspector.coverage(ONE) is None


def test_a_page_of_scores() -> None:
    findings = [
        {"packageVulnerabilityDetails": {"vulnerabilityId": "CVE-1"}, "epss": {"score": 0.5}},
        {"title": "CVE-2 - openssl"},
        {"findingArn": "arn:x", "epss": {}},
    ]
    inspector, aws = opened({"ListFindings": {"findings": findings, "nextToken": "more"}})
    expected = EpssPage({"CVE-1": 0.5, "CVE-2 - openssl": None, "arn:x": None}, "more")
    assert inspector.epss_page(ONE) == expected
    inspector.epss_page(ONE, "more")
    assert [parameters.get("nextToken") for _, parameters in aws.log] == [None, "more"]


def test_a_refusal_names_inspectors_own_action() -> None:
    inspector, _ = opened({})
    with pytest.raises(AuthenticationError) as caught:
        inspector.epss_page(ONE)
    assert "allow inspector2:ListFindings" in caught.value.remedy
