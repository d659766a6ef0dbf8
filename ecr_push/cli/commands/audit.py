"""`ecr-push audit`: who pushed, judged, tagged and deleted an image."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import Number, command

_GONE = f"sha256:{'0' * 64}"
EXAMPLES = (
    ("Who released what latest points to, and by which verdict", "ecr-push audit team/shop:latest"),
    ("The same of an image that is gone, as JSON", f"ecr-push audit team/shop@{_GONE} --output json"),
    ("The last week alone", "ecr-push audit team/shop:1.4.2 --days 7"),
)
_KEPT_DAYS = 90  # by CloudTrail


@command("audit", EXAMPLES)
@click.argument("image")
@click.option(
    "--days",
    type=Number(1, _KEPT_DAYS),
    default=_KEPT_DAYS,
    show_default=True,
    metavar="NUMBER",
    help="How far back CloudTrail is asked, which keeps 90 days.",
)
@click.option("--html", default="", metavar="FILE", help="Also write a page.")
def audit(call: Call, image: str, days: int, html: str) -> int:
    """Tell the story of IMAGE: who pushed, judged and deleted it, and who moved each tag to it or away.

    IMAGE is [REGISTRY/]REPOSITORY:TAG or [REGISTRY/]REPOSITORY@sha256:…; with -r a tag or a digest alone.
    It joins CloudTrail's events of this account and region, the statements of verdicts in the registry, and
    the tags as they are. What could not be read is said. Changes nothing.
    """
    from ecr_push.cli.answer import print_answer
    from ecr_push.cli.judge_story import whole_image_name, wrong_arguments
    from ecr_push.cli.page_file import unwritable, write_page
    from ecr_push.cli.read_settings import read_settings
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.story.read import read_story
    from ecr_push.report.story_text import document_of, lines_of

    settings, facts = read_settings(
        call, "audit", lambda read: (*wrong_arguments(image, (), read, call), *unwritable(html))
    )
    with open_world(settings, facts, call) as tools:
        story = read_story(whole_image_name(image, settings), days, settings, tools)
        now = tools.clock.now()
        tools.narrator.close()
    if html:
        from ecr_push.report.story_html import render

        write_page(html, render(story, now), settings)
    print_answer(lambda: lines_of(story), lambda: document_of(story), settings, call)
    return 0
