"""The repositories that images go to: which images share one, and what is wrong with that. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ecr_push.settings.given import Given
from ecr_push.settings.images.entry import ImageEntry
from ecr_push.settings.images.needs import Needs, with_needed

Images = Mapping[str, ImageEntry]


def repositories(head: Mapping[str, Given], images: Images) -> dict[str, Any]:
    """Of each image its repository; where that is valid. head: what the file says for all of them."""
    found = {name: one.given.get("repository") or head.get("repository") for name, one in images.items()}
    return {name: given.value for name, given in found.items() if given and not given.mistakes}


def sharing(head: Mapping[str, Given], images: Images) -> frozenset[str]:
    """Those of the images that go to the same repository as another one."""
    to = repositories(head, images)
    counted = Counter(to.values())
    return frozenset(name for name, value in to.items() if counted[value] > 1)


def concerned(name: str, needs: Needs, to: Mapping[str, Any]) -> frozenset[str]:
    """The image, those that it needs, and those that share a repository with one of these, with their needs.

    to: as `repositories` gives it.
    """
    own = with_needed(name, needs)
    targets = {to[one] for one in own if one in to}
    beside = (other for other, value in to.items() if value in targets)
    return frozenset(own).union(*(with_needed(other, needs) for other in beside))


def same_repository(head: Mapping[str, Given], images: Images) -> Iterator[str]:
    """Images whose commit's tags would be taken from each other."""
    first: dict[Any, str] = {}
    for name, to in repositories(head, images).items():
        if images[name].given.keys() & {"tag_rules", "flavor"}:
            continue
        other = first.setdefault(to, name)
        if other != name:
            yield (
                f"{images[name].place}: it goes to {to}, as {other} does, and both would get the same tags: "
                "give each a repository, or tags or a flavor of its own"
            )
