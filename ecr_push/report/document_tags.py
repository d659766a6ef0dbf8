"""Tags, destinations and replicas in the result document. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.destination_result import DestinationResult
from ecr_push.pipeline.outcome import Outcome
from ecr_push.release.promoted_tag import PromotedTag

if TYPE_CHECKING:  # a run that waits for no replication loads nothing of it
    from ecr_push.pipeline.replica import Replica


def tags(outcome: Outcome) -> list[dict[str, Any]]:
    """Returns each tag, where it pointed before, and its result; `pending` if the run ended first."""
    before = outcome.preflight.points_to if outcome.preflight else {}
    if outcome.rollback:
        before = {outcome.rollback.tag.tag: outcome.rollback.before.digest}
    wanted = outcome.plan.tags if outcome.plan else [outcome.rollback.tag] if outcome.rollback else []
    planned = [(tag.tag, tag.kind.value) for tag in wanted]
    return _became(planned or _extra(outcome.promoted), outcome.promoted, before)


def tags_now(outcome: Outcome) -> list[dict[str, Any]]:
    """Returns where the floating tags point at the end of a run that released nothing."""
    return [
        {
            "tag": tag.name,
            "digest": image.digest.value if image else None,
            "name": image.name or None if image else None,
        }
        for tag, image in outcome.tags_now
    ]


def destination(one: DestinationResult, outcome: Outcome) -> dict[str, Any]:
    """Returns a destination with the plan's tags as they are there."""
    planned = [(tag.tag, tag.kind.value) for tag in outcome.plan.tags] if outcome.plan else []
    return {
        "repository": one.name,
        "required": one.required,
        "result": one.result,
        "reference": one.reference or None,
        "created": one.created,
        "tags": _became(planned or _extra(one.promoted), one.promoted, one.before),
        "failure": one.failure.facts if one.failure else None,
    }


def replica(one: Replica) -> dict[str, Any]:
    """Returns a copy that ECR makes, with the tags of the release there."""
    return {
        "region": one.region,
        "account": one.account,
        "reference": one.reference or None,
        "status": one.status,
        "failure": one.failure or None,
        "whole": one.is_whole,
        "tags": list(one.tags),
        "others": [{"tag": tag, "digest": digest or None} for tag, digest in one.others],
        "unread": one.unread or None,
    }


def _extra(promoted: Iterable[PromotedTag]) -> list[tuple[Tag, str]]:
    """The tags of a command without a plan, which the user named."""
    return [(one.tag, "extra") for one in promoted]


def _became(
    names: Sequence[tuple[Tag, str]], promoted: Iterable[PromotedTag], before: Mapping[Tag, Digest]
) -> list[dict[str, Any]]:
    became = {one.tag: one for one in promoted}
    before = {**{one.tag: one.before for one in became.values() if one.before}, **before}
    return [
        {
            "tag": tag.name,
            "kind": kind,
            "before": before[tag].value if tag in before else None,
            "result": became[tag].result if tag in became else "pending",
            "reason": (became[tag].reason or None) if tag in became else None,
        }
        for tag, kind in names
    ]
