"""What `*`, `?` and variables stand for."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.iam.context import Context
from ecr_push.base.iam.pattern import action_matches, arn_like, resource_matches, text_like, variables_of

REPOSITORY = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"
EMPTY = Context.of({})
TAGGED = Context.of({"aws:PrincipalTag/team": "pay", "aws:PrincipalTag/odd": "*", "k": ["a", "b"]})


@pytest.mark.parametrize(
    ("pattern", "action", "names"),
    [
        ("*", "ecr:PutImage", True),
        ("ecr:*", "ecr:PutImage", True),
        ("ecr:*", "ecr-public:PutImage", False),
        ("ECR:putimage", "ecr:PutImage", True),
        ("ecr:Put*Image", "ecr:PutImage", True),
        ("ecr:?utImage", "ecr:PutImage", True),
        ("ecr:PutImage?", "ecr:PutImage", False),
        ("ecr:Put", "ecr:PutImage", False),
    ],
)
def test_actions(pattern: str, action: str, names: bool) -> None:
    assert action_matches(pattern, action) is names


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", True),
        (REPOSITORY, True),
        (REPOSITORY.upper(), False),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/team/*", True),
        ("arn:aws:ecr:*:123456789012:repository/*", True),
        ("arn:aws:ecr:eu-*-1:123456789012:repository/team/app", True),
        ("arn:*:ecr:eu-west-1:123456789012:repository/team/a?p", True),
        ("arn:aws:ecr:eu-west-1:210987654321:repository/*", False),
        ("arn:aws:ecr:eu-west-1*", True),  # the last of a part: goes on behind the colon
        ("arn:aws:ecr:eu*1:repository/team/app", False),  # not the last: stays in its part
        ("arn:aws:ecr:eu-west-1:123456789012:repository/team/${aws:PrincipalTag/none}", False),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/team/${aws:PrincipalTag/none, 'app'}", True),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/team/${*}", False),
    ],
)
def test_resources(pattern: str, names: bool) -> None:
    assert resource_matches(pattern, REPOSITORY, EMPTY, variables=True).value is names


def test_an_action_without_a_resource_is_not_named_by_an_arn() -> None:
    assert resource_matches("*", "*", EMPTY, variables=True).value
    assert not resource_matches(REPOSITORY, "*", EMPTY, variables=True).value


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("${aws:PrincipalTag/team}/*", "pay/app", True),
        ("${AWS:principaltag/TEAM}/*", "pay/app", True),
        ("${aws:PrincipalTag/odd}/app", "any/app", False),  # a wildcard from the request is a character
        ("${aws:PrincipalTag/odd}/app", "*/app", True),
        ("${k}", "a", False),  # of several values
        ("${$}${*}${?}", "$*?", True),
    ],
)
def test_variables(pattern: str, text: str, fits: bool) -> None:
    assert text_like(pattern, text, TAGGED, variables=True).value is fits


def test_variables_are_text_in_the_first_version_of_the_language() -> None:
    assert text_like("${k}", "${k}", TAGGED, variables=False).value
    assert not text_like("${k}", "${k}", TAGGED, variables=True).value


def test_an_unknown_variable_is_named() -> None:
    found = text_like("${aws:SourceVpce}", "vpce-1", Context.of({}, is_whole=False), variables=True)
    assert (found.value, found.on) == (None, {"aws:sourcevpce"})
    assert variables_of("a${aws:SourceVpce}b${*}${x, 'y'}") == ("aws:SourceVpce", "x")


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("arn:aws:iam::123456789012:role/ci", True),
        ("arn:aws:iam::*:role/*", True),
        ("arn:*:role/ci", False),  # five parts
        ("*", True),
        ("arn:aws:iam::123456789012:role/c?", True),
    ],
)
def test_arns(pattern: str, fits: bool) -> None:
    assert arn_like(pattern, "arn:aws:iam::123456789012:role/ci", EMPTY, variables=True).value is fits


def test_a_text_that_is_not_an_arn_is_like_none() -> None:
    assert not arn_like("*", "ci", EMPTY, variables=True).value


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_the_same_as_a_shell_s_pattern(pattern: str, text: str) -> None:
    assert text_like(pattern, text, EMPTY, variables=True).value is fnmatch.fnmatchcase(text, pattern)


def test_a_pattern_made_to_be_slow_is_not() -> None:
    """What goes back for each `*`, as a regular expression does, would not come to an end."""
    assert not action_matches("*a" * 500 + "b", "a" * 1_000)
