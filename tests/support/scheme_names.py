"""Names and versions for the tests of the schemes: strategies, and what every scheme must keep."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hypothesis import strategies as st

from ecr_push.base.reference import Tag
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.scheme import Number, Scheme

DAY = date(2024, 5, 6)
# 2000-01-01 is in a week of 1999, which no short year can tell.
DAYS = st.dates(date(2001, 1, 1), date(2150, 12, 31))

small = st.integers(0, 12)
identifier = st.one_of(
    st.integers(0, 99).map(str), st.sampled_from(["a", "alpha", "beta", "rc", "rc1", "dev", "x-y", "0a", "-"])
)
prerelease = st.lists(identifier, min_size=1, max_size=3).map(lambda words: "-" + ".".join(words))
build = st.from_regex(r"\+[0-9A-Za-z-]{1,5}(\.[0-9A-Za-z-]{1,5})?", fullmatch=True)
semver_tail = st.tuples(st.one_of(st.just(""), prerelease), st.one_of(st.just(""), build)).map("".join)


def number(scheme: Scheme, name: str) -> Number:
    read = scheme.read(name)
    assert read is not None, f"{name} is not a version of {scheme.name}"
    return read


def highest_of_line(scheme: Scheme, names: Iterable[str], line: tuple[int, ...] = ()) -> str:
    """The highest final version of a line among names, () being all; "" where there is none."""
    found = Line(scheme, line).versions(names)
    return found[max(found)] if found else ""


def check_name(scheme: Scheme, name: str) -> None:
    """What holds for any text as a name, a version or not."""
    read = scheme.read(name)
    assert (read.rank if read else None) == scheme.rank(name)
    if read is None:
        return
    assert Tag(read.text).name == read.text
    for written in (read.text, read.full):
        again = number(scheme, written)
        assert (again.rank, again.text, again.release) == (read.rank, read.text, read.release)
    assert scheme.in_line(read.rank, ()) is read.is_final
    for line in scheme.lines(read):
        assert scheme.in_line(read.rank, line)
        assert scheme.line_of(scheme.line_text(read, line)) == line
        assert Tag(scheme.line_text(read, line))


def check_snapshots(scheme: Scheme, base: Number, target: Number, channel: str, distance: int) -> None:
    """base < snapshot < the next one < target, and a dirty one is the same but for its label."""
    here = scheme.snapshot(base, target, channel, distance)
    later = scheme.snapshot(base, target, channel, distance + 1)
    dirty = scheme.snapshot(base, target, channel, distance, "dirty")
    assert base.rank < here.rank < later.rank < target.rank
    assert (dirty.rank, dirty.text, dirty.full) == (here.rank, here.text, f"{here.full}+dirty")
    assert not here.is_final
    assert Tag(here.text)
