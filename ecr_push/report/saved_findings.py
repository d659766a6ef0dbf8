"""Saved scan results -> ScanReport: of ECR, Inspector or another scanner, or our own result document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ecr_push.base.errors import ScanError, SettingsError
from ecr_push.base.parse import read_json
from ecr_push.base.reference import Digest
from ecr_push.base.shape import OddValueError, each, items, member, optional_text, parsed
from ecr_push.policy.vex import Subject
from ecr_push.registry.interface import ScanMode
from ecr_push.report.document_read import Saved, read_document
from ecr_push.scan.answer_shape import (
    FINDINGS,
    NotThisScanError,
    check_known,
    no_answer,
)
from ecr_push.scan.answers import read_checked
from ecr_push.scan.findings import PlatformScan, ScanReport
from ecr_push.scan.findings_read import read_findings
from ecr_push.scan.others.model import OtherReport
from ecr_push.scan.others.read import EXPECTED, find_reader

# For a response without a digest.
_NO_DIGEST = Digest(f"sha256:{0:064}")
_EXPORT = frozenset({"findings", "nextToken", "NextToken", "ResponseMetadata"})
# What Inspector finds besides vulnerable packages. A type that is not known here counts.
_FORMATS = "a response of DescribeImageScanFindings or Inspector's ListFindings, a result document"
_OTHER_TYPES = frozenset({"NETWORK_REACHABILITY", "CODE_VULNERABILITY"})


def read_saved(files: Sequence[tuple[str, bytes]], now: datetime) -> Saved:
    """Reads one or more files, each a name and content; several files are platforms of one image.

    Raises SettingsError for a file of an unknown format, ScanError for one without a complete scan result.
    now: no scan was completed after it.
    """
    saved = [_read(name, content, now) for name, content in files]
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


def _read(name: str, content: bytes, now: datetime) -> Saved:
    try:
        document = read_json(content)
    except ValueError as error:
        raise SettingsError([f"{name}: not valid JSON: {' '.join(str(error).split())}"]) from error
    try:
        if isinstance(document, dict):
            _check_whole(name, document)
            for known, read in (
                ("documentVersion", read_document),
                ("imageScanStatus", _ecr_answer),
                (FINDINGS, _ecr_answer),
                ("findings", _inspector_export),
            ):
                if known in document:
                    return read(document, now)
            if read_other := find_reader(document):
                return _of_another(read_other(document))
    except NotThisScanError as odd:
        raise no_answer(name, odd) from odd
    except OddValueError as odd:
        raise SettingsError([f"{name}: could not read the findings: {odd}"]) from odd
    raise SettingsError([f"{name}: unknown format: expected {_FORMATS}, {EXPECTED}"])


def _of_another(found: OtherReport) -> Saved:
    """The report of another scanner by itself. It may name the image in several ways: VEX knows one."""
    digest = next(iter(found.digests)) if len(found.digests) == 1 else ""
    scan = PlatformScan(
        Digest(digest) if digest else _NO_DIGEST, found.platform, "COMPLETE", found.findings, note=found.tool
    )
    return Saved(ScanReport("unknown", (scan,)), Subject("", digest))


def _check_whole(name: str, document: Mapping[str, Any]) -> None:
    """Refuses one page of several, which has too few findings. NextToken is the AWS CLI's own."""
    if document.get("nextToken") or document.get("NextToken"):
        raise ScanError(
            f"{name} is only one page of several",
            remedy="save all pages: run the AWS CLI without --max-items and --no-paginate",
        )


def _ecr_answer(document: Mapping[str, Any], now: datetime) -> Saved:
    text = optional_text(document, "imageId", "imageDigest")
    digest = parsed(Digest, document, "imageId", "imageDigest") if text else _NO_DIGEST
    scan = read_checked(document, digest, now=now)
    mode: ScanMode = "unknown"
    if member(document, FINDINGS, "enhancedFindings") is not None:
        mode = "enhanced"
    elif member(document, FINDINGS, "findings") is not None:
        mode = "basic"
    return Saved(ScanReport(mode, (scan,)), Subject(optional_text(document, "repositoryName"), text))


def _inspector_export(document: Mapping[str, Any], now: datetime) -> Saved:
    """Reads findings of inspector2:ListFindings, which have the form of ECR's enhanced ones, by image."""
    check_known(document, _EXPORT)
    by_image: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    repositories: list[str] = []

    def add(one: Mapping[str, Any]) -> None:
        if optional_text(one, "type") in _OTHER_TYPES:
            return
        for image in each(_image, one, "resources") if items(one, "resources") else [("", "", "")]:
            repositories.append(image[0])
            by_image[image[1:]].append({**one, "score": one.get("inspectorScore")})

    each(add, document, "findings", required=True)
    if not by_image:
        raise ScanError(
            "the export has no vulnerability, like the export of an image that was never scanned",
            remedy="save ECR's own response, which shows whether there was a scan: "
            "aws ecr describe-image-scan-findings",
        )
    several = len(by_image) > 1
    scans = []
    for (digest, architecture), found in by_image.items():
        findings = read_findings({FINDINGS: {"enhancedFindings": found}})
        image_digest = Digest(digest) if digest else _NO_DIGEST
        name = " ".join(filter(None, (architecture, image_digest.short))) if several else ""
        scans.append(PlatformScan(image_digest, name, "ACTIVE", findings))
    return Saved(ScanReport("enhanced", tuple(scans)), Subject(next(filter(None, repositories), "")))


def _image(resource: Mapping[str, Any]) -> tuple[str, str, str]:
    """Repository, digest and architecture of the image that a finding is about; empty if it is of another."""
    path = ("details", "awsEcrContainerImage")
    if optional_text(resource, *path, "imageHash"):
        parsed(Digest, resource, *path, "imageHash")
    names = (optional_text(resource, *path, name) for name in ("repositoryName", "imageHash", "architecture"))
    repository, digest, architecture = names
    return repository, digest, architecture
