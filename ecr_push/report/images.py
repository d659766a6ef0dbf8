"""What became of several images -> the document that has each one's own, and a table for the log. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.report.document import DOCUMENT_VERSION
from ecr_push.report.escape import json_text, log_line

# Of images that did not run; the others have the status of their run.
UNCHANGED, SKIPPED = "unchanged", "skipped"
_SIGNALS = 128  # an exit code from here on is that of a signal


@dataclass(frozen=True)
class ImageResult:
    """One image.

    exit_code: of its run; 0 for one that did not run. why: it ran, or not.
    tag:       the one that already has an image without changes; "" where it is not known, and of any other.
    result:    the document of its run; empty for one that did not run.
    """

    name: str
    status: str
    exit_code: int
    why: str
    tag: str = ""
    seconds: float = 0.0
    result: Mapping[str, Any] | None = None

    @property
    def reference(self) -> str:
        """REPOSITORY@DIGEST of an image that this run released; else ""."""
        image = (self.result or {}).get("image") or {}
        released = self.status in ("accepted", "observed") and not self.exit_code
        return str(image.get("reference", "")) if released else ""


def worst_code(codes: Iterable[int]) -> int:
    """An interruption's, else the lowest that is not 0: a lower code stops a run earlier. 0 if all are."""
    failed = sorted({code for code in codes if code})
    signals = [code for code in failed if code > _SIGNALS]
    return (signals or failed or [0])[0]


def overall_status(results: Sequence[ImageResult], exit_code: int) -> str:
    """The status of the image that decided on the exit code; `unchanged` where none ran."""
    ran = [one for one in results if one.status not in (UNCHANGED, SKIPPED)]
    decided = (one.status for one in ran if one.exit_code == exit_code)
    return next(decided, "interrupted" if exit_code > _SIGNALS else UNCHANGED)


def render_document(results: Sequence[ImageResult], exit_code: int) -> str:
    """The document: of each image its own, as a run of it alone gives it."""
    content = {
        "documentVersion": DOCUMENT_VERSION,
        "status": overall_status(results, exit_code),
        "exitCode": exit_code,
        "images": [
            {
                "name": one.name,
                "status": one.status,
                "exitCode": one.exit_code,
                "why": one.why,
                "tag": one.tag or None,
                "image": one.reference or None,
                "seconds": round(one.seconds, 3),
                "result": one.result or None,
            }
            for one in results
        ],
    }
    return json_text(content, spread={"images"})


def references(results: Iterable[ImageResult]) -> dict[str, str]:
    """By name, the images that this run released."""
    return {one.name: one.reference for one in results if one.reference}


def render_text(results: Sequence[ImageResult]) -> str:
    """A line for each image: the ones that ran, in the order of the file, then those that did not."""
    name_width = max((len(one.name) for one in results), default=0)
    status_width = max((len(one.status) for one in results), default=0)
    ordered = sorted(results, key=lambda one: one.status == UNCHANGED)
    lines = [
        f"{one.name:<{name_width}}  {one.status:<{status_width}}  {_about(one)}".rstrip() for one in ordered
    ]
    return "".join(f"{log_line(line)}\n" for line in lines)


def _about(one: ImageResult) -> str:
    if one.status in (UNCHANGED, SKIPPED):
        return one.why
    document = one.result or {}
    failure = document.get("failure") or {}
    version = str(document.get("version") or "")
    said = one.reference or str(failure.get("what") or "")
    code = f"exit code {one.exit_code}" if one.exit_code else ""
    return "  ".join(filter(None, (version, said, code, f"{one.seconds:.0f} s")))
