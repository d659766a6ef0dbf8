"""Whether a statement's conditions hold for a request. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
from collections.abc import Callable, Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.context import Context
from ecr_push.base.iam.document import Condition
from ecr_push.base.iam.pattern import arn_like, text_like, text_of
from ecr_push.base.iam.truth import NO, YES, Truth, all_of, any_of, depends
from ecr_push.base.values import read_time

# Does a value of the request fit a value of the policy?
Fits = Callable[[str, str], bool]
# The same, for values of a policy with wildcards and variables.
Matches = Callable[[str, str, Context, bool], Truth]


@dataclass(frozen=True)
class Operator:
    """An operator. negated: it holds if no value of the policy fits. is_valid: of a value of the policy."""

    matches: Matches
    negated: bool = False
    is_valid: Callable[[str], bool] = bool
    expected: str = "text"


def holds(condition: Condition, context: Context, variables: bool) -> Truth:
    """Whether one condition holds. variables: whether `${…}` is replaced in its values."""
    values = context.find(condition.key)
    if condition.operator == "Null":
        return _null(condition, values)
    if values is None:
        return depends(condition.key.lower())
    kind = OPERATORS[condition.operator]
    if not values:
        # "If the key that you specify in a policy condition is not present in the request context, the values
        # do not match": a negated operator holds then.
        return Truth(
            condition.if_exists
            or condition.quantifier == "ForAllValues"
            or (kind.negated and condition.quantifier != "ForAnyValue")
        )

    def fits(value: str) -> Truth:
        found = any_of(kind.matches(one, value, context, variables) for one in condition.values)
        return ~found if kind.negated else found

    if condition.quantifier == "ForAllValues":
        return all_of(map(fits, values))
    if condition.quantifier == "ForAnyValue" or not kind.negated:
        return any_of(map(fits, values))
    return all_of(map(fits, values))


def _null(condition: Condition, values: tuple[str, ...] | None) -> Truth:
    if values is None:
        return depends(condition.key.lower())
    return any_of(YES if (one.lower() == "true") == (not values) else NO for one in condition.values)


def _exact(fits: Fits) -> Matches:
    """A comparison in which wildcards are nothing special."""

    def matches(of_policy: str, value: str, context: Context, variables: bool) -> Truth:
        text = text_of(of_policy, context, variables)
        return text if isinstance(text, Truth) else Truth(fits(text, value))

    return matches


def _compared(read: Callable[[str], float | None], compare: Callable[[float, float], bool]) -> Matches:
    """A comparison of what the texts say, the request's value first; odd texts do not compare."""

    def fits(of_policy: str, value: str) -> bool:
        limit, found = read(of_policy), read(value)
        return limit is not None and found is not None and compare(found, limit)

    return _exact(fits)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _date(text: str) -> float | None:
    """A time in ISO 8601, or in seconds since 1970."""
    if (seconds := _number(text)) is not None:
        return seconds
    found = read_time(text)
    return found.timestamp() if found else None


def _in_network(of_policy: str, value: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(of_policy, strict=False)
    except ValueError:
        return False


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _same_bytes(of_policy: str, value: str) -> bool:
    return (found := _bytes(of_policy)) is not None and found == _bytes(value)


def _is_bool(text: str) -> bool:
    return text.lower() in ("true", "false")


def _ordered(prefix: str, read: Callable[[str], float | None], expected: str) -> Mapping[str, Operator]:
    def one(compare: Callable[[float, float], bool], negated: bool = False) -> Operator:
        return Operator(_compared(read, compare), negated, lambda text: read(text) is not None, expected)

    return {
        f"{prefix}Equals": one(operator.eq),
        f"{prefix}NotEquals": one(operator.eq, negated=True),
        f"{prefix}LessThan": one(operator.lt),
        f"{prefix}LessThanEquals": one(operator.le),
        f"{prefix}GreaterThan": one(operator.gt),
        f"{prefix}GreaterThanEquals": one(operator.ge),
    }


def _ignoring_case(of_policy: str, value: str) -> bool:
    return of_policy.casefold() == value.casefold()


_ADDRESS = "an IP address or a network in CIDR form"
_TRUTH = "true or false"

OPERATORS: Mapping[str, Operator] = {
    "StringEquals": Operator(_exact(operator.eq)),
    "StringNotEquals": Operator(_exact(operator.eq), negated=True),
    "StringEqualsIgnoreCase": Operator(_exact(_ignoring_case)),
    "StringNotEqualsIgnoreCase": Operator(_exact(_ignoring_case), negated=True),
    "StringLike": Operator(text_like),
    "StringNotLike": Operator(text_like, negated=True),
    **_ordered("Numeric", _number, "a number"),
    **_ordered("Date", _date, "a date in ISO 8601, or in seconds since 1970"),
    "Bool": Operator(_exact(_ignoring_case), is_valid=_is_bool, expected=_TRUTH),
    "BinaryEquals": Operator(
        _exact(_same_bytes), is_valid=lambda text: _bytes(text) is not None, expected="base64"
    ),
    "IpAddress": Operator(_exact(_in_network), is_valid=_is_network, expected=_ADDRESS),
    "NotIpAddress": Operator(_exact(_in_network), True, _is_network, _ADDRESS),
    "ArnEquals": Operator(arn_like),
    "ArnLike": Operator(arn_like),
    "ArnNotEquals": Operator(arn_like, negated=True),
    "ArnNotLike": Operator(arn_like, negated=True),
    # Decided in `holds`, by whether there is a value at all.
    "Null": Operator(_exact(operator.eq), is_valid=_is_bool, expected=_TRUTH),
}
