"""Outcome -> the result document: JSON, the same on every CI and on a laptop. Pure.

Within a version of the document keys are only added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ecr_push.base.severity import Severity
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.pipeline.image_test import ImageTestResult
from ecr_push.pipeline.local_image import LocalImage
from ecr_push.pipeline.outcome import Outcome, Superseded
from ecr_push.pipeline.plan import Plan
from ecr_push.policy.verdict import ExceptionResult, JudgedFinding, RuleResult, Verdict
from ecr_push.registry.image import PushedImage
from ecr_push.release.rollback import Named, Rollback
from ecr_push.report import verification
from ecr_push.report.document_tags import destination, replica, tags, tags_now
from ecr_push.report.escape import json_text
from ecr_push.scan.findings import Finding, Package, PlatformScan

if TYPE_CHECKING:
    from ecr_push.pipeline.deployment import Deployment

DOCUMENT_VERSION = 1


def render(outcome: Outcome) -> str:
    """Returns the document as text, with one finding per line."""
    return json_text(_document(outcome, map), spread={"platforms"})


def document(outcome: Outcome) -> dict[str, Any]:
    """Returns the document's content. What a run did not reach is null or empty, never absent."""
    return _document(outcome, lambda make, items: [make(item) for item in items])


# How to make a list that may be long: at once, or item by item while it is written.
_Listed = Callable[[Callable[[Any], Any], Iterable[Any]], Any]


def _document(outcome: Outcome, listed: _Listed) -> dict[str, Any]:
    plan = outcome.plan
    return {
        "documentVersion": DOCUMENT_VERSION,
        "status": outcome.status,
        "exitCode": outcome.exit_code,
        "checked": outcome.checked or None,
        "sandbox": outcome.in_sandbox,
        "repository": outcome.repository.uri if outcome.repository else None,
        "image": _image(outcome.pushed, outcome) if outcome.pushed else None,
        "local": _local(outcome.local) if outcome.local else None,
        "candidate": outcome.candidate.name if outcome.candidate else None,
        "superseded": _superseded(outcome.superseded) if outcome.superseded else None,
        "createdRepository": outcome.created_repository or None,
        "source": _source(plan) if plan else None,
        "version": plan.version.text if plan else None,
        "tags": tags(outcome),
        "tagsNow": tags_now(outcome),
        "destinations": [destination(one, outcome) for one in outcome.destinations],
        "replicas": [replica(one) for one in outcome.replicas],
        "gitTag": vars(outcome.git_tag).copy() if outcome.git_tag else None,
        "scan": (
            {
                "mode": outcome.scan.mode,
                "platforms": [_platform(one, listed) for one in outcome.scan.platforms],
                "others": [vars(one).copy() for one in outcome.scan.others],
            }
            if outcome.scan
            else None
        ),
        "verdict": _verdict(outcome.verdict, listed) if outcome.verdict else None,
        "statement": outcome.statement or None,
        "statementSigned": outcome.statement_signed if outcome.statement else None,
        "sboms": list(outcome.sboms),
        "signature": vars(outcome.signature).copy() if outcome.signature else None,
        "managedSignatures": list(outcome.managed_signatures),
        "verification": verification.document(outcome.verification) if outcome.verification else None,
        "deployment": _deployment(outcome.deployment) if outcome.deployment else None,
        "buildChecks": [_build_check(one) for one in outcome.build_checks],
        "tests": [_test(one) for one in outcome.tests],
        "rollback": _rollback(outcome.rollback) if outcome.rollback else None,
        "failure": outcome.failure.facts if outcome.failure else None,
        "seconds": dict(outcome.seconds),
        "timeline": [vars(one).copy() for one in sorted(outcome.timeline, key=lambda one: one.began)],
        "tool": {"name": "ecr-push", "version": outcome.run.tool_version or None},
        "run": {
            "startedAt": outcome.run.started_at.isoformat() if outcome.run.started_at else None,
            "url": outcome.run.url or None,
            "actor": outcome.run.actor or None,
        },
    }


def _image(pushed: PushedImage, outcome: Outcome) -> dict[str, Any]:
    return {
        "reference": pushed.reference,
        "registry": pushed.repository.registry.host,
        "repository": pushed.repository.name,
        "digest": pushed.digest.value,
        "isIndex": pushed.is_index,
        "reused": pushed.reused,
        "bytes": outcome.size or None,
        "platforms": [
            {"digest": one.digest.value, "platform": one.platform or outcome.platform or None}
            for one in pushed.images
        ],
    }


