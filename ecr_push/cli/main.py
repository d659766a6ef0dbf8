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

    Options stand after the command. Settings come from flags, from the environment (ECR_PUSH_…) and from
    ecr-push.yml in the context directory, in this order. Exit codes: 0 accepted, 1 internal error, 2 the
    settings or the checkout are wrong, 3 the build failed, 4 the registry or AWS failed, 5 the scan gave no
    answer, 10 refused by the policy, 129, 130 and 143 interrupted.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line; argv is without the program's name. Returns an exit code of errors.py."""
    call = Call(os.environ, sys.stdout, sys.stderr)
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        with _signals():
            return int(cli.main(args=words, prog_name="ecr-push", standalone_mode=False, obj=call) or 0)
    except BrokenPipeError:
        # Python would report it again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _end(ReportError("standard output was closed (broken pipe)"), call)
    except click.UsageError as error:
        from ecr_push.cli.usage import explain

        return _end(explain(error, words), call)
    except (Interrupted, Exception) as error:
        return _end(error, call)


def _end(error: Interrupted | Exception, call: Call) -> int:
    """Prints what ended the command, and reports it to the CI. Returns the exit code."""
    from ecr_push.cli.report_to_ci import report_ending

    expected = _as_expected(error)
    if isinstance(error, click.ClickException):
        error.show()
    elif isinstance(expected, EcrPushError):
        _print_error(expected)
    if isinstance(expected, DefectError):
        _save_traceback(expected, call)
    report_ending(expected, call)
    return expected.exit_code


def _as_expected(error: Interrupted | Exception) -> EcrPushError | Interrupted:
    """The error as one of errors.py, which has an exit code."""
    if isinstance(error, EcrPushError | Interrupted):
        return error
    if isinstance(error, click.Abort):
        return Interrupted(signal.SIGINT)
    if isinstance(error, click.ClickException):
        return SettingsError([error.format_message()])
    return DefectError(error)


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Raises `Interrupted` at SIGINT, SIGTERM or SIGHUP, once: later signals do not stop the clean-up."""
    # nohup ignores SIGHUP, so that the command goes on without the terminal.
    ending = [
        one
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if one != signal.SIGHUP or signal.getsignal(one) != signal.SIG_IGN
    ]
    terminals = [stream.fileno() for stream in (sys.stdout, sys.stderr) if stream.isatty()]

    def interrupt(number: int, frame: object) -> None:
        for one in ending:
            signal.signal(one, signal.SIG_IGN)
        if number == signal.SIGHUP:  # writing to the terminal would fail
            for terminal in terminals:
                os.dup2(os.open(os.devnull, os.O_WRONLY), terminal)
        raise Interrupted(number)

    before = {one: signal.signal(one, interrupt) for one in ending}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _print_error(error: EcrPushError) -> None:
    from ecr_push.report.escape import log_line

    lines = [*error.why.splitlines(), *([f"To do: {error.remedy}."] if error.remedy else [])]
    for line in (f"ecr-push: {error.what}", *(f"  {line}" for line in lines)):
        click.echo(log_line(line), err=True)


def _save_traceback(error: DefectError, call: Call) -> None:
    """Prints the traceback to a CI's log, as its disk is temporary; elsewhere saves it to a file."""
    from ecr_push.cli.report_to_ci import fold

    if lines := fold("traceback", error.traceback, call):
        click.echo(lines, nl=False, err=True)
        return
    import tempfile

    with tempfile.NamedTemporaryFile("w", prefix="ecr-push-", suffix=".log", delete=False) as log:
        log.write(error.traceback)
    click.echo(f"  The traceback is in {log.name}", err=True)


def console() -> None:
    """Runs the installed command, and exits."""
    # The AWS SDK loads tens of thousands of objects that stay to the end. Searching them for cycles while
    # they are loaded, and once more on exit, takes 0.1 s and frees nothing.
    gc.set_threshold(20_000, 50, 50)
    exit_code = main()
    gc.freeze()
    sys.exit(exit_code)
