"""What the gate decided of an image -> an in-toto statement, the same bytes for the same decision. Pure.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md. Within a version of the predicate keys
are only added; docs/verdict.schema.json describes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecr_push.base.own_version import own_version
from ecr_push.base.severity import Severity
from ecr_push.pipeline.image_test import ImageTestResult
from ecr_push.policy.verdict import ExceptionResult, RuleResult, Treatment, Verdict
from ecr_push.registry.image import PushedImage
from ecr_push.scan.findings import PlatformScan, ScanReport

PREDICATE_TYPE = "https://github.com/ecr-push/ecr-push/verdict/v1"


def verdict_statement(
    pushed: PushedImage,
    scan: ScanReport,
    verdict: Verdict,
    policy: str,
    *,
    tests: Sequence[ImageTestResult] = (),
    commit: str = "",
    version: str = "",
    clean: Callable[[str], str] = str,
) -> bytes:
    """The statement as JSON. It has no time and no run of its own.

    policy: its digest. tests: of the image. clean: removes secrets from the commands of tests.
    """
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": pushed.repository.uri, "digest": _digest(pushed.digest.value)}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "verdict": "observed" if verdict.observed else "accepted",
            "policy": {"digest": _digest(policy), "observe": verdict.observe},
            "rules": [_rule(one) for one in verdict.rules],
            "scans": [_scan(one, scan) for one in scan.platforms],
            "otherScanners": [
                {"tool": one.tool, "found": one.found, "added": one.added} for one in scan.others
            ],
            "findings": {one.value: _counts(verdict.counts(one)) for one in Treatment},
            "exceptions": [_exception(one) for one in _used(verdict.exceptions)],
            "tests": [
                {"command": clean(one.test.command), "inImage": one.test.in_image, "result": one.ending}
                for one in tests
            ],
            "baseline": verdict.baseline or None,
            "commit": commit or None,
            "version": version or None,
            "tool": {"name": "ecr-push", "version": own_version()},
        },
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _digest(text: str) -> dict[str, str]:
    algorithm, _, value = text.partition(":")
    return {algorithm: value}


def _rule(one: RuleResult) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "platform": one.platform or None,
        "allowed": one.allowed,
        "counted": one.counted,
    }


def _scan(one: PlatformScan, scan: ScanReport) -> dict[str, Any]:
    return {
        "digest": _digest(one.digest.value),
        "platform": one.platform or None,
        "scanner": f"Amazon ECR {scan.mode} scanning",
        "status": one.status,
        "completedAt": one.completed_at or None,
        "unscannable": one.unscannable or None,
        "counts": _counts(one.counts),
    }


def _counts(found: Mapping[Severity, int]) -> dict[str, int]:
    return {severity.name: number for severity, number in found.items() if number}


def _used(exceptions: Sequence[ExceptionResult]) -> list[ExceptionResult]:
    """Exceptions and VEX statements that excluded a finding."""
    return sorted((one for one in exceptions if one.matched), key=lambda one: (one.text, one.where))


def _exception(one: ExceptionResult) -> dict[str, Any]:
    return {
        "exception": one.text,
        "reason": one.reason or None,
        "owner": one.owner or None,
        "until": one.until or None,
        "matched": one.matched,
    }