def _superseded(own: Superseded) -> dict[str, Any]:
    return {
        "reference": own.image.reference,
        "candidate": own.candidate.name if own.candidate else None,
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    from ecr_push.report.deployment import document  # which no run of the pipeline needs

    return document(deployment)


def _local(image: LocalImage) -> dict[str, Any]:
    return {
        "names": list(image.names),
        "files": list(image.files),
        "digest": image.digest or None,
        "platforms": list(image.platforms),
    }


def _source(plan: Plan) -> dict[str, Any]:
    source = plan.source
    return {
        "commit": source.commit,
        "builtFrom": source.built_from,
        "committedAt": source.committed_at.isoformat(),
        "branch": source.branch or None,
        "gitTag": plan.version.git_tag or None,
        "distance": plan.version.distance,
        "versionStrategy": plan.version.strategy,
        "versionScheme": plan.version.scheme.name,
        "fullVersion": str(plan.version) or None,
        "dirty": bool(source.dirty),
        "why": plan.version.why,
    }


def _build_check(one: BuildCheck) -> dict[str, Any]:
    return {"rule": one.rule, "line": one.line or None, "text": one.text, "url": one.url or None}


def _test(one: ImageTestResult) -> dict[str, Any]:
    return {
        "command": one.test.command,
        "inImage": one.test.in_image,
        "result": one.ending,
        "exitCode": one.exit_code,
        "why": one.why or None,
        "seconds": one.seconds,
        "output": list(one.output),
    }


def _rollback(rollback: Rollback) -> dict[str, Any]:
    return {
        "tag": rollback.tag.tag.name,
        "before": _named(rollback.before),
        "after": _named(rollback.after),
        "judged": rollback.judged,
    }


def _named(image: Named) -> dict[str, Any]:
    return {"digest": image.digest.value, "name": image.name or None}


def _platform(scan: PlatformScan, listed: _Listed) -> dict[str, Any]:
    return {
        "digest": scan.digest.value,
        "platform": scan.platform or None,
        "status": scan.status,
        "completedAt": scan.completed_at or None,
        "unscannable": scan.unscannable or None,
        "note": scan.note or None,
        "counts": counts(scan.counts),
        "findings": listed(_finding, scan.findings),
    }


def counts(found: Mapping[Severity, int]) -> dict[str, int]:
    """Returns the number of findings of every severity of AWS, including zeros."""
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
        "description": one.description or None,
        "packages": [_package(package) for package in one.packages],
        "epss": one.epss,
        "exploited": one.exploited,
        "fix": one.fix or None,
        "fixable": one.fixable,
        "aliases": list(one.aliases),
        "firstSeen": one.first_seen or None,
    }


def _package(one: Package) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version or None,
        "fixedIn": one.fixed_in or None,
        "manager": one.manager or None,
        "path": one.path or None,
        "layer": one.layer or None,
        "distribution": one.distribution or None,
    }


def _verdict(verdict: Verdict, listed: _Listed) -> dict[str, Any]:
    return {
        "accepted": verdict.accepted,
        "observe": verdict.observe,
        "rules": [_rule(one) for one in verdict.rules],
        "deciding": listed(_finding, verdict.deciding),
        "warnings": list(verdict.warnings),
        "errors": list(verdict.errors),
        "exceptions": [_exception(one) for one in verdict.exceptions],
        "baseline": verdict.baseline or None,
        "gone": listed(_finding, verdict.gone),
        "policy": list(verdict.policy),
        "judged": listed(_judged, verdict.judged),
    }


def _rule(one: RuleResult) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "platform": one.platform or None,
        "allowed": one.allowed,
        "counted": one.counted,
        "passed": one.passed,
        "total": one.total,
    }


def _exception(one: ExceptionResult) -> dict[str, Any]:
    return {
        "exception": one.text,
        "state": one.state,
        "reason": one.reason or None,
        "owner": one.owner or None,
        "until": one.until or None,
        "matched": one.matched,
        "where": one.where or None,
    }


def _judged(one: JudgedFinding) -> dict[str, Any]:
    """Returns the decision on a finding, with the fields that identify it in `scan`."""
    return {
        "platform": one.platform or None,
        "id": one.finding.id,
        "severity": one.finding.severity.name,
        "package": one.finding.package or None,
        "version": one.finding.version or None,
        "treatment": one.treatment.value,
        "by": one.by,
    }
