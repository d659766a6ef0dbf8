"""argv and environ in, exit code out: the only reader of both, and the one place where errors end."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence

import click

from ecr_push.base import interruption
from ecr_push.base.errors import EcrPushError, Interrupted, ReportError
from ecr_push.base.own_version import own_version
from ecr_push.cli.call import Call
from ecr_push.cli.group import Group
from ecr_push.cli.help import HELP_OPTIONS
from ecr_push.cli.streams import hurry, occupy_standard_descriptors, standard_streams


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """click's own option would look for the package's metadata, which the bundle does not have."""
    if asked and not ctx.resilient_parsing:
        click.echo(f"ecr-push, version {own_version() or 'unknown'}")
        ctx.exit()


_MORE = """\
ecr-push help COMMAND shows how a command is used; options stand after it. Settings come from flags, from the
environment (ECR_PUSH_…) and from ecr-push.yml in DIR, in this order.

Exit codes: 0 accepted, 1 internal error, 2 the settings or the checkout are wrong, 3 the build failed, 4 the
registry or AWS failed, 5 the scan gave no answer, 10 refused by the policy, 11 a test of the image failed, 12
not verified, 13 something differs from the file, 129, 130 and 143 interrupted.
"""


@click.group(
    cls=Group,
    context_settings={**HELP_OPTIONS, "max_content_width": 110},
    epilog=_MORE,
)
@click.option(
    "-v",
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """From a commit to a judged container image in Amazon ECR.

    Builds the image, names it from git, pushes a candidate, waits for ECR's vulnerability scan, judges
    the findings, and only then moves the release tags.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line; argv is without the program's name. Returns an exit code of errors.py."""
    words = sys.argv[1:] if argv is None else list(argv)
    with standard_streams() as (stdout, stderr), _signals():
        call = Call(_environ(), stdout, stderr, program=_program() if argv is None else ())
        if "_ECR_PUSH_COMPLETE" in call.environ:
            from ecr_push.cli.completion import use_own_bash

            use_own_bash()
        try:
            code = int(cli.main(args=words, prog_name="ecr-push", standalone_mode=False, obj=call) or 0)
            with contextlib.suppress(*([ReportError] if code else [])):  # a verdict's code stands
                stdout.flush()
            return code
        except click.UsageError as error:
            from ecr_push.cli.usage import explain

            return _end(explain(error, words), call, words)
        except (Interrupted, Exception) as error:
            return _end(error, call, words)


def _program() -> Sequence[str]:
    """The words that started this program, without those for it: from a bundle, a script, or `python -m`."""
    words = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv) + 1]
    return (sys.executable, *words[1:])


def _environ() -> Mapping[str, str]:
    """The environment, and in it the secrets that the action's inputs hold, each as a variable for docker."""
    if not any(os.environ.get(name) for name in ("ECRPUSH_INPUT_SECRETS", "ECRPUSH_INPUT_GITHUB_TOKEN")):
        return dict(os.environ)  # which takes a name apart at each look
    from ecr_push.settings.action_inputs import secret_variables

    return {**os.environ, **secret_variables(os.environ)}


def _end(error: Interrupted | Exception, call: Call, words: Sequence[str]) -> int:
    """Tells what ended the command. Returns the exit code, also where a module could not even be loaded."""
    code = error.exit_code if isinstance(error, Interrupted | EcrPushError) else 1
    for _ in range(2):
        try:
            from ecr_push.cli.ending import end

            return end(error, call, words)
        except Interrupted:  # while it was reported. Later signals are ignored, so it is complete now.
            continue
        except Exception as other:
            call.stderr.write(f"ecr-push: {type(error).__name__}: {error}\n  {other}\n")
            break
    return code


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Raises `Interrupted` at SIGINT, SIGTERM or SIGHUP, once: later signals do not stop the clean-up."""
    # nohup ignores SIGHUP, so that the command goes on without the terminal.
    ending = [
        one
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if one != signal.SIGHUP or signal.getsignal(one) != signal.SIG_IGN
    ]
    handled = threading.Event()
    terminals = [stream.fileno() for stream in (sys.stdout, sys.stderr) if stream.isatty()]

    def interrupt(number: int, frame: object) -> None:
        for one in ending:
            signal.signal(one, signal.SIG_IGN)
        handled.set()
        if number == signal.SIGHUP:  # writing to the terminal would fail
            for terminal in terminals:
                os.dup2(os.open(os.devnull, os.O_WRONLY), terminal)
        hurry()
        interruption.interrupt(Interrupted(number))

    before = {one: signal.signal(one, interrupt) for one in ending}
    try:
        with interruption.noticed(ending, handled):
            yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _without_relative(path: str) -> str:
    """The absolute folders of a PATH: a `git` in another would be one of the source that is built."""
    return os.pathsep.join(filter(os.path.isabs, path.split(os.pathsep))) or os.defpath


def console() -> None:
    """Runs the installed command, and exits."""
    # A run loads half a million objects that stay to the end. Searching them for cycles while they come,
    # and once more on exit, is a fifteenth of its processor time and frees nothing; nor do calls of AWS leave
    # cycles behind.
    gc.set_threshold(1_000_000, 50, 50)
    gc.enable()
    # While a thread loads the SDK, the main one reads what git answers: it is let in ten times as soon.
    sys.setswitchinterval(0.0005)
    occupy_standard_descriptors()
    os.environ["PATH"] = _without_relative(os.environ.get("PATH", os.defpath))
    exit_code = main()
    gc.freeze()
    sys.exit(exit_code)
