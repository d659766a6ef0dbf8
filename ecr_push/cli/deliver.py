"""Runs a story, and tells its outcome however it ends. What it needs is imported once it is announced."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ecr_push.base.errors import DefectError, Interrupted, as_expected
from ecr_push.base.own_version import own_version
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.registry.options import target_of
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.early_source import ReadSource
    from ecr_push.pipeline.record import Record

Story = Callable[["Tools", "Record"], object]
# With what waits for the checkout, where that is read already.
BuildStory = Callable[["Tools", "Record", "ReadSource | None"], object]


def build_story(story: BuildStory, settings: Settings, facts: CiFacts, call: Call, *, pushes: bool) -> int:
    """Like `image_story`, for a story that reads the checkout and may build.

    pushes: the story is that of an image for the registry, so it will say nothing before what is in git.
    """
    announce(settings, call)
    from ecr_push.cli.session import open_world

    with open_world(settings, facts, call) as tools:
        read: ReadSource | None = None
        if pushes:
            from ecr_push.pipeline.early_source import start_reading

            read = start_reading(settings, facts, tools)  # git works while the rest is loaded
        from ecr_push.pipeline.record import Record
        from ecr_push.report.write import remove_earlier_reports

        # Not before the checkout was read: in git, a removed file would be an uncommitted change.
        record = Record(
            tools,
            sandbox=settings.run.sandbox,
            once_planned=lambda: remove_earlier_reports(settings.report, settings.source.context),
        )
        return _run_story(
            lambda tools, record: story(tools, record, read), tools, record, settings, facts, call
        )


def image_story(story: Story, settings: Settings, facts: CiFacts, call: Call) -> int:
    """Runs a story of an image that is in ECR, delivers its outcome, and returns the exit code.

    Raises ReportError where the run went well and its outcome could not be written.
    """
    announce(settings, call)
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.record import Record
    from ecr_push.report.write import remove_earlier_reports

    remove_earlier_reports(settings.report, settings.source.context)
    with open_world(settings, facts, call) as tools:
        return _run_story(story, tools, Record(tools, sandbox=False), settings, facts, call)


def announce(settings: Settings, call: Call) -> None:
    """Says at once that the command runs, which version, and which ecr-push.yml it has read: to load what a
    story needs takes a while."""
    if settings.report.progress != "quiet":
        from ecr_push.base.log import visible

        about = [own_version(), *([call.loaded.about_file] if call.loaded else [])]
        call.stderr.write(visible(call.clean(f"ecr-push {', '.join(about)}")) + "\n")
        call.stderr.flush()


def _run_story(
    story: Story, tools: Tools, record: Record, settings: Settings, facts: CiFacts, call: Call
) -> int:
    record.note_run(
        command=call.loaded.command if call.loaded else "",
        settings=call.loaded.about_file if call.loaded else "",
        started_at=tools.clock.now(),
        url=facts.run.url,
        actor=facts.run.actor,
        container_name=settings.report.container_name,
        repository=target_of(settings.registry).name,
    )
    clean = tools.redactor.clean
    try:
        story(tools, record)
    except (Exception, Interrupted) as error:
        failure = as_expected(error, clean)
        record.note_failure(failure)
        if isinstance(failure, DefectError):
            from ecr_push.cli.tell import save_traceback

            save_traceback(failure, call)
    failed = _publish(tools, record, call)
    record.note_run(finished_at=tools.clock.now())
    from ecr_push.cli.tell_outcome import tell_outcome

    try:
        return tell_outcome(record.outcome, settings, call, facts, failed)
    except Interrupted as error:  # while it was reported. Later signals are ignored, so it is complete now.
        record.note_failure(error, "report")
        return tell_outcome(record.outcome, settings, call, facts, failed)


def _publish(tools: Tools, record: Record, call: Call) -> Exception | None:
    """Publishes the outcome and closes the log. Returns the error that ends an otherwise successful run."""
    try:
        if tools.publisher:
            tools.publisher.ended(record.outcome)
    except Interrupted as error:
        record.note_failure(error, "publish")
    except Exception as error:
        return error
    finally:
        tools.narrator.close()
    return None
