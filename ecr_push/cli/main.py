"""argv and environ in, exit code out: the only reader of both, and the one place where errors end.

Commands are thin: they read settings, lend the world to the pipeline and print what it returns. What
is heavy is imported by the command that needs it, so that `--help` answers at once.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import click

from ecr_push.base.errors import (
    DefectError,
    EcrPushError,
    Interrupted,
    ReportError,
    SettingsError,
    SourceError,
)
from ecr_push.settings import declare as declared

Flags = dict[str, Any]
_TYPES = get_type_hints(declared.Settings)


def _options(command: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the flags of every setting that the command takes; values are checked later, all at once."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for setting in reversed(declared.options(command)):
            if setting.name == "context":
                function = click.argument("context", required=False, metavar="[DIR]")(function)
                continue
            about = declared.option_help(setting)
            default = declared.default_text(setting)
            help_text = about.help + (f"  [default: {default}]" if default else "")
            name = declared.flag(setting)
            # A switch has its opposite, so that a flag can overrule the environment and the file.
            name = f"{name}/--no-{declared.key(setting)}" if _TYPES[setting.name] is bool else name
            names = [name, setting.name, *([about.short] if about.short else [])]
            function = click.option(*names, **_click_type(setting, _TYPES[setting.name]), help=help_text)(
                function
            )
        return function

    return decorate


def _click_type(setting: Any, of: Any) -> dict[str, Any]:
    about = declared.option_help(setting)
    if of is bool:
        return {"default": None}
    if words := declared.choices(of):
        return {"metavar": "|".join(words), "default": None}
    return {"metavar": about.metavar or "TEXT", "multiple": bool(about.separator), "default": None}


_HYPHEN = "\N{NON-BREAKING HYPHEN}"


class _Formatter(click.HelpFormatter):
    """Breaks no name at its hyphens."""

    def write_text(self, text: str) -> None:
        super().write_text(text.replace("-", _HYPHEN))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(name, text.replace("-", _HYPHEN)) for name, text in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        return super().getvalue().replace(_HYPHEN, "-")


class _Context(click.Context):
    formatter_class = _Formatter


class _Command(click.Command):
    context_class = _Context


class _Group(click.Group):
    context_class = _Context
    command_class = _Command


class _Sections(_Command):
    """A command whose help shows its options in the groups of the settings' declaration."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # In the order of the declaration; what is no setting, `--help` among it, comes last.
        groups: dict[str, list[tuple[str, str]]] = {
            declared.option_help(setting).group: [] for setting in declared.options()
        }
        by_name = {setting.name: declared.option_help(setting).group for setting in declared.options()}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                groups.setdefault(by_name.get(parameter.name or "", "Other"), []).append(record)
        for name, records in groups.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
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


@cli.command(cls=_Sections, short_help="Build, push, scan, judge, and move the release tags.")
@_options("run")
def run(**flags: Any) -> int:
    """Build the image in DIR, push it as a candidate, wait for its scan, judge it, move the release tags.

    Standard output carries REPOSITORY_URI@DIGEST of an accepted image, or with --output json the result
    document. Everything else goes to standard error.
    """
    from ecr_push.cli import session

    return session.run(_given(flags), os.environ, _streams())


@cli.command(cls=_Sections, short_help="Show what a run would do, and do nothing.")
@_options("plan")
def plan(**flags: Any) -> int:
    """Show what a run would do now: version, tags, repository, build. Reads from AWS and writes nothing."""
    from ecr_push.cli import session

    return session.plan(_given(flags), os.environ, _streams())


@cli.command(cls=_Sections, short_help="Show the version and tags of the checkout.")
@_options("tags")
@click.option("--explain", is_flag=True, help="Say how each of them came about.")
def tags(explain: bool, **flags: Any) -> int:
    """Show the version and the tags that git gives the checkout in DIR.

    Asks neither AWS nor docker. What a CI's clone lacks of history and tags is fetched from its remote.
    """
    from ecr_push.cli.commands import tags as session_tags

    return session_tags.tags(_given(flags), os.environ, sys.stdout, sys.stderr, explain=explain)


