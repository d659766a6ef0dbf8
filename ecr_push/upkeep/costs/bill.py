"""What is kept and a price list -> what it costs in a month. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ecr_push.registry.oci import INDEX_TYPES
from ecr_push.registry.stored_image import StoredImage
from ecr_push.upkeep.costs.model import DAYS, GB, KINDS, Costs, Prices, RepositoryCosts, Saving, Stock
from ecr_push.upkeep.lifecycle.evaluate import forecast
from ecr_push.upkeep.lifecycle.model import LifecyclePolicy
from ecr_push.upkeep.lifecycle.size import freed_bytes

IsTemporary = Callable[[str], bool]  # whether a tag is a candidate's or a claim
_MONTH = timedelta(days=DAYS)
_ARCHIVE_DAYS = 90  # that are billed at least


def bill(
    stocks: Sequence[Stock],
    prices: Prices,
    now: datetime,
    policy_of: Callable[[Stock], LifecyclePolicy | None],
    rescans: float,
    is_temporary: IsTemporary,
) -> Costs:
    """policy_of: the lifecycle policy whose saving is computed. rescans: of an image in a month."""
    archived = sum(_archived_bytes(stock) for stock in stocks) / GB
    priced = replace(prices, archive=_archive_price(archived, prices))
    found = [_bill(one, priced, now, policy_of(one), rescans, is_temporary) for one in stocks]
    ordered = sorted(found, key=lambda one: (-one.total, -one.bytes, one.name))
    return Costs(prices, tuple(ordered), tuple(_notes(stocks, prices, now, rescans)))


def _bill(
    stock: Stock,
    prices: Prices,
    now: datetime,
    policy: LifecyclePolicy | None,
    rescans: float,
    is_temporary: IsTemporary,
) -> RepositoryCosts:
    active = [image for image in stock.images if image.status != "ARCHIVED"]
    recent = [image for image in active if now - image.pushed_at <= _MONTH]
    kept = freed_bytes(active, {image.digest for image in active})
    pushed = freed_bytes(active, {image.digest for image in recent})
    scanned = [image for image in recent if _is_scanned(image)] if stock.enhanced else []
    again = sum(map(_is_scanned, active)) if stock.continuous and stock.enhanced else 0
    elsewhere = sum(one.elsewhere for one in stock.replicas)
    amounts = {
        "storage": kept / GB * prices.storage,
        "archive": _archived_bytes(stock) / GB * prices.archive,
        "copies": kept / GB * prices.storage * len(stock.replicas),
        "transfer": pushed / GB * prices.transfer * elsewhere,
        "scans": len(scanned) * prices.scan + again * rescans * prices.scan_again,
    }
    return RepositoryCosts(
        stock.name,
        len(stock.images),
        kept,
        _archived_bytes(stock),
        stock.layers_read,
        len(scanned),
        sum(all(map(is_temporary, image.tags)) for image in scanned),
        {kind: amounts[kind] for kind in KINDS},
        _saving(stock, policy, prices, now) if policy else None,
    )


def _saving(stock: Stock, policy: LifecyclePolicy, prices: Prices, now: datetime) -> Saving:
    """Of the repository itself: what replication has copied stays."""
    taken = tuple(forecast(policy, stock.images, now, now + _MONTH))
    deleted = {one.image.digest for one in taken if one.expires}
    active = [image for image in stock.images if image.status != "ARCHIVED"]
    freed = freed_bytes(active, deleted)
    archived = [one.image for one in taken if not one.expires and one.image.digest not in deleted]
    moved = sum(image.size for image in archived)
    amount = freed / GB * prices.storage + moved / GB * max(0.0, prices.storage - prices.archive)
    return Saving(len(deleted), len(archived), freed, amount)


def _archived_bytes(stock: Stock) -> int:
    """Which layers an archived image has cannot be read, so each counts whole."""
    return sum(image.size for image in stock.images if image.status == "ARCHIVED")


def _archive_price(gigabytes: float, prices: Prices) -> float:
    """Of a GB, on average."""
    beyond = max(0.0, gigabytes - prices.archive_threshold)
    if not beyond:
        return prices.archive
    return ((gigabytes - beyond) * prices.archive + beyond * prices.archive_beyond) / gigabytes


def _is_scanned(image: StoredImage) -> bool:
    """Inspector scans images, not the index that lists them, nor signatures."""
    return image.media_type not in INDEX_TYPES and image.subject is None


def _notes(stocks: Sequence[Stock], prices: Prices, now: datetime, rescans: float) -> Iterator[str]:
    yield "free tiers, discounts, taxes, pulls to the internet and through NAT gateways, and KMS are left out"
    unread = [stock.name for stock in stocks if not stock.layers_read]
    if unread:
        yield (
            f"of {_repositories(unread)} the layers were not read, so that what images share counts each "
            f"time and the size is an upper limit: {_some(unread)}"
        )
    unknown = [stock.name for stock in stocks if stock.enhanced is None]
    if unknown:
        yield (
            f"of {_repositories(unknown)} it may not be read how they are scanned, so that scans are left "
            f"out: {_some(unknown)}"
        )
    if any(stock.enhanced for stock in stocks):
        yield (
            f"first scans are of images that were pushed within {DAYS} days and are still there; what was "
            "deleted meanwhile is not known"
        )
    if any(stock.enhanced and stock.continuous for stock in stocks):
        yield f"how often Inspector scans again is assumed: {rescans:g} times a month for each image"
    if any(stock.replicas for stock in stocks):
        yield "copies are taken to be as large as what they are copied from; a destination may keep more"
    archived = [image for stock in stocks for image in stock.images if image.status == "ARCHIVED"]
    if archived:
        yield (
            f"{len(archived)} archived images cost {prices.archive:g} a GB, others {prices.storage:g}: up to "
            f"{prices.archive_threshold / 1024:g} TB an archive saves nothing, and to restore from it is "
            "billed by the GB"
        )
        young = [
            one for one in archived if one.archived_at and now - one.archived_at < timedelta(_ARCHIVE_DAYS)
        ]
        if young:
            least = f"{_ARCHIVE_DAYS} days in the archive"
            yield f"{len(young)} of them are billed for {least}, be they deleted before"


def _repositories(names: Sequence[str]) -> str:
    return "1 repository" if len(names) == 1 else f"{len(names)} repositories"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
