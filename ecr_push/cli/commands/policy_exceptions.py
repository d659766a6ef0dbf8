"""`ecr-push policy exceptions`: the exceptions of policies, the one that ends first on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.base.option import read_duration
from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecr_push.settings.sources import Sources

EXAMPLES = (
    ("Those of the policies that ecr-push.yml names", "ecr-push policy exceptions"),
    (
        "Those of some policies, also as a page",
        "ecr-push policy exceptions central.yml teams/shop.yml --html exceptions.html",
    ),
    (
        "What ends within two months, for a program",
        "ecr-push policy exceptions s3://acme-policies/central.yml --ends-within 60d --output json",
    ),
)


@command("policy exceptions", EXAMPLES)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "--ends-within",
    default="14d",
    show_default=True,
    metavar="DURATION",
    help="An exception that ends so soon counts as one that needs a decision.",
)
@click.option("--html", default="", metavar="FILE", help="Also write a page.")
def policy_exceptions(call: Call, files: tuple[str, ...], ends_within: str, html: str) -> int:
    """List the exceptions of each policy FILE and of all that it extends: when they end, and where they are.

    FILE is a path or s3://BUCKET/KEY. Without one they are those of --policy, or of ecr-push.yml and of each
    image that it lists. The exit code does not depend on what ends.
    """
    from ecr_push.base.fences import Fences
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.answer import print_answer
    from ecr_push.cli.page_file import unwritable, write_page
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.listed_exceptions import list_exceptions
    from ecr_push.report.exceptions_text import document_of, lines_of

    wrong = [*unwritable(html)]
    soon = 0.0
    try:
        soon = read_duration(ends_within)
    except ValueError as error:
        wrong.append(f"--ends-within: {error}")
    if files and "policy" in call.flags:
        wrong.append(f"--policy: contradicts FILE: give its value as one more, beside {files[0]}")
    settings = read_all_settings(call, "policy exceptions", wrong)
    assert call.loaded  # noqa: S101 - read above
    policies = dict.fromkeys(files, "FILE") or _named(call.loaded.sources)
    fences = Fences.of(settings.source.context)
    with open_world(settings, read_facts(call.environ), call) as tools:
        now = tools.clock.now()
        found = list_exceptions(policies, settings.policy, tools.read_object, fences, now, soon)
        tools.narrator.close()
    if html:
        from ecr_push.report.exceptions_html import render

        write_page(html, render(found), settings)
    print_answer(lambda: lines_of(found), lambda: document_of(found), settings, call)
    return 0


def _named(sources: Sources) -> Mapping[str, str]:
    """The policies that the settings name, of each image where ecr-push.yml lists several; and the places."""
    given = [one.given.get("policy") for one in (sources, *map(sources.of_image, sources.images))]
    return {one.value: one.origin for one in given if one and one.value}
