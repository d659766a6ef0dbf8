"""The settings of a repository, as a file gives them, or a template for repositories that ECR creates."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ecr_push.base.parse import read_json
from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.base.shorten import shorten
from ecr_push.base.yaml_tree import Entry, Node
from ecr_push.upkeep.file import FileReader, MistakesError, flag_of, is_empty, text_of, texts_of, word_of
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.lifecycle.text import read_policy_text
from ecr_push.upkeep.model import Wanted
from ecr_push.upkeep.policies.access import Access, faults_of
from ecr_push.upkeep.policies.check import SECOND_WORD, too_long
from ecr_push.upkeep.policies.model import REPOSITORY_VERBS, Grant
from ecr_push.upkeep.policies.read import read_grants

# Shape ImageTagMutabilityExclusionFilters of ECR's service model.
_MOST_EXCEPTIONS = 5
_MOST_STARS = 2
_EXCEPTION = lazy_regex(r"[0-9a-zA-Z._*-]{1,128}")
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-using-tags.html
_MOST_TAGS, _TAG_LENGTHS = 50, (128, 256)
_TAG = lazy_regex(r"[\w +\-=.:/@]*")
_ACCESS = ("policy", "pull", "push", SECOND_WORD)
_ENCRYPTION = ("AES256", "KMS", "KMS_DSSE")
_KMS_REGION = lazy_regex(r"arn:[a-z0-9-]+:kms:([a-z0-9-]+):.*")


class SettingsReader(FileReader):
    """region, account: the registry's, asked for where a value needs them; "" for an unknown account.

    doubts: what is probably not meant, with the file and the line.
    """

    def __init__(self, path: Path, region: Callable[[], str], account: Callable[[], str] = str) -> None:
        super().__init__(path)
        self._region = region
        self._account = account
        self.doubts: list[str] = []
        self.readers: Mapping[str, Callable[[Node], Any]] = {
            "mutability": lambda node: word_of(node, ("mutable", "immutable")).upper(),
            "except": _exceptions,
            "scan-on-push": flag_of,
            "encryption": lambda node: word_of(node, _ENCRYPTION),
            "kms-key": self._kms_key,
            "lifecycle": self._lifecycle,
            "policy": self._policy,
            "pull": partial(self._grants, "pull"),
            "push": partial(self._grants, "push"),
            SECOND_WORD: flag_of,
            "tags": self._tags,
        }

    def wanted(self, node: Node, *, is_one: bool = False) -> Wanted:
        """is_one: whether these are the settings of one repository, which alone may be open to the world."""
        return self.wanted_of(self.entries(node, self.readers), is_one=is_one)

    def wanted_of(self, entries: Mapping[str, Entry], *, is_one: bool = False) -> Wanted:
        """Those among entries that are settings of a repository."""
        names = {"except": "exceptions", "scan-on-push": "scan_on_push", "kms-key": "kms_key"}
        found = {names.get(key, key): value for key, value in self.values(entries, self.readers).items()}
        unread = [key for key in _ACCESS if key in entries and key not in found]
        is_open = found.pop(SECOND_WORD, None)
        wanted = Wanted(**found)
        if SECOND_WORD not in unread:
            access = Access(wanted.policy, wanted.pull, wanted.push, is_open)
            self._check_access(access, entries, unread, is_one=is_one)
        return wanted

    def check_together(self, wanted: Wanted, line: int) -> None:
        if wanted.exceptions and wanted.mutability is None:
            self.complain(line, "except: needs mutability, to which these are the exceptions")
        if wanted.kms_key and wanted.encryption not in ("KMS", "KMS_DSSE"):
            self.complain(line, "kms-key: needs encryption: KMS or KMS_DSSE")
        if (wanted.pull or wanted.push) and (problem := too_long(wanted.policy or "")):
            self.complain(line, f"pull and push: {problem}")

    def _check_access(
        self, access: Access, entries: Mapping[str, Entry], unread: Sequence[str], *, is_one: bool
    ) -> None:
        """unread: the keys whose values are mistakes. Whether these open anything is not known."""
        for fault in faults_of(access, self._place, is_one=is_one):
            if fault.key == SECOND_WORD and unread:
                continue
            node = entries[fault.key].node
            file = _file_of(node) if fault.key == "policy" else ""
            say = self.complain if fault.level == "mistake" else self.doubt
            say(node.line, f"{fault.key}: {file}{fault.what}")

    def doubt(self, line: int, doubt: str) -> None:
        self.doubts.append(f"{self._path}, line {line}: {doubt}")

    def _place(self) -> Place:
        return Place(self._region(), self._account())

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
            text = self.document(node)
        try:
            return as_json(read_policy_text(text))
        except LifecyclePolicyError as error:
            raise MistakesError([(node.line, problem) for problem in error.problems]) from error

    def _policy(self, node: Node) -> str:
        if text_of(node) == "none":
            return ""
        text = self.document(node)
        try:
            return json.dumps(read_json(text), separators=(",", ":"))
        except ValueError as error:
            raise ValueError(f"{_file_of(node)}is not valid JSON: {error}") from error

    def _grants(self, verb: str, node: Node) -> tuple[Grant, ...]:
        return read_grants(node, verb, self._place, REPOSITORY_VERBS)

    def document(self, node: Node) -> str:
        """What a file holds that is named, or JSON that stands in its place."""
        return text_of(node) if _is_json(node) else self.content(text_of(node))

    def _tags(self, node: Node) -> Mapping[str, str]:
        found, wrong = {}, []
        for name, entry in self.entries(node).items():
            found[name] = value = "" if is_empty(entry.node) else text_of(entry.node)
            if problem := _tag_problem(name, value):
                wrong.append((entry.line, problem))
        if len(found) > _MOST_TAGS:
            wrong.append((node.line, f"has {len(found)} tags, ECR takes {_MOST_TAGS}"))
        if wrong:
            raise MistakesError(wrong)
        return found


def _tag_problem(name: str, value: str) -> str:
    if name.lower().startswith("aws:"):
        return f"{name!r}: only AWS sets tags that begin with aws:"
    if not 1 <= len(name) <= _TAG_LENGTHS[0] or len(value) > _TAG_LENGTHS[1]:
        return f"{shorten(name)!r}: a tag has up to {_TAG_LENGTHS[0]} characters, its value {_TAG_LENGTHS[1]}"
    if not (_TAG.fullmatch(name) and _TAG.fullmatch(value)):
        return f"{name!r}: a tag and its value have letters, digits, spaces and + - = . _ : / @"
    return ""


def _is_json(node: Node) -> bool:
    return text_of(node).startswith("{")


def _file_of(node: Node) -> str:
    """The file that a value names, for the beginning of a message; "" where it is JSON itself."""
    return "" if _is_json(node) else f"{text_of(node)}: "


def _exceptions(node: Node) -> tuple[str, ...]:
    found = texts_of(node)
    wrong = [
        f"{pattern!r} is not a pattern of tags: expected 1 to 128 letters, digits, '.', '_' and '-', with at "
        f"most {_MOST_STARS} '*'"
        for pattern in found
        if not _EXCEPTION.fullmatch(pattern) or pattern.count("*") > _MOST_STARS
    ]
    if len(found) > _MOST_EXCEPTIONS:
        wrong.append(f"has {len(found)} patterns, ECR takes {_MOST_EXCEPTIONS}")
    if wrong:
        raise MistakesError([(node.line, problem) for problem in wrong])
    return found
