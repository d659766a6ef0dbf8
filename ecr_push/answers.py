"""A scan's answer as it is now, without waiting: for saved answers, other images, and past ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.errors import ScanError
from ecr_push.findings import PlatformScan, read_counts, read_findings
from ecr_push.reference import Digest

# Shape ScanStatus of the service model; `scan.py` waits by the same words.
_DONE = frozenset({"COMPLETE", "ACTIVE"})
_UNSCANNABLE = frozenset(
    {"UNSUPPORTED_IMAGE", "IMAGE_SIZE_EXCEEDED", "IMAGE_ARCHIVED", "SCAN_ELIGIBILITY_EXPIRED"}
)


def read_answer(answer: Mapping[str, Any] | None, digest: Digest, platform: str = "") -> PlatformScan:
    """The findings of a finished scan, or why the image cannot be scanned.

    answer is that of DescribeImageScanFindings, all pages in one; None where there is no scan. Raises
    ScanError where it is no answer: a scan that failed, has not ended, or has a status unknown to us.
    """
    name = platform or digest.short
    if answer is None:
        raise ScanError(f"there is no scan of {name}")
    said = answer.get("imageScanStatus") or {}
    status, why = str(said.get("status", "")), str(said.get("description") or "")
    if status in _DONE:
        body = answer.get("imageScanFindings") or {}
        completed = str(body.get("imageScanCompletedAt") or "")
        return PlatformScan(
            digest, platform, status, read_findings(answer), read_counts(answer), completed_at=completed
        )
    if status in _UNSCANNABLE or (status == "FAILED" and why.startswith("UnsupportedImageError")):
        return PlatformScan(digest, platform, status, unscannable=why or status)
    raise ScanError(
        f"the scan of {name} is no answer",
        why=f"{status or 'no status'}: {why}" if why else status or "no status",
    )
