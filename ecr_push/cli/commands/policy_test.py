"""`ecr-push policy test`: tries a policy on recent images, and prints a table or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import Number, command

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.try_policy import Tried
    from ecr_push.settings.declare import Settings

EXAMPLES = (
    ("Try a stricter rule on the last ten images", "ecr-push policy test -r team/shop --fail-on medium"),
    ("Try a policy file on the last fifty", "ecr-push policy test -r team/shop --policy new.yml --last 50"),
)


@command("policy test", EXAMPLES)
@click.option(
    "--last",
    type=Number(1, 1000),
    default=10,
    show_default=True,
    metavar="NUMBER",
    help="How many tagged images, the newest first.",
)
def policy_test(call: Call, last: int) -> int:
    """Judge the last images of a repository by the policy that the flags give. Shows what it would accept
    and refuse, and the difference to the present policy: the one without the flags.

    Reads existing scans; waits for none and starts none.
    """
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.read_settings import read_policy_trial
    from ecr_push.cli.session import open_world

    settings, now = read_policy_trial(call)
    with open_world(settings, read_facts(call.environ), call) as tools:
        show_trial(last, settings, now, tools, call)
    return 0


def show_trial(last: int, new: Settings, now: Settings, tools: Tools, call: Call) -> None:
    """Prints the verdicts of both policies on the last images. Raises SettingsError, RegistryError."""
    from ecr_push.cli.answer import print_answer
    from ecr_push.pipeline.try_policy import try_policy

    tried, compared = try_policy(last, new, now, tools)
    tools.narrator.close()
    print_answer(lambda: _table(tried, compared=compared), lambda: _document(tried), new, call)


def _table(tried: Sequence[Tried], *, compared: bool) -> list[str]:
    """A line for each image, and a summary. compared: whether there is another policy to compare with."""
    rows = [("IMAGE", "PUSHED", "VERDICT", *(["CHANGE"] if compared else []), "WHY")]
    for one in tried:
        word = "no answer" if one.new is None else "accepted" if one.new.accepted else "REFUSED"
        tags = sorted(one.image.tags)
        name = ", ".join(tags[:2]) + (" …" if len(tags) > 2 else "")
        change = [one.change or "-"] if compared else []
        rows.append((name, one.image.pushed_at.date().isoformat(), word, *change, _why(one)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    ]
    return [*lines, "", *_summary(tried, compared=compared)]


def _why(one: Tried) -> str:
    if one.new is None:
        return " ".join(one.why.split())
    broken = [f"{rule.rule}: {rule.counted}" for rule in one.new.broken]
    return "; ".join(dict.fromkeys((*broken, *one.new.errors)))


def _summary(tried: Sequence[Tried], *, compared: bool) -> Iterable[str]:
    if not tried:
        yield "The repository has no tagged image."
        return
    judged = [one.new for one in tried if one.new]
    accepted = sum(one.accepted for one in judged)
    yield (
        f"{accepted} of {len(tried)} images would be accepted, {len(judged) - accepted} refused, "
        f"{len(tried) - len(judged)} have no answer."
    )
    if compared:
        stricter = sum(one.change == "accepted before" for one in tried)
        milder = sum(one.change == "refused before" for one in tried)
        yield f"Against the present policy {stricter} would be newly refused, {milder} newly accepted."


def _document(tried: Sequence[Tried]) -> dict[str, Any]:
    images = [
        {
            "digest": one.image.digest.value,
            "tags": sorted(one.image.tags),
            "pushedAt": one.image.pushed_at.isoformat(),
            "accepted": one.new.accepted if one.new else None,
            "acceptedBefore": one.now.accepted if one.now else None,
            "why": _why(one) or None,
        }
        for one in tried
    ]
    return {"images": images}
