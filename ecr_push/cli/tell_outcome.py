"""Tells the outcome of a run: its text, the reports, the CI's files, the result on standard output."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from ecr_push.base.private_folder import PREFIX
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.log import find_paint
from ecr_push.cli.report_to_ci import report_to_ci, written
from ecr_push.cli.reports import RENDERERS
from ecr_push.cli.tell import print_beside
from ecr_push.pipeline.outcome import RELEASABLE, Outcome
from ecr_push.report import text
from ecr_push.report.escape import log_line
from ecr_push.report.redact import prepare_outcome
from ecr_push.report.write import write_reports
from ecr_push.settings.declare import Settings

_READ_BY_PEOPLE = ("html", "markdown", "text", "json")


def tell_outcome(
    outcome: Outcome,
    settings: Settings,
    call: Call,
    facts: CiFacts | None = None,
    failed_before: Exception | None = None,
) -> int:
    """Tells the outcome in every way that was asked for, each whether or not another fails.

    facts: of the CI, for a command that reports to it. failed_before: what failed when it was published.

    Returns the outcome's exit code. Raises the first error of telling, after an outcome that was a success.
    """
    clean, context = call.clean, settings.source.context
    outcome = prepare_outcome(_with_files_and_options(outcome, settings, call), clean)
    failed: list[Exception] = [failed_before] if failed_before else []

    def attempt(tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception as error:
            failed.append(error)

    attempt(lambda: _print_text(outcome, settings, call))
    attempt(lambda: write_reports(outcome, settings.report, RENDERERS, clean, context))
    attempt(lambda: _name_reports(outcome, settings, call))
    call.reported = True
    if facts:
        attempt(lambda: report_to_ci(outcome, settings, facts, call.environ, call.stderr, clean))
    attempt(lambda: _print_result(outcome, settings, clean, call.stdout))
    call.delivered = True
    if failed and not outcome.exit_code:
        raise failed[0]
    for error in failed:
        print_beside(error, call)
    return outcome.exit_code


def _name_reports(outcome: Outcome, settings: Settings, call: Call) -> None:
    """Says which files were written: the last lines of a log are read first."""
    there = {one.path for one in written(settings)}
    paths = [settings.report.result, *(one.path for one in settings.report.reports)]
    # Without those in a folder that our own wrapper, or a run of several images, has made for them.
    kept = [one for one in paths if not Path(one).parent.name.startswith(PREFIX)]
    names = [one for one in kept if str(Path(one).absolute()) in there]
    if names and _in_the_log(outcome, settings):
        call.stderr.write(call.clean(f"  reports    {log_line(', '.join(names))}\n"))


def _with_files_and_options(outcome: Outcome, settings: Settings, call: Call) -> Outcome:
    """Adds which reports the caller gets and, where it did not go well, what judges the image again."""
    files = [("json", settings.report.result)] if settings.report.result else []
    # The others are not always written, or not for people.
    files += [(one.format, one.path) for one in settings.report.reports if one.format in _READ_BY_PEOPLE]
    run = replace(outcome.run, reports=tuple(files), arguments=call.arguments or outcome.run.arguments)
    if outcome.exit_code:
        from ecr_push.cli.again import options_again

        run = replace(run, options=options_again(call, run.command if run.arguments else "promote"))
    return replace(outcome, run=run)


def _in_the_log(outcome: Outcome, settings: Settings) -> bool:
    """Whether the log has the outcome: `plan` has printed its own text."""
    planned = outcome.status == "planned" and outcome.rollback is None and outcome.deployment is None
    silent = settings.report.progress == "quiet" and outcome.status != "observed"
    return bool(outcome.exit_code) or not (silent or planned)


def _print_text(outcome: Outcome, settings: Settings, call: Call) -> None:
    if _in_the_log(outcome, settings):
        paint = find_paint(call.environ, call.stderr)
        call.stderr.write(call.clean("\n" + text.render(outcome, width=_width(call.stderr), paint=paint)))


def _print_result(outcome: Outcome, settings: Settings, clean: Callable[[str], str], stdout: TextIO) -> None:
    if settings.report.output == "json":
        from ecr_push.report import document

        stdout.write(clean(document.render(outcome)))
    elif outcome.local and not outcome.exit_code:
        stdout.write("".join(f"{one}\n" for one in (*outcome.local.names, *outcome.local.files)))
    elif outcome.pushed and (outcome.status in {*RELEASABLE, "built"} or outcome.rolled_back):
        stdout.write(outcome.pushed.reference + "\n")
    stdout.flush()


def _width(stream: TextIO) -> int:
    """The columns of a terminal; 0 for a file or a pipe, where no line need be cut."""
    # Of this stream: standard output is often a pipe, as in image=$(ecr-push run).
    return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
