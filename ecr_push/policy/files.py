"""Reads policy files and what they extend into layers. `ecr-push.yml` may hold a policy under `policy`."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from ecr_push.base.bucket import check_bucket
from ecr_push.base.checkout_files import read_bytes, utf8
from ecr_push.base.dataclass import dataclass
from ecr_push.base.fences import Fences, RefusedPathError
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_tree import Mapping as YamlMapping
from ecr_push.base.yaml_tree import Node, read_yaml
from ecr_push.policy.keys import BY_NAME
from ecr_push.policy.model import AlwaysRefused, PolicyException
from ecr_push.policy.read_object import ReadObject
from ecr_push.policy.values import texts

S3 = "s3://"
POLICY_BYTES = 1024 * 1024
LONGEST_CHAIN = 8
# The keys that are also settings; a setting overrides the policy.
SHARED = ("fail-on", "max-findings", "unscannable", "baseline")


@dataclass(frozen=True)
class PolicyValue:
    """A value and its place: `FILE, line 3`, or a flag."""

    value: Any
    origin: str


@dataclass(frozen=True)
class PolicyLayer:
    """The values of one file or of the settings. locked: key -> the place that locks it."""

    values: Mapping[str, PolicyValue]
    locked: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


class Files:
    """Reads policies and the files that they name, relative to the file that names them.

    A policy in the checkout, which may be an outsider's, names no file outside of it.
    """

    def __init__(self, read_object: ReadObject, fences: Fences, problems: list[str]) -> None:
        self._read_object = read_object
        self._fences = fences
        self._problems = problems

    def chain(self, path: str, place: str) -> list[PolicyLayer]:
        """Reads a policy, which place names, and all that it extends; the most central layer comes first."""
        layers: list[PolicyLayer] = []
        seen: list[str] = []
        of_the_checkout = False
        while path:
            if path in seen:
                self._problems.append(f"{place}: {path} extends itself: {' -> '.join([*seen, path])}")
                break
            if len(seen) == LONGEST_CHAIN:
                self._problems.append(f"{place}: more than {LONGEST_CHAIN} policies extend each other")
                break
            seen.append(path)
            layer, extends = self._layer(path, place, central=len(seen) > 1)
            layers.insert(0, layer)
            of_the_checkout |= not path.startswith(S3) and self._fences.hold(Path(path))
            observe = layer.values.get("observe")
            if observe and observe.value and of_the_checkout:
                self._problems.append(
                    f"{observe.origin}, observe: is not allowed in a policy of the checkout, nor in one that "
                    "it extends: it comes with the code that it judges. Use --observe or ECR_PUSH_OBSERVE, "
                    "or name a policy elsewhere with --policy"
                )
            path = self.locate(path, extends.value, extends.origin) if extends else ""
            place = extends.origin if extends else ""
        return layers

    def read(self, path: str, place: str, limit: int) -> bytes | None:
        """Returns the content of a file or object; None, with a problem recorded, if it cannot be read."""
        try:
            if path.startswith(S3):
                check_bucket(path.removeprefix(S3).partition("/")[0])
                return self._read_object(path, limit)
            return read_bytes(Path(path), limit, self._fences, streams=True)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            if isinstance(error, RefusedPathError):
                reason += f": {error.remedy}"
            elif isinstance(error, FileNotFoundError):
                reason += f"; it was looked for in {Path(path).absolute().parent}"
            self._problems.append(f"{place}: cannot read {path}: {reason}")
            return None

    def locate(self, base: str, named: str, place: str) -> str:
        """Resolves a name in the file base, at place; "", with a problem recorded, if it is not allowed."""
        if named.startswith(S3):
            return named
        if base.startswith(S3):
            bucket, _, key = base.removeprefix(S3).partition("/")
            return (
                f"{S3}{bucket}/{posixpath.normpath(posixpath.join('/', posixpath.dirname(key), named))[1:]}"
            )
        path = Path(base).parent / named
        if self._fences.hold(Path(base)) and not self._fences.hold(path):
            self._problems.append(
                f"{place}: {path} is outside the checkout, whose files may be anyone's: name the policy that "
                "needs it with --policy, from outside too, or use s3://BUCKET/KEY"
            )
            return ""
        return str(path)

    def _layer(self, path: str, place: str, *, central: bool) -> tuple[PolicyLayer, PolicyValue | None]:
        nothing = PolicyLayer({}, name=path)
        content = self.read(path, place, POLICY_BYTES)
        if content is None:
            return nothing, None
        try:
            root = read_yaml(utf8(content))
        except ValueError as error:
            self._problems.append(f"{path}: cannot parse the file: {error}")
            return nothing, None
        if root is None:
            return nothing, None
        if not isinstance(root.value, YamlMapping):
            self._problems.append(f"{path}: expected a policy as 'name: value' lines")
            return nothing, None
        mapping = self._inside(path, root.value, central=central)
        return self._entries(path, mapping, central=central) if mapping else (nothing, None)

    def _inside(self, path: str, root: YamlMapping, *, central: bool) -> YamlMapping | None:
        """Returns the policy itself: in ecr-push.yml it is one key among the settings."""
        inside = root.get("policy")
        if inside is None:
            return root
        if not isinstance(inside.node.value, YamlMapping):
            self._problems.append(f"{path}, line {inside.line}, policy: expected a mapping here")
            return None
        # The settings in the run's own ecr-push.yml are read by settings/.
        read = SHARED if path.rpartition("/")[2] == CONFIG_FILE_NAME and not central else ()
        for entry in root.entries:
            place = f"{path}, line {entry.line}, {entry.name}:"
            if entry.name == "policy" and entry is not inside:
                self._problems.append(f"{place} is already set in line {inside.line}")
            elif entry.name in SHARED and inside.node.value.get(entry.name):
                self._problems.append(f"{place} is also set in the policy below: keep only one")
            elif entry.name in {*BY_NAME, "extends", "locked"} - {*read}:
                self._problems.append(f"{place} has no effect outside of 'policy:': move it below that key")
        return inside.node.value

    def _entries(
        self, path: str, mapping: YamlMapping, *, central: bool
    ) -> tuple[PolicyLayer, PolicyValue | None]:
        values: dict[str, PolicyValue] = {}
        locked: dict[str, str] = {}
        extends: PolicyValue | None = None
        lines: dict[str, int] = {}
        for entry in mapping.entries:
            origin = f"{path}, line {entry.line}"
            complain = self._complain(path, entry.name)
            if entry.name in lines:
                complain(entry.line, f"is already set in line {lines[entry.name]}")
                continue
            lines[entry.name] = entry.line
            if entry.name == "extends":
                if isinstance(entry.node.value, str) and entry.node.value.strip():
                    extends = PolicyValue(entry.node.value.strip(), f"{origin}, extends")
                else:
                    complain(entry.line, "expected a file, or s3://BUCKET/KEY")
            elif entry.name == "locked":
                locked = dict.fromkeys(_locked(entry.node, complain), origin)
            elif entry.name in BY_NAME:
                value = BY_NAME[entry.name].read(entry.node, complain)
                value = self._placed(value, path, central)
                if entry.name == "vex":
                    located = (self.locate(path, one, f"{origin}, vex") for one in value)
                    value = tuple(one for one in located if one)
                values[entry.name] = PolicyValue(value, origin)
            else:
                hint = did_you_mean(entry.name, [*BY_NAME, "extends", "locked"])
                self._problems.append(f"{origin}: {entry.name!r} is not a policy key{hint}")
        return PolicyLayer(values, locked, path), extends

    def _placed(self, value: Any, path: str, central: bool) -> Any:
        """Completes the places of a list's entries with the file."""

        def one(entry: Any) -> Any:
            if isinstance(entry, PolicyException):
                return replace(entry, where=f"{path}, {entry.where}", central=central)
            if isinstance(entry, AlwaysRefused):
                return replace(entry, where=f"{path}, {entry.where}")
            return entry

        return tuple(map(one, value)) if isinstance(value, tuple) else value

    def _complain(self, path: str, key: str) -> Callable[[int, str], None]:
        def complain(line: int, text: str) -> None:
            self._problems.append(f"{path}, line {line}, {key}: {text}")

        return complain


def _locked(node: Node, complain: Callable[[int, str], None]) -> Iterable[str]:
    if node.value in ("true", "false"):
        return list(BY_NAME) if node.value == "true" else []
    names = texts(node, complain)
    for name in names:
        if name not in BY_NAME:
            hint = did_you_mean(name, BY_NAME)
            complain(node.line, f"{name!r} is not a key that can be locked{hint}")
    return names
