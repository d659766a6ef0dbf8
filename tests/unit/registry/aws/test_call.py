"""One call, and all pages of one. The client is botocore's own; only the wire is stubbed."""

from __future__ import annotations

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.registry.aws.call import call, call_for_any_answer, pages
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError
from tests.support.aws import StubAws, refused

WHOLE = {"imageIds": [], "ResponseMetadata": {}}
CUT_OFF = {"ResponseMetadata": {"HTTPStatusCode": 200}}


def test_an_answer_is_handed_on() -> None:
    aws = StubAws({"ListImages": WHOLE})
    assert call(aws.client("ecr"), "list_images", repositoryName="team/app") == WHOLE


def test_an_answer_that_was_cut_off_is_asked_for_again() -> None:
    aws = StubAws({"ListImages": [CUT_OFF, WHOLE]})
    assert call(aws.client("ecr"), "list_images", repositoryName="team/app") == WHOLE
    assert len(aws.log) == 2


def test_an_answer_that_is_always_cut_off_is_not_a_success() -> None:
    aws = StubAws({"ListImages": CUT_OFF})
    with pytest.raises(AwsUnreachableError, match="ecr:ListImages was cut off"):
        call(aws.client("ecr"), "list_images", repositoryName="team/app")
    assert len(aws.log) == 3


def test_a_refusal_that_was_cut_off_is_asked_for_again() -> None:
    """Without JSON there is no code, and the SDK gives the HTTP status in its place."""
    aws = StubAws({"ListImages": [refused("400", 400), WHOLE]})
    assert call(aws.client("ecr"), "list_images", repositoryName="team/app") == WHOLE
    aws = StubAws({"ListImages": refused("400", 400)})
    with pytest.raises(AwsRefusedError, match="AWS refused ecr:ListImages"):
        call(aws.client("ecr"), "list_images", repositoryName="team/app")
    assert len(aws.log) == 3
    aws = StubAws({"ListImages": refused("RepositoryNotFoundException")})
    with pytest.raises(AwsRefusedError):
        call(aws.client("ecr"), "list_images", repositoryName="team/app")
    assert len(aws.log) == 1


def test_where_nothing_is_an_answer_it_is_taken_for_one() -> None:
    aws = StubAws({"ListImages": CUT_OFF})
    assert call_for_any_answer(aws.client("ecr"), "list_images", repositoryName="team/app") == CUT_OFF
    assert len(aws.log) == 1


def test_all_pages_are_read() -> None:
    aws = StubAws({"ListImages": [{"imageIds": [1], "nextToken": "more"}, {"imageIds": [2]}]})
    found = pages(aws.client("ecr"), "list_images", repositoryName="team/app")
    assert [page["imageIds"] for page in found] == [[1], [2]]
    assert [parameters for _, parameters in aws.log] == [
        {"repositoryName": "team/app"},
        {"repositoryName": "team/app", "nextToken": "more"},
    ]


def test_pages_that_go_in_circles_have_an_end() -> None:
    aws = StubAws({"ListImages": {"imageIds": [], "nextToken": "x"}})
    with pytest.raises(RegistryError, match="the same page"):
        pages(aws.client("ecr"), "list_images", repositoryName="team/app")
    assert len(aws.log) == 2
