"""`ecr-push run`: from the checkout to released tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.early_source import ReadSource
    from ecr_push.pipeline.outcome import Outcome
    from ecr_push.pipeline.record import Record

EXAMPLES = (
    ("Build, push, scan and release the checkout in this directory", "ecr-push run -r team/shop"),
    ("Show what that would do, and do nothing", "ecr-push run -r team/shop --dry-run"),
    (
        "Try it without an AWS account, and write a report",
        "ecr-push run -r team/shop --sandbox --report report.html",
    ),
    (
        "Join what `ecr-push build` pushed from two runners to one index, and judge and release that",
        "ecr-push run -r team/shop --part part-amd64.txt --part part-arm64.txt",
    ),
    (
        "Allow up to five findings of severity high, and none worse",
        "ecr-push run -r team/shop --max-findings high=5",
    ),
)


@command("run", EXAMPLES)
def run(call: Call) -> int:
    """Build the image in DIR, push it as a candidate, wait for its scan, judge it, move the release tags.

    Standard output carries REPOSITORY_URI@DIGEST of an accepted image, or with --output json the result
    document. Everything else goes to standard error.
    """
    from ecr_push.cli.deliver import build_story
    from ecr_push.cli.read_settings import asks_for_several, pushes, read_settings

    if asks_for_several(call):
        from ecr_push.cli.images.run import run_images

        return run_images(call)
    settings, facts = read_settings(call, "run")
    if settings.run.dry_run:
        from ecr_push.cli.commands.plan import show_plan

        return show_plan(settings, facts, call)

    def story(tools: Tools, record: Record, read: ReadSource | None) -> Outcome:
        needed = settings
        if call.needs_images:
            from ecr_push.cli.images.needed import with_needed_images

            needed = with_needed_images(settings, facts, call, tools, record)
        if not pushes(settings, facts):  # such as code from a fork that was not accepted yet
            from ecr_push.cli.without_push import without_push

            return without_push(needed, facts, call, tools, record)
        from ecr_push.pipeline import run as pipeline

        return pipeline.run(needed, facts, tools, record, read)

    return build_story(story, settings, facts, call, pushes=pushes(settings, facts))
