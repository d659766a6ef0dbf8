"""The settings of a repository, as a file gives them, or a template for repositories that ECR creates."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ecr_push.base.parse import read_json
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Node
from ecr_push.upkeep.file import FileReader, flag_of, text_of, texts_of, word_of
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.lifecycle.text import read_policy_text
from ecr_push.upkeep.model import Wanted

# Shapes RepositoryPolicyText and ImageTagMutabilityExclusionFilters of ECR's service model.
_POLICY_CHARACTERS = 10_240
_MOST_EXCEPTIONS = 5
_MOST_STARS = 2
_EXCEPTION = lazy_regex(r"[0-9a-zA-Z._*-]{1,128}")
_ENCRYPTION = ("AES256", "KMS", "KMS_DSSE")
_KMS_REGION = lazy_regex(r"arn:[a-z0-9-]+:kms:([a-z0-9-]+):.*")


class SettingsReader(FileReader):
    """region: the registry's, which a KMS key has to be in."""

    def __init__(self, path: Path, region: Callable[[], str]) -> None:
        super().__init__(path)
        self._region = region
        self._readers: Mapping[str, Callable[[Node], Any]] = {
            "mutability": lambda node: word_of(node, ("mutable", "immutable")).upper(),
            "except": _exceptions,
            "scan-on-push": flag_of,
            "encryption": lambda node: word_of(node, _ENCRYPTION),
            "kms-key": self._kms_key,
            "lifecycle": self._lifecycle,
            "policy": self._policy,
            "tags": self._tags,
        }

    def wanted(self, node: Node) -> Wanted:
        found = {}
        names = {"except": "exceptions", "scan-on-push": "scan_on_push", "kms-key": "kms_key"}
        for name, entry in self.entries(node, self._readers).items():
            try:
                found[names.get(name, name)] = self._readers[name](entry.node)
            except ValueError as error:
                self.complain(entry.node.line, f"{name}: {error}")
        return Wanted(**found)

    def check_together(self, wanted: Wanted, line: int) -> None:
        if wanted.exceptions and wanted.mutability is None:
            self.complain(line, "except: needs mutability, to which these are the exceptions")
        if wanted.kms_key and wanted.encryption not in ("KMS", "KMS_DSSE"):
            self.complain(line, "kms-key: needs encryption: KMS or KMS_DSSE")

    # -- values; each raises ValueError with a sentence

    def _kms_key(self, node: Node) -> str:
        key = text_of(node)
        if (found := _KMS_REGION.fullmatch(key)) and found[1] != self._region():
            raise ValueError(f"the key is in {found[1]}, and the registry in {self._region()}")
        return key

    def _lifecycle(self, node: Node) -> str:
        if isinstance(node.value, tuple):
            text = "\n".join(texts_of(node))
        elif text_of(node) == "none":
            return ""
        else:
            text = self._document(node)
        try:
            return as_json(read_policy_text(text))
        except LifecyclePolicyError as error:
            raise ValueError("; ".join(error.problems)) from error

    def _policy(self, node: Node) -> str:
        if text_of(node) == "none":
            return ""
        name = "it" if _is_json(node) else text_of(node)
        document = read_json(self._document(node))
        if not isinstance(document, dict) or not document.get("Statement"):
            raise ValueError(f"{name} is not a policy: expected an object with a Statement")
        text = json.dumps(document, separators=(",", ":"))
        if len(text) > _POLICY_CHARACTERS:
            raise ValueError(f"{name} has {len(text):,} characters, ECR takes {_POLICY_CHARACTERS:,}")
        for number, one in enumerate(_as_list(document["Statement"]), 1):
            if problem := _problem(one):
                raise ValueError(f"{name}, statement {number}: {problem}")
        return text

    def _document(self, node: Node) -> str:
        """What a file holds that is named, or JSON that stands in its place."""
        return text_of(node) if _is_json(node) else self.content(text_of(node))

    def _tags(self, node: Node) -> Mapping[str, str]:
        return {name: text_of(entry.node) for name, entry in self.entries(node).items()}


def _is_json(node: Node) -> bool:
    return text_of(node).startswith("{")


def _exceptions(node: Node) -> tuple[str, ...]:
    found = texts_of(node)
    if len(found) > _MOST_EXCEPTIONS:
        raise ValueError(f"has {len(found)} patterns, ECR takes {_MOST_EXCEPTIONS}")
    for pattern in found:
        if not _EXCEPTION.fullmatch(pattern) or pattern.count("*") > _MOST_STARS:
            raise ValueError(
                f"{pattern!r} is not a pattern of tags: expected 1 to 128 letters, digits, '.', '_' "
                f"and '-', with at most {_MOST_STARS} '*'"
            )
    return found


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
