"""The story of an image as text and as a document. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.pipeline.story.model import Entry, Story

VERSION = 1


def lines_of(story: Story) -> Iterator[str]:
    yield story.image
    about = [
        f"version {story.version}" if story.version else "",
        f"commit {story.commit[:12]}" if story.commit else "",
        f"pushed {story.pushed_at:%Y-%m-%d %H:%M:%SZ}" if story.pushed_at else "",
        f"tagged {', '.join(story.tags)}" if story.tags else "without a tag" if story.pushed_at else "",
    ]
    if any(about):
        yield f"  {'; '.join(filter(None, about))}"
    yield ""
    if not story.entries:
        yield "Nothing is known of what happened to it."
    rows = [(f"{one.at:%Y-%m-%d %H:%M:%SZ}", one.kind, one.what, caller(one)) for one in story.entries]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row, entry in zip(rows, story.entries, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)]
        yield "  ".join(cells).rstrip()
        if entry.note:
            yield f"    ! {entry.note}"
    if story.unread:
        yield ""
        yield "Not read:"
        yield from (f"  {one}" for one in story.unread)


def document_of(story: Story) -> dict[str, Any]:
    return {
        "storyVersion": VERSION,
        "image": story.image,
        "version": story.version or None,
        "commit": story.commit or None,
        "tags": list(story.tags),
        "pushedAt": story.pushed_at.isoformat() if story.pushed_at else None,
        "entries": [
            {
                "at": one.at.isoformat(),
                "kind": one.kind,
                "what": one.what,
                "who": one.who or None,
                "by": one.by or None,
                "note": one.note or None,
                "source": one.source,
            }
            for one in story.entries
        ],
        "unread": list(story.unread),
    }


def caller(entry: Entry) -> str:
    """`role/ci/session (docker/28.5.2, 192.0.2.1)`: without what every ARN of the account begins with."""
    name = entry.who.split(":", 5)[-1] if entry.who.startswith("arn:") else entry.who
    name = name.removeprefix("assumed-")
    return f"{name} ({entry.by})" if name and entry.by else name or entry.by
