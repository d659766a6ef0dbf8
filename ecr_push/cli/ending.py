"""What ends a command with an error, reported everywhere: standard error, the traceback's file, the requested
reports, the CI. Returns the exit code, whatever of that fails.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Sequence

import click

from ecr_push.base.errors import (
    DefectError,
    EcrPushError,
    Interrupted,
    ReportError,
    SettingsError,
    as_expected,
)
from ecr_push.cli.call import Call
from ecr_push.cli.tell import print_error, save_traceback


def end(error: Interrupted | Exception, call: Call, words: Sequence[str]) -> int:
    """Tells what ended the command. words: the command line without the program's name."""
    expected = _as_expected(error, call)
    for step in (_print, _save, _report, _tell_ci):
        # An error here must not hide the one that is reported, nor keep the other steps from being taken.
        with contextlib.suppress(Exception):
            step(expected, error, call, words)
    return expected.exit_code


def _as_expected(error: Interrupted | Exception, call: Call) -> EcrPushError | Interrupted:
    """The error as one of errors.py, which has an exit code."""
    if isinstance(error, click.Abort):
        return Interrupted(signal.SIGINT)
    if isinstance(error, click.ClickException):
        problems = getattr(error, "problems", (error.format_message(),))
        return SettingsError([call.clean(one) for one in problems])
    return as_expected(error, call.clean)


def _print(expected: EcrPushError | Interrupted, error: BaseException, call: Call, words: object) -> None:
    if isinstance(error, click.ClickException):
        text = error.format_message()
        shown = call.clean(text)
        (error if shown == text else click.UsageError(shown, getattr(error, "ctx", None))).show()
    elif isinstance(expected, EcrPushError):
        from ecr_push.report.read_on import line_about

        print_error(expected, call, line_about(expected))


def _save(expected: EcrPushError | Interrupted, error: object, call: Call, words: object) -> None:
    if isinstance(expected, DefectError):
        save_traceback(expected, call)


def _report(expected: EcrPushError | Interrupted, error: object, call: Call, words: Sequence[str]) -> None:
    """Writes the reports of a command that ended before its own: those of an earlier run must not be left."""
    if call.reported or isinstance(expected, ReportError):
        return
    from ecr_push.cli.read_settings import read_flags_alone, read_what_is_valid, takes_reports
    from ecr_push.cli.usage import command_of, is_complete, report_flags

    command = command_of(words)
    if not is_complete(command):
        # What the environment and ecr-push.yml ask for may be another command's, whose report stands.
        read_flags_alone(call, report_flags(command, words))
    elif not takes_reports(command):
        return
    elif call.loaded is None:  # the command ended before it read its settings
        read_what_is_valid(call, command, call.flags or report_flags(command, words))
    assert call.loaded is not None  # noqa: S101 - read, two lines above
    settings = call.loaded.settings
    from ecr_push.cli.reports import RENDERERS
    from ecr_push.pipeline.failure import Failure
    from ecr_push.pipeline.outcome import Outcome, RunFacts
    from ecr_push.report import document
    from ecr_push.report.redact import prepare_outcome
    from ecr_push.report.write import write_reports

    phase = "settings" if isinstance(expected, SettingsError) else "run"
    outcome = Outcome(failure=Failure.of(expected, phase), run=RunFacts(call.loaded.command))
    outcome = prepare_outcome(outcome, call.clean)
    try:
        write_reports(outcome, settings.report, RENDERERS, call.clean, settings.source.context)
    except ReportError as failed:
        print_error(failed, call)
    call.reported = True
    if settings.report.output == "json":
        call.stdout.write(document.render(outcome))
        call.stdout.flush()


def _tell_ci(expected: EcrPushError | Interrupted, error: object, call: Call, words: object) -> None:
    from ecr_push.cli.report_to_ci import report_ending

    report_ending(expected, call)
