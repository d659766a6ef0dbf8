"""Runs a story and delivers its outcome: reports, the CI's files, the text, the result on standard output."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TextIO

import click

from ecr_push.base.errors import EcrPushError, Interrupted
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.report_to_ci import report_to_ci
from ecr_push.cli.reports import RENDERERS
from ecr_push.cli.session import open_world
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.outcome import Failure, Outcome
from ecr_push.pipeline.record import Record
from ecr_push.report import document, text
from ecr_push.report.redact import prepare_outcome
from ecr_push.report.write import remove_stale_deploy_files, write_or_warn
from ecr_push.settings.declare import Settings

Story = Callable[[Tools, Record], object]


def build_story(story: Story, settings: Settings, facts: CiFacts, call: Call) -> int:
    """Like `image_story`, for a story that reads the checkout and may build."""
    with open_world(settings, facts, call) as tools:
        # Not before the checkout was read: in git, a removed file would be an uncommitted change.
        reports = settings.report.reports
        record = Record(
            tools, sandbox=settings.run.sandbox, once_planned=lambda: remove_stale_deploy_files(reports)
        )
        return _run_story(story, tools, record, settings, facts, call)


def image_story(story: Story, settings: Settings, facts: CiFacts, call: Call) -> int:
    """Runs a story of an image that is in ECR, delivers its outcome, and returns the exit code.

    Raises ReportError where the run went well and its outcome could not be written.
    """
    remove_stale_deploy_files(settings.report.reports)
    with open_world(settings, facts, call) as tools:
        return _run_story(story, tools, Record(tools, sandbox=False), settings, facts, call)


def _run_story(
    story: Story, tools: Tools, record: Record, settings: Settings, facts: CiFacts, call: Call
) -> int:
    record.note_run(
        started_at=tools.clock.now(),
        url=facts.run.url,
        actor=facts.run.actor,
        container_name=settings.report.container_name,
    )
    try:
        story(tools, record)
    except (EcrPushError, Interrupted) as error:
        if record.outcome.failure is None:  # it was raised between two phases
            record.note(failure=Failure.of(error, "run"))
    finally:
        tools.narrator.close()
    record.note_run(finished_at=tools.clock.now())
    clean = tools.redactor.clean
    outcome = prepare_outcome(record.outcome, clean)
    # `plan` has printed its own text
    planned = outcome.status == "planned" and outcome.rollback is None
    if outcome.exit_code or (settings.report.progress != "quiet" and not planned):
        report = clean("\n" + text.render(outcome, width=_width(call.stderr)))
        call.stderr.write(_coloured(report, outcome, call.stderr))
    try:
        try:
            write_or_warn(outcome, settings.report, RENDERERS, clean, call.stderr)
        finally:
            report_to_ci(outcome, settings, facts, tools.environ, call.stderr, clean)
    finally:
        _print_result(outcome, settings, clean, call.stdout)
    return outcome.exit_code


def _print_result(outcome: Outcome, settings: Settings, clean: Callable[[str], str], stdout: TextIO) -> None:
    if settings.report.output == "json":
        stdout.write(clean(document.render(outcome)))
    elif outcome.pushed and (outcome.status == "accepted" or outcome.rolled_back):
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
    colour = "green" if outcome.status == "accepted" else "red"
    return report.replace(word, click.style(word, fg=colour, bold=True), 1)
