"""Outcome -> the record that an audit keeps of a release or a deployment: who, what, by which policy. Pure.

There are two, with one id: `releasing` is written before a tag moves, and after it what became of that; of a
deployment `deploying`, before the first change. Within a version keys are only added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import DEPLOYING
from ecr_push.base.reference import Tag
from ecr_push.pipeline.outcome import Outcome, RunFacts
from ecr_push.policy.digest import policy_digest
from ecr_push.report import brief, deployment, verification

VERSION = "1"
Stage = Literal[
    "releasing",
    "released",
    "not-released",
    "deploying",
    "deployed",
    "not-deployed",
    "copying",
    "copied",
    "not-copied",
    "unsure",
]
BEFORE: frozenset[Stage] = frozenset({"releasing", "deploying", "copying"})


@dataclass(frozen=True)
class Releaser:
    """Who releases, deploys or copies.

    call:     the id of this call of ecr-push alone, and of a copy in it.
    identity: the ARN of the AWS credentials; "" where AWS did not say it.
    """

    call: str
    identity: str = ""


def stage_before(outcome: Outcome) -> Stage:
    return "deploying" if outcome.run.command in DEPLOYING else "releasing"


def stage_of(outcome: Outcome) -> Stage:
    """What became of it. `unsure`: it stopped while tags were moved, or while something was deployed."""
    if outcome.run.command in DEPLOYING:
        if outcome.status == "deployed":
            return "deployed"
        return "unsure" if outcome.deployment else "not-deployed"
    if outcome.released:
        return "released"
    return "unsure" if outcome.may_have_moved else "not-released"


def record_envelope(stage: Stage, run: RunFacts, who: Releaser, at: datetime) -> dict[str, Any]:
    """What each record has, whatever it is about."""
    return {
        "auditVersion": VERSION,
        "record": stage,
        "id": who.call,
        "at": at.isoformat(),
        "who": {
            "actor": run.actor or None,
            "awsIdentity": who.identity or None,
            "url": run.url or None,
        },
        "command": run.command,
        "tool": {"name": "ecr-push", "version": run.tool_version or None},
    }


def audit_record(
    stage: Stage, outcome: Outcome, who: Releaser, at: datetime, tags: Sequence[Tag] = ()
) -> dict[str, Any]:
    """tags: those that are about to move; after it, what became of each is in the outcome."""
    verdict, deployed, asked = outcome.verdict, outcome.deployment, outcome.verification
    is_before = stage in BEFORE
    pending = [{"tag": one.name, "before": None, "result": "pending"} for one in tags]
    return {
        **record_envelope(stage, outcome.run, who, at),
        "status": None if is_before else outcome.status,
        "exitCode": None if is_before else outcome.exit_code,
        **brief.image(outcome),
        "platforms": [one.platform for one in outcome.pushed.images if one.platform]
        if outcome.pushed
        else [],
        "tags": pending if is_before else brief.moved_tags(outcome, None),
        "destinations": [
            {**one, "tags": pending} if is_before and one["result"] != "failed" else one
            for one in brief.destinations(outcome, None)
        ],
        "deployment": {"to": dict(outcome.run.deploys_to), **deployment.document(deployed)}
        if deployed
        else None,
        "verification": verification.document(asked) if asked else None,
        "verdict": (
            {"accepted": verdict.accepted, "observe": verdict.observe, "findings": brief.findings(outcome)}
            if verdict
            else None
        ),
        "policy": (
            {"digest": policy_digest(outcome.policy), "sources": list(verdict.policy) if verdict else []}
            if outcome.policy
            else None
        ),
        "exceptions": brief.used_exceptions(verdict),
        "statement": outcome.statement or None,
        "signature": outcome.signed or None,
        "rollback": brief.rollback(outcome),
        "failure": brief.failure(outcome.failure),
    }


def object_key(record: dict[str, Any], line: str) -> str:
    """The key of a record in S3: by repository and time, and by what it says, so that no two share one."""
    repository = str(record["repository"] or "unknown").partition("/")[2] or "unknown"
    time = record["at"][:19].replace(":", "").replace("-", "")
    hashed = hashlib.sha256(line.encode()).hexdigest()[:16]
    return f"{repository}/{time[:4]}/{time[4:6]}/{time}Z-{record['record']}-{hashed}.json"
