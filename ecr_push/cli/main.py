"""argv and environ in, exit code out: the only reader of both, and the one place where errors end."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence

import click

from ecr_push.base.errors import DefectError, EcrPushError, Interrupted, ReportError, SettingsError
from ecr_push.cli.call import Call
from ecr_push.cli.group import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="ecr-push", prog_name="ecr-push")
def cli() -> None:
    """From a commit to a judged container image in Amazon ECR.

    Builds the image, names it from git, pushes a candidate, waits for ECR's vulnerability scan, judges
    the findings, and only then moves the release tags.

    Settings come from flags, from the environment (ECR_PUSH_…) and from ecr-push.yml in the context
    directory, in this order. Exit codes: 0 accepted, 1 a defect of ours, 2 wrong settings or checkout,
    3 the build failed, 4 the registry or AWS, 5 no answer from the scan, 10 refused by the policy,
    129, 130 and 143 interrupted.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """The console script. Every way out is an exit code of errors.py."""
    call = Call(os.environ, sys.stdout, sys.stderr)
    try:
        with _signals():
            return int(cli.main(args=argv, prog_name="ecr-push", standalone_mode=False, obj=call) or 0)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would say so again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _end(ReportError("nobody reads our standard output any more"), call)
    except (Interrupted, Exception) as error:
        return _end(error, call)


def _end(error: Interrupted | Exception, call: Call) -> int:
    """Tells people, and the CI, what ended us; returns the exit code."""
    from ecr_push.cli.ci import tell_ending

    ours = _as_ours(error)
    if isinstance(error, click.ClickException):
        error.show()
    elif isinstance(ours, EcrPushError):
        _tell(ours)
    if isinstance(ours, DefectError):
        _show(ours, call)
    tell_ending(ours, call.flags, call.environ, call.stderr)
    return ours.exit_code


def _as_ours(error: Interrupted | Exception) -> EcrPushError | Interrupted:
    if isinstance(error, EcrPushError | Interrupted):
        return error
    if isinstance(error, click.Abort):
        return Interrupted(signal.SIGINT)
    if isinstance(error, click.ClickException):
        return SettingsError([error.format_message()])
    return DefectError(error)


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP as `Interrupted`, once: what comes while we clean up changes nothing."""
    # nohup has SIGHUP ignored, so that we go on without the terminal.
    ending = [
        one
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if one != signal.SIGHUP or signal.getsignal(one) != signal.SIG_IGN
    ]
    terminals = [stream.fileno() for stream in (sys.stdout, sys.stderr) if stream.isatty()]

    def interrupt(number: int, frame: object) -> None:
        for one in ending:
            signal.signal(one, signal.SIG_IGN)
        if number == signal.SIGHUP:  # whatever was written to the terminal would fail
            for terminal in terminals:
                os.dup2(os.open(os.devnull, os.O_WRONLY), terminal)
        raise Interrupted(number)

    before = {one: signal.signal(one, interrupt) for one in ending}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _tell(error: EcrPushError) -> None:
    from ecr_push.report.escape import log_line

    lines = [*error.why.splitlines(), *([f"To do: {error.remedy}."] if error.remedy else [])]
    for line in (f"ecr-push: {error.what}", *(f"  {line}" for line in lines)):
        click.echo(log_line(line), err=True)


def _show(defect: DefectError, call: Call) -> None:
    """The traceback: in a CI's log, for its disk goes; else in a file that can be pasted into an issue."""
    from ecr_push.cli.ci import fold

    if lines := fold("traceback", defect.traceback, call.flags, call.environ):
        click.echo(lines, nl=False, err=True)
        return
    import tempfile

    with tempfile.NamedTemporaryFile("w", prefix="ecr-push-", suffix=".log", delete=False) as log:
        log.write(defect.traceback)
    click.echo(f"  Its traceback is in {log.name}", err=True)


def console() -> None:
    """What the installed command calls."""
    # The AWS SDK loads tens of thousands of objects that stay to the end. To search them for cycles as
    # they come, and once more on exit, takes 0.1 s and frees nothing.
    gc.set_threshold(20_000, 50, 50)
    exit_code = main()
    gc.freeze()
    sys.exit(exit_code)
