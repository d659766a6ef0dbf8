from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from ecr_push.base.severity import Severity
from ecr_push.policy.digest import policy_digest
from ecr_push.policy.finding_pattern import FindingPattern
from ecr_push.policy.model import Policy, PolicyException, Scope
from ecr_push.policy.vex import Statement

ONE = PolicyException(
    FindingPattern("CVE-1", "openssl"), "not reachable", "team", until=date(2027, 1, 1), where="policy.yml:3"
)


def test_where_it_was_read_is_not_what_it_says() -> None:
    policy = Policy(exceptions=(ONE,), sources=("policy.yml",))
    elsewhere = replace(policy, exceptions=(replace(ONE, where="other.yml:9"),), sources=("s3://b/p.yml",))
    assert policy_digest(policy) == policy_digest(elsewhere)
    assert re.fullmatch("sha256:[0-9a-f]{64}", policy_digest(policy))


@pytest.mark.parametrize(
    "other",
    [
        Policy(fail_on=None),
        Policy(limits={Severity.HIGH: 1}),
        Policy(limits={Severity.LOW: 1}),
        Policy(max_epss=0.5),
        Policy(paths=Scope(exclude=("a",))),
        Policy(strict=frozenset({"unused", "expired"})),
        Policy(exceptions=(ONE,)),
        Policy(exceptions=(replace(ONE, until=date(2027, 1, 2)),)),
        Policy(vex=(Statement(("CVE-1",), "not_affected", ()),)),
        Policy(observe=True),
    ],
)
def test_what_it_says_decides(other: Policy) -> None:
    assert policy_digest(other) == policy_digest(replace(other))
    assert policy_digest(other) != policy_digest(Policy())
