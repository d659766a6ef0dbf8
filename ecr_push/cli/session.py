"""One invocation: the world that a command needs, lent to the pipeline and put away on every way out."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from ecr_push.base.clock import SystemClock, source_date_epoch
from ecr_push.base.errors import (
    DefectError,
    EcrPushError,
    Interrupted,
    ReportError,
    SettingsError,
    SourceError,
)
from ecr_push.base.log import Narrator
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.base.reference import ImageName
from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.ci import open_log, tell_ci, web_identity
from ecr_push.cli.reports import RENDERERS
from ecr_push.pipeline import run as pipeline
from ecr_push.pipeline.judge_image import judge_image
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.run import Journal, Tools
from ecr_push.policy.files import ReadObject, no_objects
from ecr_push.registry.aws.client import Access, Aws, Endpoint, read_object
from ecr_push.registry.interface import DryRepository, RepositoryClient
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.public import PublicRepository
from ecr_push.registry.target import Target
from ecr_push.report import document, text
from ecr_push.report.redact import prepare_outcome
from ecr_push.report.write import remove_stale_deploy_files, write_or_warn, write_reports
from ecr_push.settings.ci_overrides import overridden
from ecr_push.settings.declare import Settings
from ecr_push.settings.load import load_settings
from ecr_push.settings.trust import outsiders, outsiders_caller
from ecr_push.settings.wrapper_reports import with_job_reports

# What is only checked need not have a repository.
_UNNAMED = "unnamed"


@dataclass(frozen=True)
class Streams:
    """stdout carries the result and nothing else."""

    stdout: TextIO
    stderr: TextIO


def run(flags: Mapping[str, Any], environ: Mapping[str, str], streams: Streams) -> int:
    """`ecr-push run`. Returns the exit code; a report is written on every path."""
    settings, facts = _run_settings(flags, environ, streams, "run")
    if settings.dry_run:
        return _plan(settings, facts, environ, streams)
    with _world(settings, facts, environ, streams) as tools:
        journal = _journal(settings, tools)
        return _report(
            lambda: _run(settings, facts, tools, journal), journal, settings, facts, streams, tools
        )


def _run(settings: Settings, facts: CiFacts, tools: Tools, journal: Journal) -> Outcome:
    """The run, or what of it is done for a pull request from a fork: nobody has accepted that code yet."""
    outside = _kept_outside(settings, facts)
    if not outside:
        return pipeline.run(settings, facts, tools, journal)
    from ecr_push.pipeline.without_registry import build_only

    if (Path(settings.context) / CONFIG_FILE_NAME).exists():
        tools.narrator.say(f"{CONFIG_FILE_NAME} is not read: it comes with what is checked")
    why = f"{outside} is built and checked; it is not pushed, scanned or judged"
    return build_only(settings, facts, tools, journal, why=why)


def _kept_outside(settings: Settings, facts: CiFacts) -> str:
    """What is built, in words, where it is not to reach the registry. Raises SourceError with fail."""
    outside = "" if settings.on_fork == "push" or settings.sandbox else outsiders(settings, facts)
    if outside and settings.on_fork == "fail":
        raise SourceError(
            f"this is {outside}, which is not pushed",
            remedy="--on-fork check builds it without a push; --on-fork push treats it as any other commit",
        )
    return outside


def plan(flags: Mapping[str, Any], environ: Mapping[str, str], streams: Streams) -> int:
    """`ecr-push plan`: what a run would do."""
    return _plan(*_run_settings(flags, environ, streams, "plan"), environ, streams)


def _plan(settings: Settings, facts: CiFacts, environ: Mapping[str, str], streams: Streams) -> int:
    with _world(settings, facts, environ, streams) as tools:
        journal = _journal(settings, tools)

        def rehearse() -> Outcome:
            if outside := _kept_outside(settings, facts):
                from ecr_push.pipeline.without_registry import plan_only

                plan, preflight = plan_only(settings, facts, tools, journal), None
            else:
                plan, preflight = pipeline.rehearse(settings, facts, tools, journal)
            tools.narrator.close()
            if settings.output == "text":
                unasked = f"not looked up: {outside} is not pushed" if outside else ""
                streams.stdout.write(text.plan_text(plan, preflight, unasked))
            return journal.outcome

        return _report(rehearse, journal, settings, facts, streams, tools)


def scan(
    image: str, tags: Sequence[str], flags: Mapping[str, Any], environ: Mapping[str, str], streams: Streams
) -> int:
    """`ecr-push scan` and, with tags, `ecr-push promote`."""
    command = "promote" if tags else "scan"
    settings, facts = _run_settings(flags, environ, streams, command)
    remove_stale_deploy_files(settings.reports)
    named = _image_name(image, settings)
    with _world(settings, facts, environ, streams) as tools:
        journal = Journal(tools, sandbox=False)
        return _report(
            lambda: judge_image(named, tags, settings, tools, journal),
            journal,
            settings,
            facts,
            streams,
            tools,
        )


def rollback(
    tag: str, to: str, flags: Mapping[str, Any], environ: Mapping[str, str], streams: Streams
) -> int:
    """`ecr-push rollback`: a floating tag back to where it was, or to what `to` names."""
    from ecr_push.cli.commands.rollback import roll_back

    settings, facts = _run_settings(flags, environ, streams, "rollback")
    remove_stale_deploy_files(settings.reports)
    with _world(settings, facts, environ, streams) as tools:
        journal = Journal(tools, sandbox=False)
        return _report(
            lambda: roll_back(tag, to, settings, tools, journal), journal, settings, facts, streams, tools
        )


def policy_test(last: int, flags: Mapping[str, Any], environ: Mapping[str, str], streams: Streams) -> int:
    """`ecr-push policy test`: recent images by a new policy, beside the one of now."""
    from ecr_push.cli.commands.policy import test_policy

    settings = load_settings(flags, environ, command="policy test")
    now = load_settings(_without_policy(flags), environ, command="policy test")
    with _world(settings, read_facts(environ), environ, streams) as tools:
        return test_policy(last, settings, now, tools, streams.stdout)


def policy_show(flags: Mapping[str, Any], environ: Mapping[str, str], streams: Streams) -> int:
    """`ecr-push policy show`: what holds, and where it comes from."""
    from ecr_push.cli.commands.policy import show_policy

    settings = load_settings(flags, environ, command="policy show")
    with _world(settings, read_facts(environ), environ, streams) as tools:
        return show_policy(settings, tools, streams.stdout)


def _settings(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    streams: Streams,
    command: str,
    *,
    file: bool = True,
) -> Settings:
    """The settings of a command that writes reports. Wrong ones are told in those, too."""
    try:
        return with_job_reports(load_settings(flags, environ, command=command, file=file), environ)
    except SettingsError as error:
        if error.sound and command != "plan":  # whose reports nobody acts on
            error.sound = with_job_reports(error.sound, environ)
            _report_mistakes(error, error.sound, streams)
        raise


def _report_mistakes(error: SettingsError, sound: Settings, streams: Streams) -> None:
    """Reports of a run that was none: those of an earlier one would be taken for this one's."""
    from ecr_push.pipeline.outcome import Failure

    outcome = prepare_outcome(Outcome(failure=Failure.of(error, "settings")), str)
    with contextlib.suppress(ReportError):  # the mistakes weigh more
        write_reports(outcome, sound, RENDERERS, str)
    error.told = True
    if sound.output == "json":
        streams.stdout.write(document.render(outcome))
        streams.stdout.flush()


