"""`ecr-push registry backfill`: replicates what was there before replication was."""

from __future__ import annotations

import click

from ecr_push.cli.answer import print_answer
from ecr_push.cli.call import Call
from ecr_push.cli.options import Seconds, command
from ecr_push.cli.registry import open_registry, place_of

EXAMPLES = (
    ("Copy what is there already to every destination", "ecr-push registry backfill"),
    ("To one of them, without a wait", "ecr-push registry backfill eu-west-1 --wait 0"),
)
_WAIT = 6 * 3600.0


@command("registry backfill", EXAMPLES)
@click.argument("places", nargs=-1, metavar="[REGION[/ACCOUNT]]...")
@click.option(
    "--wait", type=Seconds(min=0), default=_WAIT, help="How long to wait for the end, in seconds.",
    show_default=True,
)  # fmt: skip
def registry_backfill(call: Call, places: tuple[str, ...], wait: float) -> int:
    """Replicate what was pushed before replication was configured: to all destinations, or those named.

    Follows a backfill that is under way instead of a second one. Ends with 4 where images were not
    replicated, and names them. A backfill goes on in ECR when this command is interrupted.
    """
    from ecr_push.base.errors import ACCEPTED
    from ecr_push.upkeep.registry.backfill import follow, start_backfills
    from ecr_push.upkeep.registry.backfill_text import document_of, error_of, text_of
    from ecr_push.upkeep.registry.places import chosen_places

    with open_registry(call, "registry backfill") as (registry, backfills, settings, tools):
        place = place_of(registry, settings)
        chosen = chosen_places(places, registry.replication(), place)
        say = tools.narrator.say
        started = start_backfills(chosen, backfills, say)
        found = follow(started, backfills, tools.clock, wait, say) if wait else started
        tools.narrator.close()
    print_answer(lambda: text_of(found).splitlines(), lambda: document_of(found), settings, call)
    if error := error_of(found, waited=wait > 0):
        raise error
    return ACCEPTED
