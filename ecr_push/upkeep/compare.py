"""A repository as it is, and as it is to be -> what differs, in lines. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from ecr_push.base.iam.read import PolicyError
from ecr_push.base.place import Place
from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError, read_lifecycle_policy
from ecr_push.upkeep.lifecycle.sentences import sentence_of
from ecr_push.upkeep.model import Change, Wanted
from ecr_push.upkeep.policies.words import words_of


def compare(found: RepositorySettings, wanted: Wanted) -> tuple[Change, ...]:
    return tuple(_changes(found, wanted))


def _changes(found: RepositorySettings, wanted: Wanted) -> Iterator[Change]:
    if wanted.mutability is not None:
        now = (found.mutability, sorted(found.exceptions))
        then = (wanted.mutability, sorted(wanted.exceptions or ()))
        if now != then:
            yield Change("mutability", (f"{_mutability(*now)} -> {_mutability(*then)}",))
    if wanted.scan_on_push not in (None, found.scan_on_push):
        yield Change("scan-on-push", (f"{_word(found.scan_on_push)} -> {_word(bool(wanted.scan_on_push))}",))
    if wanted.encryption is not None and _encryption_differs(found, wanted):
        now_text = f"{found.encryption} {found.kms_key}".strip()
        then_text = f"{wanted.encryption} {wanted.kms_key or ''}".strip()
        yield Change("encryption", (f"{now_text} -> {then_text}: ECR never changes it",), can_be_made=False)
    if wanted.lifecycle is not None and _policy(found.lifecycle) != _policy(wanted.lifecycle):
        yield Change("lifecycle", difference(_sentences(found.lifecycle), _sentences(wanted.lifecycle)))
    if wanted.policy is not None:
        place = Place.of_repository(found.arn)
        now_lines, then_lines = access_lines(found.policy, place), access_lines(wanted.policy, place)
        if now_lines != then_lines:
            yield Change("policy", difference(now_lines, then_lines))
    if wanted.tags is not None:
        lines = [
            f"{key}: {found.tags.get(key, '(none)')} -> {value}"
            for key, value in sorted(wanted.tags.items())
            if found.tags.get(key) != value
        ]
        if lines:
            yield Change("tags", tuple(lines))


def _encryption_differs(found: RepositorySettings, wanted: Wanted) -> bool:
    if found.encryption != wanted.encryption:
        return True
    # ECR returns the key's ARN, whatever name it was given; an alias cannot be compared.
    key = wanted.kms_key or ""
    return key.startswith("arn:") and ":key/" in key and found.kms_key != key


def _mutability(mutability: str, exceptions: Sequence[str]) -> str:
    return f"{mutability} except {', '.join(exceptions)}" if exceptions else mutability


def _word(value: bool) -> str:
    return "true" if value else "false"


def _policy(text: str) -> Any:
    """A lifecycle policy to compare: what it says, whatever the spaces, the order and the defaults."""
    try:
        return read_lifecycle_policy(text) if text else None
    except LifecyclePolicyError:
        return as_data(text)


def _sentences(text: str) -> list[str]:
    if not text:
        return []
    try:
        return [sentence_of(rule) for rule in read_lifecycle_policy(text).rules]
    except LifecyclePolicyError:
        return pretty_json(text)


def access_lines(policy: str, place: Place) -> Sequence[str]:
    """Who may do what by a repository's policy, in words; its JSON where it cannot be read. None for ""."""
    try:
        return words_of(policy, place) if policy else ()
    except PolicyError:
        return pretty_json(policy)


def as_data(text: str) -> Any:
    """What a policy in JSON says; the text itself where it is not JSON, and None for none."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def pretty_json(text: str) -> list[str]:
    """Its lines; none for none."""
    return json.dumps(as_data(text), indent=2, sort_keys=True).splitlines() if text else []


def difference(now: Sequence[str], then: Sequence[str]) -> tuple[str, ...]:
    """Lines with `- ` and `+ `, and what stays between them."""
    return tuple(line for line in difflib.ndiff(now, then) if not line.startswith("?"))
