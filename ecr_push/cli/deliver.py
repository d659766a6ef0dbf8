"""Runs a story, and tells its outcome however it ends. What it needs is imported once it is announced."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ecr_push.base.errors import DefectError, Interrupted, as_expected
from ecr_push.base.own_version import own_version
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.record import Record

Story = Callable[["Tools", "Record"], object]


def build_story(story: Story, settings: Settings, facts: CiFacts, call: Call) -> int:
    """Like `image_story`, for a story that reads the checkout and may build."""
    _announce(settings, call)
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.record import Record
    from ecr_push.report.write import remove_earlier_reports

    with open_world(settings, facts, call) as tools:
        # Not before the checkout was read: in git, a removed file would be an uncommitted change.
        record = Record(
            tools,
            sandbox=settings.run.sandbox,
            once_planned=lambda: remove_earlier_reports(settings.report, settings.source.context),
        )
        return _run_story(story, tools, record, settings, facts, call)


def image_story(story: Story, settings: Settings, facts: CiFacts, call: Call) -> int:
    """Runs a story of an image that is in ECR, delivers its outcome, and returns the exit code.

    Raises ReportError where the run went well and its outcome could not be written.
    """
    _announce(settings, call)
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.record import Record
    from ecr_push.report.write import remove_earlier_reports

    remove_earlier_reports(settings.report, settings.source.context)
    with open_world(settings, facts, call) as tools:
        return _run_story(story, tools, Record(tools, sandbox=False), settings, facts, call)


def _announce(settings: Settings, call: Call) -> None:
    """Says at once that the command runs, and which version: to load what a story needs takes a while."""
    if settings.report.progress != "quiet":
        call.stderr.write(f"ecr-push {own_version()}\n")
        call.stderr.flush()


def _run_story(
    story: Story, tools: Tools, record: Record, settings: Settings, facts: CiFacts, call: Call
) -> int:
    from ecr_push.cli.tell import save_traceback
    from ecr_push.cli.tell_outcome import tell_outcome

    record.note_run(
        started_at=tools.clock.now(),
        url=facts.run.url,
        actor=facts.run.actor,
        container_name=settings.report.container_name,
    )
    clean = tools.redactor.clean
    try:
        story(tools, record)
    except (Exception, Interrupted) as error:
        failure = as_expected(error, clean)
        record.note_failure(failure)
        if isinstance(failure, DefectError):
            save_traceback(failure, call)
    finally:
        tools.narrator.close()
    record.note_run(finished_at=tools.clock.now())
    try:
        return tell_outcome(record.outcome, settings, call, facts)
    except Interrupted as error:  # while it was reported. Later signals are ignored, so it is complete now.
        record.note_failure(error, "report")
        return tell_outcome(record.outcome, settings, call, facts)
