"""What became of backfills, as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ecr_push.base.errors import RegistryError
from ecr_push.upkeep.registry.backfill import Filled, progress_of

_SHOWN = 20


def text_of(found: Sequence[Filled]) -> str:
    return "\n".join(line for one in found for line in _lines(one))


def _lines(one: Filled) -> Iterator[str]:
    if one.backfill is None:
        yield f"{one.place}: {one.error.what if one.error else 'nothing was started'}"
        return
    yield f"{one.place}: {progress_of(one.backfill)}"
    for image in one.failed[:_SHOWN]:
        name = f"{image.repository}:{image.tag}" if image.tag else f"{image.repository}@{image.digest}"
        yield f"    {name}: {image.code or 'no reason given'}"
    if len(one.failed) > _SHOWN:
        yield f"    and {len(one.failed) - _SHOWN:,} more"


def document_of(found: Sequence[Filled]) -> dict[str, Any]:
    return {
        "backfills": [
            {
                "region": one.place.region,
                "account": one.place.account,
                "id": one.backfill.id if one.backfill else None,
                "status": one.backfill.status if one.backfill else None,
                "total": one.backfill.total if one.backfill else None,
                "completed": one.backfill.completed if one.backfill else None,
                "failed": [
                    {
                        "repository": image.repository,
                        "digest": image.digest or None,
                        "tag": image.tag or None,
                        "code": image.code or None,
                    }
                    for image in one.failed
                ],
                "error": f"{one.error.what}: {one.error.why}" if one.error else None,
            }
            for one in found
        ]
    }


def error_of(found: Sequence[Filled], *, waited: bool) -> RegistryError | None:
    """Why the command fails: images that are not in a destination, as far as the end was waited for."""
    bad = [one for one in found if not one.is_done and (waited or not one.is_under_way)]
    if not bad:
        return None
    return RegistryError(
        f"{len(bad)} of {len(found)} destinations {'has' if len(bad) == 1 else 'have'} not everything",
        why="\n".join(f"- {_why(one)}" for one in bad),
        remedy="run again: what is under way is followed, and what is there already is not copied again",
    )


def _why(one: Filled) -> str:
    if one.error:
        return f"{one.place}: {one.error.what}: {one.error.why}"
    state = progress_of(one.backfill) if one.backfill else "nothing was started"
    return f"{one.place}: {state}"
