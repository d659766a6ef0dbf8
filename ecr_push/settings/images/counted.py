"""What counts for an image of ecr-push.yml, with those that it is built from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.settings.given import Given
from ecr_push.settings.images.entry import ImageEntry
from ecr_push.settings.images.needs import Needs, with_needed
from ecr_push.settings.images.paths import counted_paths


def counted_for(
    name: str, head: Mapping[str, Given], images: Mapping[str, ImageEntry], needs: Needs
) -> tuple[str, ...]:
    """Paths of the checkout, as `counted_paths` gives them. head: what the file says for all images."""
    found: list[str] = []
    for one in with_needed(name, needs):
        own = images[one].given

        def value(option: str, first: Mapping[str, Given], then: Mapping[str, Given]) -> Any:
            given = first.get(option) or then.get(option)
            return given.value if given and not given.mistakes else ()

        counted = counted_paths(
            images[one].inside,
            value("dockerfile", own, head),
            value("build_contexts", own, head),
            (*value("paths", own, {}), *value("paths", head, {})),
            images[one].top,
        )
        if not counted:
            return ()
        found += counted
    return tuple(dict.fromkeys(found))
