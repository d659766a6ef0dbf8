from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.policy.package_version import VersionRange, version_key

# Each line is in ascending order by the manager's own rules.
ASCENDING = [
    ("OS", ["1.0~rc1-1", "1.0-1", "1.0-1+deb12u1", "1.0-1+deb12u2", "1.0-2", "1.0.1-1", "1.10-1", "1:0.9-1"]),
    ("OS", ["3.0.9-1", "3.0.11-1~deb12u2", "3.0.11-1"]),
    ("OS", ["1.2.3_rc1-r0", "1.2.3-r0", "1.2.3-r4", "1.2.3-r10", "1.2.4-r0"]),
    ("OS", ["1.1.1k-7.el8", "1.1.1k-12.el8", "1.1.1n-1.el8"]),
    ("", ["2.9", "2.9+x", "2.10"]),
    (
        "NPM",
        ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1"],
    ),
    ("GOMOD", ["v0.0.0-20230101000000-abcdef", "v0.1.0", "v1.0.0"]),
    ("PIP", ["1.0.dev3", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.1"]),
    ("JAR", ["1.0-alpha-1", "1.0-SNAPSHOT", "1.0", "1.0.1", "1.2", "1.10"]),
]


@pytest.mark.parametrize(("manager", "versions"), ASCENDING)
def test_versions_ascend(manager: str, versions: list[str]) -> None:
    for lower, higher in itertools.combinations(versions, 2):
        assert version_key(lower, manager) < version_key(higher, manager), (lower, higher)


@pytest.mark.parametrize(
    ("manager", "one", "other"),
    [
        ("OS", "1.0", "0:1.0"),
        ("OS", "1.0-0", "1.0"),
        ("OS", "1.01", "1.1"),
        ("NPM", "v1.0.0", "1.0.0+build.5"),
        ("PIP", "1.0", "1.0.0"),
        ("pip", "1.0RC1", "1.0rc1"),
    ],
)
def test_spellings_of_one_version(manager: str, one: str, other: str) -> None:
    assert version_key(one, manager) == version_key(other, manager)


@pytest.mark.parametrize(
    ("text", "version", "inside"),
    [
        ("<3.0.14", "3.0.13-1~deb12u1", True),
        ("<3.0.14", "3.0.14", False),
        ("<=3.0.14", "3.0.14", True),
        (">=1.1.1, <3.0.14", "1.1.0", False),
        (">=1.1.1,<3.0.14", "1.1.1", True),
        (">= 1.1.1 , < 3.0.14", "3.0.2", True),
        ("1.2.3-r4", "1.2.3-r4", True),
        ("= 1.2.3-r4", "1.2.3-r5", False),
        ("!=1.2.3", "1.2.3", False),
        (">1:1.0", "2.0", False),
    ],
)
def test_ranges(text: str, version: str, inside: bool) -> None:
    assert VersionRange.parse(text).contains(version) is inside


@pytest.mark.parametrize("text", ["", "<", "=>1", "1 2", "<1,,>2", "~1.2", "*"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="is no range of versions"):
        VersionRange.parse(text)


versions = st.text("0123456789abz.-+~:_", max_size=12)


@given(versions, versions, versions, st.sampled_from(["OS", "NPM", "PIP"]))
def test_the_order_is_an_order(one: str, two: str, three: str, manager: str) -> None:
    keys = sorted(version_key(text, manager) for text in (one, two, three))
    assert keys[0] <= keys[1] <= keys[2]
    assert keys[0] <= keys[2]


numbers = st.integers(0, 30)
pep440 = st.builds(
    lambda release, pre, post, dev: ".".join(map(str, release)) + pre + post + dev,
    st.lists(numbers, min_size=1, max_size=3),
    st.just("") | st.builds("{}{}".format, st.sampled_from(["a", "b", "rc"]), numbers),
    st.just("") | st.builds(".post{}".format, numbers),
    st.just(""),
)
dpkg = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "0:", "1:"]),
    st.text("012ab.+~", min_size=1, max_size=8).map(lambda text: f"1{text}"),
    st.just("") | st.text("01a.+~", min_size=1, max_size=4).map(lambda text: f"-{text}"),
)


def order(one: Any, other: Any) -> int:
    return (one > other) - (one < other)


@given(pep440, pep440)
def test_python_packages_are_ordered_as_pep_440_has_it(one: str, other: str) -> None:
    from packaging.version import Version

    assert order(version_key(one, "PIP"), version_key(other, "PIP")) == order(Version(one), Version(other))


@given(dpkg, dpkg)
def test_the_systems_packages_are_ordered_as_dpkg_has_it(one: str, other: str) -> None:
    from ecr_push.sandbox.version_order import dpkg_key

    assert order(version_key(one), version_key(other)) == order(dpkg_key(one), dpkg_key(other))


def test_a_number_of_any_length_is_compared() -> None:
    assert version_key("9" * 10_000) < version_key("1" + "0" * 10_000)
