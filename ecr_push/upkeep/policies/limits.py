"""Whether a statement's conditions leave some fixed parties alone, where it is for everyone. Pure.

The same question as S3's "meaning of public", with its answers, and the condition keys that came later:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

from ecr_push.base.iam.document import Condition
from ecr_push.base.regex import lazy_regex

_POSITIVE = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress")
_LITERAL = ("StringEquals", "StringEqualsIgnoreCase")  # `*` and `?` are themselves
_ACCOUNT_IN_ARN = lazy_regex(r"arn:[^:]*:[^:]*:[^:]*:[0-9]{12}:.*")
_ORGANISATION_IN_PATH = lazy_regex(r"o-[a-z0-9]{10,32}/.*")
# A wider network is as good as everyone, as S3 has it; by IP version.
_WIDEST = {4: 8, 6: 32}


def limits(conditions: Iterable[Condition]) -> bool:
    """Whether one of them does: all have to hold."""
    return any(_limits(one) for one in conditions)


def _limits(condition: Condition) -> bool:
    """Whatever value of it holds, it means fixed parties."""
    if condition.operator not in _POSITIVE or condition.if_exists:
        return False  # `…IfExists` holds for a request without the key
    if condition.quantifier == "ForAllValues":
        return False  # as that does
    is_fixed = _KEYS.get(condition.key.lower())
    if is_fixed is None:
        return False
    if condition.operator in _LITERAL:
        return True
    return all(is_fixed(value) for value in condition.values)


def _is_whole(value: str) -> bool:
    return not any(special in value for special in ("*", "?", "${"))


def _has_account(value: str) -> bool:
    return _is_whole(value) or bool(_ACCOUNT_IN_ARN.fullmatch(value))


def _has_organisation(value: str) -> bool:
    return bool(_ORGANISATION_IN_PATH.fullmatch(value))


def _is_narrow(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST[network.version]


def _has_role_id(value: str) -> bool:
    """`AROA…:*` is every session of one role."""
    return _is_whole(value.removesuffix(":*"))


_KEYS: dict[str, Callable[[str], bool]] = {
    "aws:principalaccount": _is_whole,
    "aws:principalarn": _has_account,
    "aws:principalorgid": _is_whole,
    "aws:principalorgpaths": _has_organisation,
    "aws:sourceaccount": _is_whole,
    "aws:sourcearn": _has_account,
    "aws:sourceip": _is_narrow,
    "aws:sourceorgid": _is_whole,
    "aws:sourceorgpaths": _has_organisation,
    "aws:sourcevpc": _is_whole,
    "aws:sourcevpce": _is_whole,
    "aws:userid": _has_role_id,
    "aws:vpceaccount": _is_whole,
    "aws:vpceorgid": _is_whole,
    "aws:vpceorgpaths": _has_organisation,
}
