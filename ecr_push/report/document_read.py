"""Our own result document -> the scan in it: the inverse of `document`, for `ecr-push gate`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ecr_push.base.errors import ScanError
from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.base.values import read_number
from ecr_push.policy.vex import Subject
from ecr_push.report.document import DOCUMENT_VERSION
from ecr_push.scan.findings import Finding, Package, PlatformScan, ScanReport


@dataclass(frozen=True)
class Saved:
    """The scan that a file holds, and the image that it is about, as far as the file names it."""

    report: ScanReport
    subject: Subject


def read_document(document: Mapping[str, Any]) -> Saved:
    """Reads the scan of a parsed result document. Raises ScanError if it has no complete one."""
    version = document["documentVersion"]
    if type(version) is not int or version != DOCUMENT_VERSION:
        raise ValueError(f"documentVersion {version!r} is not supported, only {DOCUMENT_VERSION}")
    scan = document.get("scan")
    if not scan or not scan["platforms"]:
        raise ScanError("the result document has no scan", why=f"its status is {document.get('status')}")
    platforms = tuple(_platform(one) for one in scan["platforms"])
    lost = {one["digest"] for one in (document.get("image") or {}).get("platforms") or ()}
    lost -= {one.digest.value for one in platforms}
    if lost:
        names = ", ".join(Digest(one).short for one in sorted(lost))
        raise ScanError(f"the result document has no scan of {names}", why="it is an image of the same index")
    digest = str((document.get("image") or {}).get("digest") or "")
    return Saved(ScanReport(scan["mode"], platforms), Subject(document.get("repository") or "", digest))


def _platform(one: Mapping[str, Any]) -> PlatformScan:
    return PlatformScan(
        Digest(one["digest"]),
        one.get("platform") or "",
        one["status"],
        tuple(_finding(finding) for finding in one["findings"]),
        {Severity.read(word): int(number) for word, number in (one.get("counts") or {}).items() if number},
        one.get("completedAt") or "",
        one.get("unscannable") or "",
    )


def _finding(one: Mapping[str, Any]) -> Finding:
    return Finding(
        one["id"],
        Severity.read(one["severity"]),
        one.get("package") or "",
        one.get("version") or "",
        one.get("fixedIn") or "",
        one.get("title") or "",
        one.get("uri") or "",
        read_number(one.get("score")),
        one.get("description") or "",
        tuple(_packages(one.get("packages") or ())),
        read_number(one.get("epss")),
        one.get("exploited") if isinstance(one.get("exploited"), bool) else None,
        one.get("fix") or "",
        tuple(one.get("aliases") or ()),
        one.get("firstSeen") or "",
    )


def _packages(packages: Iterable[Mapping[str, Any]]) -> Iterable[Package]:
    for one in packages:
        yield Package(
            one.get("name") or "",
            one.get("version") or "",
            one.get("fixedIn") or "",
            one.get("manager") or "",
            one.get("path") or "",
            one.get("layer") or "",
        )
