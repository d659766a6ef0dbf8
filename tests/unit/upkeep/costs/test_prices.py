"""A price list from a file: whole, and every mistake with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.upkeep.costs.prices import SHIPPED, read_prices
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_page_shows_the_prices_that_ship() -> None:
    page = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(source: .*?)```", page, re.DOTALL)
    assert found
    Path("prices.yml").write_text(found[1])
    assert read_prices(Path("prices.yml")) == SHIPPED


def test_every_mistake_at_once() -> None:
    Path("prices.yml").write_text(
        "source: a\ndate: '1'\nregion: c\nstorage: much\narchive: -1\nscann: 1\ntransfer: .nan\n"
    )
    with pytest.raises(SettingsError) as refused:
        read_prices(Path("prices.yml"))
    for words in (
        "line 6: 'scann' is not known; did you mean 'scan'?",
        "line 4: storage: 'much' is not a price: expected a number such as 0.10",
        "line 5: archive: '-1' is not a price",
        "line 7: transfer: '.nan' is not a price",
        "currency is missing",
        "scan is missing",
    ):
        assert any(words in problem for problem in refused.value.problems), words


def test_a_file_that_is_missing() -> None:
    with pytest.raises(SettingsError, match=r"prices\.yml: cannot be read: No such file or directory"):
        read_prices(Path("prices.yml"))
