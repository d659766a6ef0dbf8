"""Calendar versions: https://calver.org's terms, dates that exist, and what comes after a release."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.schemes.scheme import highest
from tests.support.scheme_names import DAYS, check_name, check_snapshots, highest_of_line, number, semver_tail

PATTERNS = [
    *("YYYY.0M.0D", "YYYY.MM.MICRO", "YY.0M", "YY.MINOR.MICRO", "YYYY-0M-0D", "0Y.0W", "YYYY.WW.MICRO"),
    *("MAJOR.YYYY.MM", "YYYY.0M.0D-MICRO", "YY.MM.DD", "YYYY.MICRO", "MAJOR.YY.0M.MINOR.MICRO"),
]
patterns = st.sampled_from(PATTERNS).map(parse_scheme)

READ = [
    ("YYYY.0M.0D", "v2024.01.05", (2024, 1, 5), True, "2024.01.05"),
    ("YYYY.0M.0D", "2024.02.29", (2024, 2, 29), True, "2024.02.29"),
    ("YYYY.MM.MICRO", "2024.1.0-rc.1+7", (2024, 1, 0), False, "2024.1.0-rc.1"),
    ("YY.0M", "24.04", (24, 4), True, "24.04"),
    ("YY.0M", "106.10", (106, 10), True, "106.10"),
    ("YY.0M", "6.06", (6, 6), True, "6.06"),
    ("0Y.0M", "06.10", (6, 10), True, "06.10"),
    ("0Y.0W", "20.53", (20, 53), True, "20.53"),
    ("YYYY-0M-0D", "2024-01-05-rc.1", (2024, 1, 5), False, "2024-01-05-rc.1"),
    ("YYYY-MM", "2024-1-rc", (2024, 1), False, "2024-1-rc"),
    ("YYYY.0M.0D-MICRO", "2024.01.05-3", (2024, 1, 5, 3), True, "2024.01.05-3"),
    ("MAJOR.YYYY.MM", "3.2024.12", (3, 2024, 12), True, "3.2024.12"),
]


@pytest.mark.parametrize(("pattern", "name", "release", "final", "text"), READ)
def test_what_is_a_version(pattern: str, name: str, release: tuple[int, ...], final: bool, text: str) -> None:
    scheme = parse_scheme(pattern)
    read = number(scheme, name)
    assert (read.release, read.is_final, read.text, read.full) == (
        release,
        final,
        text,
        name.removeprefix("v"),
    )
    check_name(scheme, name)


NO_VERSIONS = {
    "YYYY.0M.0D": ["2024.1.5", "2024.01", "2024.13.01", "2024.00.01", "2024.02.30", "2023.02.29", "24.01.05",
                   "2024.01.05.1", "2024-01-05", "2024.01.32", "2024.01.00", "0999.01.01", "2024.01.٠٥"],
    "YYYY.MM.MICRO": ["2024.01.0", "2024.1.00", "2024.1", "2024.13.0", "2024.1.1.1", "2024.1.0-01"],
    "YY.0M": ["2024.04", "04.04", "24.4", "24.13", "1000.04"],
    "0Y.0W": ["24.54", "24.53", "24.00", "4.01"],
    "YYYY.WW.MICRO": ["2024.0.1", "2024.53.0", "2024.01.0"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "name"), [(pattern, name) for pattern in NO_VERSIONS for name in NO_VERSIONS[pattern]]
)
def test_what_is_none(pattern: str, name: str) -> None:
    scheme = parse_scheme(pattern)
    assert scheme.rank(name) is None
    assert scheme.read(name) is None


@given(patterns, DAYS, st.integers(0, 30), semver_tail)
def test_names_of_every_pattern(scheme, day: date, counter: int, tail: str) -> None:
    check_name(scheme, f"v{written(scheme, day, counter)}{tail}")


@given(patterns, st.text(alphabet="v0123456789.-+r", max_size=14))
def test_any_text_is_a_version_or_none(scheme, text: str) -> None:
    check_name(scheme, text)
    check_name(scheme, f"2024.0{text}")


@given(st.sampled_from([p for p in PATTERNS if "MAJOR" not in p]).map(parse_scheme), DAYS, DAYS)
def test_a_later_day_is_never_lower(scheme, left: date, right: date) -> None:
    early, late = sorted((left, right))
    assert number(scheme, written(scheme, early, 1)).rank <= number(scheme, written(scheme, late, 1)).rank


def written(scheme, day: date, counter: int) -> str:
    """The version of a day, all its counters alike."""
    return scheme.pattern.write(tuple(counter if now is None else now for now in scheme.pattern.on(day)))


def test_the_turn_of_the_year_by_weeks() -> None:
    # Monday, 2024-12-30, is in week 1 of 2025.
    scheme = parse_scheme("YYYY.0W")
    days = [date(2024, 12, 22), date(2024, 12, 29), date(2024, 12, 30), date(2025, 1, 6)]
    assert [scheme.first(day).text for day in days] == ["2024.51", "2024.52", "2025.01", "2025.02"]


LINES = [
    ("YYYY.0M.MICRO", "2024.01.3", ["2024.01", "2024"]),
    ("YYYY.0M.0D-MICRO", "2024.01.05-3", ["2024.01.05", "2024.01", "2024"]),
    ("YYYY-0M-0D", "2024-01-05", ["2024-01", "2024"]),
    ("YY.0M", "24.04", ["24"]),
    ("0Y.0M.MICRO", "06.04.1", ["06.04", "06"]),
    ("MAJOR.YYYY.MM", "0.2024.1", ["0.2024"]),
    ("YYYY.0M.MICRO", "2024.01.3-rc.1", []),
]


@pytest.mark.parametrize(("pattern", "name", "expected"), LINES)
def test_the_lines_of_a_version_keep_their_zeros(pattern: str, name: str, expected: list[str]) -> None:
    scheme = parse_scheme(pattern)
    read = number(scheme, name)
    assert [scheme.line_text(read, line) for line in scheme.lines(read)] == expected


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("2024", (2024,)),
        ("v2024.01", (2024, 1)),
        ("2024.1", None),
        ("2024.01.05", None),
        ("1", None),
        ("24", None),
    ],
)
def test_a_tag_that_names_a_line(name: str, line: tuple[int, ...] | None) -> None:
    assert parse_scheme("YYYY.0M.0D").line_of(name) == line


def test_the_highest_of_a_line() -> None:
    scheme = parse_scheme("YYYY.0M.MICRO")
    names = ["2024.02.9", "2024.02.10", "v2024.10.0", "2025.01.0-rc.1", "2023.12.7", "2024.02", "latest"]
    assert highest(scheme, names) == "2025.01.0-rc.1"
    assert highest_of_line(scheme, names) == "v2024.10.0"
    assert highest_of_line(scheme, names, (2024, 2)) == "2024.02.10"


BUMPS = [
    # pattern, version, day, major, minor, patch
    ("YYYY.0M.MICRO", "2024.01.3", date(2024, 1, 31), "2024.01.4", "2024.01.4", "2024.01.4"),
    ("YYYY.0M.MICRO", "2024.01.3", date(2024, 2, 1), "2024.02.0", "2024.02.0", "2024.02.0"),
    ("YYYY.0M.MICRO", "2024.12.3", date(2025, 1, 1), "2025.01.0", "2025.01.0", "2025.01.0"),
    ("YYYY.0M.MICRO", "2024.02.3", date(2024, 1, 1), "2024.02.4", "2024.02.4", "2024.02.4"),
    ("YYYY.0M.MICRO", "2024.01.3-rc.1", date(2024, 1, 9), "2024.01.3", "2024.01.3", "2024.01.3"),
    ("YYYY.0M.MICRO", "2024.01.3-rc.1", date(2024, 2, 9), "2024.02.0", "2024.02.0", "2024.02.0"),
    ("YYYY.0M.0D", "2024.01.31", date(2024, 2, 1), "2024.02.01", "2024.02.01", "2024.02.01"),
    ("YYYY.0M.0D", "2024.02.01-rc.1", date(2024, 2, 1), "2024.02.01", "2024.02.01", "2024.02.01"),
    ("YY.MINOR.MICRO", "24.1.2", date(2024, 5, 6), "24.2.0", "24.2.0", "24.1.3"),
    ("YY.MINOR.MICRO", "24.1.2", date(2025, 5, 6), "25.0.0", "25.0.0", "25.0.0"),
    ("YY.MINOR.MICRO", "24.1.2-rc.1", date(2024, 5, 6), "24.2.0", "24.2.0", "24.1.2"),
    ("YYYY.MINOR", "2024.1", date(2024, 5, 6), "2024.2", "2024.2", "2024.2"),
    ("MAJOR.YYYY.MM.MICRO", "3.2024.5.1", date(2024, 5, 6), "4.2024.5.0", "3.2024.5.2", "3.2024.5.2"),
    ("MAJOR.YYYY.MM.MICRO", "3.2024.5.1", date(2024, 6, 6), "4.2024.6.0", "3.2024.6.0", "3.2024.6.0"),
]


@pytest.mark.parametrize(("pattern", "name", "day", "major", "minor", "patch"), BUMPS)
def test_what_comes_next(pattern: str, name: str, day: date, major: str, minor: str, patch: str) -> None:
    scheme = parse_scheme(pattern)
    read = number(scheme, name)
    levels = ("major", "minor", "patch")
    assert [scheme.bump(read, level, day).full for level in levels] == [major, minor, patch]
    assert [scheme.coming(read, level, day).full for level in levels] == [major, minor, patch]


TAKEN = [
    ("YYYY.0M.0D", "2024.02.29", date(2024, 2, 29), "2024.03.01", "YYYY.0M.0D.MICRO"),
    ("YYYY.0M.0D", "2024.02.29", date(2024, 1, 1), "2024.03.01", "YYYY.0M.0D.MICRO"),
    ("YY-0M", "24-12", date(2024, 12, 1), "25-01", "YY-0M-MICRO"),
    ("0Y.0W", "24.52", date(2024, 12, 29), "25.01", "0Y.0W.MICRO"),
    ("MAJOR.YYYY", "1.2024", date(2024, 1, 1), "1.2025", "MAJOR.YYYY.MICRO"),
]


@pytest.mark.parametrize(("pattern", "name", "day", "coming", "remedy"), TAKEN)
def test_a_date_that_is_taken(pattern: str, name: str, day: date, coming: str, remedy: str) -> None:
    scheme = parse_scheme(pattern)
    read = number(scheme, name)
    with pytest.raises(ValueError, match=f"{name} is this date's version already.*{remedy}"):
        scheme.bump(read, "patch", day)
    assert parse_scheme(remedy)
    assert scheme.coming(read, "patch", day).text == coming


def test_the_calendar_ends() -> None:
    scheme = parse_scheme("YYYY.0M")
    with pytest.raises(ValueError, match=r"no day after 9999\.12"):
        scheme.coming(number(scheme, "9999.12"), "patch", date(2024, 1, 1))


@given(patterns, DAYS, DAYS, st.integers(0, 30), semver_tail, st.sampled_from(["major", "minor", "patch"]))
def test_what_comes_next_is_higher_and_a_snapshot_between(scheme, then, now, counter, tail, level) -> None:
    base = number(scheme, f"{written(scheme, then, counter)}{tail}")
    target = scheme.coming(base, level, now)
    assert target.is_final
    check_snapshots(scheme, base, target, "dev", counter)


def test_snapshots_and_prereleases_are_written_as_semver_writes_them() -> None:
    scheme = parse_scheme("YYYY.0M.MICRO")
    target, rc = number(scheme, "2024.02.0"), number(scheme, "2024.02.0-rc.1")
    assert (
        scheme.snapshot(number(scheme, "2024.01.3"), target, "dev", 5, "dirty").full
        == "2024.02.0-dev.5+dirty"
    )
    assert scheme.snapshot(rc, target, "dev", 5).full == "2024.02.0-rc.1.dev.5"
    assert scheme.snapshot(rc, target, "rc", 5).full == "2024.02.0-rc.1.5"
    assert scheme.numbered(target, "rc", 2).full == "2024.02.0-rc.2"
    dashed = parse_scheme("YYYY-0M-0D")
    assert (
        dashed.snapshot(number(dashed, "2024-01-05-rc.1"), number(dashed, "2024-01-05"), "dev", 2).full
        == "2024-01-05-rc.1.dev.2"
    )


FIRST = [
    ("YYYY.0M.MICRO", "2024.05.0"),
    ("YY.0M", "24.05"),
    ("MAJOR.YYYY.MM", "0.2024.5"),
    ("0Y.0W.MINOR", "24.19.0"),
]


@pytest.mark.parametrize(("pattern", "expected"), FIRST)
def test_a_history_without_a_release_is_heading_for_the_day(pattern: str, expected: str) -> None:
    assert parse_scheme(pattern).first(date(2024, 5, 6)).text == expected