def _run_settings(
    flags: Mapping[str, Any], environ: Mapping[str, str], streams: Streams, command: str
) -> tuple[Settings, CiFacts]:
    """The settings of a command that builds or judges, and the facts of its run."""
    facts = read_facts(environ)
    said = outsiders_caller(flags, environ, facts)
    if said and said.on_fork == "check" and command in ("run", "plan") and not said.repository:
        flags = {**flags, "repository": _UNNAMED}
    settings = _settings(flags, environ, streams, command, file=said is None)
    return settings, overridden(facts, settings)


def _journal(settings: Settings, tools: Tools) -> Journal:
    # Not before the checkout was read: the files may be tracked in it, and their loss a change of it.
    return Journal(
        tools, sandbox=settings.sandbox, once_planned=lambda: remove_stale_deploy_files(settings.reports)
    )


def _without_policy(flags: Mapping[str, Any]) -> Mapping[str, Any]:
    """The flags less those that make a policy: what variables and ecr-push.yml say is the present one."""
    ours = ("policy", "fail_on", "max_findings", "baseline", "base_image", "unscannable")
    return {name: value for name, value in flags.items() if name not in ours}


def login(public: bool, flags: Mapping[str, Any], environ: Mapping[str, str], streams: Streams) -> int:
    """`ecr-push login`: docker's own login, for docker commands that are not ours."""
    from ecr_push.cli.commands.login import docker_login

    settings = load_settings(flags, environ, command="login")
    with _world(settings, read_facts(environ), environ, streams) as tools:
        # No repository is asked for; the name only completes the client.
        client = tools.open_repository(Target("any/any", public, settings.region, settings.registry_id))
        docker_login(client.login(), tools)
    return 0


def _image_name(image: str, settings: Settings) -> ImageName:
    try:
        return ImageName.parse(image)
    except ValueError as error:
        raise SettingsError([f"IMAGE: {error}"]) from error


