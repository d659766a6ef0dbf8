"""The status of repositories as a table for a terminal, and as a document for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ecr_push.base.severity import Severity
from ecr_push.pipeline.status.model import ImageStatus, RepositoryStatus, Status
from ecr_push.report.document import counts as all_counts

VERSION = 1
_HEAD = ("REPOSITORY", "TAGS", "VERSION", "DIGEST", "PUSHED", "VERDICT", "JUDGED", "FINDINGS", "NEW")
_SHOWN = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)
_TAGS = 40  # characters


def lines_of(status: Status) -> Iterator[str]:
    """A row for each image, below it why it needs a look; and at last how many do."""
    if not status.repositories:
        yield "There is no repository."
        return
    rows: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(_HEAD, ())]
    for one in status.repositories:
        rows += _rows(one, status.at)
    widths = [max(len(row[column]) for row, _ in rows) for column in range(len(_HEAD))]
    for row, reasons in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield from (f"    ! {reason}" for reason in reasons)
    yield ""
    yield summary(status)


def summary(status: Status) -> str:
    """`2 of 14 images in 5 repositories need a look.`, or `Nothing to look at: …`."""
    images = [image for one in status.repositories for image in one.images]
    look = sum(bool(image.reasons) for image in images)
    unread = sum(bool(one.unread) for one in status.repositories)
    number = len(status.repositories)
    where = "1 repository" if number == 1 else f"{number:,} repositories"
    of = "1 image" if len(images) == 1 else f"{len(images):,} images"
    need = "needs" if look == 1 else "need"
    text = f"{look} of {of} in {where} {need} a look." if look else f"Nothing to look at: {of} in {where}."
    return text + (f" {unread} could not be read." if unread else "")


def age(then: datetime | None, now: datetime) -> str:
    """`12 d`, `5 h`, `3 min`; "-" where it is not known."""
    if then is None:
        return "-"
    seconds = max(0.0, (now - then).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3600)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 60:.0f} min"


def counted(counts: Mapping[Severity, int] | None, *, plus: bool = False) -> str:
    """`1 critical, 2 high`; severities below medium are one number; "-" where nothing was scanned."""
    if counts is None:
        return "-"
    sign = "+" if plus else ""
    parts = [f"{sign}{counts[one]} {one.name.lower()}" for one in _SHOWN if counts.get(one)]
    unknown = counts.get(Severity.UNRECOGNISED, 0)
    parts = [f"{sign}{unknown} of unknown severity", *parts] if unknown else parts
    rest = sum(number for one, number in counts.items() if one < Severity.MEDIUM)
    return ", ".join([*parts, *([f"{sign}{rest} lower"] if rest else [])]) or "none"


def document_of(status: Status) -> dict[str, Any]:
    return {
        "statusVersion": VERSION,
        "account": status.account,
        "region": status.region,
        "at": status.at.isoformat(),
        "needsALook": status.needs_a_look,
        "repositories": [
            {
                "name": one.name,
                "unread": one.unread or None,
                "imagesLeftOut": one.left_out,
                "needsALook": one.needs_a_look,
                "images": [_image(image) for image in one.images],
            }
            for one in status.repositories
        ],
    }


def _image(image: ImageStatus) -> dict[str, Any]:
    verdict = image.verdict
    return {
        "digest": image.digest.value,
        "tags": list(image.tags),
        "name": image.name or None,
        "anotherBuildOf": image.rebuilt or None,
        "pushedAt": image.pushed_at.isoformat(),
        "verdict": (
            {
                "verdict": verdict.word,
                "policy": verdict.policy,
                "scannedAt": verdict.scanned_at.isoformat() if verdict.scanned_at else None,
                "version": verdict.version or None,
                "commit": verdict.commit or None,
                "findings": all_counts(verdict.counts),
                "exceptions": [
                    {
                        "exception": one.text,
                        "owner": one.owner or None,
                        "until": one.until.isoformat() if one.until else None,
                    }
                    for one in verdict.exceptions
                ],
                "statement": verdict.reference,
            }
            if verdict
            else None
        ),
        "findings": all_counts(image.counts) if image.counts is not None else None,
        "new": all_counts(image.new) if verdict and image.counts is not None else None,
        "newFindings": [
            {
                "id": one.id,
                "severity": one.severity.name,
                "package": one.package or None,
                "fixedIn": one.fixed_in or None,
                "firstSeen": one.first_seen or None,
            }
            for one in image.since
        ],
        "reasons": [{"kind": one.kind, "text": one.text} for one in image.reasons],
    }


def _rows(one: RepositoryStatus, now: datetime) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    blank = ("",) * (len(_HEAD) - 1)
    if one.unread:
        yield (one.name, *blank), (f"it could not be read: {one.unread}",)
    elif not one.images:
        yield (one.name, "no tag that floats", *blank[1:]), ()
    for image in one.images:
        yield _row(one.name, image, now), tuple(reason.text for reason in image.reasons)
    if one.left_out:
        yield (one.name, f"… and {one.left_out} more", *blank[1:]), ()


def _row(name: str, image: ImageStatus, now: datetime) -> tuple[str, ...]:
    verdict = image.verdict
    tags = ", ".join(image.tags)
    return (
        name,
        tags if len(tags) <= _TAGS else f"{tags[: _TAGS - 1]}…",
        image.title or "-",
        image.digest.short,
        age(image.pushed_at, now),
        verdict.word if verdict else "-",
        age(verdict.scanned_at, now) if verdict else "-",
        counted(image.counts),
        counted(image.new, plus=True) if verdict and image.counts is not None else "-",
    )