@cli.command(cls=_Sections, short_help="Wait for and judge an image that is in ECR.")
@click.argument("image")
@_options("scan")
def scan(image: str, **flags: Any) -> int:
    """Wait for the scan of IMAGE, which is in ECR already, and judge it. Moves no tag.

    IMAGE is [REGISTRY/]REPOSITORY:TAG or [REGISTRY/]REPOSITORY@sha256:…
    """
    from ecr_push.cli import session

    return session.scan(image, (), _given(flags), os.environ, _streams())


@cli.command(cls=_Sections, short_help="Move tags onto an image in ECR, once it is judged.")
@click.argument("image")
@click.argument("tag", nargs=-1, required=True)
@_options("promote")
def promote(image: str, tag: tuple[str, ...], **flags: Any) -> int:
    """Wait for the scan of IMAGE, judge it, and if it is accepted point every TAG to its digest.

    IMAGE is [REGISTRY/]REPOSITORY:TAG or [REGISTRY/]REPOSITORY@sha256:…
    """
    from ecr_push.cli import session

    return session.scan(image, tag, _given(flags), os.environ, _streams())


@cli.command(cls=_Sections, short_help="Put a floating tag back to where it was.")
@click.argument("tag")
@click.option(
    "--to",
    default="",
    metavar="TAG_OR_DIGEST",
    help="The image to put it to.  [default: where it was before]",
)
@_options("rollback")
def rollback(tag: str, to: str, **flags: Any) -> int:
    """Put TAG, such as latest, back to the accepted image that it pointed to before.

    latest and 1.4 go to the next lower version, a branch's tag to that branch's image before. Where
    more than one image could be meant, they are listed, and --to names one. Each run without --to goes
    back once more. An image that is not known to be accepted is judged first.
    """
    from ecr_push.cli import session

    return session.rollback(tag, to, _given(flags), os.environ, _streams())


@cli.command(cls=_Sections, short_help="Log docker in to the registry.")
@click.option("--public", is_flag=True, help="Log in to ECR Public.")
@_options("login")
def login(public: bool, **flags: Any) -> int:
    """Log docker in to the registry, for docker commands of your own. `run` needs no such login.

    The token goes to docker on its standard input; docker keeps it where its configuration says.
    """
    from ecr_push.cli import session

    return session.login(public, _given(flags), os.environ, _streams())


@cli.command(short_help="Keep an ECR up on this machine.")
@click.option(
    "--port", type=int, default=0, metavar="PORT", help="Port of the registry.  [default: a free one]"
)
@click.option("--state", metavar="DIR", help="Keep the content here.  [default: it goes when this ends]")
@click.option(
    "--advisories", multiple=True, metavar="DIR", help="More OSV advisories for the scanner; may be repeated."
)
@click.option("--scenario", metavar="FILE", help="Faults, latency and scan behaviour, as YAML.")
@click.option("--scan-type", type=click.Choice(["basic", "enhanced"]), default="basic", show_default=True,
              help="Which scanning the registry has.")  # fmt: skip
@click.option(
    "--scan-delay",
    type=float,
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a scan takes.",
)
@click.option(
    "--region", default="us-east-1", show_default=True, metavar="REGION", help="The region that it claims."
)
@click.option(
    "--account",
    default="123456789012",
    show_default=True,
    metavar="ACCOUNT",
    help="The account that it claims.",
)
def sandbox(**options: Any) -> int:
    """Keep an ECR up on this machine, until SIGINT or SIGTERM, and print the environment to use it with.

    boto3, the AWS CLI, docker, crane, skopeo and oras can all work with it.
    """
    from ecr_push.cli.commands import sandbox as session_sandbox

    return session_sandbox.serve(options, sys.stdout, sys.stderr)


