"""The page that a command writes besides what it prints: `--html FILE`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecr_push.settings.declare import Settings


def unwritable(html: str) -> Iterable[str]:
    """Why the file cannot be written, as far as can be known before.

    Its name says that it is a page: a file that stands there, such as a policy, is overwritten.
    """
    if html:
        from pathlib import Path

        from ecr_push.base.fences import Fences
        from ecr_push.base.safe_write import why_not_writable

        if Path(html).suffix.lower() not in {".html", ".htm"}:
            yield f"--html: {html} is not the name of a page: expected FILE.html"
        elif why := why_not_writable(Path(html), Fences.of(".")):
            yield f"--html: {why}"


def write_page(html: str, text: str, settings: Settings) -> None:
    """Raises ReportError."""
    from pathlib import Path

    from ecr_push.base.errors import ReportError
    from ecr_push.base.fences import Fences
    from ecr_push.base.safe_write import write_text

    try:
        write_text(Path(html), text, Fences.of(settings.source.context))
    except OSError as error:
        raise ReportError(f"could not write {html}", why=error.strerror or str(error)) from error
