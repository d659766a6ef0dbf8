"""A scan's answer as it is now, without waiting: for saved answers, other images, and past ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.base.errors import ScanError
from ecr_push.base.reference import Digest
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import Reader
from ecr_push.scan.findings import PlatformScan, ScanReport
from ecr_push.scan.findings_read import read_counts, read_findings
from ecr_push.scan.state import Step, classify_answer


def read_answer(answer: Mapping[str, Any] | None, digest: Digest, platform: str = "") -> PlatformScan:
    """The findings of a finished scan, or why the image cannot be scanned.

    answer is that of DescribeImageScanFindings, all pages in one; None where there is no scan. Raises
    ScanError where it is no answer: a scan that failed, has not ended, says that it is done and has nothing
    to show for it, or has a status unknown to us.
    """
    name = platform or digest.short
    reading = classify_answer(answer)
    if answer is None or reading.step is Step.MISSING:
        raise ScanError(f"there is no scan of {name}")
    if reading.step is Step.UNSCANNABLE:
        return PlatformScan(digest, platform, reading.status, unscannable=reading.why)
    findings, counts = read_findings(answer), read_counts(answer)
    if reading.step is Step.DONE or (reading.step is Step.SETTLING and (findings or any(counts.values()))):
        completed = reading.completed_at.isoformat() if reading.completed_at else ""
        return PlatformScan(digest, platform, reading.status, findings, counts, completed_at=completed)
    raise ScanError(
        f"the scan of {name} is no answer", why=f"{reading.text}: {reading.why or reading.step.value}"
    )


def read_scan(images: Sequence[PlatformImage], client: Reader) -> ScanReport | None:
    """What ECR's scans say already of an image's platforms. None where none has ended.

    Raises RegistryError when ECR cannot be asked.
    """
    scanning = client.scanning()
    if scanning.mode == "none":
        return None
    ended = []
    for image in images:
        try:
            ended.append(read_answer(client.scans.answer(image.digest), image.digest, image.platform))
        except ScanError:
            continue
    return ScanReport(scanning.mode, tuple(ended)) if ended else None
