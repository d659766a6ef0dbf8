"""Repositories as they are -> what a file says that asks for exactly that, as data for YAML. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.iam.read import PolicyError
from ecr_push.base.place import Place
from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.compare import pretty_json
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError, read_lifecycle_policy
from ecr_push.upkeep.lifecycle.sentences import sentence_of
from ecr_push.upkeep.lifecycle.text import read_policy_text
from ecr_push.upkeep.model import Wanted
from ecr_push.upkeep.policies.check import SECOND_WORD, is_open
from ecr_push.upkeep.policies.model import Grant
from ecr_push.upkeep.policies.read import NONE
from ecr_push.upkeep.policies.words import grants_of

# Tags that AWS itself sets, which no one else can: https://docs.aws.amazon.com/tag-editor/latest/userguide/
OF_AWS = "aws:"


def as_wanted(found: RepositorySettings) -> Wanted:
    """What a repository is, as a file gives it. A policy that it does not have is left out.

    With who may pull and push, where these say all of the policy.
    """
    grants = _grants(found)
    tags = {key: value for key, value in found.tags.items() if not key.startswith(OF_AWS)}
    return Wanted(
        found.mutability,
        found.exceptions or None,
        found.scan_on_push,
        found.encryption,
        found.kms_key or None,
        found.lifecycle or None,
        found.policy or None,
        tags or None,
        grants.get("pull"),
        grants.get("push"),
    )


def _grants(found: RepositorySettings) -> Mapping[str, tuple[Grant, ...]]:
    try:
        by_verb = grants_of(found.policy, Place.of_repository(found.arn)) if found.policy else None
    except PolicyError:  # of a later ECR, which knows more
        by_verb = None
    return by_verb or {}


def file_of(wanted: Mapping[str, Wanted]) -> dict[str, Any]:
    """The file's content. wanted: by name."""
    return {"repositories": {name: entry_of(one) for name, one in wanted.items()}}


def entry_of(wanted: Wanted) -> dict[str, Any]:
    """What the file says of one, key by key."""
    is_short = wanted.pull is not None or wanted.push is not None
    policy = None if is_short or wanted.policy is None else _policy_entry(wanted.policy)
    entry: dict[str, Any] = {
        "mutability": wanted.mutability.lower() if wanted.mutability else None,
        "except": list(wanted.exceptions) if wanted.exceptions else None,
        "scan-on-push": wanted.scan_on_push,
        "encryption": wanted.encryption,
        "kms-key": wanted.kms_key,
        "lifecycle": lifecycle_entry(wanted.lifecycle) if wanted.lifecycle is not None else None,
        "pull": _words(wanted.pull),
        "push": _words(wanted.push),
        "policy": policy,
        SECOND_WORD: True if wanted.policy and is_open(wanted.policy) else None,
        "tags": dict(wanted.tags) if wanted.tags else None,
    }
    return {key: value for key, value in entry.items() if value is not None}


def _words(grants: tuple[Grant, ...] | None) -> list[str] | str | None:
    return None if grants is None else [grant.words for grant in grants] or NONE


def lifecycle_entry(text: str) -> list[str] | str:
    """Sentences where they mean exactly the policy, and else the policy itself: one may have descriptions, or
    numbers with gaps."""
    if not text:
        return "none"
    try:
        policy = read_lifecycle_policy(text)
        sentences = [sentence_of(rule) for rule in policy.rules]
        if read_policy_text("\n".join(sentences)) == policy:
            return sentences
    except LifecyclePolicyError:  # of a later ECR, which knows more
        pass
    return _policy_entry(text)


def _policy_entry(text: str) -> str:
    return "\n".join(pretty_json(text)) or "none"
