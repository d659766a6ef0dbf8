"""What a stranger may by a policy, whatever it says, is known to be open to the world."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.iam.document import Patterns, Policy, Statement
from ecr_push.base.iam.ecr_actions import ACTIONS, WITHOUT_RESOURCE
from ecr_push.base.iam.kinds import REPOSITORY
from ecr_push.base.iam.read import read_policy_text
from ecr_push.upkeep.access.answer import Situation, answer
from ecr_push.upkeep.access.question import read_subject
from ecr_push.upkeep.policies.check import check_policy, is_open
from ecr_push.upkeep.policies.words import words_of
from tests.support.policies import PLACE

EVERYTHING = Policy("own", (Statement("", "", True, Patterns(("*",)), Patterns(("*",))),))
ASKED = [f"ecr:{one}" for one in ACTIONS if one not in WITHOUT_RESOURCE]
# An account that no policy names, in an organisation of its own, with a tag that it has given itself.
STRANGER = read_subject("arn:aws:iam::888888888888:role/stranger", PLACE)
GIVEN = {
    "aws:PrincipalOrgID": ("o-stranger00",),
    "aws:SourceVpce": (),
    "aws:PrincipalTag/team": ("o-a1b2c3d4e5",),
    "aws:SourceIp": ("203.0.113.7",),
}


def _some(*values: Any) -> st.SearchStrategy[Any]:
    """One of them, or a list of some."""
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=1, max_size=3)


_ACCOUNTS = _some("111122223333", "*", "arn:aws:iam::111122223333:role/a", "AROAEXAMPLE12345")
_WHO = st.one_of(
    st.just("*"),
    st.just({"Service": "lambda.amazonaws.com"}),
    st.builds(lambda who: {"AWS": who}, _ACCOUNTS),
)
_WHAT = _some("*", "ecr:*", "ecr:Batch*", "ecr:PutImage", "ecr:GetDownloadUrlForLayer", "ecr:X")
_TEXTS = st.dictionaries(
    st.sampled_from(["aws:PrincipalOrgID", "aws:SourceArn", "aws:SourceVpce", "aws:PrincipalTag/team"]),
    _some("o-a1b2c3d4e5", "*", "o-*", "arn:aws:lambda:*:111122223333:function:*", "${aws:username}"),
    min_size=1,
    max_size=2,
)
_ADDRESSES = st.dictionaries(
    st.just("aws:SourceIp"), _some("0.0.0.0/0", "192.0.2.0/24", "128.0.0.0/1"), min_size=1
)
_OPERATORS = [
    "StringEquals",
    "StringLike",
    "StringNotEquals",
    "StringEqualsIfExists",
    "ForAllValues:StringLike",
]
_WHEN = st.dictionaries(st.sampled_from(_OPERATORS), _TEXTS, max_size=2) | st.dictionaries(
    st.sampled_from(["IpAddress", "NotIpAddress"]), _ADDRESSES, max_size=1
)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    who, what = (
        draw(st.sampled_from(["Principal", "NotPrincipal"])),
        draw(st.sampled_from(["Action", "NotAction"])),
    )
    statement = {"Effect": draw(st.sampled_from(["Allow", "Deny"])), who: draw(_WHO), what: draw(_WHAT)}
    when = draw(_WHEN)
    return {**statement, "Condition": when} if when else statement


@given(st.lists(statements(), min_size=1, max_size=4), st.sampled_from(["2008-10-17", "2012-10-17"]))
def test_what_a_stranger_may_is_open(drawn: list[dict[str, Any]], version: str) -> None:
    text = json.dumps({"Version": version, "Statement": drawn})
    policy = read_policy_text(text, REPOSITORY, "it")
    situation = Situation(PLACE, "team/shop", {}, policy, Policy("", ()), (EVERYTHING,), given=GIVEN)
    if any(one.verdict == "yes" for one in answer(ASKED, STRANGER, situation)):
        assert is_open(text)
        assert any(fault.level == "mistake" for fault in check_policy(text))
    assert words_of(text, PLACE)
