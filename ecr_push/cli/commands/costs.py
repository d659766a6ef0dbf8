"""`ecr-push costs`: what repositories cost in a month, and what a lifecycle policy would save."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import Number, command
from ecr_push.cli.repositories import check_names

EXAMPLES = (
    ("What each repository of the registry costs in a month", "ecr-push costs"),
    ("The same of some of them, also as a page with a chart", "ecr-push costs 'team/*' --html costs.html"),
    ("What a lifecycle policy would save", "ecr-push costs 'team/*' --lifecycle lifecycle.txt"),
    ("By prices of your own", "ecr-push costs --prices prices.yml"),
)


@command("costs", EXAMPLES)
@click.argument("names", nargs=-1, metavar="[NAME|PATTERN]...")
@click.option(
    "--lifecycle",
    "policy",
    default="",
    metavar="FILE",
    help="The lifecycle policy whose saving is shown: ECR's JSON, or a sentence a rule.  "
    "[default: each repository's own]",
)
@click.option("--prices", default="", metavar="FILE", help="A price list that replaces the one that ships.")
@click.option(
    "--rescans",
    type=Number(0, 1000),
    default=1,
    show_default=True,
    metavar="NUMBER",
    help="How often Inspector scans an image again in a month, under continuous scanning.",
)
@click.option(
    "--layers/--no-layers",
    default=True,
    help="Read the layers of each image, so that shared ones count once, as ECR bills them. They are not "
    "read where the repository's policy counts from the last pull, since ECR may record one.",
)
@click.option("--html", default="", metavar="FILE", help="Also write a page with a chart.")
def costs(
    call: Call, names: tuple[str, ...], policy: str, prices: str, rescans: int, layers: bool, html: str
) -> int:
    """Show what repositories cost in a month, by what they keep, and what a lifecycle policy saves.

    Counted are storage, Amazon Inspector's scans, and what replication copies and sends, by a price list that
    has a source and a date. Changes nothing.
    """
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.answer import print_answer
    from ecr_push.cli.page_file import unwritable, write_page
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.count_costs import CostQuestion, count_costs
    from ecr_push.report.costs_text import document_of, lines_of

    settings = read_all_settings(call, "costs", [*check_names(names), *unwritable(html)])
    question = CostQuestion(names, policy, prices, layers, rescans)
    with open_world(settings, read_facts(call.environ), call) as tools:
        found = count_costs(question, settings, tools)
        now = tools.clock.now()
        tools.narrator.close()
    if html:
        from ecr_push.report.costs_html import render

        write_page(html, render(found, now), settings)
    print_answer(lambda: lines_of(found), lambda: document_of(found), settings, call)
    return 0
