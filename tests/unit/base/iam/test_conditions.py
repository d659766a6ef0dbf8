"""Operators, absent keys, and keys with several values."""

from __future__ import annotations

import pytest

from ecr_push.base.iam.conditions import OPERATORS, holds
from ecr_push.base.iam.context import Context
from ecr_push.base.iam.document import Condition

ROLE = "arn:aws:iam::123456789012:role/ci"


@pytest.mark.parametrize(
    ("operator", "of_policy", "value", "expected"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", ["a*"], "ab", False),
        ("StringEquals", ["A"], "a", False),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringEqualsIgnoreCase", ["A"], "a", True),
        ("StringNotEqualsIgnoreCase", ["A"], "a", False),
        ("StringLike", ["repo:org/*:ref:*"], "repo:org/app:ref:refs/heads/main", True),
        ("StringNotLike", ["repo:org/*"], "repo:org/app", False),
        ("NumericLessThan", ["10"], "9.5", True),
        ("NumericLessThanEquals", ["10"], "10.0", True),
        ("NumericGreaterThan", ["10"], "9", False),
        ("NumericGreaterThanEquals", ["10"], "ten", False),
        ("NumericEquals", ["10"], "1e1", True),
        ("NumericNotEquals", ["10"], "10", False),
        ("DateLessThan", ["2026-12-01T00:00:00Z"], "2026-11-30T23:59:59Z", True),
        ("DateGreaterThan", ["2026-12-01"], "1764547201", False),
        ("DateEquals", ["1764547200"], "2025-12-01T00:00:00Z", True),
        ("DateNotEquals", ["2026-12-01"], "2026-12-01T00:00:00Z", False),
        ("DateLessThanEquals", ["2026-12-01"], "2026-12-01", True),
        ("DateGreaterThanEquals", ["2026-12-01"], "2026-11-30", False),
        ("Bool", ["true"], "TRUE", True),
        ("Bool", ["false"], "true", False),
        ("BinaryEquals", ["QmluYXJ5"], "QmluYXJ5", True),
        ("BinaryEquals", ["QmluYXJ5"], "QmluYXJ6", False),
        ("IpAddress", ["203.0.113.0/24", "2001:DB8::/32"], "203.0.113.7", True),
        ("IpAddress", ["203.0.113.0/24", "2001:DB8::/32"], "2001:db8::1", True),
        ("IpAddress", ["203.0.113.7"], "203.0.113.8", False),
        ("NotIpAddress", ["203.0.113.0/24"], "203.0.113.7", False),
        ("ArnLike", ["arn:aws:iam::*:role/*"], ROLE, True),
        ("ArnEquals", ["arn:aws:iam::*:role/c?"], ROLE, True),
        ("ArnNotLike", ["arn:aws:iam::*:role/*"], ROLE, False),
        ("ArnNotEquals", ["arn:aws:iam::*:user/*"], ROLE, True),
        ("Null", ["true"], "x", False),
        ("Null", ["false"], "x", True),
    ],
)
def test_a_value(operator: str, of_policy: list[str], value: str, expected: bool) -> None:
    condition = Condition(operator, "aws:Key", tuple(of_policy))
    assert holds(condition, Context.of({"AWS:key": value}), variables=True).value is expected


def test_every_operator_is_tried() -> None:
    [marks] = [mark for mark in test_a_value.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {row[0] for row in marks.args[1]} == OPERATORS.keys()


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
@pytest.mark.parametrize(
    ("operator", "quantifier", "if_exists", "expected"),
    [
        ("StringEquals", "", False, False),
        ("StringEquals", "", True, True),
        ("StringNotEquals", "", False, True),
        ("NotIpAddress", "", False, True),
        ("ArnNotLike", "", False, True),
        ("Bool", "", False, False),
        ("StringEquals", "ForAllValues", False, True),
        ("StringNotEquals", "ForAllValues", False, True),
        ("StringEquals", "ForAnyValue", False, False),
        ("StringNotEquals", "ForAnyValue", False, False),
        ("StringEquals", "ForAnyValue", True, True),
        ("Null", "", False, True),
    ],
)
def test_an_absent_key(operator: str, quantifier: str, if_exists: bool, expected: bool) -> None:
    condition = Condition(operator, "k", ("true",), quantifier, if_exists)  # type: ignore[arg-type]
    assert holds(condition, Context.of({}), variables=True).value is expected
    unknown = holds(condition, Context.of({}, is_whole=False), variables=True)
    assert (unknown.value, unknown.on) == (None, {"k"})
    closed = Context.of({}, is_whole=False, whole=["K"])
    assert holds(condition, closed, variables=True).value is expected


@pytest.mark.parametrize(
    ("operator", "quantifier", "values", "expected"),
    [
        ("StringEquals", "ForAllValues", ["a", "b"], True),
        ("StringEquals", "ForAllValues", ["a", "c"], False),
        ("StringEquals", "ForAnyValue", ["a", "c"], True),
        ("StringEquals", "ForAnyValue", ["c"], False),
        ("StringNotEquals", "ForAllValues", ["c", "d"], True),
        ("StringNotEquals", "ForAllValues", ["a", "c"], False),
        ("StringNotEquals", "ForAnyValue", ["a", "c"], True),
        ("StringNotEquals", "ForAnyValue", ["a", "b"], False),
    ],
)
def test_several_values(operator: str, quantifier: str, values: list[str], expected: bool) -> None:
    condition = Condition(operator, "k", ("a", "b"), quantifier)  # type: ignore[arg-type]
    assert holds(condition, Context.of({"k": values}), variables=True).value is expected


def test_a_variable_in_a_value() -> None:
    condition = Condition("StringEquals", "aws:ResourceTag/team", ("${aws:PrincipalTag/team}",))
    facts = {"aws:ResourceTag/team": "pay", "aws:PrincipalTag/team": "pay"}
    assert holds(condition, Context.of(facts), variables=True).value is True
    assert holds(condition, Context.of(facts), variables=False).value is False
    assert (
        holds(condition, Context.of({**facts, "aws:PrincipalTag/team": "x"}), variables=True).value is False
    )
    open_ = Context.of({"aws:ResourceTag/team": "pay"}, is_whole=False)
    assert holds(condition, open_, variables=True).on == {"aws:principaltag/team"}
