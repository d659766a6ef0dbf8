"""A policy as people write it, one sentence a rule, the first rule first; and back. Pure.

keep latest
keep last 20 of *.*.*
expire candidate-* after 3 days
expire untagged after 1 day
archive any not pulled for 90 days
expire archived any after 365 days
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ecr_push.base.regex import lazy_regex
from ecr_push.upkeep.lifecycle.model import COUNT, LifecyclePolicy, Rule
from ecr_push.upkeep.lifecycle.read import LEAST_CHARACTERS

# More images than that are in no repository: ECR's quota. A rule that keeps as many takes none, and what it
# selects is kept from the rules after it.
ALL = 100_000

FORMS = (
    "keep WHAT",
    "keep last N of WHAT",
    "expire WHAT after N days",
    "expire archived WHAT after N days",
    "archive WHAT after N days",
    "archive WHAT not pulled for N days",
    "archive WHAT beyond the last N",
)
WHAT = "WHAT is a tag or a pattern such as sha-*, several joined by `and`, or `untagged`, or `any`"

_N, _WHAT = r"(?P<number>[1-9][0-9]{0,6})", r"(?P<what>\S+(?: and \S+)*)"
_DAYS = rf"{_N} days?"
_SENTENCES = (
    (lazy_regex(rf"keep last {_N} of {_WHAT}"), COUNT, "expire"),
    (lazy_regex(rf"keep {_WHAT}"), COUNT, "expire"),
    (lazy_regex(rf"expire archived {_WHAT} after {_DAYS}"), "sinceImageTransitioned", "expire"),
    (lazy_regex(rf"expire {_WHAT} after {_DAYS}"), "sinceImagePushed", "expire"),
    (lazy_regex(rf"archive {_WHAT} after {_DAYS}"), "sinceImagePushed", "transition"),
    (lazy_regex(rf"archive {_WHAT} not pulled for {_DAYS}"), "sinceImagePulled", "transition"),
    (lazy_regex(rf"archive {_WHAT} beyond the last {_N}"), COUNT, "transition"),
)

# ECR takes other patterns, too, such as `"latest"` or `v[0-9]`, which keep nothing of what they seem to keep.
_NAME = lazy_regex(r"[0-9a-zA-Z._*-]{1,128}")


def rule_of(sentence: str, priority: int) -> Rule:
    """The rule that a sentence means. Raises ValueError with a sentence for the user."""
    words = " ".join(sentence.split())
    for pattern, count_type, action in _SENTENCES:
        if found := pattern.fullmatch(words):
            return _rule(found.groupdict(), priority, count_type, action)
    raise ValueError(f"{words!r} is not a rule; the rules are: {'; '.join(FORMS)}. {WHAT}")


def _rule(found: Mapping[str, str], priority: int, count_type: Any, action: Any) -> Rule:
    names = found["what"].split(" and ")
    rule = Rule(priority, "tagged", count_type, int(found.get("number") or ALL), action)
    if count_type == "sinceImageTransitioned":
        rule = replace(rule, storage_class="archive")
    if names == ["untagged"]:
        return replace(rule, tag_status="untagged")
    if names == ["any"]:
        return replace(rule, tag_status="any")
    if {"any", "untagged"} & set(names):
        raise ValueError(f"{found['what']!r}: `any` and `untagged` are joined with nothing")
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} selects no tag: a tag has up to 128 letters, digits, '.', '_' and '-', and "
                "in a pattern `*` stands for any text"
            )
    return replace(rule, patterns=tuple(names))


def sentence_of(rule: Rule) -> str:
    """The sentence that means the rule. A prefix is written as a pattern, which is the same for real tags."""
    names = (*rule.patterns, *(f"{prefix}*" for prefix in rule.prefixes))
    what = " and ".join(names) if rule.tag_status == "tagged" else rule.tag_status
    days = "1 day" if rule.number == 1 else f"{rule.number} days"
    if rule.count_type == "sinceImageTransitioned":
        return f"expire archived {what} after {days}"
    if rule.count_type == "sinceImagePulled":
        return f"archive {what} not pulled for {days}"
    verb = "expire" if rule.action == "expire" else "archive"
    if rule.count_type == "sinceImagePushed":
        return f"{verb} {what} after {days}"
    if rule.action == "transition":
        return f"archive {what} beyond the last {rule.number}"
    return f"keep {what}" if rule.number >= ALL else f"keep last {rule.number} of {what}"


def as_json(policy: LifecyclePolicy) -> str:
    """The policy as ECR takes it: one line, or more where one would be too short for ECR."""
    document = {"rules": [_document(rule) for rule in policy.rules]}
    text = json.dumps(document, separators=(",", ":"))
    return text if len(text) >= LEAST_CHARACTERS else json.dumps(document, indent=2)


def _document(rule: Rule) -> dict[str, Any]:
    selection: dict[str, Any] = {"tagStatus": rule.tag_status}
    lists: Sequence[tuple[str, tuple[str, ...]]] = (
        ("tagPatternList", rule.patterns),
        ("tagPrefixList", rule.prefixes),
    )
    selection |= {name: list(texts) for name, texts in lists if texts}
    if rule.storage_class != "standard":
        selection["storageClass"] = rule.storage_class
    selection |= {"countType": rule.count_type, "countNumber": rule.number}
    if rule.count_type != COUNT:
        selection["countUnit"] = "days"
    action: dict[str, str] = {"type": rule.action}
    if rule.action == "transition":
        action["targetStorageClass"] = "archive"
    description = {"description": rule.description} if rule.description else {}
    return {"rulePriority": rule.priority, **description, "selection": selection, "action": action}
