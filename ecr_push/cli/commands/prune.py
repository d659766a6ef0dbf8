"""`ecr-push prune`: deletes images that nothing needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.pipeline.prune_repository import Pruned

EXAMPLES = (
    ("Show what nothing needs", "ecr-push prune -r team/shop"),
    ("Delete it", "ecr-push prune -r team/shop --yes"),
    ("Keep what a cluster runs", "ecr-push prune -r team/shop --in-use images.txt --yes"),
)
SHOWN = 20


@command("prune", EXAMPLES)
@click.option(
    "--candidates",
    default="3d",
    show_default=True,
    metavar="DURATION",
    help="How old a candidate has to be that was not released.",
)
@click.option(
    "--untagged", default="1d", show_default=True, metavar="DURATION", help="How old an image without a tag."
)
@click.option(
    "--in-use",
    multiple=True,
    metavar="FILE",
    help="A file that names images which stay, in any format: task definitions, manifests, a list.",
)
@click.option("--yes", is_flag=True, help="Delete them. Without this they are shown, and nothing is deleted.")
def prune(call: Call, candidates: str, untagged: str, in_use: tuple[str, ...], yes: bool) -> int:
    """Delete candidates that were not released, and images without a tag; show them unless --yes is given.

    What has a release tag stays, with all that it needs: the images of an index, signatures and other
    referrers. So does what --in-use names.
    """
    from datetime import timedelta

    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.answer import print_answer
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.prune_repository import prune_repository
    from ecr_push.upkeep.prune import Limits

    ages, wrong = _ages(candidates=candidates, untagged=untagged)
    settings = read_all_settings(call, "prune", wrong)
    limits = Limits(timedelta(seconds=ages["candidates"]), timedelta(seconds=ages["untagged"]))
    with open_world(settings, read_facts(call.environ), call) as tools:
        pruned = prune_repository(limits, in_use, settings, tools, delete=yes)
        tools.narrator.close()
    print_answer(lambda: _lines(pruned), lambda: _document(pruned), settings, call)
    return 0


def _ages(**given: str) -> tuple[dict[str, float], list[str]]:
    """The durations in seconds, and what is wrong with them."""
    from ecr_push.base.option import read_duration

    found, wrong = {}, []
    for name, text in given.items():
        try:
            found[name] = read_duration(text)
        except ValueError as error:
            wrong.append(f"--{name}: {error}")
        else:
            # Elsewhere a number alone is seconds; here who means days would lose everything.
            if found[name] and text.strip()[-1:].isdigit():
                wrong.append(
                    f"--{name}: {text!r} has no unit: {text.strip()}d are days, {text.strip()}h hours"
                )
    return found, wrong


def _lines(pruned: Pruned) -> list[str]:
    from ecr_push.base.sizes import megabytes

    lines = [f"{one.image.pushed_at:%Y-%m-%d}  {one.image.name}  {one.why}" for one in pruned.found[:SHOWN]]
    if len(pruned.found) > SHOWN:
        lines.append(f"… and {len(pruned.found) - SHOWN} more: --output json lists them all")
    if not pruned.found:
        each = f"Each of {pruned.images} images is needed, or too young."
        lines.append(each if pruned.images else "There are no images.")
    else:
        what = f"{len(pruned.found)} of {pruned.images} images, {megabytes(pruned.bytes)} at most"
        lines.append(
            f"Nothing needs {what}. Nothing was deleted: --yes deletes them."
            if pruned.deleted is None
            else f"Deleted {pruned.deleted}: {what}."
        )
    return lines


def _document(pruned: Pruned) -> dict[str, Any]:
    return {
        "repository": pruned.repository.uri,
        "images": pruned.images,
        "deleted": pruned.deleted,
        "bytesAtMost": pruned.bytes,
        "found": [
            {
                "digest": one.image.digest.value,
                "tags": sorted(one.image.tags),
                "pushedAt": one.image.pushed_at.isoformat(),
                "why": one.why,
            }
            for one in pruned.found
        ],
    }
