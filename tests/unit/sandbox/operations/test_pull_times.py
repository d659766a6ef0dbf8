"""Principals whose pulls are not recorded."""

from __future__ import annotations

import pytest

from tests.support.sandbox.api import ACCOUNT, Api

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci/scanner"


def test_what_is_registered_is_listed_until_it_is_removed(api: Api) -> None:
    assert api.call("ListPullTimeUpdateExclusions")["pullTimeUpdateExclusions"] == []
    assert api.call("RegisterPullTimeUpdateExclusion", principalArn=ROLE)["principalArn"] == ROLE
    assert api.refused("RegisterPullTimeUpdateExclusion", principalArn=ROLE)[0] == (
        "ExclusionAlreadyExistsException"
    )
    assert api.call("ListPullTimeUpdateExclusions")["pullTimeUpdateExclusions"] == [ROLE]
    api.call("DeregisterPullTimeUpdateExclusion", principalArn=ROLE)
    assert api.call("ListPullTimeUpdateExclusions")["pullTimeUpdateExclusions"] == []
    assert api.refused("DeregisterPullTimeUpdateExclusion", principalArn=ROLE)[0] == (
        "ExclusionNotFoundException"
    )


def test_a_hundred_are_the_most(api: Api) -> None:
    for number in range(100):
        api.call("RegisterPullTimeUpdateExclusion", principalArn=f"{ROLE}{number}")
    code, _ = api.refused("RegisterPullTimeUpdateExclusion", principalArn=ROLE)
    assert code == "LimitExceededException"
    pages = api.pages("ListPullTimeUpdateExclusions", "pullTimeUpdateExclusions", maxResults=60)
    assert [len(page) for page in pages] == [60, 40]


@pytest.mark.parametrize("excluded", [True, False])
def test_a_pull_of_an_excluded_principal_leaves_no_trace(app: Api, excluded: bool) -> None:
    digest = app.push("team/app", "1.0")
    who = f"arn:aws:iam::{ACCOUNT}:user/{'sandbox' if excluded else 'other'}"
    app.call("RegisterPullTimeUpdateExclusion", principalArn=who)
    app.call("BatchGetImage", repositoryName="team/app", imageIds=[{"imageDigest": digest}])
    [image] = app.call("DescribeImages", repositoryName="team/app")["imageDetails"]
    assert ("lastRecordedPullTime" in image) is not excluded
