"""The result document: one outcome as JSON, the same on every CI and on a laptop.

Keys are only ever added within a version of the document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ecr_push.findings import Finding, PlatformScan
from ecr_push.outcome import Outcome
from ecr_push.plan import Plan
from ecr_push.push import PushedImage
from ecr_push.severity import Severity
from ecr_push.verdict import RuleResult, Verdict

DOCUMENT_VERSION = 1


def render(outcome: Outcome) -> str:
    """The document as text, with a line break at its end."""
    return json.dumps(document(outcome), indent=2, ensure_ascii=False) + "\n"


def document(outcome: Outcome) -> dict[str, Any]:
    """The document's content. What a run did not reach is null or empty, never left out."""
    plan = outcome.plan
    return {
        "documentVersion": DOCUMENT_VERSION,
        "status": outcome.status,
        "exitCode": outcome.exit_code,
        "sandbox": outcome.in_sandbox,
        "repository": _repository(outcome),
        "image": _image(outcome.pushed) if outcome.pushed else None,
        "candidate": plan.candidate.name if plan and outcome.candidate_kept else None,
        "createdRepository": outcome.created_repository or None,
        "source": _source(plan) if plan else None,
        "version": plan.version.text if plan else None,
        "tags": _tags(outcome),
        "scan": (
            {"mode": outcome.scan.mode, "platforms": [_platform(one) for one in outcome.scan.platforms]}
            if outcome.scan
            else None
        ),
        "verdict": _verdict(outcome.verdict) if outcome.verdict else None,
        "failure": vars(outcome.failure).copy() if outcome.failure else None,
        "seconds": dict(outcome.seconds),
    }


def _repository(outcome: Outcome) -> str | None:
    if outcome.pushed:
        return outcome.pushed.repository.uri
    return outcome.preflight.repository.uri if outcome.preflight else None


def _image(pushed: PushedImage) -> dict[str, Any]:
    return {
        "reference": pushed.reference,
        "registry": pushed.repository.registry.host,
        "repository": pushed.repository.name,
        "digest": pushed.digest.value,
        "isIndex": pushed.is_index,
        "reused": pushed.reused,
        "platforms": [
            {"digest": one.digest.value, "platform": one.platform or None} for one in pushed.images
        ],
    }


def _source(plan: Plan) -> dict[str, Any]:
    source = plan.source
    return {
        "commit": source.commit,
        "committedAt": source.committed_at.isoformat(),
        "branch": source.branch or None,
        "gitTag": plan.version.git_tag or None,
        "distance": plan.version.distance,
        "dirty": bool(source.dirty),
        "why": plan.version.why,
    }


def _tags(outcome: Outcome) -> list[dict[str, Any]]:
    """Each tag: where it pointed before, and what became of it; `pending` where the run ended first."""
    before = outcome.preflight.points_to if outcome.preflight else {}
    became = {one.tag: one for one in outcome.promoted}
    planned = [(tag.tag, tag.kind.value) for tag in outcome.plan.tags] if outcome.plan else []
    names = planned or [(one.tag, "extra") for one in outcome.promoted]
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


def _platform(scan: PlatformScan) -> dict[str, Any]:
    return {
        "digest": scan.digest.value,
        "platform": scan.platform or None,
        "status": scan.status,
        "completedAt": scan.completed_at or None,
        "unscannable": scan.unscannable or None,
        "note": scan.note or None,
        "counts": counts(scan.counts),
        "findings": [_finding(one) for one in scan.findings],
    }


def counts(found: Mapping[Severity, int]) -> dict[str, int]:
    """Every severity that AWS knows, zeros too: what is absent cannot be mistaken for unknown."""
    known = {severity.name: found.get(severity, 0) for severity in reversed(Severity)}
    if not known[Severity.UNRECOGNISED.name]:
        del known[Severity.UNRECOGNISED.name]
    return known


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "id": one.id,
        "severity": one.severity.name,
        "package": one.package or None,
        "version": one.version or None,
        "fixedIn": one.fixed_in or None,
        "score": one.score,
        "title": one.title or None,
        "uri": one.uri or None,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "accepted": verdict.accepted,
        "rules": [_rule(one) for one in verdict.rules],
        "deciding": [_finding(one) for one in verdict.deciding],
        "warnings": list(verdict.warnings),
    }


def _rule(one: RuleResult) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "platform": one.platform or None,
        "allowed": one.allowed,
        "counted": one.counted,
        "passed": one.passed,
    }
