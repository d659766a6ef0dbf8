"""Reads the current result of a scan without waiting: of saved responses, of other and of earlier images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ecr_push.base.errors import ScanError
from ecr_push.base.reference import Digest
from ecr_push.registry.aws.odd import OddAnswerError
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import Reader
from ecr_push.scan.answer_shape import answer_of, check_completed, check_page
from ecr_push.scan.findings import PlatformScan, ScanReport
from ecr_push.scan.findings_read import read_counts, read_findings
from ecr_push.scan.state import Step, classify_answer


def read_answer(
    answer: Mapping[str, Any] | None, digest: Digest, platform: str = "", now: datetime | None = None
) -> PlatformScan:
    """Returns the findings of a finished scan, or why the image cannot be scanned.

    answer is the response of DescribeImageScanFindings with all pages; None if there is no scan. Raises
    ScanError if it is not a final result: the scan failed, has not ended, is complete without a completion
    time and findings, or has an unknown status; and for what is not a response at all: see `answer_shape`.
    now: no scan was completed after it; None where the time does not matter, as of an earlier image.
    """
    with answer_of(platform or digest.short):
        return read_checked(answer, digest, platform, now)


def read_checked(
    answer: Mapping[str, Any] | None, digest: Digest, platform: str = "", now: datetime | None = None
) -> PlatformScan:
    """Does as `read_answer`, but raises OddValueError for what is not a response at all."""
    name = platform or digest.short
    if answer is not None:
        check_page(answer, digest)
    reading = classify_answer(answer)
    if now:
        check_completed(reading.completed_at, now)
    if answer is None or reading.step is Step.MISSING:
        raise ScanError(f"there is no scan of {name}")
    if reading.step is Step.UNSCANNABLE:
        return PlatformScan(digest, platform, reading.status, unscannable=reading.why)
    findings, counts = read_findings(answer), read_counts(answer)
    if reading.step is Step.DONE or (reading.step is Step.SETTLING and (findings or any(counts.values()))):
        completed = reading.completed_at.isoformat() if reading.completed_at else ""
        return PlatformScan(digest, platform, reading.status, findings, counts, completed_at=completed)
    raise ScanError(
        f"the scan of {name} has no result", why=f"{reading.text}: {reading.why or reading.step.value}"
    )


def read_scan(images: Sequence[PlatformImage], client: Reader) -> ScanReport | None:
    """Returns the scan results that exist now for an image's platforms; None if no scan has ended.

    Raises RegistryError if ECR cannot be reached or refuses.
    """
    scanning = client.scanning()
    if scanning.mode == "none":
        return None
    ended = []
    for image in images:
        try:
            ended.append(read_answer(client.scans.answer(image.digest), image.digest, image.platform))
        except (ScanError, OddAnswerError):
            continue
    return ScanReport(scanning.mode, tuple(ended)) if ended else None