@contextlib.contextmanager
def _world(
    settings: Settings, facts: CiFacts, environ: Mapping[str, str], streams: Streams
) -> Iterator[Tools]:
    clock = SystemClock()
    narrator, redactor = open_log(settings, facts, environ, streams.stderr, clock)
    home = Path(environ.get("HOME", "/"))
    identity = web_identity(settings, facts, environ, clock, redactor)
    # As every SDK of AWS's reads it but boto3, which knows AWS_DEFAULT_REGION alone.
    region = settings.region or environ.get("AWS_REGION", "")
    access = Access(region, settings.profile, settings.role, identity, keep=redactor.add)
    try:
        with _sandbox(settings, narrator) if settings.sandbox else contextlib.nullcontext(access) as access:
            yield Tools(
                open_repository=_opener(access, clock, settings.dry_run, narrator),
                environ=environ,
                docker_config=Path(environ.get("DOCKER_CONFIG") or home / ".docker"),
                clock=clock,
                narrator=narrator,
                redactor=redactor,
                run_id=_call_id(facts),
                created=source_date_epoch(environ),
                read_object=_object_reader(access),
            )
    except (EcrPushError, BrokenPipeError):
        raise
    except Exception as error:  # here it is known what must not be shown
        raise DefectError(error, redactor.clean) from error
    finally:
        narrator.close()


def _call_id(facts: CiFacts) -> str:
    """Tells this call from every other: jobs and steps of one run share its id, which people know it by."""
    own = secrets.token_hex(4)
    return f"{facts.run_id}-{own}" if facts.run_id else own


def _opener(
    access: Access, clock: SystemClock, dry: bool, narrator: Narrator
) -> Callable[[Target], RepositoryClient]:
    def open_repository(target: Target) -> RepositoryClient:
        aws = Aws(
            replace(
                access,
                region=target.region or access.region,
                fips="-fips." in target.host,
                dual_stack=target.host.endswith(".on.aws"),
            )
        )
        client: RepositoryClient = (
            PublicRepository(aws, target.name, clock)
            if target.public
            else PrivateRepository(aws, target.name, target.registry_id, clock)
        )
        return DryRepository(client, narrator) if dry else client

    return open_repository


def _object_reader(access: Access) -> ReadObject:
    if access.endpoint:  # the sandbox is an ECR and nothing else
        return no_objects
    return lambda url, limit: read_object(Aws(access), url, limit)


@contextlib.contextmanager
def _sandbox(settings: Settings, narrator: Narrator) -> Iterator[Access]:
    from ecr_push.cli.commands.sandbox import open_sandbox

    with open_sandbox(settings) as sandbox:
        narrator.phase("sandbox")
        narrator.say(f"an ECR on this machine, at {sandbox.host}: no AWS is asked, and it ends with this run")
        keys = sandbox.environment
        yield Access(
            region=keys["AWS_REGION"],
            endpoint=Endpoint(sandbox.url, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"]),
        )


def _report(
    story: Callable[[], Outcome],
    journal: Journal,
    settings: Settings,
    facts: CiFacts,
    streams: Streams,
    tools: Tools,
) -> int:
    """Runs the story and tells its outcome, whichever way it went. Raises ReportError for a file's sake."""
    journal.note(
        started_at=tools.clock.now(),
        run_url=facts.run_url,
        actor=facts.actor,
        container_name=settings.container_name,
    )
    try:
        story()
    except (EcrPushError, Interrupted) as error:
        if journal.outcome.failure is None:  # it came from between two phases
            from ecr_push.pipeline.outcome import Failure

            journal.note(failure=Failure.of(error, "run"))
    finally:
        tools.narrator.close()
    journal.note(finished_at=tools.clock.now())
    clean = tools.redactor.clean
    outcome = prepare_outcome(journal.outcome, clean)
    # `plan` has printed its own
    planned = outcome.status == "planned" and outcome.rollback is None
    if outcome.exit_code or (settings.progress != "quiet" and not planned):
        report = clean("\n" + text.render(outcome, width=_width(streams.stderr)))
        streams.stderr.write(_coloured(report, outcome, streams.stderr))
    try:
        try:
            write_or_warn(outcome, settings, RENDERERS, clean, streams.stderr)
        finally:
            tell_ci(outcome, settings, facts, tools.environ, streams.stderr, clean)
    finally:
        if settings.output == "json":
            streams.stdout.write(clean(document.render(outcome)))
        elif outcome.pushed and (outcome.status == "accepted" or outcome.rolled_back):
            streams.stdout.write(outcome.pushed.reference + "\n")
        streams.stdout.flush()
    return outcome.exit_code


def _width(stream: TextIO) -> int:
    """A terminal's columns; 0 for a file or a pipe, where no line need be cut."""
    # Of this very stream: standard output is often a pipe, as in image=$(ecr-push run).
    return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0


def _coloured(report: str, outcome: Outcome, stream: TextIO) -> str:
    """On a terminal, the one word that people look for in its colour."""
    import click

    if not stream.isatty():
        return report
    word = outcome.status.upper()
    colour = "green" if outcome.status == "accepted" else "red"
    return report.replace(word, click.style(word, fg=colour, bold=True), 1)
