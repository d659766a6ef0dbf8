"""What repositories cost, as text and as a page: hostile names stay text."""

from __future__ import annotations

from ecr_push.report.costs_html import render
from ecr_push.report.costs_text import document_of, lines_of, money, size
from ecr_push.upkeep.costs.model import KINDS, Costs, RepositoryCosts, Saving
from ecr_push.upkeep.costs.prices import SHIPPED
from tests.support.lifecycle import NOW

HOSTILE = "<script>alert(1)</script>\n"


def of(name: str, saving: Saving | None = None, **amounts: float) -> RepositoryCosts:
    every = dict.fromkeys(KINDS, 0.0) | amounts
    return RepositoryCosts(name, 1, 3 * 2**30, 0, name != "rough", 4, 2, every, saving)


def test_the_table() -> None:
    found = Costs(
        SHIPPED,
        (of("team/shop", Saving(3, 1, 2**30, 0.1), storage=0.3, scans=0.36), of("rough", storage=0.001)),
        ("a note",),
    )
    assert list(lines_of(found)) == [
        "REPOSITORY  IMAGES     SIZE  STORAGE  SCANS   A MONTH  POLICY SAVES",
        "team/shop        1   3.0 GB     0.30   0.36      0.66          0.10",
        "rough            1  ≤3.0 GB    <0.01   0.00     <0.01             -",
        "total            2   6.0 GB     0.30   0.36  0.66 USD          0.10",
        "",
        f"Prices of us-east-1 in USD, {SHIPPED.date}: {SHIPPED.source}. A GB is 2^30 bytes.",
        "Of 8 images that Inspector scanned first within a month 4 have no release's tag: 0.36 USD.",
        "Within a month the lifecycle policy deletes 3 images, 1.0 GB, and archives 1, which saves 0.00.",
        "A note.",
    ]
    assert document_of(found)["repositories"][0]["amount"] == 0.66
    assert document_of(found)["saving"] == 0.1


def test_nothing_and_little() -> None:
    assert list(lines_of(Costs(SHIPPED, ()))) == ["There is no repository."]
    assert "0.00 USD a month" in render(Costs(SHIPPED, ()), NOW)
    assert (money(0), money(0.004), money(1234.5)) == ("0.00", "<0.01", "1,234.50")
    assert (size(0), size(5_000_000), size(1536 * 2**20)) == ("0 MB", "5.0 MB", "1.5 GB")


def test_the_page_runs_nothing_and_asks_for_nothing() -> None:
    page = render(Costs(SHIPPED, (of(HOSTILE, storage=1.0),), (HOSTILE,)), NOW)
    assert "<script" not in page.lower()
    assert "http" not in page.partition("</style>")[2].replace("http-equiv", "")
    assert page.count('<rect class="fill storage"') == 2  # in the legend, and the bar
