"""Who may call the sandbox, and with which policies. One YAML (or JSON) mapping:

    principals:
      - arn: arn:aws:iam::123456789012:user/ci
        access-key: SANDBOXACCESSKEY0001     # the key of the variables that `ecr-push sandbox` prints
        policies: [push.json]                # files beside this one, or the policies themselves
        boundary: boundary.json              # a permissions boundary; optional
        tags: {team: pay}                    # what ${aws:PrincipalTag/team} stands for; optional
      - arn: arn:aws:iam::123456789012:role/deploy
        policies: [{Version: "2012-10-17", Statement: [...]}]
        trust: trust.json                    # who may assume the role
    organization:                            # optional
      - [scp-root.json]                      # service control policies, a list for each level
      - [scp-account.json]
    context: {"aws:PrincipalOrgID": o-abc}   # more condition keys of every request; optional

A key that is not named keeps what it may without this: SANDBOXACCESSKEY0001 everything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ecr_push.base.iam.document import Policy
from ecr_push.base.iam.kinds import IDENTITY, TRUST, Kind
from ecr_push.base.iam.principal import IAM_ARN, Caller
from ecr_push.base.iam.read import PolicyError, read_policy
from ecr_push.base.parse import read_json
from ecr_push.sandbox.checker import Checker, written_size

# The text of a file that a setup names. Raises OSError.
ReadFile = Callable[[str], bytes]
_MAX_VALUES = 100_000
_PRINCIPAL = ("arn", "access-key", "policies", "boundary", "tags", "trust")


@dataclass(frozen=True)
class Principal:
    """A user or a role. trust: of a role. boundary: None for none."""

    arn: str
    access_key: str = ""
    policies: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] | None = None
    trust: tuple[Policy, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True)
class Setup:
    """All principals, what limits them, and facts about every request. document: what it was read from."""

    principals: tuple[Principal, ...] = ()
    scps: tuple[tuple[Policy, ...], ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)

    def of_key(self, access_key: str) -> Principal | None:
        return next((one for one in self.principals if access_key and one.access_key == access_key), None)

    def of_arn(self, arn: str) -> Principal | None:
        return next((one for one in self.principals if one.arn == arn), None)


def read_setup(checker: Checker, where: str, document: Any, read_file: ReadFile | None) -> Setup:
    """Reads a setup; what is wrong with it goes to the checker.

    where:     its place in a larger document; "" for one of its own.
    read_file: None where it may not name files.
    """
    return _Reader(checker, where, read_file).setup(document)


def parse_setup(text: str | bytes, read_file: ReadFile) -> tuple[Setup, list[str]]:
    """Reads a setup from YAML or JSON; the second value is every problem."""
    checker = Checker("the file")
    try:
        document = yaml.safe_load(text)
        size = written_size(document, {})
    except (yaml.YAMLError, ValueError) as error:
        return Setup(), [f"not valid YAML: {' '.join(str(error).split())}"]
    except RecursionError:
        return Setup(), ["not valid YAML: nested too deeply"]
    if size > _MAX_VALUES:
        return Setup(), [f"more than {_MAX_VALUES:,} values, those behind aliases included"]
    if not document:
        checker.problem("", "is empty: expected principals")
    return read_setup(checker, "", document, read_file), checker.problems


class _Reader:
    def __init__(self, checker: Checker, where: str, read_file: ReadFile | None) -> None:
        self._checker = checker
        self._prefix = f"{where}." if where else ""
        self._where = where
        self._read_file = read_file

    def setup(self, document: Any) -> Setup:
        check, prefix = self._checker, self._prefix
        entries = check.mapping(self._where, document, ("principals", "organization", "context"))
        principals = tuple(
            self.principal(f"{prefix}principals[{place}]", one)
            for place, one in enumerate(check.items(f"{prefix}principals", entries.get("principals")))
        )
        self.are_different(principals)
        levels = check.items(f"{prefix}organization", entries.get("organization"))
        return Setup(
            principals,
            tuple(
                self.policies(f"{prefix}organization[{place}]", one, IDENTITY, "a service control policy")
                for place, one in enumerate(levels)
            ),
            self.context(f"{prefix}context", entries.get("context")),
            entries,
        )

    def principal(self, where: str, value: Any) -> Principal:
        check = self._checker
        entry = check.mapping(where, value, _PRINCIPAL)
        arn = check.text(f"{where}.arn", entry.get("arn"))
        found = IAM_ARN.fullmatch(arn)
        if not found or found["kind"] not in ("user", "role"):
            check.problem(f"{where}.arn", f"is {arn!r}: expected the ARN of a user or a role")
        name = arn.rpartition(":")[2]
        boundary = entry.get("boundary")
        if entry.get("trust") and ":user/" in arn:
            check.problem(f"{where}.trust", "is for roles: a user is not assumed")
        return Principal(
            arn,
            check.text(f"{where}.access-key", entry.get("access-key")),
            self.policies(f"{where}.policies", entry.get("policies"), IDENTITY, f"a policy of {name}"),
            None
            if boundary is None
            else self.policies(f"{where}.boundary", [boundary], IDENTITY, f"the boundary of {name}"),
            self.policies(
                f"{where}.trust", _as_list(entry.get("trust")), TRUST, f"the trust policy of {name}"
            ),
            self.tags(f"{where}.tags", entry.get("tags")),
        )

    def policies(self, where: str, value: Any, kind: Kind, title: str) -> tuple[Policy, ...]:
        items = self._checker.items(where, value)
        return tuple(
            found
            for place, one in enumerate(items)
            for found in [self.policy(f"{where}[{place}]" if len(items) > 1 else where, one, kind, title)]
            if found
        )

    def policy(self, where: str, value: Any, kind: Kind, title: str) -> Policy | None:
        try:
            if isinstance(value, str):
                title, value = value, self.content(value)
            return read_policy(value, kind, title)
        except PolicyError as error:
            for problem in error.problems:
                self._checker.problem(where, f"is not a valid policy: {problem}")
        except OSError as error:
            self._checker.problem(where, f"names {value!r}: {error.strerror or error}")
        except ValueError as error:
            self._checker.problem(where, f"names {value!r}: {error}")
        return None

    def content(self, name: str) -> Any:
        if self._read_file is None:
            raise ValueError("a scenario reads no files: write the policy itself")
        return read_json(self._read_file(name))

    def tags(self, where: str, value: Any) -> dict[str, str]:
        if value is None or (isinstance(value, dict) and all(isinstance(one, str) for one in value.values())):
            return {str(name): one for name, one in (value or {}).items()}
        self._checker.problem(where, f"is {value!r}: expected texts by name")
        return {}

    def context(self, where: str, value: Any) -> dict[str, Any]:
        if value is None:
            return {}
        if isinstance(value, dict) and all(
            isinstance(one, str) or (isinstance(one, list) and all(isinstance(it, str) for it in one))
            for one in value.values()
        ):
            return {str(key): one for key, one in value.items()}
        self._checker.problem(where, f"is {json.dumps(value, default=str)[:200]}: expected texts by key")
        return {}

    def are_different(self, principals: tuple[Principal, ...]) -> None:
        for what, names in (
            ("ARN", [one.arn for one in principals]),
            ("access key", [one.access_key for one in principals if one.access_key]),
        ):
            for name in sorted({one for one in names if names.count(one) > 1}):
                self._checker.problem(f"{self._prefix}principals", f"have the {what} {name!r} twice")


def caller_of(arn: str, role_arn: str, user_id: str, tags: Mapping[str, str]) -> Caller:
    """The caller of a policy's decision; the one without credentials for an empty ARN."""
    return Caller.of(arn, role_arn=role_arn, user_id=user_id, tags=tags) if arn else Caller()


def _as_list(value: Any) -> Any:
    return value if value is None or isinstance(value, list) else [value]
