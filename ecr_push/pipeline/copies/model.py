"""What is to be copied."""

from __future__ import annotations

from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Tag
from ecr_push.base.source_name import SourceName
from ecr_push.registry.destination import Destination

# Which tags of a destination may leave the image that they point to: none; those that float, to a higher
# version; all that the repository lets move.
Moves = Literal["never", "forward", "any"]


@dataclass(frozen=True)
class CopyJob:
    """Images of one repository, and where they go.

    tags:      names and patterns, in which `*` stands for any text; for a source without tag and digest.
    named:     the tags that the image gets there, in place of its own.
    platforms: those of an index that are copied; empty for the whole index.
    place:     where the user wrote it, such as a line of a file.
    """

    source: SourceName
    to: tuple[Destination, ...]
    tags: tuple[str, ...] = ()
    named: tuple[Tag, ...] = ()
    platforms: tuple[str, ...] = ()
    moves: Moves = "forward"
    referrers: bool = True
    place: str = ""
