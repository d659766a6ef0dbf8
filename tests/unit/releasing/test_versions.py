"""Which versions can be released from which branch, and which tags one gets."""

from __future__ import annotations

import pytest
from semver import Version

from releasing.versions import Line, Release, released_versions

RELEASED = {Version.parse(one) for one in ("1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.1.0-rc.1")}


@pytest.mark.parametrize(
    ("text", "tag", "python"),
    [
        ("1.2.3", "v1.2.3", "1.2.3"),
        ("0.1.0", "v0.1.0", "0.1.0"),
        ("1.2.0-rc.1", "v1.2.0-rc.1", "1.2.0rc1"),
        ("1.2.0-alpha.0", "v1.2.0-alpha.0", "1.2.0a0"),
        ("1.2.0-beta.12", "v1.2.0-beta.12", "1.2.0b12"),
    ],
)
def test_a_version_is_the_same_as_a_tag_and_on_an_index(text: str, tag: str, python: str) -> None:
    release = Release.parse(text)
    assert (release.tag, release.python) == (tag, python)
    assert release.is_final == ("-" not in text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("v1.2.3", "expected MAJOR.MINOR.PATCH"),
        ("1.2", "expected MAJOR.MINOR.PATCH"),
        ("1.02.3", "expected MAJOR.MINOR.PATCH"),
        ("", "expected MAJOR.MINOR.PATCH"),
        ("1.2.3+build.5", r"leave out \+build\.5"),
        ("1.2.3-nightly", "alpha.N, beta.N or rc.N, such as 1.2.3-rc.1"),
        ("1.2.3-rc", "alpha.N, beta.N or rc.N"),
        ("1.2.3-rc.1.2", "alpha.N, beta.N or rc.N"),
    ],
)
def test_what_is_not_a_version(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Release.parse(text)


@pytest.mark.parametrize(
    ("version", "moved"),
    [
        ("2.0.1", ("v2.0", "v2")),
        ("2.1.0", ("v2.1", "v2")),
        ("3.0.0", ("v3.0", "v3")),
        ("1.1.1", ("v1.1", "v1")),
        ("1.0.2", ("v1.0",)),
        ("1.0.0", ()),
        ("2.1.0-rc.2", ()),
        ("3.0.0-alpha.1", ()),
    ],
)
def test_a_floating_tag_moves_only_to_the_highest_of_its_line(version: str, moved: tuple[str, ...]) -> None:
    assert Release.parse(version).floating(RELEASED) == moved


@pytest.mark.parametrize(
    ("branch", "version", "belongs"),
    [
        ("main", "9.9.9", True),
        ("1.x", "1.9.0", True),
        ("1.x", "2.0.0", False),
        ("1.2.x", "1.2.7", True),
        ("1.2.x", "1.3.0", False),
        ("0.x", "0.3.0", True),
    ],
)
def test_a_branch_releases_the_versions_of_its_line(branch: str, version: str, belongs: bool) -> None:
    line = Line.of(branch)
    assert line is not None
    assert (Version.parse(version) in line) == belongs


@pytest.mark.parametrize("branch", ["", "feature", "x", "1", "1.2.3", "01.x", "v1.x", "1.2.3.x"])
def test_nothing_is_released_from_another_branch(branch: str) -> None:
    assert Line.of(branch) is None


@pytest.mark.parametrize(
    ("branch", "highest"), [("main", "2.1.0-rc.1"), ("1.x", "1.1.0"), ("1.0.x", "1.0.1"), ("1.5.x", None)]
)
def test_the_highest_version_of_a_line(branch: str, highest: str | None) -> None:
    line = Line.of(branch)
    assert line is not None
    found = line.highest(RELEASED)
    assert (str(found) if found else None) == highest


def test_other_tags_are_passed_over() -> None:
    tags = ("v1.2.3", "v1.2", "v1", "1.4.0", "nightly", "v2.0.0-rc.1", "vx", "v")
    assert {str(one) for one in released_versions(tags)} == {"1.2.3", "2.0.0-rc.1"}
