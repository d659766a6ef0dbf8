"""`ecr-push costs`: what repositories cost in a month, and what a lifecycle policy would save."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import Number, command
from ecr_push.cli.repositories import check_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecr_push.settings.declare import Settings
    from ecr_push.upkeep.costs.model import Costs

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
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.count_costs import CostQuestion, count_costs

    settings = read_all_settings(call, "costs", [*check_names(names), *_unwritable(html)])
    question = CostQuestion(names, policy, prices, layers, rescans)
    with open_world(settings, read_facts(call.environ), call) as tools:
        found = count_costs(question, settings, tools)
        now = tools.clock.now()
        tools.narrator.close()
    if html:
        from ecr_push.report.costs_html import render

        _write(html, render(found, now), settings)
    call.stdout.write(_json(found) if settings.report.output == "json" else _text(found))
    call.stdout.flush()
    return 0


def _unwritable(html: str) -> Iterable[str]:
    if html:
        from pathlib import Path

        from ecr_push.base.fences import Fences
        from ecr_push.base.safe_write import why_not_writable

        if why := why_not_writable(Path(html), Fences.of(".")):
            yield f"--html: {why}"


def _write(html: str, text: str, settings: Settings) -> None:
    from pathlib import Path

    from ecr_push.base.errors import ReportError
    from ecr_push.base.fences import Fences
    from ecr_push.base.safe_write import write_text

    try:
        write_text(Path(html), text, Fences.of(settings.source.context))
    except OSError as error:
        raise ReportError(f"could not write {html}", why=error.strerror or str(error)) from error


def _text(found: Costs) -> str:
    from ecr_push.report.costs_text import lines_of
    from ecr_push.report.escape import log_line

    return "".join(f"{log_line(line)}\n" for line in lines_of(found))


def _json(found: Costs) -> str:
    from ecr_push.report.costs_text import document_of
    from ecr_push.report.escape import json_text

    return json_text(document_of(found))
