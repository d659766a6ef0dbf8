"""`semver` and `two-part`: Semantic Versioning, held against the `semver` package."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from semver import Version

from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.schemes.scheme import Level, highest
from tests.support.scheme_names import (
    DAY,
    build,
    check_name,
    check_snapshots,
    highest_of_line,
    identifier,
    number,
    semver_tail,
    small,
)

SEMVER = parse_scheme("semver")
TWO_PART = parse_scheme("two-part")

prereleases = st.one_of(st.just(""), st.lists(identifier, min_size=1, max_size=3).map(".".join))
numbers = st.one_of(small, st.integers(0, 10**6))
versions = st.builds(Version, numbers, numbers, numbers, prereleases.map(lambda text: text or None))

# https://semver.org/#spec-item-11
ASCENDING = [
    *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
    *("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "2.1.10"),
]


@given(st.permutations(ASCENDING))
def test_the_specifications_own_example(names: list[str]) -> None:
    assert sorted(names, key=lambda name: number(SEMVER, name).rank) == ASCENDING
    assert highest(SEMVER, names) == "2.1.10"


@given(st.one_of(st.text(alphabet="v0123456789.-+ab", max_size=16), st.builds(lambda v: f"v{v}", versions)))
def test_names_read_back_as_they_are(name: str) -> None:
    check_name(SEMVER, name)


@given(st.text(alphabet="v0123456789.-+ab", max_size=16))
def test_what_is_a_version_is_what_semver_reads(text: str) -> None:
    assert (SEMVER.rank(f"v{text}") is not None) == Version.is_valid(text)


@given(st.permutations(["v1.4.2", "1.4.2", "1.4.2+build", "1.4.2-rc.1"]))
def test_equal_versions_do_not_depend_on_the_order(names: list[str]) -> None:
    assert highest(SEMVER, names) == "v1.4.2"


@given(versions, versions)
def test_ranks_are_ordered_as_semver_orders(left: Version, right: Version) -> None:
    ours = number(SEMVER, f"v{left}").rank, number(SEMVER, str(right)).rank
    assert (ours[0] < ours[1], ours[0] == ours[1]) == (left < right, left == right)


NO_VERSIONS = [
    *(
        "",
        "v",
        "1",
        "1.2",
        "1.2.3.4",
        "01.2.3",
        "1.2.3-01",
        "1.2.3-",
        "1.2.3+",
        "vv1.2.3",
        "V1.2.3",
        "1.2.3\n",
    ),
    *(" 1.2.3", "1.2.٣", "1.2.²", "api/v1.2.3", "latest", "1.0." + "9" * 5000, "1.2.3-" + "x" * 123),
]


@pytest.mark.parametrize("name", NO_VERSIONS)
def test_what_is_not_a_semantic_version(name: str) -> None:
    assert SEMVER.rank(name) is None
    assert SEMVER.read(name) is None


def test_build_metadata_may_be_longer_than_a_tag_holds() -> None:
    assert number(SEMVER, "v1.4.2+" + "x" * 200).text == "1.4.2"
    assert number(SEMVER, "v1.2.3-" + "x" * 122).text == "1.2.3-" + "x" * 122


def test_a_number_is_the_name_in_parts() -> None:
    read = number(SEMVER, "v1.5.0-rc.1+linux.7")
    assert (read.release, read.is_final, read.text, read.full) == (
        (1, 5, 0),
        False,
        "1.5.0-rc.1",
        "1.5.0-rc.1+linux.7",
    )
    assert number(SEMVER, "1.4.2+7").is_final


LINES = [
    (SEMVER, "1.4.2", ["1.4", "1"]),
    (SEMVER, "0.3.1", ["0.3"]),
    (SEMVER, "0.0.9", ["0.0"]),
    (SEMVER, "10.0.0", ["10.0", "10"]),
    (SEMVER, "1.5.0-rc.1", []),
    (TWO_PART, "1.4", ["1"]),
    (TWO_PART, "0.4", []),
    (TWO_PART, "1.4-rc.1", []),
]


@pytest.mark.parametrize(("scheme", "name", "expected"), LINES)
def test_the_lines_of_a_version(scheme, name: str, expected: list[str]) -> None:
    read = number(scheme, name)
    assert [scheme.line_text(read, line) for line in scheme.lines(read)] == expected


LINE_NAMES = [
    (SEMVER, "1.4", (1, 4)),
    (SEMVER, "v1", (1,)),
    (SEMVER, "0.3", (0, 3)),
    (SEMVER, "1.4.2", None),
    (SEMVER, "01", None),
    (SEMVER, "1.", None),
    (SEMVER, "latest", None),
    (SEMVER, "9" * 5000, None),
    (TWO_PART, "1", (1,)),
    (TWO_PART, "1.4", None),
]


@pytest.mark.parametrize(("scheme", "name", "line"), LINE_NAMES)
def test_a_tag_that_names_a_line(scheme, name: str, line: tuple[int, ...] | None) -> None:
    assert scheme.line_of(name) == line


@pytest.mark.parametrize(
    ("line", "expected"),
    [((), "2.0.0"), ((1,), "v1.10.0"), ((1, 4), "1.4.11"), ((1, 10), "v1.10.0"), ((0,), ""), ((3,), "")],
)
def test_the_highest_final_version_of_a_line(line: tuple[int, ...], expected: str) -> None:
    names = ["1.4.2", "1.4.11", "v1.10.0", "2.0.0", "3.0.0-rc.1", "1.4.12-dev.3", "latest", "1.4", "nonsense"]
    assert highest_of_line(SEMVER, names, line) == expected


BUMPS: list[tuple[str, str, str, str]] = [
    ("1.4.2", "2.0.0", "1.5.0", "1.4.3"),
    ("0.3.1", "1.0.0", "0.4.0", "0.3.2"),
    ("1.4.2+linux.7", "2.0.0", "1.5.0", "1.4.3"),
    ("1.5.1-rc.1", "2.0.0", "1.6.0", "1.5.1"),
    ("1.5.0-rc.1", "2.0.0", "1.5.0", "1.5.0"),
    ("2.0.0-rc.1", "2.0.0", "2.0.0", "2.0.0"),
]
TWO_PART_BUMPS = [
    ("1.4", "2.0", "1.5", "1.5"),
    ("1.5-rc.1", "2.0", "1.5", "1.5"),
    ("2.0-a", "2.0", "2.0", "2.0"),
]


@pytest.mark.parametrize(("name", "major", "minor", "patch"), [*BUMPS, *TWO_PART_BUMPS])
def test_what_comes_next(name: str, major: str, minor: str, patch: str) -> None:
    scheme = TWO_PART if TWO_PART.read(name) else SEMVER
    read = number(scheme, name)
    levels: tuple[Level, ...] = ("major", "minor", "patch")
    assert [scheme.bump(read, level, DAY).full for level in levels] == [major, minor, patch]
    assert [scheme.coming(read, level, DAY).full for level in levels] == [major, minor, patch]


def test_a_history_without_a_release_is_heading_for() -> None:
    assert (SEMVER.first(DAY).full, TWO_PART.first(DAY).full) == ("0.1.0", "0.1")


SNAPSHOTS = [
    (SEMVER, None, "0.1.0", "dev", 7, "", "0.1.0-dev.7"),
    (SEMVER, "v1.4.2", "1.4.3", "dev", 5, "", "1.4.3-dev.5"),
    (SEMVER, "v1.4.2", "1.5.0", "dev", 5, "", "1.5.0-dev.5"),
    (SEMVER, "v1.4.2", "1.4.3", "beta", 5, "", "1.4.3-beta.5"),
    (SEMVER, "v1.4.2+7", "1.4.3", "dev", 0, "dirty", "1.4.3-dev.0+dirty"),
    (SEMVER, "v1.5.0-rc.1", "1.5.0", "dev", 3, "", "1.5.0-rc.1.dev.3"),
    (SEMVER, "v1.5.0-rc.1+7", "1.5.0", "dev", 3, "", "1.5.0-rc.1.dev.3"),
    (SEMVER, "v1.5.0-rc.1", "2.0.0", "dev", 3, "", "2.0.0-dev.3"),
    (SEMVER, "v1.5.0-rc1", "1.5.0", "dev", 3, "", "1.5.0-rc1.dev.3"),
    (SEMVER, "v1.5.0-beta", "1.5.0", "dev", 3, "", "1.5.0-beta.0.dev.3"),
    (SEMVER, "v1.5.0-rc.1", "1.5.0", "rc", 3, "", "1.5.0-rc.1.3"),
    (SEMVER, "v1.5.0-rc1", "1.5.0", "rc", 3, "", "1.5.0-rc1.3"),
    (SEMVER, "v1.5.0-rc", "1.5.0", "rc", 3, "", "1.5.0-rc.0.3"),
    (SEMVER, "v1.5.0-1", "1.5.0", "rc", 3, "", "1.5.0-1.rc.3"),
    (TWO_PART, "v1.4", "1.5", "dev", 5, "dirty", "1.5-dev.5+dirty"),
    (TWO_PART, "v1.5-rc.1", "1.5", "dev", 3, "", "1.5-rc.1.dev.3"),
]


@pytest.mark.parametrize(("scheme", "base", "target", "channel", "distance", "label", "expected"), SNAPSHOTS)
def test_between_releases(scheme, base, target, channel, distance, label, expected) -> None:
    last = number(scheme, base) if base else None
    snapshot = scheme.snapshot(last, number(scheme, target), channel, distance, label)
    assert (snapshot.full, snapshot.text) == (expected, expected.partition("+")[0])


@given(versions, st.sampled_from(["dev", "rc", "beta", "x-y", "a"]), st.integers(0, 10**6))
@example(Version(1, 5, 0, "rc.1"), "rc", 3)
@example(Version(1, 5, 0, "rc"), "rc", 3)
def test_a_snapshot_sorts_between(release: Version, channel: str, distance: int) -> None:
    base = number(SEMVER, f"v{release}")
    for level in ("major", "minor", "patch"):
        check_snapshots(SEMVER, base, SEMVER.bump(base, level, DAY), channel, distance)
    if release.prerelease:
        here = SEMVER.snapshot(base, SEMVER.bump(base, "patch", DAY), channel, distance)
        stem, _, last = release.prerelease.rpartition(".")
        if last.isdigit():
            coming = f"{stem}.{int(last) + 1}".lstrip(".")
            assert here.rank < number(SEMVER, str(release.replace(prerelease=coming))).rank
        elif not last[-1].isdigit():
            assert here.rank < number(SEMVER, f"{release}.1").rank


@given(small, small, semver_tail, st.integers(0, 999))
def test_two_parts_are_ordered_as_three(major: int, minor: int, tail: str, distance: int) -> None:
    name = f"v{major}.{minor}{tail}"
    check_name(TWO_PART, name)
    base, three = number(TWO_PART, name), number(SEMVER, f"{major}.{minor}.0{tail}")
    assert (*base.rank[:2], 0, *base.rank[2:]) == three.rank
    check_snapshots(TWO_PART, base, TWO_PART.bump(base, "minor", DAY), "dev", distance)


@pytest.mark.parametrize("name", ["1", "1.2.3", "1.02", "v1.", "1.2.", "1,2"])
def test_two_part_is_exactly_two_numbers(name: str) -> None:
    assert TWO_PART.rank(name) is None


@given(versions, build)
def test_build_metadata_does_not_count(version: Version, label: str) -> None:
    plain, labelled = number(SEMVER, str(version)), number(SEMVER, f"{version}{label}")
    assert (plain.rank, plain.text) == (labelled.rank, labelled.text)
    assert labelled.full == f"{version}{label}"


def test_a_tagged_prerelease() -> None:
    assert SEMVER.numbered(number(SEMVER, "1.5.0"), "rc", 3).full == "1.5.0-rc.3"
    assert TWO_PART.numbered(number(TWO_PART, "1.5"), "beta", 0).full == "1.5-beta.0"


REFUSED = [
    ("1.4.2", "1.4.3", "no channel", 1, "", "'no channel' is not a valid channel"),
    ("1.4.2", "1.4.3", "", 1, "", "is not a valid channel"),
    ("1.4.2", "1.4.3", "1", 1, "", "'1' is not a valid channel"),
    ("1.4.2", "1.4.3", "a.b", 1, "", "'a.b' is not a valid channel"),
    ("1.4.2", "1.4.2", "dev", 1, "", "1.4.2 is not above 1.4.2"),
    ("1.4.2", "1.4.3-rc.1", "dev", 1, "", "1.4.3-rc.1 is a pre-release"),
    ("1.4.2", "1.4.3", "dev", -1, "", "-1 cannot be"),
    ("1.4.2", "1.4.3", "dev", 1, "not a build", "is not a version"),
    ("1.5.0-" + "x" * 122, "1.5.0", "dev", 1, "", "too long for an image tag"),
]


@pytest.mark.parametrize(("base", "target", "channel", "distance", "label", "why"), REFUSED)
def test_what_can_be_no_snapshot(base, target, channel, distance, label, why) -> None:
    with pytest.raises(ValueError, match=why):
        SEMVER.snapshot(number(SEMVER, base), number(SEMVER, target), channel, distance, label)
