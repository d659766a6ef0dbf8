"""What the CI is told: how the log looks, which secrets it hides, and the outcome, on every path."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError, EcrPushError, Interrupted, ReportError, SettingsError
from ecr_push.base.log import LiveNarrator, Narrator, QuietNarrator, Redactor
from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.outcome import Failure, Outcome
from ecr_push.registry.aws.web_identity import WebIdentity
from ecr_push.report.ci.choose import choose_output
from ecr_push.report.ci.interface import CiOutput, Told
from ecr_push.report.escape import log_line
from ecr_push.settings.declare import Settings
from ecr_push.settings.load import load_settings
from ecr_push.settings.report_files import ReportFile

_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
# AWS's own have 40 characters and more; "test", for an AWS on this machine, is a word like any other.
_SHORTEST_SECRET = 16


def open_log(
    settings: Settings, facts: CiFacts, environ: Mapping[str, str], stream: TextIO, clock: Clock
) -> tuple[Narrator, Redactor]:
    """Who narrates the run on stream, and who keeps secrets out of it."""
    ci = _output(settings.ci_output, facts, environ)

    def hide(secret: str) -> None:
        stream.write(ci.mask(secret))
        stream.flush()

    # A build may print what it was given. The CI knows of these: it gave them.
    given = [environ.get(name, "") for name in _SECRET_VARIABLES]
    redactor = Redactor(hide, [one for one in given if len(one) >= _SHORTEST_SECRET])
    if settings.progress == "auto" and stream.isatty() and facts.interactive:
        return LiveNarrator(stream, clock, redactor), redactor
    narrator = ci.narrator(stream, clock, redactor)
    return QuietNarrator(narrator) if settings.progress == "quiet" else narrator, redactor


def tell_ci(
    outcome: Outcome,
    settings: Settings,
    facts: CiFacts,
    environ: Mapping[str, str],
    stream: TextIO,
    clean: Callable[[str], str],
) -> None:
    """Tells the CI what became of the run.

    Where its files cannot be written, raises ReportError after a run that ended well, and tells it on stream
    after any other: what the run itself came to weighs more.
    """
    try:
        _write(_output(settings.ci_output, facts, environ).tell(outcome, _written(settings)), stream, clean)
    except ReportError as error:
        if not outcome.exit_code:
            raise
        stream.write("".join(f"{log_line(line)}\n" for line in str(error).splitlines()))


def tell_ending(
    error: EcrPushError | Interrupted, flags: Mapping[str, Any], environ: Mapping[str, str], stream: TextIO
) -> None:
    """Tells the CI what ended a command outside of a run, whose outcome could be told: before it, or after.

    error weighs more than anything that goes wrong here.
    """
    with contextlib.suppress(Exception):
        ci = _ci_of(error, flags, environ)
        failure = Failure.of(error, "settings" if isinstance(error, SettingsError) else "run")
        if isinstance(error, ReportError):  # of a run that was told; its verdict stands
            _write(ci.amend(failure), stream, str)
        else:
            sound = error.sound if isinstance(error, SettingsError) and error.told else None
            _write(ci.tell(Outcome(failure=failure), _written(sound) if sound else []), stream, str)


def _written(settings: Settings) -> list[ReportFile]:
    wanted = [ReportFile("json", settings.result)] if settings.result else []
    return [
        ReportFile(one.format, str(Path(one.path).absolute()))
        for one in (*wanted, *settings.reports)
        if Path(one.path).is_file()
    ]


def fold(title: str, text: str, flags: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """text as lines of a CI's log, folded where it can be; "" where no CI is."""
    if not _facts(environ).unattended:
        return ""
    return _ci_of(None, flags, environ).fold(title, text)


def web_identity(
    settings: Settings, facts: CiFacts, environ: Mapping[str, str], clock: Clock, redactor: Redactor
) -> WebIdentity | None:
    """The role that the CI's OIDC token is exchanged for; None where none is asked for."""
    if not settings.role_to_assume:
        return None
    from ecr_push.ci.github_oidc import audience_of, claims, request_token
    from ecr_push.registry.aws.web_identity import get

    def token() -> str:
        if facts.provider != "github":
            raise AuthenticationError(
                f"there is no OIDC token to assume {settings.role_to_assume} with",
                why="--role-to-assume takes the token of a job on GitHub Actions, and this is none",
                remedy="use --profile or --role here",
            )
        found = request_token(environ, get, clock.sleep, audience_of(settings.role_to_assume))
        redactor.add(found)
        return found

    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: 64 characters
    session = f"ecr-push-{facts.run_id}"[:64] if facts.run_id else "ecr-push"
    return WebIdentity(settings.role_to_assume, session, token, claims, redactor.add)


def _output(wanted: Any, facts: CiFacts, environ: Mapping[str, str]) -> CiOutput:
    return choose_output(wanted, facts.provider, environ)


def _ci_of(error: BaseException | None, flags: Mapping[str, Any], environ: Mapping[str, str]) -> CiOutput:
    """Who is to be told: as the settings say that are right, though others are wrong."""
    settings = error.sound if isinstance(error, SettingsError) else None
    if settings is None:
        try:
            settings = load_settings(flags, environ, command="")
        except SettingsError as mistaken:
            settings = mistaken.sound
    return _output(settings.ci_output if settings else "auto", _facts(environ), environ)


def _facts(environ: Mapping[str, str]) -> CiFacts:
    """What the CI says, but for docker/metadata-action's variables, which may be what is wrong."""
    return read_facts({name: of for name, of in environ.items() if not name.startswith("DOCKER_METADATA_")})


def _write(told: Told, stream: TextIO, clean: Callable[[str], str]) -> None:
    stream.write(clean(told.log))
    stream.flush()
    problems = []
    for path, text in told.files.items():
        try:
            with Path(path).open("a", encoding="utf-8", errors="replace", newline="") as file:
                file.write(clean(text))
        except OSError as error:
            problems.append(f"{path}: {error.strerror or error}")
    if problems:
        raise ReportError(
            "the CI could not be told of the run",
            why="\n".join(problems),
            remedy="mend what is said above, or do without: --ci-output none",
        )
