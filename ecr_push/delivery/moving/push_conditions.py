"""Under which conditions the tags of an image are pushed, and whether one always is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ecr_push.delivery.moving.gather import PushedTag
from ecr_push.delivery.moving.shell.conditions import negated
from ecr_push.delivery.moving.shell.operations import Condition


def under_conditions(
    pushed: Sequence[PushedTag], outer: Sequence[Condition], *, extracts: bool
) -> tuple[list[PushedTag], list[tuple[Condition, ...]]]:
    """The tags with their conditions, and the lists of conditions without all of which none is pushed.

    outer: conditions that hold in any case. Without lists, a tag is always pushed. extracts: whether a
    condition that all tags have is then none of theirs; else there are no lists.
    """
    tags = [replace(one, conditions=without_outer(one.conditions, outer)) for one in pushed]
    if not extracts or not all(one.conditions for one in tags):
        return tags, []
    common = tuple(one for one in tags[0].conditions if all(one in other.conditions for other in tags))
    if common:
        return [replace(one, conditions=without_outer(one.conditions, common)) for one in tags], [common]
    each = list(dict.fromkeys(one.conditions for one in tags))
    texts = {" && ".join(condition.text for condition in one) for one in each}
    return tags, [] if any(_opposite(one) & texts for one in texts) else each


def without_outer(conditions: Sequence[Condition], outer: Sequence[Condition]) -> tuple[Condition, ...]:
    """Those that are not conditions of an outer block."""
    return tuple(one for one in conditions if one not in outer)


def _opposite(text: str) -> set[str]:
    """How a condition's contrary is written, of a shell and of Groovy."""
    return {negated(text), f"${{{{ !({text[4:-3]}) }}}}"}
