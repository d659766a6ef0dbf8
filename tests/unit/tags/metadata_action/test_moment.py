"""Dates in moment.js formats, beside what moment 2.30 and moment-timezone 0.6 write."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.tags.metadata_action.moment import format_moment, time_zone
from tests.support.tables import read_table

TABLE = read_table(Path(__file__).with_name("moments.tsv"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.mark.parametrize(("moment", "pattern", "zone", "expected"), TABLE)
def test_format(moment: str, pattern: str, zone: str, expected: str) -> None:
    assert format_moment(at(moment).astimezone(time_zone(zone)), pattern) == expected


def test_a_moment_in_any_zone_is_the_same_moment() -> None:
    moment = at("2020-01-10T00:30:00Z")
    east = moment.astimezone(timezone(timedelta(hours=9)))
    assert format_moment(east, "YYYY-MM-DD HH:mm Z X") == "2020-01-10 09:30 +09:00 1578616200"


@pytest.mark.parametrize("name", ["", "UTC", "utc", "Etc/UTC"])
def test_utc_needs_no_zone_data(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zoneinfo", None)
    assert time_zone(name) is timezone.utc


MISTAKEN = [
    ("Europe/Berln", "'Europe/Berlin'"),
    ("europe/pari", "'Europe/Paris'"),
    ("Asia", None),
    ("posix/Asia/Tokyo", "'Asia/Tokyo'"),
    ("../../etc/passwd", None),
    ("America/", None),
    ("Nowhere\0", None),
    ("Factory/x", None),
]


@pytest.mark.parametrize(("name", "meant"), MISTAKEN)
def test_an_unknown_zone_is_a_mistake(name: str, meant: str | None) -> None:
    with pytest.raises(ValueError, match="there is no time zone") as caught:
        time_zone(name)
    assert meant is None or f"did you mean {meant}?" in str(caught.value)


@given(st.text(), st.datetimes(timezones=st.just(timezone.utc)))
def test_any_format_gives_a_text(pattern: str, moment: datetime) -> None:
    assert isinstance(format_moment(moment, pattern), str)


@given(st.text())
def test_brackets_protect(text: str) -> None:
    literal = text.replace("[", "").replace("]", "")
    assert format_moment(at("2020-01-10T00:30:00Z"), f"[{literal}]") == literal
