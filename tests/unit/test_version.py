"""The version that follows from a source, as a table."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version as SemanticVersion

from ecr_push.source import Source
from ecr_push.version import derive_version


def source(
    *tags: str, nearest: str = "", distance: int = 0, dirty: tuple[str, ...] = (), branch: str = "main"
) -> Source:
    return Source(
        root=Path("/src/app"),
        commit="0123456789abcdef0123456789abcdef01234567",
        committed_at=datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc),
        branch=branch,
        tags=tags,
        dirty=dirty,
        nearest=nearest,
        distance=distance,
        release_tags=tuple(dict.fromkeys((*tags, nearest))) if nearest else tags,
    )


RELEASES = [
    (("v1.4.2",), "1.4.2", "v1.4.2", True),
    (("1.4.2",), "1.4.2", "1.4.2", True),
    (("v0.1.0",), "0.1.0", "v0.1.0", True),
    (("v1.5.0-rc.1",), "1.5.0-rc.1", "v1.5.0-rc.1", False),
    (("v1.5.0-rc.1", "v1.5.0"), "1.5.0", "v1.5.0", True),
    (("v1.5.0-rc.2", "v1.5.0-rc.10"), "1.5.0-rc.10", "v1.5.0-rc.10", False),
    (("v1.9.0", "v1.10.0", "v1", "stable"), "1.10.0", "v1.10.0", True),
    (("v1.4.2+linux.7",), "1.4.2+linux.7", "v1.4.2+linux.7", True),
]


@pytest.mark.parametrize(("tags", "expected", "git_tag", "final"), RELEASES, ids=str)
def test_a_release(tags: tuple[str, ...], expected: str, git_tag: str, final: bool) -> None:
    version = derive_version(source(*tags))
    assert (str(version), version.git_tag, version.distance) == (expected, git_tag, 0)
    assert (version.is_release, version.is_final) == (True, final)
    assert version.why == f"{git_tag} is tagged on this commit"


def test_build_metadata_is_kept_out_of_the_tags_text() -> None:
    assert derive_version(source("v1.4.2+linux.7")).text == "1.4.2"


BETWEEN = [
    ("v1.4.2", 5, "1.4.3-dev.5", "5 commits after v1.4.2"),
    ("v1.4.2", 1, "1.4.3-dev.1", "1 commit after v1.4.2"),
    ("1.4.2+linux.7", 2, "1.4.3-dev.2", "2 commits after 1.4.2+linux.7"),
    ("v0.0.9", 2, "0.0.10-dev.2", "2 commits after v0.0.9"),
    ("v1.5.0-rc.1", 3, "1.5.0-rc.1.dev.3", "3 commits after v1.5.0-rc.1"),
    ("v1.5.0-rc.1+7", 3, "1.5.0-rc.1.dev.3", "3 commits after v1.5.0-rc.1+7"),
    ("v1.5.0-rc1", 3, "1.5.0-rc1.dev.3", "3 commits after v1.5.0-rc1"),
    ("v1.5.0-beta", 3, "1.5.0-beta.0.dev.3", "3 commits after v1.5.0-beta"),
    ("", 7, "0.1.0-dev.7", "no release tag among 7 commits"),
    ("", 1, "0.1.0-dev.1", "no release tag among 1 commit"),
]


@pytest.mark.parametrize(("nearest", "distance", "expected", "why"), BETWEEN)
def test_between_releases(nearest: str, distance: int, expected: str, why: str) -> None:
    version = derive_version(source("deployed", nearest=nearest, distance=distance))
    assert (str(version), version.why) == (expected, why)
    assert not version.is_release
    assert not version.is_final


DIRTY = [
    (("v1.4.2",), "", 0, "1.4.3-dev.0+dirty"),
    (("v1.5.0-rc.1",), "", 0, "1.5.0-rc.1.dev.0+dirty"),
    ((), "v1.4.2", 5, "1.4.3-dev.5+dirty"),
    ((), "", 7, "0.1.0-dev.7+dirty"),
]


@pytest.mark.parametrize(("tags", "nearest", "distance", "expected"), DIRTY)
def test_a_dirty_checkout_is_never_a_release(
    tags: tuple[str, ...], nearest: str, distance: int, expected: str
) -> None:
    version = derive_version(source(*tags, nearest=nearest, distance=distance, dirty=("a", "b", "c", "d")))
    assert (str(version), version.is_release, version.dirty) == (expected, False, True)
    assert version.why.endswith("the checkout is changed (a, b, c and 1 more): never a release")


identifier = st.one_of(st.integers(0, 99).map(str), st.sampled_from(["a", "beta", "rc", "rc1", "x-y", "0a"]))
prerelease = st.one_of(st.none(), st.lists(identifier, min_size=1, max_size=3).map(".".join))
small = st.integers(0, 20)


@given(st.builds(SemanticVersion, small, small, small, prerelease), st.integers(1, 10**6))
def test_a_version_between_sorts_between(release: SemanticVersion, distance: int) -> None:
    here = derive_version(source(nearest=f"v{release}", distance=distance)).semver
    next_commit = derive_version(source(nearest=f"v{release}", distance=distance + 1)).semver
    coming = release.finalize_version() if release.prerelease else release.bump_patch()
    assert release < here < next_commit < coming
    if release.prerelease:
        stem, _, last = release.prerelease.rpartition(".")
        if last.isdigit():
            assert next_commit < release.replace(prerelease=f"{stem}.{int(last) + 1}".lstrip("."))
        elif not last[-1].isdigit():
            assert next_commit < release.replace(prerelease=f"{release.prerelease}.1")
