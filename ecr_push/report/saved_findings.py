"""Saved scan results -> ScanReport: responses of ECR or Inspector, or our own result document."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ecr_push.base.errors import ScanError, SettingsError
from ecr_push.base.reference import Digest
from ecr_push.policy.vex import Subject
from ecr_push.registry.interface import ScanMode
from ecr_push.report.document_read import Saved, read_document
from ecr_push.scan.answers import read_answer
from ecr_push.scan.findings import PlatformScan, ScanReport
from ecr_push.scan.findings_read import read_findings

# For a response without a digest.
_NO_DIGEST = Digest(f"sha256:{0:064}")


def read_saved(files: Sequence[tuple[str, bytes]]) -> Saved:
    """Reads one or more files, each a name and content; several files are platforms of one image.

    Raises SettingsError for a file of an unknown format, ScanError for one without a complete scan result.
    """
    saved = [_read(name, content) for name, content in files]
    if len(saved) == 1:
        return saved[0]
    # Files without a platform are distinguished by their names.
    platforms = [
        replace(scan, platform=scan.platform or name)
        for (name, _), one in zip(files, saved, strict=True)
        for scan in one.report.platforms
    ]
    modes = {one.report.mode for one in saved}
    mode: ScanMode = modes.pop() if len(modes) == 1 else "unknown"
    return Saved(ScanReport(mode, tuple(platforms)), saved[0].subject)


def _read(name: str, content: bytes) -> Saved:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SettingsError([f"{name}: not valid JSON: {' '.join(str(error).split())}"]) from error
    try:
        if isinstance(document, dict):
            _check_whole(name, document)
            for known, read in (
                ("documentVersion", read_document),
                ("imageScanStatus", _ecr_answer),
                ("imageScanFindings", _ecr_answer),
                ("findings", _inspector_export),
            ):
                if known in document:
                    return read(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SettingsError(
            [f"{name}: could not read the findings: {type(error).__name__}: {error}"]
        ) from error
    expected = "a response of DescribeImageScanFindings or Inspector's ListFindings, or a result document"
    raise SettingsError([f"{name}: unknown format: expected {expected}"])


def _check_whole(name: str, document: Mapping[str, Any]) -> None:
    """Refuses one page of several, which has too few findings. NextToken is the AWS CLI's own."""
    if document.get("nextToken") or document.get("NextToken"):
        raise ScanError(
            f"{name} is only one page of several",
            remedy="save all pages: run the AWS CLI without --max-items and --no-paginate",
        )


def _ecr_answer(document: Mapping[str, Any]) -> Saved:
    text = str((document.get("imageId") or {}).get("imageDigest") or "")
    digest = Digest(text) if text else _NO_DIGEST
    scan = read_answer(document, digest)
    body = document.get("imageScanFindings") or {}
    mode: ScanMode = (
        "enhanced" if "enhancedFindings" in body else "basic" if "findings" in body else "unknown"
    )
    return Saved(ScanReport(mode, (scan,)), Subject(_repository(document), text))


def _repository(document: Mapping[str, Any]) -> str:
    return str(document.get("repositoryName") or "")


def _inspector_export(document: Mapping[str, Any]) -> Saved:
    """Reads findings of inspector2:ListFindings, which have the form of ECR's enhanced ones, by image."""
    by_image: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    repository = ""
    for one in document["findings"]:
        if one.get("type", "PACKAGE_VULNERABILITY") != "PACKAGE_VULNERABILITY":
            continue
        for resource in one.get("resources") or [{}]:
            image = (resource.get("details") or {}).get("awsEcrContainerImage") or {}
            repository = repository or str(image.get("repositoryName") or "")
            key = (str(image.get("imageHash") or ""), str(image.get("architecture") or ""))
            by_image[key].append({**one, "score": one.get("inspectorScore")})
    if not by_image:
        raise ScanError(
            "the export has no vulnerability, like the export of an image that was never scanned",
            remedy="save ECR's own response, which shows whether there was a scan: "
            "aws ecr describe-image-scan-findings",
        )
    several = len(by_image) > 1
    scans = []
    for (digest, architecture), found in by_image.items():
        findings = read_findings({"imageScanFindings": {"enhancedFindings": found}})
        image_digest = Digest(digest) if digest else _NO_DIGEST
        name = " ".join(filter(None, (architecture, image_digest.short))) if several else ""
        scans.append(PlatformScan(image_digest, name, "ACTIVE", findings))
    return Saved(ScanReport("enhanced", tuple(scans)), Subject(repository))
