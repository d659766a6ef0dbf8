"""What became of the other repositories of a run, each in a line. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.pipeline.destination_result import DestinationResult

_WORDS = {
    "pending": "got nothing, and none of its tags moved",
    "planned": "would get the image and its tags",
    "held": "has the image; not all of its tags were moved",
}


def state(one: DestinationResult) -> str:
    """What became of one, such as `released: 1.4.2, 1.4; latest stays: 1.5.0 is higher`."""
    optional = "" if one.required else " (not required)"
    if one.failure:
        return f"failed in phase {one.failure.phase}: {one.failure.what}{optional}"
    if one.result != "released":
        return _WORDS[one.result] + optional
    return "released: " + "; ".join(_tags(one)) + optional


def planned(one: DestinationResult) -> str:
    """What a run would do with one: `HOST/NAME, to be created`, or with the tags that are there now."""
    optional = "" if one.required else ", not required"
    if one.failure:
        return f"{one.name}{optional}: {one.failure.what}"
    now = ", ".join(f"{tag} now {digest.short}" for tag, digest in one.before.items())
    return f"{one.name}{optional}" + ("" if one.exists else ", to be created") + (f" ({now})" if now else "")


def _tags(one: DestinationResult) -> Iterable[str]:
    if names := [tag.tag.name for tag in one.promoted if tag.result in ("moved", "already")]:
        yield ", ".join(names)
    yield from (f"{tag.tag} stays: {tag.reason}" for tag in one.promoted if tag.result == "kept")
