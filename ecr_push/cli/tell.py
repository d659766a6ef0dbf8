"""Prints an error, and keeps the traceback of an internal one."""

from __future__ import annotations

from pathlib import Path

from ecr_push.base.errors import DefectError, EcrPushError, SettingsError, as_expected
from ecr_push.cli.call import Call


def print_error(error: EcrPushError, call: Call, read_on: str = "") -> None:
    """read_on: where the documentation goes on, as a line."""
    from ecr_push.report.escape import log_line

    lines = [*error.why.splitlines(), *([f"To do: {error.remedy}."] if error.remedy else [])]
    lines += [read_on] if read_on else []
    for line in (f"ecr-push: {error.what}", *(f"  {line}" for line in lines)):
        call.stderr.write(log_line(call.clean(line)) + "\n")


def print_beside(error: Exception, call: Call) -> None:
    """Prints an error that is not the one that the command ends with."""
    expected = as_expected(error, call.clean)
    if isinstance(expected, EcrPushError):
        print_error(expected, call)
    if isinstance(expected, DefectError):
        save_traceback(expected, call)


def save_traceback(error: DefectError, call: Call) -> None:
    """Prints the traceback to a CI's log, as its disk is temporary; elsewhere saves it to a file."""
    from ecr_push.cli.report_to_ci import fold

    if lines := fold("traceback", error.traceback, call):
        call.stderr.write(lines)
        return
    from ecr_push.base.private_folder import PrivateFolders

    contexts = [Path(call.loaded.settings.source.context)] if call.loaded else []
    try:
        log = PrivateFolders(call.environ, contexts).keep(error.traceback, ".log")
    except SettingsError:  # no folder that can be written: better in the log than lost
        from ecr_push.report.escape import log_line

        call.stderr.write("".join(f"  {log_line(line)}\n" for line in error.traceback.splitlines()))
        return
    call.stderr.write(f"  The traceback is in {log}\n")
