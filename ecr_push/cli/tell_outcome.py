"""Tells the outcome of a run: its text, the reports, the CI's files, the result on standard output."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TextIO

import click

from ecr_push.base.errors import DefectError, EcrPushError, as_expected
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.report_to_ci import report_to_ci
from ecr_push.cli.reports import RENDERERS
from ecr_push.cli.tell import print_error, save_traceback
from ecr_push.pipeline.outcome import RELEASABLE, Outcome
from ecr_push.report import document, text
from ecr_push.report.redact import prepare_outcome
from ecr_push.report.write import write_reports
from ecr_push.settings.declare import Settings


def tell_outcome(outcome: Outcome, settings: Settings, call: Call, facts: CiFacts | None = None) -> int:
    """Tells the outcome in every way that was asked for, each whether or not another fails.

    facts: of the CI, for a command that reports to it.

    Returns the outcome's exit code. Raises the first error of telling, after an outcome that was a success.
    """
    clean, context = call.clean, settings.source.context
    outcome = prepare_outcome(outcome, clean)
    failed: list[Exception] = []

    def attempt(tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception as error:
            failed.append(error)

    attempt(lambda: _print_text(outcome, settings, call))
    attempt(lambda: write_reports(outcome, settings.report, RENDERERS, clean, context))
    call.reported = True
    if facts:
        attempt(lambda: report_to_ci(outcome, settings, facts, call.environ, call.stderr, clean))
    attempt(lambda: _print_result(outcome, settings, clean, call.stdout))
    call.delivered = True
    if failed and not outcome.exit_code:
        raise failed[0]
    for error in failed:
        expected = as_expected(error, clean)
        if isinstance(expected, EcrPushError):
            print_error(expected, call)
        if isinstance(expected, DefectError):
            save_traceback(expected, call)
    return outcome.exit_code


def _print_text(outcome: Outcome, settings: Settings, call: Call) -> None:
    # `plan` has printed its own text
    planned = outcome.status == "planned" and outcome.rollback is None
    silent = settings.report.progress == "quiet" and outcome.status != "observed"
    if outcome.exit_code or not (silent or planned):
        report = call.clean("\n" + text.render(outcome, width=_width(call.stderr)))
        call.stderr.write(_coloured(report, outcome, call.stderr))


def _print_result(outcome: Outcome, settings: Settings, clean: Callable[[str], str], stdout: TextIO) -> None:
    if settings.report.output == "json":
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


def _coloured(report: str, outcome: Outcome, stream: TextIO) -> str:
    """The report, with its verdict in colour on a terminal."""
    if not stream.isatty():
        return report
    word = outcome.status.upper()
    colour = {"accepted": "green", "built": "green", "observed": "yellow"}.get(outcome.status, "red")
    return report.replace(word, click.style(word, fg=colour, bold=True), 1)
