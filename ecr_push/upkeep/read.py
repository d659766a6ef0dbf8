"""A file of repositories -> what they are to be, with every mistake and its line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences, RefusedPathError
from ecr_push.base.parse import read_json
from ecr_push.base.reference import check_repository_name
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_tree import Entry, Node, YamlError, read_yaml
from ecr_push.base.yaml_tree import Mapping as YamlMapping
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.lifecycle.text import read_policy_text
from ecr_push.upkeep.model import Wanted, WantedRepositories

FILE_BYTES = 1024 * 1024
# Shapes RepositoryPolicyText and ImageTagMutabilityExclusionFilters of ECR's service model.
_POLICY_CHARACTERS = 10_240
_MOST_EXCEPTIONS = 5
_MOST_STARS = 2
_EXCEPTION = lazy_regex(r"[0-9a-zA-Z._*-]{1,128}")
_PATTERN = lazy_regex(r"[a-z0-9._/*-]{1,256}")
_ENCRYPTION = ("AES256", "KMS", "KMS_DSSE")
_KMS_REGION = lazy_regex(r"arn:[a-z0-9-]+:kms:([a-z0-9-]+):.*")

T = TypeVar("T")


def read_repositories(path: Path, region: Callable[[], str]) -> WantedRepositories:
    """Raises SettingsError with every mistake. region: the registry's, which a KMS key has to be in."""
    reader = _Reader(path, region)
    found = reader.file()
    if reader.problems:
        raise SettingsError(reader.problems, remedy="docs/repositories.md has what the file may hold")
    return found


