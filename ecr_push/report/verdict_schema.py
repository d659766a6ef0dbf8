"""The JSON Schema of the statement of a verdict: see `pipeline/verdict_statement`. Pure."""

from __future__ import annotations

from typing import Any, get_args

from ecr_push.base.severity import Severity
from ecr_push.pipeline.image_test import TestEnding
from ecr_push.pipeline.verdict_statement import PREDICATE_TYPE
from ecr_push.policy.verdict import Treatment
from ecr_push.report.schema_terms import (
    COUNT,
    TEXT,
    YES_OR_NO,
    Schema,
    described,
    list_of,
    object_of,
    or_null,
)

_SHA256: Schema = object_of({"sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}})
_COUNTS: Schema = {
    "type": "object",
    "propertyNames": {"enum": [one.name for one in Severity]},
    "additionalProperties": COUNT,
    "description": "Findings by severity; one without findings is left out.",
}
_RULE = object_of({"rule": TEXT, "platform": or_null(TEXT), "allowed": COUNT, "counted": COUNT})
_SCAN = object_of(
    {
        "digest": described(_SHA256, "The image that was scanned: of an index, that of one platform."),
        "platform": or_null(TEXT),
        "scanner": described(TEXT, "What scanned it: `Amazon ECR basic scanning` or enhanced."),
        "status": described(TEXT, "As ECR reports it."),
        "completedAt": described(or_null(TEXT), "When the scan ended, where ECR reports it."),
        "unscannable": described(or_null(TEXT), "Why ECR cannot scan it; it has no findings then."),
        "counts": _COUNTS,
    }
)
_EXCEPTION = object_of(
    {
        "exception": described(TEXT, "What it accepts: an exception of the policy, or a VEX statement."),
        "reason": or_null(TEXT),
        "owner": or_null(TEXT),
        "until": or_null(TEXT),
        "matched": COUNT,
    }
)
_TEST = object_of({"command": TEXT, "inImage": YES_OR_NO, "result": {"enum": list(get_args(TestEnding))}})
_PREDICATE = object_of(
    {
        "verdict": described(
            {"enum": ["accepted", "observed"]},
            "`observed`: the policy would refuse the image, and is only observed.",
        ),
        "policy": object_of(
            {
                "digest": described(_SHA256, "Of the policy in effect, wherever its files are."),
                "observe": YES_OR_NO,
            }
        ),
        "rules": list_of(_RULE),
        "scans": list_of(_SCAN),
        "otherScanners": described(
            list_of(object_of({"tool": TEXT, "found": COUNT, "added": COUNT})),
            "Whose findings were judged too, and how many of them ECR does not have: they are in the counts.",
        ),
        "findings": described(
            object_of({one.value: _COUNTS for one in Treatment}), "What the policy did with the findings."
        ),
        "exceptions": described(list_of(_EXCEPTION), "Those that excluded a finding."),
        "tests": described(list_of(_TEST), "Tests of the image, by the run that made the statement."),
        "baseline": described(or_null(TEXT), "The image whose findings were known."),
        "commit": or_null(TEXT),
        "version": or_null(TEXT),
        "tool": object_of({"name": {"const": "ecr-push"}, "version": TEXT}),
    }
)


def verdict_schema() -> dict[str, Any]:
    """Return the schema of the whole in-toto statement."""
    subject = object_of({"name": described(TEXT, "The repository."), "digest": _SHA256})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The statement of ecr-push about its verdict on an image",
        **object_of(
            {
                # cosign makes the statements that it signs, of in-toto's earlier version.
                "_type": {"enum": [f"https://in-toto.io/Statement/{one}" for one in ("v1", "v0.1")]},
                "subject": {**list_of(subject), "minItems": 1, "maxItems": 1},
                "predicateType": {"const": PREDICATE_TYPE},
                "predicate": _PREDICATE,
            }
        ),
    }
