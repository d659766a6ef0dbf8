from __future__ import annotations

import itertools
from typing import Any

import pytest

from ecr_push.base.package_versions import alpine, debian, generic, maven, pep440, rpm, semver
from ecr_push.policy.package_version import VersionRange, version_order

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
    ("GEMSPEC", ["1.0.rc1", "1.0", "1.0.1", "1.10"]),
]


@pytest.mark.parametrize(("manager", "versions"), ASCENDING)
def test_versions_ascend(manager: str, versions: list[str]) -> None:
    for lower, higher in itertools.combinations(versions, 2):
        for version in (lower, higher):  # whichever of them is the package's
            key = version_order(manager, version)
            assert key(lower) < key(higher), (lower, higher)


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
    key = version_order(manager, one)
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("manager", "version", "module"),
    [
        ("", "3.0.11-1~deb12u2", debian),
        ("OS", "1:9.2p1-2+deb12u2", debian),
        ("OS", "2.39-0ubuntu8.3", debian),
        ("OS", "1.2.3", debian),
        ("OS", "3.1.4-r5", alpine),
        ("", "1.36.1_git20230101-r0", alpine),
        ("OS", "1.1.1k-7.el8_6", rpm),
        ("OS", "1:3.0.8-1.amzn2023.0.11", rpm),
        ("OS", "4.18.0-193.module+el8.2.0+6123", rpm),
        ("OS", "2.38-7.fc39", rpm),
        ("PYTHONPKG", "1.0", pep440),
        ("PYTHON", "1.0", pep440),
        ("poetry", "1.0", pep440),
        ("YARN", "1.0.0", semver),
        ("CARGO", "1.0.0", semver),
        ("GOBINARY", "v1.0.0", semver),
        ("POM", "1.0", maven),
        ("BUNDLER", "1.0", generic),
        ("NUGET", "1.0-r1", generic),
    ],
)
def test_each_manager_has_its_order(manager: str, version: str, module: Any) -> None:
    assert version_order(manager, version) is module.key


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
        ("<1.0.1", "1.0_p1-r0", True),  # apk: a patch of 1.0
        ("<1.0.1", "1.0^git1-1.el9", True),  # rpm: a snapshot after 1.0
    ],
)
def test_ranges(text: str, version: str, inside: bool) -> None:
    assert VersionRange.parse(text).contains(version) is inside


@pytest.mark.parametrize(
    ("manager", "text", "version", "inside"),
    [
        ("PIP", "<1.0.post1", "1.0+local", True),
        ("PIP", "<2005", "2004d", True),
        ("POM", "<1.0", "1.0-rc1", True),
        ("POM", "<1.0", "1.0-sp1", False),
        ("NPM", "<1.0.0-alpha.2", "1.0.0-alpha.10", False),
        ("NPM", "<1.0.0-beta", "1.0.0-5", True),
    ],
)
def test_ranges_of_a_managers_packages(manager: str, text: str, version: str, inside: bool) -> None:
    assert VersionRange.parse(text).contains(version, manager) is inside


@pytest.mark.parametrize("text", ["", "<", "=>1", "1 2", "<1,,>2", "~1.2", "*"])
def test_an_invalid_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid range of versions"):
        VersionRange.parse(text)
