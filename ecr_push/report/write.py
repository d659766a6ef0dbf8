"""The reports that were asked for, into their files: the one place where reports meet the disk."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from ecr_push.base.errors import ReportError
from ecr_push.base.log import visible
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.report.formats import Renderer
from ecr_push.settings.declare import Settings
from ecr_push.settings.report_files import FORMATS, ReportFile

_PIECE = 1 << 20  # characters


def told(outcome: Outcome, clean: Callable[[str], str]) -> Outcome:
    """outcome with what reports want besides, and without secrets.

    What a program said as it failed is cleaned here, before a format's own escapes could hide a secret in it.
    """
    failure = outcome.failure
    if failure:
        failure = replace(
            failure, what=clean(failure.what), why=clean(failure.why), remedy=clean(failure.remedy)
        )
    dockerfile = _in_checkout(outcome.plan) if outcome.plan else ""
    return replace(outcome, failure=failure, dockerfile=dockerfile, tool_version=_version())


def deliver(
    outcome: Outcome,
    settings: Settings,
    renderers: Mapping[str, Renderer],
    clean: Callable[[str], str],
    stderr: TextIO,
) -> None:
    """Like `write_reports`; but what the run itself came to weighs more, and keeps its exit code.

    Raises ReportError after a run that ended well, and tells it on stderr after any other.
    """
    try:
        write_reports(outcome, settings, renderers, clean)
    except ReportError as error:
        if not outcome.exit_code:
            raise
        stderr.write("".join(f"{visible(line)}\n" for line in str(error).splitlines()))


def write_reports(
    outcome: Outcome, settings: Settings, renderers: Mapping[str, Renderer], clean: Callable[[str], str]
) -> None:
    """Writes every report with its renderer, each whole or not at all.

    Raises ReportError with all that it could not write.

    Where a report is to be no file, one of an earlier run is removed.
    """
    result = [ReportFile("json", settings.result)] if settings.result else []
    problems: list[str] = []
    defects: list[Exception] = []
    for report in (*result, *settings.reports):
        try:
            text = clean(renderers[report.format](outcome))
            _write(Path(report.path), text) if text else _remove(Path(report.path))
        except OSError as error:
            problems.append(f"{report}: {error.strerror or error}")
        except Exception as error:  # a defect in one report must not cost the others
            defects.append(error)
    if defects:
        raise defects[0]
    if problems:
        raise ReportError(
            "not every report could be written",
            why="\n".join(problems),
            remedy="mend what is said above, and run again: the image is found and judged anew",
        )


def withdraw(reports: Iterable[ReportFile]) -> None:
    """Takes away what an earlier run handed over: however this one ends, killed too, nobody acts on that."""
    for report in reports:
        if FORMATS[report.format].handover:
            with contextlib.suppress(OSError):  # told at the end, where it matters
                _remove(Path(report.path))


def _remove(path: Path) -> None:
    target = path.resolve()
    if target.is_file():  # and not /dev/stderr
        target.unlink()


def _write(path: Path, text: str) -> None:
    """Through a file beside it, so that nobody reads half a report; straight into what is no plain file."""
    target = path.resolve()  # a link stays one
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
    """Piece by piece: a document of 50,000 findings is large enough once."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        for begin in range(0, len(text), _PIECE):
            file.write(text[begin : begin + _PIECE])


def _in_checkout(plan: Plan) -> str:
    """The Dockerfile from the checkout's top on; empty where none was built from, or where it is outside."""
    if plan.build.image:
        return ""
    try:
        return plan.build.dockerfile.resolve().relative_to(plan.source.root.resolve()).as_posix()
    except ValueError:
        return ""


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ecr-push")
    except PackageNotFoundError:
        return ""
