"""Images of a repository, rules and policies: written short, and drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from ecr_push.base.reference import Digest
from ecr_push.registry.stored_image import StoredImage
from ecr_push.upkeep.lifecycle.model import COUNT, LifecyclePolicy, Rule

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)


def digest(name: str) -> Digest:
    return Digest("sha256:" + hashlib.sha256(name.encode()).hexdigest())


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def image(
    name: str,
    pushed: float,
    *tags: str,
    pulled: float | None = None,
    restored: float | None = None,
    archived: float | None = None,
    children: Sequence[str] = (),
    subject: str = "",
) -> StoredImage:
    """An image, its times in days before NOW."""
    return StoredImage(
        digest(name),
        frozenset(tags),
        ago(pushed),
        "ARCHIVED" if archived is not None else "ACTIVE",
        pulled_at=None if pulled is None else ago(pulled),
        restored_at=None if restored is None else ago(restored),
        archived_at=None if archived is None else ago(archived),
        children=tuple(map(digest, children)),
        subject=digest(subject) if subject else None,
    )


def count(priority: int, most: int, *patterns: str, status: str = "") -> Rule:
    return Rule(priority, status or "tagged", COUNT, most, patterns=patterns)  # type: ignore[arg-type]


def older(priority: int, days: int, *patterns: str, status: str = "") -> Rule:
    return Rule(priority, status or "tagged", "sinceImagePushed", days, patterns=patterns)  # type: ignore[arg-type]


UNPULLED = Rule(1, "any", "sinceImagePulled", 90, "transition")
LONG_ARCHIVED = Rule(2, "any", "sinceImageTransitioned", 365, storage_class="archive")


TAGS = ("1.0", "1.1", "latest", "sha-1", "sha-2", "candidate-1")
PATTERNS = ("*", "1*", "1.0", "sha-*", "*-*", "candidate-*", "l*t")


@st.composite
def repositories(draw: st.DrawFn) -> list[StoredImage]:
    drawn = draw(
        st.lists(
            st.builds(
                lambda pushed, tags, pulled, archived: (pushed, tags, pulled, archived),
                st.integers(0, 400),
                st.sets(st.sampled_from(TAGS), max_size=3),
                st.none() | st.integers(0, 400),
                st.none() | st.integers(0, 400),
            ),
            max_size=12,
        )
    )
    images = [
        image(str(place), pushed, *tags, pulled=pulled, archived=archived)
        for place, (pushed, tags, pulled, archived) in enumerate(drawn)
    ]
    others = st.integers(0, max(len(images) - 1, 0))
    for place in range(len(images)):
        if draw(st.integers(0, 3)) == 0:
            listed = draw(st.sets(others, max_size=3)) - {place}
            images[place] = replace(images[place], children=tuple(digest(str(one)) for one in listed))
        elif draw(st.integers(0, 3)) == 0 and place:
            images[place] = replace(images[place], subject=digest(str(draw(st.integers(0, place - 1)))))
    return images


@st.composite
def policies(draw: st.DrawFn) -> LifecyclePolicy:
    kinds = draw(
        st.lists(st.sampled_from(["count", "older", "unpulled", "archived"]), min_size=1, max_size=4)
    )
    rules = []
    for priority, kind in enumerate(kinds, 1):
        patterns = tuple(sorted(draw(st.sets(st.sampled_from(PATTERNS), min_size=1, max_size=2))))
        number = draw(st.integers(1, 3) if kind == "count" else st.integers(90, 300))
        rules.append(
            {
                "count": count(priority, number, *patterns),
                "older": older(priority, number, *patterns),
                "unpulled": Rule(
                    priority, "tagged", "sinceImagePulled", number, "transition", patterns=patterns
                ),
                "archived": replace(
                    LONG_ARCHIVED,
                    priority=priority,
                    number=number,
                    tag_status="tagged",
                    patterns=patterns,
                ),
            }[kind]
        )
    if draw(st.booleans()):
        status = draw(st.sampled_from(["untagged", "any"]))
        rules.append(count(len(rules) + 1, draw(st.integers(1, 3)), status=status))
    return LifecyclePolicy(tuple(rules))
