"""What the repositories of a made-up registry cost."""

from __future__ import annotations

from ecr_push.upkeep.costs.model import Costs, RepositoryCosts, Saving
from ecr_push.upkeep.costs.prices import SHIPPED
from tests.support.lifecycle import NOW as NOW

_GB = 2**30


def _of(
    name: str, images: int, gigabytes: float, scanned: int, refused: int, saving: Saving | None = None
) -> RepositoryCosts:
    """A repository that is kept in one more region, with Inspector's first scan of what was pushed."""
    amounts = {
        "storage": gigabytes * 0.10,
        "archive": 0.0,
        "copies": gigabytes * 0.10,
        "transfer": gigabytes * 0.1 * 0.02,
        "scans": scanned * 0.09,
    }
    return RepositoryCosts(name, images, round(gigabytes * _GB), 0, True, scanned, refused, amounts, saving)


COSTS = Costs(
    SHIPPED,
    (
        _of("team/shop", 512, 41.3, 431, 398, Saving(380, 0, 29 * _GB, 5.8)),
        _of("team/web", 204, 88.0, 120, 71, Saving(97, 0, 40 * _GB, 8.0)),
        _of("team/jobs", 96, 12.5, 60, 52, Saving(12, 0, 2 * _GB, 0.4)),
        _of("base/python", 12, 3.1, 4, 0, Saving(0, 0, 0, 0.0)),
        _of("base/node", 9, 2.6, 4, 0, Saving(0, 0, 0, 0.0)),
    ),
)
