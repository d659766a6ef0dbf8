"""Of settings with mistakes, the reports that can be written all the same: they tell the mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ecr_push.base.fences import Fences
from ecr_push.base.safe_write import why_not_writable
from ecr_push.settings.declare import Settings, changed
from ecr_push.settings.report_files import ReportFile


def with_usable_reports(settings: Settings, given: Iterable[ReportFile | None]) -> Settings:
    """settings with those reports that can be written, and with no result that cannot.

    given: the reports as they are read, None for a mistake.
    """
    result = settings.report.result
    try:
        fences = Fences.of(settings.source.context)
    except OSError:  # without a working directory no path is known
        return changed(settings, result="", reports=())
    if result and why_not_writable(Path(result), fences):
        result = ""
    return changed(settings, result=result, reports=tuple(_usable(given, result, fences)))


def _usable(given: Iterable[ReportFile | None], result: str, fences: Fences) -> Iterator[ReportFile]:
    seen = {Path(result).absolute()} if result else set()
    for one in given:
        if one and (file := Path(one.path).absolute()) not in seen:
            seen.add(file)
            if not why_not_writable(file, fences):
                yield one
