"""Reads a policy, or lists everything that is wrong with it, each with its place. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from ecr_push.base.iam.conditions import OPERATORS
from ecr_push.base.iam.document import (
    VERSIONS,
    Condition,
    Patterns,
    Policy,
    Principals,
    Quantifier,
    Statement,
)
from ecr_push.base.iam.kinds import IDENTITY, Kind
from ecr_push.base.iam.pattern import variables_of
from ecr_push.base.iam.principal import ACCOUNT, IAM_ARN
from ecr_push.base.parse import read_json
from ecr_push.base.regex import lazy_regex
from ecr_push.base.shape import quoted
from ecr_push.base.suggest import did_you_mean

_POLICY = ("Version", "Id", "Statement")
_STATEMENT = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"),
    "Condition",
)
_TYPES = {"AWS": "aws", "Service": "service", "Federated": "federated", "CanonicalUser": "canonical"}
_ACTION = lazy_regex(r"\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+")
_RESOURCE = lazy_regex(r"(?s)\*|arn:[^:]*:[^:*?]+:[^:]*:[^:]*:.+")
_SID = lazy_regex(r"[a-zA-Z0-9]*")
_UNIQUE_ID = lazy_regex(r"A[A-Z0-9]{10,}")  # what an ARN becomes once its principal is deleted


class PolicyError(ValueError):
    """A policy that is not valid. problems: each with its place, such as `Statement[0].Effect is absent`."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def read_policy_text(text: str | bytes, kind: Kind, name: str) -> Policy:
    """Reads a policy from JSON. Raises PolicyError."""
    try:
        value = read_json(text)
    except ValueError as error:
        raise PolicyError([f"it is not valid JSON: {error}"]) from None
    return read_policy(value, kind, name)


def read_policy(value: Any, kind: Kind, name: str) -> Policy:
    """Reads a policy from parsed JSON or YAML. Raises PolicyError."""
    reader = _Reader(kind)
    policy = reader.policy(value, name)
    if reader.problems:
        raise PolicyError(reader.problems)
    return policy


