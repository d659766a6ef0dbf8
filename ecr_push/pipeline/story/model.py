"""What happened to an image, in the order of time. Nouns only."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ecr_push.base.dataclass import dataclass

Kind = Literal[
    "pushed", "judged", "tagged", "left", "attached", "untagged", "deleted", "expired", "stored", "repository"
]
# What each word of a story means.
KINDS: dict[Kind, str] = {
    "pushed": "the image was put into the repository",
    "judged": "the scan ended that a verdict is about",
    "tagged": "a tag was pointed to it",
    "left": "a tag was pointed to another image",
    "attached": "a statement, a signature or another artifact about it was put there",
    "untagged": "a tag was removed",
    "deleted": "it was deleted",
    "expired": "a lifecycle policy deleted or archived it",
    "stored": "its storage class was changed",
    "repository": "something of the repository was changed",
}


@dataclass(frozen=True)
class Entry:
    """One line of the story.

    what:   such as the tag. who: the ARN of the caller, "" where it is not known.
    by:     the client, and from where. note: what a reader should look at.
    source: CloudTrail, or the statement's reference.
    """

    at: datetime
    kind: Kind
    what: str
    who: str = ""
    by: str = ""
    note: str = ""
    source: str = "CloudTrail"


@dataclass(frozen=True)
class Story:
    """image: REPOSITORY@DIGEST. tags: as they are now. unread: what could not be read, and why."""

    image: str
    version: str
    commit: str
    tags: tuple[str, ...]
    pushed_at: datetime | None
    entries: tuple[Entry, ...]
    unread: tuple[str, ...] = ()
