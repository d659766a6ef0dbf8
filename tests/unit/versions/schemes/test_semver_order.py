"""Semantic Versioning's order, held against the `semver` package."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

from ecr_push.versions.schemes import semver_order as precedence

numbers = st.integers(0, 10**6)
identifiers = st.one_of(
    numbers.map(str), st.from_regex(r"[0-9]{0,2}[a-zA-Z-][0-9a-zA-Z-]{0,4}", fullmatch=True)
)
prereleases = st.one_of(st.none(), st.lists(identifiers, min_size=1, max_size=3).map(".".join))
versions = st.builds(Version, numbers, numbers, numbers, prereleases)
near_versions = st.builds(Version, st.integers(0, 2), st.integers(0, 2), st.just(0), prereleases)


@given(near_versions, near_versions)
def test_ranks_are_ordered_as_semver_orders(left: Version, right: Version) -> None:
    ranks = precedence.rank(f"v{left}"), precedence.rank(str(right))
    assert None not in ranks
    assert (ranks[0] > ranks[1]) == (left > right)  # type: ignore[operator]
    assert (ranks[0] == ranks[1]) == (left == right)


@given(versions, st.from_regex(r"\+[0-9A-Za-z-]{1,5}(\.[0-9A-Za-z-]{1,5})?", fullmatch=True))
def test_build_metadata_does_not_count(version: Version, build: str) -> None:
    assert precedence.rank(f"{version}{build}") == precedence.rank(str(version))


@given(st.text(alphabet="v0123456789.-+ab", max_size=16))
def test_what_is_a_version_is_what_semver_reads(text: str) -> None:
    assert precedence.is_release_tag(f"v{text}") == Version.is_valid(text)


# https://semver.org/#spec-item-11
ASCENDING = [
    *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
    *("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "2.1.10"),
]


@given(st.permutations(ASCENDING))
def test_the_specifications_own_example(names: list[str]) -> None:
    assert sorted(names, key=lambda name: precedence.rank(name) or ()) == ASCENDING
    assert precedence.highest(names) == "2.1.10"


@pytest.mark.parametrize(
    "name",
    [
        *("", "v", "1", "v1.4", "1.2.3.4", "v1.2", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "vv1.2.3"),
        *("V1.2.3", " 1.2.3", "1.2.3\n", "1.2.٣", "api/v1.2.3", "latest", "sha-0123456", "1.0." + "9" * 5000),
    ],
)
def test_what_is_no_full_version(name: str) -> None:
    assert precedence.rank(name) is None
    assert not precedence.is_release_tag(name)


@pytest.mark.parametrize(
    ("line", "expected"),
    [((), "2.0.0"), ((1,), "v1.10.0"), ((1, 4), "1.4.11"), ((1, 10), "v1.10.0"), ((0,), ""), ((3,), "")],
)
def test_the_highest_final_version_of_a_line(line: tuple[int, ...], expected: str) -> None:
    names = ["1.4.2", "1.4.11", "v1.10.0", "2.0.0", "3.0.0-rc.1", "1.4.12-dev.3", "latest", "1.4", "nonsense"]
    assert precedence.highest_final(names, line) == expected


@given(st.permutations(["v1.4.2", "1.4.2", "1.4.2+build", "1.4.2-rc.1"]))
def test_equal_versions_do_not_depend_on_the_order(names: list[str]) -> None:
    assert precedence.highest(names) == "v1.4.2"
