"""Our own result document -> the scan in it: the inverse of `document`, for `ecr-push gate`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import ScanError
from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.base.shape import (
    OddValueError,
    each,
    items,
    mapping,
    optional_text,
    optional_time,
    parsed,
    text,
)
from ecr_push.base.values import read_number
from ecr_push.policy.vex import Subject
from ecr_push.registry.interface import ScanMode
from ecr_push.report.document import DOCUMENT_VERSION
from ecr_push.scan.answer_shape import NotThisScanError, check_completed, check_known
from ecr_push.scan.findings import Finding, Package, PlatformScan, ScanReport
from ecr_push.scan.findings_read import add_counts, read_fix
from ecr_push.scan.state import is_done, may_be_unscannable

_SCAN = frozenset({"mode", "platforms", "others"})
_PLATFORM = frozenset(
    {"digest", "platform", "status", "completedAt", "unscannable", "note", "counts", "findings"}
)


@dataclass(frozen=True)
class Saved:
    """The scan that a file holds, and the image that it is about, as far as the file names it."""

    report: ScanReport
    subject: Subject


def read_document(document: Mapping[str, Any], now: datetime) -> Saved:
    """Reads the scan of a parsed result document. now: no scan was completed after it.

    Raises ScanError if it has no complete one, OddValueError for what no run has written.
    """
    version = document["documentVersion"]
    if type(version) is not int or version != DOCUMENT_VERSION:
        raise OddValueError("documentVersion", f"is {version!r}: only {DOCUMENT_VERSION} is supported")
    scan = mapping(document, "scan")
    if not scan or not items(scan, "platforms"):
        raise ScanError("the result document has no scan", why=f"its status is {document.get('status')}")
    check_known(scan, _SCAN)
    platforms = tuple(each(lambda one: _platform(one, now), document, "scan", "platforms"))
    images = each(lambda one: parsed(Digest, one, "digest"), document, "image", "platforms")
    lost = {*images} - {one.digest for one in platforms}
    if lost:
        names = ", ".join(sorted(one.short for one in lost))
        raise ScanError(f"the result document has no scan of {names}", why="it is an image of the same index")
    digest = optional_text(document, "image", "digest")
    subject = Subject(optional_text(document, "repository"), digest)
    return Saved(ScanReport(_mode(scan), platforms), subject)


def _mode(scan: Mapping[str, Any]) -> ScanMode:
    known: dict[str, ScanMode] = {one: one for one in get_args(ScanMode)}
    try:
        return known[text(scan, "mode")]
    except KeyError as error:
        raise OddValueError("scan.mode", f"is {error}: expected one of {', '.join(known)}") from error


def _platform(one: Mapping[str, Any], now: datetime) -> PlatformScan:
    check_known(one, _PLATFORM)
    status, unscannable = text(one, "status"), optional_text(one, "unscannable")
    if not (may_be_unscannable(status, unscannable) if unscannable else is_done(status)):
        raise NotThisScanError("status", f"is {status[:60]}: the scan had not ended")
    check_completed(optional_time(one, "completedAt"), now, "completedAt")
    found = PlatformScan(
        parsed(Digest, one, "digest"),
        optional_text(one, "platform"),
        status,
        tuple(each(_finding, one, "findings", required=True)),
        {severity: number for severity, number in add_counts(one, "counts").items() if number},
        optional_text(one, "completedAt"),
        unscannable,
    )
    if unscannable and found.counts:
        raise OddValueError("unscannable", "cannot be, for an image that has findings")
    return found


def _finding(one: Mapping[str, Any]) -> Finding:
    optional_time(one, "firstSeen")
    return Finding(
        optional_text(one, "id"),
        Severity.read(optional_text(one, "severity")),
        optional_text(one, "package"),
        optional_text(one, "version"),
        optional_text(one, "fixedIn"),
        optional_text(one, "title"),
        optional_text(one, "uri"),
        read_number(one.get("score")),
        optional_text(one, "description"),
        tuple(each(_package, one, "packages")),
        read_number(one.get("epss")),
        one.get("exploited") if isinstance(one.get("exploited"), bool) else None,
        read_fix(one, "fix"),
        tuple(optional_text(name) for name in items(one, "aliases")),
        optional_text(one, "firstSeen"),
    )


def _package(one: Mapping[str, Any]) -> Package:
    return Package(
        optional_text(one, "name"),
        optional_text(one, "version"),
        optional_text(one, "fixedIn"),
        optional_text(one, "manager"),
        optional_text(one, "path"),
        optional_text(one, "layer"),
        optional_text(one, "distribution"),
    )
