"""Outcome -> what others are sent of it: an event for EventBridge, a small part of the result document. Pure.

Within a version of the event keys are only added; docs/event.schema.json describes its detail, and
docs/deployment-event.schema.json that of a deployment's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.base.option import DEPLOYING
from ecr_push.base.reference import Repository, parse_repository
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.digest import policy_digest
from ecr_push.report import brief, deployment, verification
from ecr_push.report.metrics import metrics_of
from ecr_push.report.notice import Notice, envelope

DETAIL_TYPE = "ecr-push outcome"
DEPLOYMENT = "ecr-push deployment"
# What others can act on. A plan, a check and a part of an image change nothing for anyone else.
SENT = frozenset({"accepted", "observed", "refused", "test-failed", "no-answer", "failed", "interrupted"})
DEPLOYMENT_SENT = frozenset({"deployed", "not-verified", "no-answer", "failed", "interrupted"})


def notice_of(outcome: Outcome) -> Notice | None:
    """None for an outcome that others cannot act on."""
    deploys = outcome.run.command in DEPLOYING
    if outcome.status not in (DEPLOYMENT_SENT if deploys else SENT):
        return None
    return Notice(
        DEPLOYMENT if deploys else DETAIL_TYPE,
        deployment_detail(outcome) if deploys else event_detail(outcome),
        tuple(_repositories(outcome)),
        brief.repository_name(outcome),
        metrics_of(outcome),
        {
            "command": outcome.run.command,
            "status": outcome.status,
            **{name: value for name, value in brief.image(outcome).items() if value},
            "url": outcome.run.url,
            "seconds": dict(outcome.seconds),
        },
    )


def _repositories(outcome: Outcome) -> Iterator[Repository]:
    """The image's, and those of --to that have the image."""
    if outcome.repository:
        yield outcome.repository
    for one in outcome.destinations[: brief.MOST_ELSEWHERE]:
        if one.reference:
            yield parse_repository(one.reference.partition("@")[0])


def event_detail(outcome: Outcome) -> dict[str, Any]:
    """Of a run, and of what judges an image or moves its tags."""
    verdict = outcome.verdict
    rollback = brief.rollback(outcome)
    promoted = sorted(one.tag.name for one in outcome.promoted if one.result in ("moved", "already"))
    return {
        **_envelope(outcome, outcome.may_have_moved, [promoted, rollback]),
        "tags": brief.moved_tags(outcome),
        "destinations": brief.destinations(outcome),
        "findings": brief.findings(outcome),
        "verdict": (
            brief.verdict(verdict, policy_digest(outcome.policy) if outcome.policy else "")
            if verdict
            else None
        ),
        "rollback": rollback,
    }


def deployment_detail(outcome: Outcome) -> dict[str, Any]:
    """Of `deploy`: what gets the image, and what was verified of it before."""
    found, asked, to = outcome.deployment, outcome.verification, dict(outcome.run.deploys_to)
    changed = found is not None and found.may_have_changed
    return {
        **_envelope(outcome, changed, [sorted(to.items()), [found.subject, found.image] if found else None]),
        "to": to,
        "deployment": deployment.document(found) if found else None,
        "verification": verification.document(asked) if asked else None,
    }


def _envelope(outcome: Outcome, changed: bool, same: list[Any]) -> dict[str, Any]:
    return envelope(
        outcome.run,
        brief.image(outcome),
        outcome.failure,
        same=same,
        status=outcome.status,
        exit_code=outcome.exit_code,
        changed=changed,
        sandbox=outcome.in_sandbox,
        seconds=sum(outcome.seconds.values()),
    )
