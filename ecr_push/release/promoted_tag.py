"""What became of one release tag."""

from __future__ import annotations

from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Tag


@dataclass(frozen=True)
class PromotedTag:
    """What became of one release tag.

    moved:   it points to the judged image now.
    already: it did before.
    kept:    it stays where it is, for the reason given, which is not an error.
    planned: a dry run would have moved it.
    """

    tag: Tag
    result: Literal["moved", "already", "kept", "planned"]
    reason: str = ""
