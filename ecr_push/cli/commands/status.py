"""`ecr-push status`: what is released, by which verdict, and what was found since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.base.option import read_duration
from ecr_push.cli.call import Call
from ecr_push.cli.options import Number, command
from ecr_push.cli.repositories import check_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecr_push.pipeline.status.judge import Limits

EXAMPLES = (
    ("What is released in each repository, and what needs a look", "ecr-push status"),
    ("Some repositories, also as a page", "ecr-push status 'team/*' --html status.html"),
    ("Fail a nightly job when something needs a look", "ecr-push status --check --older-than 90d"),
    ("What production runs, alone", "ecr-push status team/shop --tag production --output json"),
)


@command("status", EXAMPLES)
@click.argument("names", nargs=-1, metavar="[NAME|PATTERN]...")
@click.option(
    "--tag", "tags", multiple=True, metavar="PATTERN", help="Only floating tags like this; may be repeated."
)
@click.option(
    "--images",
    "most",
    type=Number(1, 1000),
    default=10,
    show_default=True,
    metavar="NUMBER",
    help="At most so many images of a repository: those of latest and of lines, then the youngest.",
)
@click.option(
    "--severity",
    default="high",
    show_default=True,
    metavar="SEVERITY",
    help="A new finding of this severity or worse needs a look.",
)
@click.option(
    "--older-than",
    default="30d",
    show_default=True,
    metavar="DURATION",
    help="A verdict on a scan that ended longer ago needs a look; 0 for any age.",
)
@click.option(
    "--ends-within",
    default="14d",
    show_default=True,
    metavar="DURATION",
    help="An exception that ends so soon needs a look.",
)
@click.option("--html", default="", metavar="FILE", help="Also write a page.")
@click.option("--check", is_flag=True, help="End with exit code 12 when something needs a look.")
def status(
    call: Call,
    names: tuple[str, ...],
    tags: tuple[str, ...],
    most: int,
    severity: str,
    older_than: str,
    ends_within: str,
    html: str,
    check: bool,
) -> int:
    """Show what each floating tag names, how old its verdict is, and what was found since.

    The verdict is what --attest-verdict has attached to the image; its signature is not verified. The
    findings are those of ECR's scan as it is now. Changes nothing.
    """
    from ecr_push.base.errors import NOT_VERIFIED
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.answer import print_answer
    from ecr_push.cli.page_file import unwritable, write_page
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.status.read import StatusQuestion, read_status
    from ecr_push.report.status_text import document_of, lines_of

    limits, wrong = _limits(severity, older_than, ends_within)
    settings = read_all_settings(call, "status", [*check_names(names), *wrong, *unwritable(html)])
    question = StatusQuestion(names, tags, most, limits)
    with open_world(settings, read_facts(call.environ), call) as tools:
        found = read_status(question, settings, tools)
        tools.narrator.close()
    if html:
        from ecr_push.report.status_html import render

        write_page(html, render(found), settings)
    print_answer(lambda: lines_of(found), lambda: document_of(found), settings, call)
    return NOT_VERIFIED if check and found.needs_a_look else 0


def _limits(severity: str, older_than: str, ends_within: str) -> tuple[Limits, Iterable[str]]:
    """The limits, and what is wrong with what was given for them."""
    from ecr_push.base.severity import Severity, parse_severity
    from ecr_push.pipeline.status.judge import Limits

    wrong = []
    least, seconds = Severity.HIGH, [0.0, 0.0]
    try:
        least = parse_severity(severity)
    except ValueError as error:
        wrong.append(f"--severity: {error}")
    for place, (flag, text) in enumerate((("--older-than", older_than), ("--ends-within", ends_within))):
        try:
            seconds[place] = read_duration(text)
        except ValueError as error:
            wrong.append(f"{flag}: {error}")
    return Limits(least, *seconds), wrong
