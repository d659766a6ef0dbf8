"""What is kept and a price list, and what it costs: by hand, and what holds for every repository."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.registry.stored_image import StoredImage
from ecr_push.tags.temporary import is_temporary
from ecr_push.upkeep.costs.bill import bill
from ecr_push.upkeep.costs.model import GB, Costs, Prices, Replica, Stock
from ecr_push.upkeep.costs.prices import SHIPPED
from ecr_push.upkeep.lifecycle.text import read_policy_text
from tests.support.fakes import OCI_INDEX
from tests.support.lifecycle import NOW, image, repositories

PRICES = Prices("a", "b", "c", "EUR", 1.0, 0.5, 0.1, 100, 10.0, 100.0, 1000.0)
HOME = Replica("111122223333 in eu-west-1", elsewhere=False)
FAR = Replica("us-east-1", elsewhere=True)


def sized(
    name: str, days: float, *tags: str, blobs: dict[str, int] | None = None, **more: object
) -> StoredImage:
    made = image(name, days, *tags, **more)  # type: ignore[arg-type]
    return replace(
        made, size=sum((blobs or {}).values()) * GB, blobs={one: of * GB for one, of in (blobs or {}).items()}
    )


def cost(stock: Stock, policy: str = "", prices: Prices = PRICES, rescans: float = 2) -> Costs:
    read = read_policy_text(policy) if policy else None
    return bill([stock], prices, NOW, lambda _: read, rescans, is_temporary)


RELEASE = sized("A", 60, "1.0.0", blobs={"base": 3, "a": 1})
CANDIDATE = sized("B", 2, "candidate-1", blobs={"base": 3, "b": 2})
INDEX = replace(image("I", 2, "1.1.0", children=["C"]), media_type=OCI_INDEX)
CHILD = sized("C", 2, blobs={"base": 3, "c": 4})
SIGNATURE = sized("S", 2, subject="A", blobs={"s": 1})
IMAGES = (RELEASE, CANDIDATE, INDEX, CHILD, SIGNATURE)


@pytest.mark.parametrize(
    ("stock", "amounts"),
    [
        (Stock("a", IMAGES, True), {"storage": 11.0}),
        (Stock("a", IMAGES, True, enhanced=True), {"storage": 11.0, "scans": 200.0}),  # of B and C
        (
            Stock("a", IMAGES, True, enhanced=True, continuous=True),
            {"storage": 11.0, "scans": 200 + 3 * 2000.0},
        ),
        (Stock("a", IMAGES, True, replicas=(HOME,)), {"storage": 11.0, "copies": 11.0}),
        (
            Stock("a", IMAGES, True, replicas=(HOME, FAR)),
            {"storage": 11.0, "copies": 22.0, "transfer": 70.0},  # b, c and s were pushed this month
        ),
        (Stock("a", (), True), {}),
    ],
)
def test_what_it_costs(stock: Stock, amounts: dict[str, float]) -> None:
    [found] = cost(stock).repositories
    assert {kind: amount for kind, amount in found.amounts.items() if amount} == amounts
    assert (found.refused, found.scanned) == ((2, 2) if stock.enhanced else (0, 0))


def test_without_layers_each_image_counts_whole() -> None:
    unread = tuple(replace(one, blobs={}) for one in IMAGES)
    found = cost(Stock("a", unread, False))
    assert found.repositories[0].bytes == (4 + 5 + 7 + 1) * GB
    assert any("the layers were not read" in note and note.endswith(": a") for note in found.notes)


def test_what_may_not_be_read_is_said() -> None:
    found = cost(Stock("a", IMAGES, True, enhanced=None))
    assert found.repositories[0].amounts["scans"] == 0
    assert any("scans are left out: a" in note for note in found.notes)


def test_the_archive_is_cheaper_beyond_its_threshold_alone() -> None:
    archived = sized("X", 100, archived=10, blobs={"x": 150})
    found = cost(Stock("a", (archived,), True))
    assert found.repositories[0].amounts["archive"] == pytest.approx(100 * 0.5 + 50 * 0.1)
    assert found.repositories[0].amounts["storage"] == 0
    assert any("1 of them are billed for 90 days" in note for note in found.notes)


@pytest.mark.parametrize(
    ("policy", "saving"),
    [
        ("keep *.*.*\nexpire candidate-* after 1 day", (1, 0, 2 * GB, 2.0)),
        ("archive *.*.* after 30 days", (0, 2, 0, 4 * 0.5)),  # the older one now, the index in 28 days
        ("keep any", (0, 0, 0, 0.0)),
    ],
)
def test_what_a_policy_saves(policy: str, saving: tuple[int, int, int, float]) -> None:
    [found] = cost(Stock("a", IMAGES, True), policy).repositories
    assert found.saving
    assert (found.saving.deleted, found.saving.archived, found.saving.bytes, found.saving.amount) == saving


def test_to_archive_saves_nothing_by_the_prices_that_ship() -> None:
    [found] = cost(Stock("a", IMAGES, True), "archive *.*.* after 30 days", SHIPPED).repositories
    assert found.saving and (found.saving.archived, found.saving.amount) == (2, 0.0)


@given(repositories(), st.booleans())
def test_no_policy_saves_more_than_is_paid(images: list[StoredImage], enhanced: bool) -> None:
    sizes = [replace(one, size=7 * GB) for one in images]
    found = cost(Stock("a", tuple(sizes), False, enhanced=enhanced), "expire any after 1 day")
    assert found.saving <= found.repositories[0].amounts["storage"] + 1e-9
    assert found.total == pytest.approx(sum(found.repositories[0].amounts.values()))
