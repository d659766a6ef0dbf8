"""What became of one release tag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Tag


@dataclass(frozen=True)
class PromotedTag:
    """What became of one release tag.

    moved:   it points to the judged image now.
    already: it did before.
    kept:    it stays where it is, for the reason given, which is not an error.
    planned: a dry run would have moved it.

    before: where it pointed, when it was decided whether it moves.
    """

    tag: Tag
    result: Literal["moved", "already", "kept", "planned"]
    reason: str = ""
    before: Digest | None = field(default=None, compare=False)


def tags_text(tags: Iterable[PromotedTag], digest: Digest) -> str:
    """What became of them, in one line: `1.4.2, 1.4 -> sha256:…; latest stays: 1.5.0 is higher`."""
    tags = list(tags)
    names = {
        result: ", ".join(one.tag.name for one in tags if one.result == result)
        for result in ("moved", "already")
    }
    parts = [f"{names['moved']} -> {digest.short}" if names["moved"] else ""]
    parts += [f"{names['already']} already there" if names["already"] else ""]
    parts += [f"{one.tag} stays: {one.reason}" for one in tags if one.result == "kept"]
    return "; ".join(filter(None, parts))