class _Reader:
    """Collects every problem while it reads, so that one reading lists them all."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.problems: list[str] = []

    def problem(self, what: str) -> None:
        self.problems.append(what)

    def policy(self, value: Any, name: str) -> Policy:
        if not isinstance(value, Mapping):
            self.problem(f"it is {quoted(value)}, expected an object")
            return Policy(name, ())
        self.members("", value, _POLICY)
        version = value.get("Version", VERSIONS[0])
        if version not in VERSIONS:
            self.problem(f"Version is {quoted(version)}, expected {' or '.join(map(repr, VERSIONS))}")
        found = value.get("Statement")
        if not found or not isinstance(found, (Mapping, list, tuple)):
            given = "absent" if found is None else quoted(found)
            self.problem(f"Statement is {given}, expected an object or a list of them")
            return Policy(name, ())
        placed = (
            [("Statement", found)]
            if isinstance(found, Mapping)
            else [(f"Statement[{place}]", one) for place, one in enumerate(found)]
        )
        statements = tuple(self.statement(place, one) for place, one in placed)
        self.sids(statements)
        return Policy(name, statements, str(version))

    def sids(self, statements: Sequence[Statement]) -> None:
        seen: dict[str, str] = {}
        for one in statements:
            if one.sid and one.sid in seen:
                self.problem(f"{one.place}.Sid is {one.sid!r}, which {seen[one.sid]} has too")
            seen.setdefault(one.sid, one.place)

    def statement(self, place: str, value: Any) -> Statement:
        if not isinstance(value, Mapping):
            self.problem(f"{place} is {quoted(value)}, expected an object")
            return Statement(place, "", allows=False, actions=Patterns(()))
        self.members(place, value, _STATEMENT)
        effect = value.get("Effect")
        if effect not in ("Allow", "Deny"):
            given = "absent" if effect is None else quoted(effect)
            self.problem(f"{place}.Effect is {given}, expected 'Allow' or 'Deny'")
        return Statement(
            place,
            self.sid(place, value.get("Sid")),
            effect == "Allow",
            self.actions(place, value),
            self.resources(place, value),
            self.principals(place, value),
            tuple(self.conditions(f"{place}.Condition", value.get("Condition", {}))),
        )

    def sid(self, place: str, value: Any) -> str:
        if value is not None and not isinstance(value, str):
            self.problem(f"{place}.Sid is {quoted(value)}, expected text")
        elif value and self.kind is IDENTITY and not _SID.fullmatch(value):
            self.problem(f"{place}.Sid is {quoted(value)}, expected letters and digits alone")
        return str(value or "")

    def actions(self, place: str, value: Mapping[str, Any]) -> Patterns:
        name, found = self.one_of(place, value, "Action")
        where, service = f"{place}.{name}", self.kind.service
        for one in found:
            if not _ACTION.fullmatch(one):
                self.problem(f"{where} has {quoted(one)}, expected '*', or an action such as 'ecr:PutImage'")
            elif service and one != "*" and one.partition(":")[0].lower() != service:
                self.problem(f"{where} has {quoted(one)}, which is not an action of {service}")
        return Patterns(found, name.startswith("Not"))

    def resources(self, place: str, value: Mapping[str, Any]) -> Patterns | None:
        if not self.kind.resource:
            self.without(place, value, "Resource", "its only resource is what it is attached to")
            return None
        name, found = self.one_of(place, value, "Resource")
        for one in found:
            if not _RESOURCE.fullmatch(one):
                self.problem(f"{place}.{name} has {quoted(one)}, expected '*' or an ARN")
            self.variables(f"{place}.{name}", one)
        return Patterns(found, name.startswith("Not"))

    def principals(self, place: str, value: Mapping[str, Any]) -> Principals | None:
        if not self.kind.principal:
            self.without(place, value, "Principal", "its principal is whose policy it is")
            return None
        name = self.which(place, value, "Principal")
        found = value.get(name)
        if found == "*":
            return Principals(aws=("*",), negated=name.startswith("Not"))
        if found is None:
            return Principals()
        where = f"{place}.{name}"
        if not isinstance(found, Mapping) or not found:
            self.problem(f"{where} is {quoted(found)}, expected '*', or an object such as {{\"AWS\": …}}")
            return Principals()
        self.members(where, found, tuple(_TYPES))
        by_type = {
            field: self.texts(f"{where}.{one}", found[one]) for one, field in _TYPES.items() if one in found
        }
        for one in by_type.get("aws", ()):
            if not _is_principal(one):
                self.problem(
                    f"{where}.AWS has {quoted(one)}, expected '*', an account's number, or the ARN of a "
                    "role, a user or a session; part of an ARN cannot be '*'"
                )
        return Principals(**by_type, negated=name.startswith("Not"))

    def conditions(self, place: str, value: Any) -> Iterator[Condition]:
        if not isinstance(value, Mapping):
            self.problem(f"{place} is {quoted(value)}, expected an object")
            return
        for written, keys in value.items():
            quantifier, name, if_exists = _operator(str(written))
            if name not in OPERATORS or (name == "Null" and (quantifier or if_exists)):
                hint = did_you_mean(name, OPERATORS)
                self.problem(f"{place} has {quoted(written)}, which is not an operator{hint}")
                continue
            if not isinstance(keys, Mapping) or not keys:
                self.problem(f"{place}.{written} is {quoted(keys)}, expected keys with their values")
                continue
            for key, values in keys.items():
                where = f"{place}.{written}.{key}"
                texts = self.texts(where, values, scalars=True)
                self.values(where, name, texts)
                yield Condition(name, str(key), texts, quantifier, if_exists)

    def values(self, where: str, name: str, texts: Sequence[str]) -> None:
        for one in texts:
            self.variables(where, one)
            if "${" not in one and not OPERATORS[name].is_valid(one) and OPERATORS[name].expected != "text":
                self.problem(f"{where} has {quoted(one)}, expected {OPERATORS[name].expected}")

    def variables(self, where: str, text: str) -> None:
        if any(not key or any(blank in key for blank in " \t\n") for key in variables_of(text)):
            self.problem(f"{where} has {quoted(text)}, whose variable is not '${{key}}' or '${{key, 'x'}}'")

    def members(self, place: str, value: Mapping[str, Any], known: Sequence[str]) -> None:
        for name in value:
            if name not in known:
                hint = did_you_mean(str(name), known)
                self.problem(f"{place or 'it'} has the unknown member {quoted(name)}{hint}")

    def without(self, place: str, value: Mapping[str, Any], name: str, why: str) -> None:
        for one in (name, f"Not{name}"):
            if one in value:
                self.problem(f"{place} has a {one}, which {self.kind.title} cannot have: {why}")

    def which(self, place: str, value: Mapping[str, Any], name: str) -> str:
        """`Action` or `NotAction`, of which there must be one."""
        given = [one for one in (name, f"Not{name}") if one in value]
        if len(given) != 1:
            problem = "has both" if given else "needs one of"
            self.problem(f"{place} {problem} {name} and Not{name}")
        return given[0] if given else name

    def one_of(self, place: str, value: Mapping[str, Any], name: str) -> tuple[str, tuple[str, ...]]:
        which = self.which(place, value, name)
        return which, self.texts(f"{place}.{which}", value[which]) if which in value else ()

    def texts(self, where: str, value: Any, *, scalars: bool = False) -> tuple[str, ...]:
        """One text or a list of texts, not an empty one. scalars: numbers and truth values, too."""
        found = value if isinstance(value, (list, tuple)) else [value]
        texts = []
        for one in found:
            if isinstance(one, str) and (one or scalars):
                texts.append(one)
            elif scalars and isinstance(one, (bool, int, float)):
                texts.append(str(one).lower())
            else:
                self.problem(f"{where} has {quoted(one)}, expected text")
        if not found:
            self.problem(f"{where} is an empty list")
        return tuple(texts)


def _operator(written: str) -> tuple[Quantifier, str, bool]:
    """`ForAnyValue:StringLikeIfExists` in its parts."""
    quantifier: Quantifier = ""
    for one in get_args(Quantifier):
        if one and written.startswith(f"{one}:"):
            quantifier, written = one, written[len(one) + 1 :]
    name = written.removesuffix("IfExists")
    return quantifier, name, name != written


def _is_principal(text: str) -> bool:
    if text == "*" or ACCOUNT.fullmatch(text) or _UNIQUE_ID.fullmatch(text):
        return True
    found = IAM_ARN.fullmatch(text)
    return bool(
        found and "*" not in text and "?" not in text and bool(found["name"]) != (found["kind"] == "root")
    )