class _Reader:
    def __init__(self, path: Path, region: Callable[[], str]) -> None:
        self._path = path
        self._region = region
        self._fences = Fences.of(path.parent)
        self.problems: list[str] = []
        self._readers: Mapping[str, Callable[[Node], Any]] = {
            "mutability": lambda node: self._word(node, ("mutable", "immutable")).upper(),
            "except": self._exceptions,
            "scan-on-push": lambda node: self._word(node, ("true", "false")) == "true",
            "encryption": lambda node: self._word(node, _ENCRYPTION),
            "kms-key": self._kms_key,
            "lifecycle": self._lifecycle,
            "policy": self._policy,
            "tags": self._tags,
        }

    def file(self) -> WantedRepositories:
        try:
            root = read_yaml(read_bytes(self._path, FILE_BYTES, self._fences).decode())
        except YamlError as error:
            self.problems.append(f"{self._path}: is not valid YAML: {error}")
            return WantedRepositories()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            remedy = f": {error.remedy}" if isinstance(error, RefusedPathError) else ""
            self.problems.append(f"{self._path}: cannot be read: {reason}{remedy}")
            return WantedRepositories()
        parts = self._entries(root, ("defaults", "repositories")) if root else {}
        defaults = self._wanted(parts["defaults"].node) if "defaults" in parts else Wanted()
        if "repositories" not in parts:
            self.problems.append(f"{self._path}: names no repositories: expected `repositories:`")
            return WantedRepositories()
        named = {}
        entries = self._entries(parts["repositories"].node)
        for name, entry in entries.items():
            self._check_name(name, entry.line)
            empty = entry.node.plain and entry.node.value in ("", "null", "~")
            named[name] = Wanted() if empty else self._wanted(entry.node)
        found = WantedRepositories(named, defaults)
        for name, entry in entries.items():
            self._check_together(found.of(name) or Wanted(), entry.line)
        return found

    def _wanted(self, node: Node) -> Wanted:
        found = {}
        names = {"except": "exceptions", "scan-on-push": "scan_on_push", "kms-key": "kms_key"}
        for name, entry in self._entries(node, self._readers).items():
            try:
                found[names.get(name, name)] = self._readers[name](entry.node)
            except ValueError as error:
                self._complain(entry.node.line, f"{name}: {error}")
        return Wanted(**found)

    def _check_name(self, name: str, line: int) -> None:
        if "*" in name:
            if not _PATTERN.fullmatch(name):
                self._complain(line, f"{name!r} is not a pattern of names: expected a-z, 0-9, ._/- and *")
            return
        try:
            check_repository_name(name)
        except ValueError as error:
            self._complain(line, str(error))

    def _check_together(self, wanted: Wanted, line: int) -> None:
        if wanted.exceptions and wanted.mutability is None:
            self._complain(line, "except: needs mutability, to which these are the exceptions")
        if wanted.kms_key and wanted.encryption not in ("KMS", "KMS_DSSE"):
            self._complain(line, "kms-key: needs encryption: KMS or KMS_DSSE")

    # -- values; each raises ValueError with a sentence

    def _word(self, node: Node, words: Iterable[str]) -> str:
        text = _text(node)
        found = next((word for word in words if word.lower() == text.lower()), "")
        if not found:
            raise ValueError(f"{text!r} is not one of {', '.join(words)}{did_you_mean(text, words)}")
        return found

    def _exceptions(self, node: Node) -> tuple[str, ...]:
        found = _texts(node)
        if len(found) > _MOST_EXCEPTIONS:
            raise ValueError(f"has {len(found)} patterns, ECR takes {_MOST_EXCEPTIONS}")
        for pattern in found:
            if not _EXCEPTION.fullmatch(pattern) or pattern.count("*") > _MOST_STARS:
                raise ValueError(
                    f"{pattern!r} is not a pattern of tags: expected 1 to 128 letters, digits, '.', '_' "
                    f"and '-', with at most {_MOST_STARS} '*'"
                )
        return found

    def _kms_key(self, node: Node) -> str:
        key = _text(node)
        if (found := _KMS_REGION.fullmatch(key)) and found[1] != self._region():
            raise ValueError(f"the key is in {found[1]}, and the registry in {self._region()}")
        return key

    def _lifecycle(self, node: Node) -> str:
        if isinstance(node.value, tuple):
            text = "\n".join(_texts(node))
        elif _text(node) == "none":
            return ""
        else:
            text = self._content(_text(node))
        try:
            return as_json(read_policy_text(text))
        except LifecyclePolicyError as error:
            raise ValueError("; ".join(error.problems)) from error

    def _policy(self, node: Node) -> str:
        name = _text(node)
        if name == "none":
            return ""
        document = read_json(self._content(name))
        if not isinstance(document, dict) or not document.get("Statement"):
            raise ValueError(f"{name} is not a policy: expected an object with a Statement")
        text = json.dumps(document, separators=(",", ":"))
        if len(text) > _POLICY_CHARACTERS:
            raise ValueError(f"{name} has {len(text):,} characters, ECR takes {_POLICY_CHARACTERS:,}")
        for number, one in enumerate(_as_list(document["Statement"]), 1):
            if problem := _problem(one):
                raise ValueError(f"{name}, statement {number}: {problem}")
        return text

    def _tags(self, node: Node) -> Mapping[str, str]:
        return {name: _text(entry.node) for name, entry in self._entries(node).items()}

    def _content(self, name: str) -> str:
        """The text of a file, whose path starts at the folder of the file that names it."""
        try:
            return read_bytes(self._path.parent / name, FILE_BYTES, self._fences).decode()
        except UnicodeDecodeError:
            raise ValueError(f"{name} is not text in UTF-8") from None
        except OSError as error:
            raise ValueError(f"cannot read {name}: {error.strerror or error}") from error

    def _entries(self, node: Node, known: Iterable[str] = ()) -> dict[str, Entry]:
        if not isinstance(node.value, YamlMapping):
            self._complain(node.line, "expected `name: value` lines")
            return {}
        found: dict[str, Entry] = {}
        for entry in node.value.entries:
            if known and entry.name not in known:
                self._complain(entry.line, f"{entry.name!r} is not known{did_you_mean(entry.name, known)}")
            elif entry.name in found:
                self._complain(entry.line, f"{entry.name!r} is there twice")
            else:
                found[entry.name] = entry
        return found

    def _complain(self, line: int, problem: str) -> None:
        self.problems.append(f"{self._path}, line {line}: {problem}")


def _text(node: Node) -> str:
    if not isinstance(node.value, str) or not node.value.strip():
        raise ValueError("expected one value, not a list, a map or nothing")
    return node.value.strip()


def _texts(node: Node) -> tuple[str, ...]:
    if not isinstance(node.value, tuple):
        raise ValueError("expected a list")
    return tuple(_text(one) for one in node.value)


def _problem(statement: Any) -> str:
    """What is wrong with a statement of a repository's policy, in words; "" for nothing."""
    if not isinstance(statement, dict):
        return "is not an object"
    if "Resource" in statement:
        return "ECR refuses a Resource here: it is the repository"
    if _is_for_everyone(statement):
        return "opens the repository to every AWS account: name accounts, or a Condition (aws:PrincipalOrgID)"
    return ""


def _is_for_everyone(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    every = principal == "*" or (isinstance(principal, dict) and "*" in _as_list(principal.get("AWS")))
    return statement.get("Effect") == "Allow" and every and not statement.get("Condition")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
