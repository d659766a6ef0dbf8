"""Writes the requested reports to their files: the only module that writes reports to disk."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TextIO

from ecr_push.base.errors import ReportError
from ecr_push.base.log import visible
from ecr_push.pipeline.outcome import Outcome
from ecr_push.report.formats import Renderer
from ecr_push.settings.report_files import FORMATS, ReportFile
from ecr_push.settings.report_options import ReportOptions

_PIECE = 1 << 20  # characters


def write_or_warn(
    outcome: Outcome,
    options: ReportOptions,
    renderers: Mapping[str, Renderer],
    clean: Callable[[str], str],
    stderr: TextIO,
) -> None:
    """Writes the reports; after a failed run an error in doing so is printed and keeps the run's exit code.

    Raises ReportError only after a run that succeeded.
    """
    try:
        write_reports(outcome, options, renderers, clean)
    except ReportError as error:
        if not outcome.exit_code:
            raise
        stderr.write("".join(f"{visible(line)}\n" for line in str(error).splitlines()))


def write_reports(
    outcome: Outcome, options: ReportOptions, renderers: Mapping[str, Renderer], clean: Callable[[str], str]
) -> None:
    """Writes every report with its renderer, each completely or not at all.

    A report without text removes the file of an earlier run. Raises ReportError with all write errors.
    """
    result = [ReportFile("json", options.result)] if options.result else []
    problems: list[str] = []
    failures: list[Exception] = []
    for report in (*result, *options.reports):
        try:
            text = clean(renderers[report.format](outcome))
            _write(Path(report.path), text) if text else _remove(Path(report.path))
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


def remove_stale_deploy_files(reports: Iterable[ReportFile]) -> None:
    """Removes the deploy files of an earlier run, so that they are not deployed however this run ends."""
    for report in reports:
        if FORMATS[report.format].handover:
            with contextlib.suppress(OSError):  # reported when the reports are written
                _remove(Path(report.path))


def _remove(path: Path) -> None:
    target = path.resolve()
    if target.is_file():  # and not /dev/stderr
        target.unlink()


def _write(path: Path, text: str) -> None:
    """Writes through a temporary file, so that no reader sees half a report; directly to a pipe or device."""
    target = path.resolve()  # a symlink is kept
    if target.exists() and not target.is_file():
        _fill(target, text)  # /dev/stderr, or a named pipe
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        _fill(beside, text)
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o7777)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _fill(path: Path, text: str) -> None:
    """Writes in pieces: encoding 50,000 findings at once would hold the text twice."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        for begin in range(0, len(text), _PIECE):
            file.write(text[begin : begin + _PIECE])
