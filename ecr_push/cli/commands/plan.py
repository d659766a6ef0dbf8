"""`ecr-push plan`, and `run --dry-run`: what a run would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.ci.facts import CiFacts
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.early_source import ReadSource
    from ecr_push.pipeline.record import Record
    from ecr_push.settings.declare import Settings

EXAMPLES = (
    ("Show version, tags, repository and build of a run", "ecr-push plan -r team/shop"),
    ("The same for another directory, as JSON", "ecr-push plan services/web -r team/web --output json"),
)


@command("plan", EXAMPLES)
def plan(call: Call) -> int:
    """Show what a run would do now: version, tags, repository, build. Reads from AWS and writes nothing."""
    from ecr_push.cli.read_settings import read_settings

    return show_plan(*read_settings(call, "plan"), call)


def show_plan(settings: Settings, facts: CiFacts, call: Call) -> int:
    """Prints the plan as text, or as the result document. Returns the exit code."""
    from ecr_push.cli.deliver import build_story
    from ecr_push.cli.read_settings import not_pushed, pushes
    from ecr_push.settings.declare import changed

    settings = changed(settings, dry_run=True)

    def dry_run(tools: Tools, record: Record, read: ReadSource | None) -> None:
        from ecr_push.pipeline import run as pipeline
        from ecr_push.pipeline.without_registry import plan_here
        from ecr_push.report import text

        planned = settings
        if call.needs_images:
            from ecr_push.cli.images.needed import with_needed_images

            planned = with_needed_images(settings, facts, call, tools, record)
        outside = not_pushed(planned, facts)
        unasked = f"not looked up: {outside} is not pushed" if outside else ""
        if outside or planned.destination.stays_here:
            plan, preflight = plan_here(planned, facts, tools, record, outside=outside), None
            unasked = unasked or "not looked up: nothing is pushed"
        else:
            plan, preflight = pipeline.dry_run(planned, facts, tools, record, read)
        tools.narrator.close()
        if settings.report.output == "text":
            call.stdout.write(
                text.plan_text(
                    plan,
                    preflight,
                    unasked,
                    locked=bool(settings.release.lock),
                    tests=record.outcome.tests,
                    signature=record.outcome.signature,
                    destinations=record.outcome.destinations,
                    builder=record.outcome.builder,
                )
            )

    return build_story(dry_run, settings, facts, call, pushes=pushes(settings, facts))
