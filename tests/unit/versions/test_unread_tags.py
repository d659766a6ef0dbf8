"""Git tags that count as no version, and what a user is warned of, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from ecr_push.versions.derive import derive_version
from ecr_push.versions.history import ReleaseHistory
from ecr_push.versions.options import Strategy
from ecr_push.versions.schemes.choice import SEMVER, parse_scheme
from ecr_push.versions.unread_tags import prefix_of, schemes_for, unread_tag_notes
from ecr_push.versions.versioning import Versioning

HISTORY = ReleaseHistory(datetime(2024, 5, 6, tzinfo=timezone.utc), branch="main", distance=7)
NO_VERSION = "no version scheme reads it: give the version with --version, or tag a version, such as v1.2.3"

RUN_TAGS = [
    ("v2.1", "semver", "", "v2.1 is not a version of semver; --version-scheme two-part or pep440 reads it"),
    ("rel-7", "semver", "", f"rel-7 is not a version of semver; {NO_VERSION}"),
    ("nightly", "semver", "", f"nightly is not a version of semver; {NO_VERSION}"),
    ("v1.7.0rc1", "semver", "", "v1.7.0rc1 is not a version of semver; --version-scheme pep440 reads it"),
    ("v1.7.0-rc.1", "two-part", "", "--version-scheme semver or pep440 reads it"),
    ("2024.05.1", "semver", "", "--version-scheme YYYY.0M.MICRO or pep440 reads it"),
    ("2024-05-31", "semver", "", "--version-scheme YYYY-0M-0D reads it"),
    ("24.04", "semver", "", "--version-scheme pep440 or YY.0M reads it"),
    ("web/v1.0.0", "semver", "", "--tag-prefix web/ reads it"),
    ("release-1.2.3", "semver", "", "--tag-prefix release- reads it"),
    ("@acme/web@1.2.3", "semver", "", "--tag-prefix @acme/web@ reads it"),
    ("web/v1.0.0", "semver", "api/", "it does not begin with --tag-prefix api/"),
    ("web/v1.0", "semver", "web/", "v1.0 is not a version of semver; --version-scheme two-part"),
    ("v1.4.2", "semver", "", ""),
    ("web/v1.4.2", "semver", "web/", ""),
]


@pytest.mark.parametrize(("tag", "scheme", "prefix", "expected"), RUN_TAGS)
def test_a_run_for_a_tag_that_is_not_a_version(tag: str, scheme: str, prefix: str, expected: str) -> None:
    here = (tag.removeprefix(prefix),) if tag.startswith(prefix) else ()
    read = tuple(name for name in here if parse_scheme(scheme).rank(name))
    history = replace(HISTORY, run_tag=tag, tags=here, tag_prefix=prefix, release_tags=read or ("1.0.0",))
    notes = unread_tag_notes(history, derive_version(history, Versioning(scheme=parse_scheme(scheme))))
    assert len(notes) == bool(expected)
    if expected:
        assert notes[0].startswith(f"the git tag {tag} is not a release: ")
        assert expected in notes[0]


BEGIN = "no git tag is a version of semver"
BOTH = "--version-scheme two-part or pep440 reads"
WHOLE = [
    (
        "web",
        ("web/v1.0.0", "web/v1.1.0", "api/v2.0.0"),
        f"{BEGIN} after --tag-prefix web; versions have web/ (2 tags), api/ (1 tag); did you mean 'web/'?",
    ),
    (
        "",
        ("api/v2.0.0", "web/v1.0.0", "web/v1.1.0", "stable"),
        f"{BEGIN}; versions have web/ (2 tags), api/ (1 tag)",
    ),
    (
        "app/",
        ("v1.0.0", "v1.1.0"),
        f"{BEGIN} after --tag-prefix app/; versions have no prefix (2 tags)",
    ),
    (
        "",
        ("v1.0", "v1.1"),
        f"{BEGIN}; {BOTH} 2 tags",
    ),
    (
        "web/",
        ("web/v1.0",),
        f"{BEGIN} after --tag-prefix web/; {BOTH} 1 tag",
    ),
    ("", ("v1.5", "v1.10"), f"{BEGIN}; {BOTH} 2 tags"),  # YY.0M reads one of them
    ("", ("stable", "deployed-7"), ""),
    ("web/", ("stable",), ""),
    ("", (), ""),
]


@pytest.mark.parametrize(("prefix", "tags", "expected"), WHOLE)
def test_a_repository_whose_tags_are_all_unread(prefix: str, tags: tuple[str, ...], expected: str) -> None:
    history = replace(HISTORY, other_tags=tags, tag_prefix=prefix)
    assert unread_tag_notes(history, derive_version(history)) == ((expected,) if expected else ())


def test_a_tag_on_the_commit_counts_where_it_looks_like_a_version() -> None:
    history = replace(HISTORY, tags=("stable", "v2.1"), nearest="v1.4.2", release_tags=("v1.4.2",))
    note = f"the git tag v2.1 is not a release: v2.1 is not a version of semver; {BOTH} it"
    assert unread_tag_notes(history, derive_version(history)) == (note,)
    assert unread_tag_notes(replace(history, tags=("stable",)), derive_version(history)) == ()


@pytest.mark.parametrize(
    ("strategy", "tags", "no_release"),
    [
        ("explicit", (), ""),
        ("describe", ("v1.4.2",), ""),
        ("describe", (), "a pull request is never released"),
    ],
)
def test_no_word_where_the_version_comes_from_elsewhere(
    strategy: Strategy, tags: tuple[str, ...], no_release: str
) -> None:
    history = replace(
        HISTORY, run_tag="stable", tags=("stable", *tags), release_tags=("v1.4.2",), no_release=no_release
    )
    versioning = Versioning(strategy, explicit="1.5.0" if strategy == "explicit" else "")
    assert unread_tag_notes(history, derive_version(history, versioning)) == ()


PREFIXES = [
    ("api/v1.2.3", "api/"),
    ("api-2/v1.2.3", "api-2/"),
    ("lib1.x/v1.2.3", "lib1.x/"),
    ("rev1.2.3", "rev"),
    ("v1.2.3", ""),
    ("1.2.3", ""),
    ("api/v1.2", ""),
    ("stable", ""),
]


@pytest.mark.parametrize(("tag", "expected"), PREFIXES)
def test_the_prefix_of_a_tag(tag: str, expected: str) -> None:
    assert prefix_of(tag, SEMVER) == expected


def test_every_scheme_is_offered_by_a_name_that_can_be_chosen() -> None:
    names = ("v1.2.3", "v2.1", "1.7.0rc1", "2024.05.1", "2024.5.31", "2024.05.31", "2024-05", "24.04.1")
    assert all(schemes_for(name) for name in names)
    assert all(parse_scheme(text).rank(name) for name in names for text in schemes_for(name))
