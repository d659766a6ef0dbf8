"""What `ecr-push verify` found -> rows of reports, a part of the result document, and its schema. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from ecr_push.pipeline.verification import Check, Verification
from ecr_push.report.schema_terms import (
    MOMENT,
    TEXT,
    YES_OR_NO,
    Schema,
    described,
    list_of,
    object_of,
    or_null,
)
from ecr_push.settings.verify_options import Requirement


def words(check: Check) -> str:
    """What there is, and what is wrong with it."""
    if check.passed:
        return check.found
    return f"NOT MET: {check.why}" + (f" ({check.found})" if check.found else "")


def lacking(verification: Verification) -> Iterator[str]:
    """What the image lacks."""
    return (f"{one.what}: {one.why}" for one in verification.checks if not one.passed)


def document(verification: Verification) -> dict[str, Any]:
    said = verification.judgement
    return {
        "named": verification.named,
        "checks": [
            {"what": one.what, "passed": one.passed, "found": one.found or None, "why": one.why or None}
            for one in verification.checks
        ],
        "statement": {
            "verdict": said.verdict,
            "policy": said.policy,
            "commit": said.commit or None,
            "version": said.version or None,
            "scannedAt": said.scanned_at.isoformat() if said.scanned_at else None,
            "toolVersion": said.tool_version or None,
            "signedBy": said.signed_by or None,
            "reference": said.reference or None,
        }
        if said
        else None,
        "provenance": [
            {
                "platform": one.platform or None,
                "builder": one.builder or None,
                "source": one.source or None,
                "commit": one.commit or None,
                "signedBy": one.signed_by or None,
            }
            for one in verification.provenance
        ],
    }


_SIGNED_BY = described(or_null(TEXT), "The key's reference, or the identity; null: it is not signed.")
VERIFICATION: Schema = object_of(
    {
        "named": described(TEXT, "The image as it was asked for."),
        "checks": list_of(
            object_of(
                {
                    "what": {"enum": list(get_args(Requirement))},
                    "passed": YES_OR_NO,
                    "found": described(or_null(TEXT), "What there is, in words."),
                    "why": described(or_null(TEXT), "What is missing or wrong; null where it is met."),
                }
            )
        ),
        "statement": described(
            or_null(
                object_of(
                    {
                        "verdict": TEXT,
                        "policy": described(TEXT, "Its hash."),
                        "commit": or_null(TEXT),
                        "version": or_null(TEXT),
                        "scannedAt": described(or_null(MOMENT), "When the scan ended that has ended first."),
                        "toolVersion": or_null(TEXT),
                        "signedBy": _SIGNED_BY,
                        "reference": described(or_null(TEXT), "Of a statement that is not signed."),
                    }
                )
            ),
            "The statement of a verdict that counts, or the newest one.",
        ),
        "provenance": list_of(
            object_of(
                {
                    "platform": or_null(TEXT),
                    "builder": or_null(TEXT),
                    "source": described(or_null(TEXT), "Address of the repository."),
                    "commit": or_null(TEXT),
                    "signedBy": _SIGNED_BY,
                }
            )
        ),
    }
)
