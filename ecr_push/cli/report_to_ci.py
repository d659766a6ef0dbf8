"""Reports a run, or the error that ended a command, to the CI: its log, its output files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from ecr_push.base.errors import EcrPushError, Interrupted, ReportError, SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.safe_write import append_text
from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome, RunFacts
from ecr_push.report.ci.choose import choose_output
from ecr_push.report.ci.interface import CiMessages, CiOutput
from ecr_push.settings.declare import Settings
from ecr_push.settings.report_files import ReportFile
from ecr_push.settings.trust import trusted_sources


def report_to_ci(
    outcome: Outcome,
    settings: Settings,
    facts: CiFacts,
    environ: Mapping[str, str],
    stream: TextIO,
    clean: Callable[[str], str],
) -> None:
    """Reports the outcome of a run to the CI. Raises ReportError where its files cannot be written."""
    ci = choose_output(settings.report.ci_output, facts.provider, environ)
    _write(ci.messages_for(outcome, written(settings)), stream, clean, settings.source.context)


def report_ending(error: EcrPushError | Interrupted, call: Call) -> None:
    """Reports to the CI what ended a command before its run began, or after the run was reported.

    Hides every error of its own: the given one matters more.
    """
    with contextlib.suppress(Exception):
        ci = _ci_of(call)
        failure = Failure.of(error, "settings" if isinstance(error, SettingsError) else "run")
        context = call.loaded.settings.source.context if call.loaded else "."
        if call.delivered or isinstance(error, ReportError):  # reported before; its verdict stands
            _write(ci.messages_for_changed_exit(failure), call.stderr, str, context)
        else:
            reports = written(call.loaded.settings) if call.loaded and call.reported else []
            run = RunFacts(call.loaded.command if call.loaded else "")
            _write(ci.messages_for(Outcome(failure=failure, run=run), reports), call.stderr, str, context)


def fold(title: str, text: str, call: Call) -> str:
    """The text as lines of a CI's log, folded where the CI can; "" where there is no CI.

    Hides every error of its own, as `report_ending` does: what reads the CI may be what failed.
    """
    with contextlib.suppress(Exception):
        return _ci_of(call).group(title, text) if _facts(call.environ).unattended else ""
    return ""


def written(settings: Settings) -> list[ReportFile]:
    """The reports whose files are there, by absolute paths."""
    wanted = [ReportFile("json", settings.report.result)] if settings.report.result else []
    return [
        ReportFile(one.format, str(Path(one.path).absolute()))
        for one in (*wanted, *settings.report.reports)
        if Path(one.path).is_file()
    ]


def _ci_of(call: Call) -> CiOutput:
    """The CI to report to. Uses the settings that are valid, though others are not."""
    facts = _facts(call.environ)
    if call.loaded:
        settings = call.loaded.settings
    else:  # the command ended before it read them
        settings = trusted_sources(call.flags, call.environ, facts).settings()
    return choose_output(settings.report.ci_output, facts.provider, call.environ)


def _facts(environ: Mapping[str, str]) -> CiFacts:
    """What the CI says, without docker/metadata-action's variables, which may be the error themselves."""
    return read_facts({name: of for name, of in environ.items() if not name.startswith("DOCKER_METADATA_")})


def _write(messages: CiMessages, stream: TextIO, clean: Callable[[str], str], context: str) -> None:
    stream.write(clean(messages.log))
    stream.flush()
    problems = []
    for path, text in messages.files.items():
        try:
            append_text(Path(path), clean(text), Fences.of(context))
        except OSError as error:
            problems.append(f"{path}: {error.strerror or error}")
    if problems:
        raise ReportError(
            "could not write the CI's output files",
            why="\n".join(problems),
            remedy="fix the errors above, or turn CI output off: --ci-output none",
        )
