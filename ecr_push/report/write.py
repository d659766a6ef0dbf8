"""Writes the requested reports to their files: the only module that writes reports to disk."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path

from ecr_push.base.errors import ReportError
from ecr_push.base.fences import Fences
from ecr_push.base.safe_write import remove_file, write_text
from ecr_push.pipeline.outcome import Outcome
from ecr_push.report.formats import Renderer
from ecr_push.settings.report_files import ReportFile
from ecr_push.settings.report_options import ReportOptions


def write_reports(
    outcome: Outcome,
    options: ReportOptions,
    renderers: Mapping[str, Renderer],
    clean: Callable[[str], str],
    context: str,
) -> None:
    """Writes every report with its renderer, each completely or not at all.

    A report without text removes the file of an earlier run. context: the folder of the build, whose checkout
    no link leads a report out of. Raises ReportError with all write errors.
    """
    problems: list[str] = []
    failures: list[Exception] = []
    for report in (*_result(options), *options.reports):
        try:
            text = clean(renderers[report.format](outcome))
            path, fences = Path(report.path), Fences.of(context)
            write_text(path, text, fences) if text else remove_file(path, fences)
        except OSError as error:
            problems.append(f"{report}: {error.strerror or error}")
        except Exception as error:  # a bug in one format must not lose the other reports
            failures.append(error)
    if failures:
        raise failures[0]
    if problems:
        raise ReportError(
            "could not write every report",
            why="\n".join(problems),
            remedy="fix the errors above and run again; the existing image is reused and evaluated again",
        )


def remove_earlier_reports(options: ReportOptions, context: str) -> None:
    """Removes the reports of an earlier run, so that none is taken for this run's, however this one ends."""
    for report in (*_result(options), *options.reports):
        with contextlib.suppress(OSError):  # reported when the reports are written
            remove_file(Path(report.path), Fences.of(context))


def _result(options: ReportOptions) -> list[ReportFile]:
    return [ReportFile("json", options.result)] if options.result else []