@cli.command(cls=_Sections, short_help="Judge a saved answer of a scan. Asks nobody.")
@click.argument("findings", nargs=-1, required=True, metavar="FINDINGS...")
@_options("gate")
def gate(findings: tuple[str, ...], **flags: Any) -> int:
    """Judge saved FINDINGS: an answer of ecr:DescribeImageScanFindings, of inspector2:ListFindings, or a
    result document of ours. Asks neither AWS nor docker.

    Several files are several platforms of one image; - is standard input.
    """
    from ecr_push.cli.commands import gate as session_gate

    saved = [(name, _content(name)) for name in findings]
    return session_gate.gate(saved, _given(flags), os.environ, sys.stdout, sys.stderr)


@cli.group(cls=_Group, short_help="Show a policy, or try it out.")
def policy() -> None:
    """Show a policy, or try it on the images of a repository."""


@policy.command("test", cls=_Sections, short_help="Judge recent images by a new policy, before it goes live.")
@click.option("--last", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="NUMBER",
              help="How many tagged images, the newest first.")  # fmt: skip
@_options("policy test")
def policy_test(last: int, **flags: Any) -> int:
    """Judge the last images of a repository by the policy that the flags give, and show what it would
    accept and refuse, and what that changes against the policy of now: the one without the flags.

    Reads the scans that are there; waits for none and starts none.
    """
    from ecr_push.cli import session

    return session.policy_test(last, _given(flags), os.environ, _streams())


@policy.command("show", cls=_Sections, short_help="Show what holds, and where it comes from.")
@_options("policy show")
def policy_show(**flags: Any) -> int:
    """Show the policy that holds after all that it extends, each key with the place that it comes from."""
    from ecr_push.cli import session

    return session.policy_show(_given(flags), os.environ, _streams())


@cli.command(short_help="Print the JSON Schema of ecr-push.yml.")
@click.option("--policy", is_flag=True, help="That of a policy in a file of its own.")
@click.option("--result", is_flag=True, help="That of the result document.")
def schema(policy: bool, result: bool) -> int:
    """Print the JSON Schema of ecr-push.yml, for editors."""
    import json

    if policy:
        from ecr_push.policy.keys import policy_document_schema as schema_of
    elif result:
        from ecr_push.report.document_schema import result_schema as schema_of
    else:
        from ecr_push.settings.load import json_schema as schema_of

    click.echo(json.dumps(schema_of(), indent=2))
    return 0


def _content(name: str) -> bytes:
    try:
        with click.open_file(name, "rb") as file:
            content: bytes = file.read()
            return content
    except OSError as error:
        raise SettingsError([f"{name}: cannot be read: {error.strerror or error}"]) from error


def _given(flags: Mapping[str, Any]) -> Flags:
    try:
        Path.cwd()
    except FileNotFoundError as error:
        remedy = "change to a directory that is there"
        raise SourceError("the working directory no longer exists", remedy=remedy) from error
    found = {name: value for name, value in flags.items() if value not in (None, ())}
    click.get_current_context().obj.update(found)  # for `main`, whatever ends us
    return found


def _streams() -> Any:
    from ecr_push.cli.session import Streams

    return Streams(sys.stdout, sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """The console script. Every way out is an exit code of errors.py."""
    given: Flags = {}
    try:
        with _signals():
            return int(cli.main(args=argv, prog_name="ecr-push", standalone_mode=False, obj=given) or 0)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would say so again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _end(ReportError("nobody reads our standard output any more"), given)
    except (Interrupted, Exception) as error:
        return _end(error, given)


def _end(error: Interrupted | Exception, given: Flags) -> int:
    """Tells people, and the CI, what ended us; returns the exit code."""
    from ecr_push.cli.ci import tell_ending

    ours = _as_ours(error)
    if isinstance(error, click.ClickException):
        error.show()
    elif isinstance(ours, EcrPushError):
        _tell(ours)
    if isinstance(ours, DefectError):
        _show(ours, given)
    tell_ending(ours, given, os.environ, sys.stderr)
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


def _show(defect: DefectError, given: Flags) -> None:
    """The traceback: in a CI's log, for its disk goes; else in a file that can be pasted into an issue."""
    from ecr_push.cli.ci import fold

    if lines := fold("traceback", defect.traceback, given, os.environ):
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
