"""`ecr-push lifecycle test`: shows what a lifecycle policy would take, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import Number, command

if TYPE_CHECKING:
    from ecr_push.pipeline.try_lifecycle import LifecycleQuestion, LifecycleTrial
    from ecr_push.upkeep.lifecycle.evaluate import Taken

EXAMPLES = (
    ("What the repository's own policy takes within 30 days", "ecr-push lifecycle test -r team/shop"),
    ("Try another one, a sentence a rule", "ecr-push lifecycle test -r team/shop --lifecycle lifecycle.txt"),
    (
        "Refuse a policy that takes what a cluster runs",
        "ecr-push lifecycle test -r team/shop --lifecycle lifecycle.txt --in-use images.txt",
    ),
)
SHOWN = 20


@command("lifecycle test", EXAMPLES)
@click.option(
    "--lifecycle",
    "policy",
    default="",
    metavar="FILE",
    help="The policy to try: ECR's JSON, or a sentence a rule, such as 'keep last 20 of *.*.*'.  "
    "[default: the repository's own]",
)
@click.option(
    "--in-use",
    multiple=True,
    metavar="FILE",
    help="A file that names images in use, in any format: task definitions, manifests, a list.",
)
@click.option(
    "--days",
    type=Number(0, 3650),
    default=30,
    show_default=True,
    metavar="NUMBER",
    help="How far to look ahead.",
)
@click.option(
    "--layers",
    is_flag=True,
    help="Read the layers of each image, so that shared ones count once. ECR may record a pull of it.",
)
@click.option("--preview", is_flag=True, help="Ask ECR for its own preview, too, and show what differs.")
def lifecycle_test(
    call: Call, policy: str, in_use: tuple[str, ...], days: int, layers: bool, preview: bool
) -> int:
    """Show which images a lifecycle policy deletes or archives: today, and on each of the next days.

    Looks for traps as well: rules that take a release, what latest points to or what is in use, rules that
    select nothing or never act. Ends with 10 if the policy takes what is needed. Changes nothing.
    """
    from ecr_push.base.errors import ACCEPTED, REFUSED
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.answer import print_answer
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.try_lifecycle import LifecycleQuestion, try_lifecycle

    settings = read_all_settings(call, "lifecycle test")
    question = LifecycleQuestion(policy, in_use, days, preview, layers)
    with open_world(settings, read_facts(call.environ), call) as tools:
        trial = try_lifecycle(question, settings, tools)
        tools.narrator.close()
    print_answer(lambda: _lines(trial, question), lambda: _document(trial, question), settings, call)
    return REFUSED if any(trap.level == "error" for trap in trial.traps) else ACCEPTED


def _lines(trial: LifecycleTrial, question: LifecycleQuestion) -> list[str]:
    return [
        *_table(trial),
        "",
        *_summary(trial, question),
        *_list(trial.taken),
        *_traps(trial),
        *_notes(trial),
    ]


def _table(trial: LifecycleTrial) -> Iterator[str]:
    """A line for each rule."""
    from ecr_push.upkeep.lifecycle.sentences import sentence_of

    rows = [("", "RULE", "SELECTS", "TAKES", "FIRST ON")]
    for rule in trial.policy.rules:
        mine = [one for one in trial.taken if one.rule == rule]
        first = mine[0].at.date().isoformat() if mine else "-"
        selected = str(trial.selected[rule.priority])
        rows.append((str(rule.priority), sentence_of(rule), selected, str(len(mine)), first))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [
            cell.rjust(width) if place in (0, 2, 3) else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _summary(trial: LifecycleTrial, question: LifecycleQuestion) -> Iterator[str]:
    from ecr_push.base.sizes import megabytes
    from ecr_push.report.costs_text import money
    from ecr_push.upkeep.costs.model import GB
    from ecr_push.upkeep.costs.prices import SHIPPED

    deleted = sum(one.expires for one in trial.taken)
    archived = len(trial.taken) - deleted
    if not trial.taken:
        yield f"Within {question.days} days the policy takes none of {len(trial.images)} images."
        return
    also = f", and archives {archived}" if archived else ""
    price = f"{money(trial.freed / GB * SHIPPED.storage)} {SHIPPED.currency} a month"
    yield (
        f"Within {question.days} days the policy deletes {deleted} of {len(trial.images)} images{also}: "
        + (
            f"{megabytes(trial.freed)} of layers that no other image has, {price}."
            if question.layers
            else f"{megabytes(trial.freed)} and {price} at most, since images share layers."
        )
    )


def _list(taken: Sequence[Taken]) -> Iterator[str]:
    """When each image goes, the next ones first."""
    for one in taken[:SHOWN]:
        by = f"rule {one.rule.priority}" if one.rule else "with its image"
        verb = "deleted" if one.expires else "archived"
        yield f"  {one.at:%Y-%m-%d}  {verb}  {one.image.name}  ({by})"
    if len(taken) > SHOWN:
        yield f"  … and {len(taken) - SHOWN} more: --output json lists them all"


def _traps(trial: LifecycleTrial) -> Iterator[str]:
    for trap in trial.traps:
        yield ""
        yield f"{trap.level}: {trap}"
        yield f"  {trap.remedy}"


def _notes(trial: LifecycleTrial) -> Iterator[str]:
    if trial.unsure:
        names = ", ".join(one.image.name for one in trial.unsure[:3])
        yield ""
        yield (
            "whether signatures and other referrers count as images is not documented: "
            f"{len(trial.unsure)} images go by one reading alone ({names})"
        )
    if trial.different is not None:
        yield ""
        yield "ECR's preview says the same." if not trial.different else "ECR's preview differs:"
        yield from (f"  {one}" for one in trial.different)


def _document(trial: LifecycleTrial, question: LifecycleQuestion) -> dict[str, Any]:
    from ecr_push.upkeep.lifecycle.sentences import as_json, sentence_of

    return {
        "repository": trial.repository.uri,
        "policy": as_json(trial.policy),
        "images": len(trial.images),
        "freedBytes": trial.freed,
        "freedBytesAreExact": question.layers,
        "taken": [
            {
                "digest": one.image.digest.value,
                "tags": sorted(one.image.tags),
                "at": one.at.isoformat(),
                "action": "expire" if one.expires else "archive",
                "rule": one.rule.priority if one.rule else None,
            }
            for one in trial.taken
        ],
        "unsure": [one.image.digest.value for one in trial.unsure],
        "traps": [
            {
                "level": trap.level,
                "rule": trap.rule.priority if trap.rule else None,
                "sentence": sentence_of(trap.rule) if trap.rule else None,
                "what": trap.what,
                "remedy": trap.remedy,
            }
            for trap in trial.traps
        ],
        "previewDifferences": None if trial.different is None else list(trial.different),
    }
