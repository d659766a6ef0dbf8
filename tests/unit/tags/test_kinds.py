"""The tags of a build and which of them may move, as tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version as SemanticVersion

from ecr_push.base.errors import SettingsError, SourceError
from ecr_push.base.reference import Tag
from ecr_push.source.model import Source
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.naming import name_image
from ecr_push.tags.options import TagOptions
from ecr_push.versions.derive import derive_version
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import SEMVER, parse_scheme
from ecr_push.versions.versioning import Versioning
from tests.support import sources
from tests.support.ci import ci_facts
from tests.support.names import tags_of
from tests.support.sources import changed

SHA = "sha-0123456789ab"
BASE = sources.source()


def release(tag: str, *others: str) -> Source:
    return changed(BASE, tags=(tag,), nearest=tag, release_tags=(tag, *others))


def between(branch: str = "main", pull_request: str = "") -> Source:
    return changed(BASE, branch=branch, pull_request=pull_request, nearest="v1.4.2", distance=5)


def names(source: Source, *extra: str, floating: str = "all") -> list[str]:
    return [str(tag) for tag in tags_of(source, *extra, floating=floating)]


RELEASES = [
    # on, other release tags of the repository -> tags after sha-
    ("v1.4.2", [], ["1.4.2", "1.4", "1", "latest"]),
    ("1.4.2", [], ["1.4.2", "1.4", "1", "latest"]),
    ("v0.4.2", [], ["0.4.2", "0.4", "latest"]),
    ("v0.0.1", [], ["0.0.1", "0.0", "latest"]),
    ("v10.20.30", ["v9.99.99", "v10.3.0"], ["10.20.30", "10.20", "10", "latest"]),
    ("v1.4.2", ["v1.5.0"], ["1.4.2", "1.4"]),
    ("v1.4.2", ["v2.0.0"], ["1.4.2", "1.4", "1"]),
    ("v1.4.2", ["v1.4.3"], ["1.4.2"]),
    ("v1.4.2", ["v1.4.10", "v1.4.1"], ["1.4.2"]),
    ("v1.4.2", ["v1.4.3-rc.1", "v2.0.0-alpha"], ["1.4.2", "1.4", "1", "latest"]),
    ("v1.4.2+linux", ["v1.4.2+arm"], ["1.4.2", "1.4", "1", "latest"]),
    ("v1.5.0-rc.1", [], ["1.5.0-rc.1"]),
    ("v1.5.0-rc.1", ["v1.4.2"], ["1.5.0-rc.1"]),
]


@pytest.mark.parametrize(("tag", "others", "expected"), RELEASES)
def test_a_release(tag: str, others: list[str], expected: list[str]) -> None:
    assert names(release(tag, *others)) == [SHA, *expected]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (between("main"), ["1.4.3-dev.5", "main"]),
        (between("feature/login"), ["1.4.3-dev.5", "feature-login"]),
        (between(""), ["1.4.3-dev.5"]),
        (between("", pull_request="12"), ["1.4.3-dev.5", "pr-12"]),
        (between("main", pull_request="12"), ["1.4.3-dev.5", "pr-12"]),
        (between("", pull_request="!x y"), ["1.4.3-dev.5", "pr--x-y"]),
    ],
)
def test_between_releases(source: Source, expected: list[str]) -> None:
    assert names(source) == [SHA, *expected]


def test_without_floating_tags_only_latest_can_move() -> None:
    assert names(release("v1.4.2"), floating="latest") == [SHA, "1.4.2", "latest"]
    assert names(release("v1.4.2"), floating="none") == [SHA, "1.4.2"]
    assert names(between(), floating="latest") == [SHA, "1.4.3-dev.5"]


def test_a_dirty_checkout_is_not_its_commit() -> None:
    dirty = changed(release("v1.4.2"), dirty=("Dockerfile",))
    assert names(dirty) == ["dirty-0123456789ab"]
    assert names(dirty, "try-1") == ["dirty-0123456789ab", "try-1"]
    with pytest.raises(SettingsError) as caught:
        names(dirty, "9.9.9", "latest", "try-1", "1.4", SHA)
    assert len(caught.value.problems) == 4


EXTRAS = {
    "9.9.9": TagKind.VERSION,
    "v9.9.9": TagKind.VERSION,
    "9.9.9-rc.1": TagKind.VERSION,
    "sha-abcdef0": TagKind.COMMIT,
    "latest": TagKind.LATEST,
    "1.4": TagKind.LINE,
    "v1": TagKind.LINE,
    "2024": TagKind.LINE,
    "stable": TagKind.EXTRA,
    "sha-nothing": TagKind.EXTRA,
    "1.4-alpine": TagKind.EXTRA,
    "Latest": TagKind.EXTRA,
}


@pytest.mark.parametrize(("name", "kind"), EXTRAS.items())
def test_an_extra_tag_has_the_kind_of_its_name(name: str, kind: TagKind) -> None:
    tags = {str(tag): tag for tag in tags_of(between(), name)}
    assert tags[name].kind is kind
    assert tags[name].protected == (kind in (TagKind.VERSION, TagKind.COMMIT))


def test_extra_tags_take_their_place_in_the_order() -> None:
    ordered = names(release("v1.4.2"), "latest", "stable", "9.9.9", "1.4", "stable", "3.1")
    assert ordered == [SHA, "1.4.2", "9.9.9", "stable", "1.4", "3.1", "1", "latest"]


SIG = f"sha256-{'a' * 64}.sig"


def test_every_impossible_extra_tag_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        names(
            between(), "fine", "-x", "a b", "", "x" * 129, "candidate-1", "repo:tag", "$(id)", "claim-1", SIG
        )
    assert len(caught.value.problems) == 9
    assert "'a b'" in str(caught.value)
    assert "candidate-" in caught.value.problems[4]
    assert "claim-" in caught.value.problems[7]
    assert "such as its signature" in caught.value.problems[8]


def test_a_git_tag_that_is_too_long_for_an_image_is_a_clear_error() -> None:
    with pytest.raises(SourceError, match="cannot become an image tag"):
        names(release("v1.0.0-" + "a" * 200))


@pytest.mark.parametrize(
    ("kind", "protected", "may_be_taken"),
    [
        (TagKind.COMMIT, True, False),
        (TagKind.MERGE, True, True),
        (TagKind.VERSION, True, False),
        (TagKind.SNAPSHOT, True, True),
        (TagKind.DIRTY, False, False),
        (TagKind.EXTRA, False, False),
        (TagKind.BRANCH, False, False),
        (TagKind.LINE, False, False),
        (TagKind.LATEST, False, False),
    ],
)
def test_what_may_move(kind: TagKind, protected: bool, may_be_taken: bool) -> None:
    tag = ReleaseTag(Tag("x"), kind)
    assert (tag.protected, tag.floating, tag.may_be_taken) == (protected, not protected, may_be_taken)


IN_THE_REGISTRY = ["1.4.2", "1.4.10", "1.5.0", "2.0.0-rc.1", "latest", "1.4", "1", "main", SHA, "candidate-x"]
BLOCKING = [
    # line, our version -> what forbids it
    ((), "1.4.3", "1.5.0"),
    ((), "1.5.0", ""),
    ((), "1.5.1", ""),
    ((), "2.0.0", ""),
    ((), "2.0.0-rc.1", ""),
    ((), "1.5.0-rc.1", "1.5.0"),
    ((1,), "1.4.11", "1.5.0"),
    ((1,), "1.5.0", ""),
    ((1, 4), "1.4.3", "1.4.10"),
    ((1, 4), "1.4.3-dev.5", "1.4.10"),
    ((1, 4), "1.4.10", ""),
    ((1, 4), "1.4.11", ""),
    ((1, 5), "1.5.0-rc.1", "1.5.0"),
    ((3,), "1.4.3", ""),
    ((), "", ""),
    ((), "main", ""),
]


@pytest.mark.parametrize(("numbers", "version", "expected"), BLOCKING)
def test_floating_tags_only_move_forward(numbers: tuple[int, ...], version: str, expected: str) -> None:
    assert Line(SEMVER, numbers, version).higher(IN_THE_REGISTRY) == expected


@pytest.mark.parametrize(
    ("prefix", "suffix", "expected"),
    [
        ("", "-alpine", "1.9.0-alpine"),
        ("web-", "", "web-1.5.0"),
        ("web-", "-alpine", ""),
        ("v", "", ""),
        ("", "", "1.4.9"),
    ],
)
def test_a_line_is_one_of_tags_with_the_same_affixes(prefix: str, suffix: str, expected: str) -> None:
    known = ["1.4.9", "1.9.0-alpine", "1.3.0-alpine", "web-1.5.0", "web-2.0.0-alpine-x", "alpine", "web-"]
    assert Line(SEMVER, (), "1.4.2", prefix, suffix).higher(known) == expected


SCHEMES = [
    # scheme, on, other release tags -> tags after sha-
    ("two-part", "v1.4", ["v1.3"], ["1.4", "1", "latest"]),
    ("two-part", "v1.4", ["v1.10"], ["1.4"]),
    ("two-part", "v1.4", ["v2.0"], ["1.4", "1"]),
    ("pep440", "1.4.2", ["1.4.3rc1"], ["1.4.2", "1.4", "1", "latest"]),
    ("pep440", "v1.4.2.post1", ["1.4.2"], ["1.4.2.post1", "1.4", "1", "latest"]),
    ("pep440", "1.5.0rc1", ["1.4.2"], ["1.5.0rc1"]),
    ("pep440", "1.4.2", ["1.4.2.post1"], ["1.4.2"]),
    ("pep440", "1.4.2", ["1.4"], ["1.4.2", "1", "latest"]),  # 1.4 is a release of its own
    ("YYYY.0M.MICRO", "2026.09.3", ["2026.08.1"], ["2026.09.3", "2026.09", "2026", "latest"]),
    ("YYYY.0M.MICRO", "2026.09.3", ["2026.10.0"], ["2026.09.3", "2026.09"]),
]


@pytest.mark.parametrize(("scheme", "on", "others", "expected"), SCHEMES)
def test_a_release_of_another_scheme(scheme: str, on: str, others: list[str], expected: list[str]) -> None:
    versioning = Versioning(scheme=parse_scheme(scheme))
    assert [str(tag) for tag in tags_of(release(on, *others), versioning=versioning)] == [SHA, *expected]


def test_what_a_pull_requests_merge_is_built_from_is_not_quite_its_commit() -> None:
    merged = changed(between(pull_request="12"), built_from="f" * 40)
    kinds = {str(tag): tag.kind for tag in tags_of(merged)}
    assert kinds == {SHA: TagKind.MERGE, "1.4.3-dev.5": TagKind.SNAPSHOT, "pr-12": TagKind.BRANCH}


def test_a_commit_without_a_version_has_its_own_tag_and_its_branchs() -> None:
    assert [str(tag) for tag in tags_of(between(), versioning=Versioning("tag"))] == [SHA, "main"]


anything = st.text(max_size=200)
finals = st.builds("v{}.{}.{}".format, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))


@given(
    anything,
    anything,
    st.lists(finals, max_size=6),
    st.booleans(),
    st.sampled_from(["all", "latest", "none"]),
)
def test_rendered_tags_are_valid_and_in_order(
    branch: str, pull_request: str, others: list[str], released: bool, floating: str
) -> None:
    source = release("v1.4.2", *others) if released else between(branch, pull_request)
    tags = tags_of(source, floating=floating)
    kinds = [list(TagKind).index(tag.kind) for tag in tags]
    assert kinds == sorted(kinds)
    assert len({tag.tag for tag in tags}) == len(tags)
    assert all(str(Tag(str(tag))) == str(tag) for tag in tags)
    assert str(tags[0]) == SHA


@given(st.lists(finals, min_size=1, max_size=8, unique=True))
def test_in_whatever_order_pipelines_end_latest_is_the_highest(releases: list[str]) -> None:
    registry: dict[str, str] = {}
    for tag in releases:  # git knows only this one, as if it was tagged before the others
        for rendered in tags_of(release(tag)):
            if not (rendered.line and rendered.line.higher(registry)):
                registry[str(rendered)] = tag[1:]
    highest = max(releases, key=lambda tag: [int(part) for part in tag[1:].split(".")])
    assert registry["latest"] == highest[1:]


semvers = st.builds(
    "{}.{}.{}{}".format,
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["", "-rc.1", "-rc.2", "-rc.10", "-alpha", "-1", "-rc.1.x"]),
)


@given(semvers, st.lists(semvers, max_size=8))
def test_precedence_is_semvers_own(ours: str, others: list[str]) -> None:
    line = Line(SEMVER, (), ours)
    finals = [SemanticVersion.parse(one) for one in others if "-" not in one]
    above = [one for one in finals if one > SemanticVersion.parse(ours)]
    assert line.higher(others) == (str(max(above)) if above else "")


def unreleased(source: Source, version: str, *extra: str) -> list[tuple[str, str]]:
    """Name and kind of each tag of a stated version, where those that git has not tagged may move."""
    options = TagOptions(untagged_versions="move", extra_tags=extra)
    stated = derive_version(source.history, Versioning("explicit", explicit=version))
    named = name_image(options, source, stated, ci_facts(), now=sources.COMMITTED_AT)
    return [(tag.tag.name, tag.kind.value) for tag in named.tags]


@pytest.mark.parametrize(
    ("history", "version", "expected"),
    [
        ({}, "1.5.0-SNAPSHOT", [(SHA, "commit"), ("1.5.0-SNAPSHOT", "unreleased")]),
        ({}, "1.5.0", [(SHA, "commit"), ("1.5.0", "unreleased")]),  # neither a line nor latest
        (
            {"release_tags": ("v1.5.0",)}, "1.5.0",
            [(SHA, "commit"), ("1.5.0", "version"), ("1.5", "line"), ("1", "line"), ("latest", "latest")],
        ),
        (
            {"release_tags": ("v1.5.0-SNAPSHOT",)}, "1.5.0-SNAPSHOT",
            [(SHA, "commit"), ("1.5.0-SNAPSHOT", "version")],
        ),
        ({"has_git": False}, "1.5.0-SNAPSHOT", [(SHA, "commit"), ("1.5.0-SNAPSHOT", "version")]),
    ],
)  # fmt: skip
def test_a_version_may_move_until_git_has_its_tag(
    history: dict[str, object], version: str, expected: list[tuple[str, str]]
) -> None:
    assert unreleased(changed(BASE, **history), version) == expected


def test_a_version_among_the_users_own_tags_is_one_of_those() -> None:
    found = dict(unreleased(changed(BASE, release_tags=("v1.4.0",)), "1.5.0", "1.4.0", "2.0.0", "stable"))
    assert (found["1.4.0"], found["2.0.0"], found["stable"]) == ("version", "unreleased", "extra")
    tag = ReleaseTag(Tag("2.0.0"), TagKind.UNRELEASED)
    assert tag.floating and not tag.protected and not tag.may_be_taken
