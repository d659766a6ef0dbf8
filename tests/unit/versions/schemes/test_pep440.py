"""`pep440`: Python's versions, held against `packaging`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.schemes.scheme import Level, highest
from tests.support.scheme_names import DAY, check_name, check_snapshots, highest_of_line, number

PEP440 = parse_scheme("pep440")

small = st.integers(0, 4)
release = st.lists(small, min_size=2, max_size=4).map(lambda numbers: ".".join(map(str, numbers)))
epoch = st.sampled_from(["", "", "", "1!", "2!"])
separator = st.sampled_from(["", ".", "-", "_"])
count = st.one_of(st.just(""), small.map(str))
pre = st.builds(
    "{}{}{}{}".format,
    separator,
    st.sampled_from(["a", "b", "rc", "alpha", "beta", "c", "pre", "preview", "RC"]),
    separator,
    count,
)
post = st.one_of(
    st.builds("{}{}{}{}".format, separator, st.sampled_from(["post", "rev", "r"]), separator, count),
    small.map(lambda number: f"-{number}"),
)
dev = st.builds("{}dev{}{}".format, separator, separator, count)
local = st.sampled_from(["+ubuntu.1", "+ABC", "+1.a-2_b"])


def maybe(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), part)


names = st.builds("{}{}{}{}{}{}".format, epoch, release, maybe(pre), maybe(post), maybe(dev), maybe(local))
readable = names.filter(lambda name: PEP440.read(name) is not None)

# https://peps.python.org/pep-0440/#summary-of-permitted-suffixes-and-relative-ordering
ASCENDING = [
    *("1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2"),
    *("1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0.post456.dev34"),
    *("1.0.post456", "1.0.15", "1.1.dev1", "1!0.1"),
]


@given(st.permutations(ASCENDING))
def test_the_specifications_own_example(shuffled: list[str]) -> None:
    assert sorted(shuffled, key=lambda name: number(PEP440, name).rank) == ASCENDING
    assert highest(PEP440, shuffled) == "1!0.1"
    assert highest_of_line(PEP440, shuffled, (1,)) == "1.0.15"


@given(names)
def test_what_is_a_version_is_what_packaging_reads(name: str) -> None:
    try:
        Version(name)
    except InvalidVersion:
        assert PEP440.read(name) is None
    else:
        assert PEP440.read(f"v{name}") is not None
    check_name(PEP440, name)


@given(st.text(alphabet="v0123456789.-+!_abcrdepost", max_size=16))
def test_any_text_is_a_version_or_none(name: str) -> None:
    check_name(PEP440, name)
    check_name(PEP440, f"1.{name}")
    check_name(PEP440, f"epoch1-1.{name}")


@given(readable, readable)
def test_ranks_are_ordered_as_packaging_orders(left: str, right: str) -> None:
    ours = number(PEP440, left).rank, number(PEP440, f"v{right}").rank
    theirs = Version(Version(left).public), Version(Version(right).public)
    assert (ours[0] < ours[1], ours[0] == ours[1]) == (theirs[0] < theirs[1], theirs[0] == theirs[1])


READ = [
    # name, release, final, text, full
    ("v1.4.2", (1, 4, 2), True, "1.4.2", "1.4.2"),
    ("24.1", (24, 1), True, "24.1", "24.1"),
    ("1.5.0-RC.1", (1, 5, 0), False, "1.5.0rc1", "1.5.0rc1"),
    ("1.5.0.dev3", (1, 5, 0), False, "1.5.0.dev3", "1.5.0.dev3"),
    ("1.4.2.post1", (1, 4, 2), True, "1.4.2.post1", "1.4.2.post1"),
    ("1.4.2-1", (1, 4, 2), True, "1.4.2.post1", "1.4.2.post1"),
    ("1.4.2.post1.dev2", (1, 4, 2), False, "1.4.2.post1.dev2", "1.4.2.post1.dev2"),
    ("1.4.2+Ubuntu-1", (1, 4, 2), True, "1.4.2", "1.4.2+ubuntu.1"),
    ("1!2.0", (2, 0), True, "epoch1-2.0", "1!2.0"),
    ("v1!2.0rc1+x", (2, 0), False, "epoch1-2.0rc1", "1!2.0rc1+x"),
    ("2024.01.05", (2024, 1, 5), True, "2024.1.5", "2024.1.5"),
]


@pytest.mark.parametrize(("name", "numbers", "final", "text", "full"), READ)
def test_a_number_is_normalised(
    name: str, numbers: tuple[int, ...], final: bool, text: str, full: str
) -> None:
    read = number(PEP440, name)
    assert (read.release, read.is_final, read.text, read.full) == (numbers, final, text, full)
    check_name(PEP440, name)


NO_VERSIONS = [
    *(
        "",
        "v",
        "1",
        "v24",
        "1234567",
        "2024-1",
        "1!2",
        "latest",
        "1.0-x",
        "1.0 ",
        " 1.0",
        "1.0\n",
        "1.٣",
        "1.0poſt1",
    ),
    *("V1.0", "epoch0-1.0", "vepoch1-1.0", "epoch1-1!1.0", "epoch1-2", "sha-0123456", "1." + "9" * 5000),
    *("1.0rc" + "1" * 124, "1.0+" + "x" * 300, "1." + "0" * 300),
]


@pytest.mark.parametrize("name", NO_VERSIONS)
def test_what_is_not_a_version(name: str) -> None:
    assert PEP440.rank(name) is None
    assert PEP440.read(name) is None


def test_normalising_must_not_overrun_a_tag() -> None:
    assert number(PEP440, "1.0a" + "1" * 124).text == "1.0a" + "1" * 124
    assert PEP440.rank("1.0c" + "1" * 124) is None  # 1.0rc…: 129 characters
    check_name(PEP440, "1.0c" + "1" * 124)


LINES = [
    ("1.4.2", ["1.4", "1"]),
    ("1.4.2.3", ["1.4", "1"]),
    ("1.4.2.post1", ["1.4", "1"]),
    ("24.1", ["24"]),
    ("0.3.1", ["0.3"]),
    ("0.3", []),
    ("1!1.4.2", []),
    ("1.5.0rc1", []),
    ("1.5.0.dev1", []),
]


@pytest.mark.parametrize(("name", "expected"), LINES)
def test_the_lines_of_a_version(name: str, expected: list[str]) -> None:
    read = number(PEP440, name)
    assert [PEP440.line_text(read, line) for line in PEP440.lines(read)] == expected


def test_an_epochs_versions_are_in_no_line_of_those_without() -> None:
    released = ["2.0.4", "1!2.0.7", "2.0.5rc1", "2.0.4.post1", "2.0.10.dev1"]
    assert highest_of_line(PEP440, released, (2, 0)) == "2.0.4.post1"
    assert highest_of_line(PEP440, released) == "1!2.0.7"
    assert highest_of_line(PEP440, ["1.0", "1.0.0"], (1, 0)) == "1.0.0"


@pytest.mark.parametrize(
    ("name", "line"),
    [("1", (1,)), ("v1.4", (1, 4)), ("1.4.2", None), ("1.4rc1", None), ("1!2", None), ("main", None)],
)
def test_a_tag_that_names_a_line(name: str, line: tuple[int, ...] | None) -> None:
    assert PEP440.line_of(name) == line


BUMPS = [
    ("1.4.2", "2.0.0", "1.5.0", "1.4.3"),
    ("24.1", "25.0", "24.2", "24.1.1"),
    ("1.4.2.3", "2.0.0.0", "1.5.0.0", "1.4.3.0"),
    ("1.4.2.post1", "2.0.0", "1.5.0", "1.4.3"),
    ("1.4.2+x", "2.0.0", "1.5.0", "1.4.3"),
    ("1!1.4.2", "1!2.0.0", "1!1.5.0", "1!1.4.3"),
    ("1.5.1rc1", "2.0.0", "1.6.0", "1.5.1"),
    ("1.5.0rc1", "2.0.0", "1.5.0", "1.5.0"),
    ("1.5.0.1rc1", "2.0.0.0", "1.6.0.0", "1.5.0.1"),
    ("1.5.0.dev0", "2.0.0", "1.5.0", "1.5.0"),
    ("1.5.0rc1.post1", "2.0.0", "1.5.0", "1.5.0"),
    ("1!2.0rc1", "1!2.0", "1!2.0", "1!2.0"),
    ("1.4.2.post1.dev2", "2.0.0", "1.5.0", "1.4.2.post1"),
]


@pytest.mark.parametrize(("name", "major", "minor", "patch"), BUMPS)
def test_what_comes_next(name: str, major: str, minor: str, patch: str) -> None:
    read = number(PEP440, name)
    levels: tuple[Level, ...] = ("major", "minor", "patch")
    assert [PEP440.bump(read, level, DAY).full for level in levels] == [major, minor, patch]
    assert [PEP440.coming(read, level, DAY).full for level in levels] == [major, minor, patch]


SNAPSHOTS = [
    (None, "0.1.0", "dev", 7, "", "0.1.0.dev7"),
    ("v1.4.2", "1.4.3", "dev", 5, "", "1.4.3.dev5"),
    ("v1.4.2", "1.4.3", "dev", 5, "dirty", "1.4.3.dev5+dirty"),
    ("v1.4.2", "1.5.0", "rc", 5, "", "1.5.0rc5"),
    ("v1.4.2", "1.5.0", "alpha", 5, "", "1.5.0a5"),
    ("1.4.2.post1", "1.4.3", "dev", 5, "", "1.4.3.dev5"),
    ("1!1.4.2", "1!1.4.3", "dev", 5, "", "1!1.4.3.dev5"),
    ("v1.5.0rc1", "1.5.0", "dev", 3, "", "1.5.0rc2.dev3"),
    ("v1.5.0rc1", "1.5.0", "rc", 3, "", "1.5.0rc2.dev3"),
    ("v1.5rc1", "1.5.0", "dev", 3, "", "1.5rc2.dev3"),
    ("v1.5.0b2", "1.5.0", "dev", 3, "dirty", "1.5.0b3.dev3+dirty"),
    ("v1.5.0rc1", "2.0.0", "dev", 3, "", "2.0.0.dev3"),
    ("v1.5.0rc1.post1", "1.5.0", "dev", 3, "", "1.5.0rc1.post2.dev3"),
    ("v1.5.0.dev0", "1.5.0", "dev", 3, "", "1.5.0.dev3"),
    ("v1.5.0rc1.dev0", "1.5.0", "dev", 3, "", "1.5.0rc1.dev3"),
]


@pytest.mark.parametrize(("base", "target", "channel", "distance", "label", "expected"), SNAPSHOTS)
def test_between_releases(base, target, channel, distance, label, expected) -> None:
    last = number(PEP440, base) if base else None
    assert PEP440.snapshot(last, number(PEP440, target), channel, distance, label).full == expected


@given(readable, st.sampled_from(["dev", "a", "beta", "rc"]), st.integers(0, 10**6))
def test_a_snapshot_sorts_between(name: str, channel: str, distance: int) -> None:
    base, version = number(PEP440, name), Version(name)
    if version.dev is not None:
        return
    for level in ("major", "minor", "patch"):
        check_snapshots(PEP440, base, PEP440.bump(base, level, DAY), channel, distance)
    if version.pre and version.post is None:
        here = PEP440.snapshot(base, PEP440.bump(base, "patch", DAY), channel, distance)
        assert here.rank < number(PEP440, f"{version.base_version}{version.pre[0]}{version.pre[1] + 1}").rank


def test_a_tagged_prerelease() -> None:
    target = number(PEP440, "1.5.0")
    words = ["a", "alpha", "b", "beta", "rc", "dev"]
    assert [PEP440.numbered(target, word, 3).full for word in words] == [
        *("1.5.0a3", "1.5.0a3", "1.5.0b3", "1.5.0b3", "1.5.0rc3", "1.5.0.dev3")
    ]


REFUSED = [
    ("1.4.2", "1.4.3", "nightly", 1, "'nightly' is not a pre-release of PEP 440: expected a, alpha"),
    ("1.4.2", "1.4.2", "dev", 1, "1.4.2 is not above 1.4.2"),
    ("1.4.2", "1.4.3rc1", "dev", 1, "1.4.3rc1 is a pre-release"),
    ("1.5.0.dev3", "1.5.0", "dev", 1, r"no version between 1.5.0.dev3 and the next .dev.* tag .* 1.5.0a1"),
]


@pytest.mark.parametrize(("base", "target", "channel", "distance", "why"), REFUSED)
def test_what_can_be_no_snapshot(base, target, channel, distance, why) -> None:
    with pytest.raises(ValueError, match=why):
        PEP440.snapshot(number(PEP440, base), number(PEP440, target), channel, distance)
    if "nightly" in why:
        with pytest.raises(ValueError, match=why):
            PEP440.numbered(number(PEP440, target), channel, distance)
