from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.policy import finding_pattern
from ecr_push.policy.finding_pattern import FindingPattern, matches_glob
from ecr_push.policy.package_version import VersionRange
from ecr_push.scan.findings import Package


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("app/*.jar", "app/x.jar", True),
        ("/app/*.jar", "app/x.jar", True),
        ("app/*.jar", "/app/x.jar", True),
        ("app/*.jar", "app/lib/x.jar", False),
        ("app/**", "app/lib/x.jar", True),
        ("app/**", "application/x.jar", False),
        ("**/x.jar", "x.jar", True),
        ("**/x.jar", "app/lib/x.jar", True),
        ("app/**/x.jar", "app/x.jar", True),
        ("app/**/x.jar", "app/a/b/x.jar", True),
        ("app/?.jar", "app/xy.jar", False),
        ("app/x.jar", "app/xAjar", False),
        ("app", "app/x.jar", False),
        ("linux/*", "linux/arm64", True),
        ("linux/*", "linux/arm/v7", False),
        ("linux/**", "linux/arm/v7", True),
        ("app/[x].jar", "app/x.jar", False),
    ],
)
def test_globs(glob: str, path: str, matches: bool) -> None:
    assert matches_glob(glob, path) is matches


OPENSSL = Package("openssl", "3.0.11-1", manager="OS", path="usr/lib/libssl.so")


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        (FindingPattern("CVE-1"), True),
        (FindingPattern("GHSA-X"), True),  # another name of the same vulnerability
        (FindingPattern("CVE-2"), False),
        (FindingPattern(package="openssl"), True),
        (FindingPattern("CVE-1", "libssl3"), False),
        (FindingPattern("CVE-1", "openssl", VersionRange.parse("<3.0.12")), True),
        (FindingPattern("CVE-1", "openssl", VersionRange.parse("<3.0.11")), False),
        (FindingPattern("CVE-1", path="usr/**"), True),
        (FindingPattern("CVE-1", path="app/**"), False),
        (FindingPattern("CVE-1", platform="linux/*"), True),
        (FindingPattern("CVE-1", platform="linux/arm64"), False),
    ],
)
def test_all_parts_that_are_given_must_match(pattern: FindingPattern, covers: bool) -> None:
    assert pattern.covers({"CVE-1", "GHSA-X"}, OPENSSL, "linux/amd64") is covers


@pytest.mark.parametrize(
    "pattern",
    [
        FindingPattern("CVE-1", "openssl"),
        FindingPattern("CVE-1", versions=VersionRange.parse("<9")),
        FindingPattern("CVE-1", path="usr/**"),
    ],
)
def test_missing_facts_never_except_and_may_always_refuse(pattern: FindingPattern) -> None:
    assert not pattern.covers({"CVE-1"}, Package(""), "")
    assert pattern.covers({"CVE-1"}, Package(""), "", unknown_matches=True)


GLOBS = st.lists(st.sampled_from(["*", "**", "**/", "?", "a", "b", "/"]), max_size=8).map("".join)
PATHS = st.text("ab/", max_size=8)


@given(GLOBS, PATHS)
def test_many_stars_match_as_few_do(glob: str, path: str) -> None:
    """The way for patterns with many stars, against the regular expression that few are."""
    pieces = tuple(re.findall(r"\*\*/|\*+|\?|[^*?]", glob))
    regex = re.compile("".join(map(finding_pattern._as_regex, pieces)), re.S)
    assert finding_pattern._simulate(pieces, path) is bool(regex.fullmatch(path))


@pytest.mark.parametrize("glob", ["a*" * 12 + "b", "**/a" * 12 + "b", "*a**" * 8 + "/b"])
def test_a_path_that_nearly_matches_many_stars_takes_no_longer_than_it_is_long(glob: str) -> None:
    assert not matches_glob(glob, "a/a" * 400)
    assert not matches_glob(glob, "a" * 4_000)
