"""`ecr-push run`: from the checkout to released tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.ci.facts import CiFacts
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.outcome import Outcome
    from ecr_push.pipeline.record import Record
    from ecr_push.settings.declare import Settings

EXAMPLES = (
    ("Build, push, scan and release the checkout in this directory", "ecr-push run -r team/shop"),
    ("Show what that would do, and do nothing", "ecr-push run -r team/shop --dry-run"),
    (
        "Try it without an AWS account, and write a report",
        "ecr-push run -r team/shop --sandbox --create-repository --report report.html",
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
    from ecr_push.cli.read_settings import read_settings

    settings, facts = read_settings(call, "run")
    if settings.run.dry_run:
        from ecr_push.cli.commands.plan import show_plan

        return show_plan(settings, facts, call)
    return build_story(
        lambda tools, record: _run(settings, facts, call, tools, record), settings, facts, call
    )


def _run(settings: Settings, facts: CiFacts, call: Call, tools: Tools, record: Record) -> Outcome:
    """Runs everything, or the part without a registry, as for code from a fork that was not accepted yet."""
    from ecr_push.cli.without_push import without_push
    from ecr_push.pipeline import run as pipeline

    done = without_push(settings, facts, call, tools, record)
    return done or pipeline.run(settings, facts, tools, record)
