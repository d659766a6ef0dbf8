"""The version that follows from a release history, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version as SemanticVersion

from ecr_push.base.errors import ConflictError, SourceError
from ecr_push.versions.conventional_commits import Decision, decide
from ecr_push.versions.derive import derive_version
from ecr_push.versions.files.content import Stated
from ecr_push.versions.history import ReleaseHistory
from ecr_push.versions.options import Channel, Strategy
from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.versioning import Versioning


def history(
    *tags: str, nearest: str = "", distance: int = 0, dirty: tuple[str, ...] = (), branch: str = "main"
) -> ReleaseHistory:
    return ReleaseHistory(
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
    version = derive_version(history(*tags))
    assert (str(version), version.git_tag, version.distance) == (expected, git_tag, 0)
    assert (version.is_release, version.is_final) == (True, final)
    assert version.why == f"{git_tag} is tagged on this commit"


def test_build_metadata_is_kept_out_of_the_tags_text() -> None:
    assert derive_version(history("v1.4.2+linux.7")).text == "1.4.2"


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
    version = derive_version(history("deployed", nearest=nearest, distance=distance))
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
    version = derive_version(history(*tags, nearest=nearest, distance=distance, dirty=("a", "b", "c", "d")))
    assert (str(version), version.is_release, version.dirty) == (expected, False, True)
    assert version.why.endswith("the checkout is changed (a, b, c and 1 more): never a release")


identifier = st.one_of(st.integers(0, 99).map(str), st.sampled_from(["a", "beta", "rc", "rc1", "x-y", "0a"]))
prerelease = st.one_of(st.none(), st.lists(identifier, min_size=1, max_size=3).map(".".join))
small = st.integers(0, 20)


@given(st.builds(SemanticVersion, small, small, small, prerelease), st.integers(1, 10**6))
def test_a_version_between_sorts_between(release: SemanticVersion, distance: int) -> None:
    here = SemanticVersion.parse(str(derive_version(history(nearest=f"v{release}", distance=distance))))
    next_commit = SemanticVersion.parse(
        str(derive_version(history(nearest=f"v{release}", distance=distance + 1)))
    )
    coming = release.finalize_version() if release.prerelease else release.bump_patch()
    assert release < here < next_commit < coming
    if release.prerelease:
        stem, _, last = release.prerelease.rpartition(".")
        if last.isdigit():
            assert next_commit < release.replace(prerelease=f"{stem}.{int(last) + 1}".lstrip("."))
        elif not last[-1].isdigit():
            assert next_commit < release.replace(prerelease=f"{release.prerelease}.1")


BETWEEN_RELEASES = history(nearest="v1.4.2", distance=5)


def versioning(strategy: Strategy = "describe", *channels: str, release: bool = False) -> Versioning:
    return Versioning(strategy, channels=tuple(map(Channel.parse, channels)), release=release)


CHANNELS = [
    # branch, channels -> version
    ("main", (), "1.4.3-dev.5"),
    ("next", ("next=rc",), "1.4.3-rc.5"),
    ("main", ("next=rc",), "1.4.3-dev.5"),
    ("release/2", ("release/*=beta", "*=alpha"), "1.4.3-beta.5"),
    ("other", ("release/*=beta", "*=alpha"), "1.4.3-alpha.5"),
    ("a=b", ("a=b=x",), "1.4.3-x.5"),
    ("", ("*=alpha",), "1.4.3-dev.5"),
]


@pytest.mark.parametrize(("branch", "channels", "expected"), CHANNELS)
def test_a_branch_has_its_channel(branch: str, channels: tuple[str, ...], expected: str) -> None:
    here = replace(BETWEEN_RELEASES, branch=branch)
    assert str(derive_version(here, versioning("describe", *channels))) == expected


def test_a_channel_after_its_own_pre_release() -> None:
    here = history(nearest="v1.5.0-rc.1", distance=3, branch="next")
    assert str(derive_version(here, versioning("describe", "next=rc"))) == "1.5.0-rc.1.3"


@pytest.mark.parametrize("text", ["rc", "=rc", "next=", "next=r c", "next=7", "next=rc.1", "next=ü"])
def test_what_is_not_a_channel(text: str) -> None:
    with pytest.raises(ValueError, match="channel"):
        Channel.parse(text)


RELEASED = [
    # branch, channels, nearest, further release tags -> version, git tag
    ("main", (), "v1.4.2", (), "1.4.3", "v1.4.3"),
    ("main", (), "1.4.2", (), "1.4.3", "1.4.3"),
    ("main", (), "", (), "0.1.0", "v0.1.0"),
    ("main", (), "v1.5.0-rc.2", (), "1.5.0", "v1.5.0"),
    ("next", ("next=rc",), "v1.4.2", (), "1.4.3-rc.1", "v1.4.3-rc.1"),
    ("next", ("next=rc",), "v1.4.3-rc.1", (), "1.4.3-rc.2", "v1.4.3-rc.2"),
    ("next", ("next=rc",), "v1.4.3-rc.1", ("v1.4.3-rc.9", "v1.4.3-rc.10"), "1.4.3-rc.11", "v1.4.3-rc.11"),
    ("next", ("next=rc",), "v1.4.2", ("v1.4.2-rc.7", "v1.4.3-rcx.7"), "1.4.3-rc.1", "v1.4.3-rc.1"),
]


@pytest.mark.parametrize(("branch", "channels", "nearest", "others", "expected", "git_tag"), RELEASED)
def test_a_release_is_computed_without_a_distance(
    branch: str, channels: tuple[str, ...], nearest: str, others: tuple[str, ...], expected: str, git_tag: str
) -> None:
    here = history(nearest=nearest, distance=5, branch=branch)
    here = replace(here, release_tags=(*here.release_tags, *others))
    version = derive_version(here, versioning("describe", *channels, release=True))
    assert (str(version), version.new_git_tag, version.is_release) == (expected, git_tag, True)


@pytest.mark.parametrize(
    "changed",
    [{"no_release": "a pull request is never released", "branch": ""}, {"dirty": ("a",)}],
    ids=["a pull request", "a changed checkout"],
)
def test_what_is_never_released(changed: dict[str, object]) -> None:
    here = replace(BETWEEN_RELEASES, **changed)  # type: ignore[arg-type]
    version = derive_version(here, versioning(release=True))
    assert (version.is_release, version.new_git_tag) == (False, "")
    assert "-dev.5" in str(version)


@pytest.mark.parametrize(
    ("here", "strategy", "explicit", "expected"),
    [
        (history("v1.4.2"), "describe", "", "1.4.3-dev.0"),
        (history("v1.4.2"), "tag", "", ""),
        (BETWEEN_RELEASES, "explicit", "1.5.0", "1.5.0-dev.5"),
        (BETWEEN_RELEASES, "explicit", "1.3.9", "1.3.9-dev.5"),
        (history("v1.4.2"), "explicit", "1.4.2", "1.4.2-dev.0"),
        (replace(history(), has_git=False), "file", "", "2.0.0-dev.0"),
    ],
)
def test_a_pull_request_is_not_a_release(
    here: ReleaseHistory, strategy: Strategy, explicit: str, expected: str
) -> None:
    version = derive_version(
        replace(here, branch="", no_release="a pull request is never released"),
        Versioning(strategy, explicit=explicit),
        stated=Stated("2.0.0", "VERSION"),
    )
    assert (str(version), version.is_release) == (expected, False)


def test_a_commit_that_is_tagged_is_released_already() -> None:
    version = derive_version(history("v1.4.2"), versioning(release=True))
    assert (str(version), version.is_release, version.new_git_tag) == ("1.4.2", True, "")


def test_a_release_ends_its_commits_pre_releases_except_on_their_channel() -> None:
    ended = derive_version(history("v1.5.0-rc.2", branch="main"), versioning(release=True))
    assert (str(ended), ended.new_git_tag) == ("1.5.0", "v1.5.0")
    again = derive_version(
        history("v1.5.0-rc.2", branch="next"), versioning("describe", "next=rc", release=True)
    )
    assert (str(again), again.new_git_tag) == ("1.5.0-rc.2", "")


def test_a_re_run_of_a_pre_release_that_nothing_ends_finds_it() -> None:
    here = history("v1.5.0-rc.1", nearest="v1.5.0-rc.1")
    stated = derive_version(here, versioning("file", release=True), stated=Stated("1.5.0-rc.1", "VERSION"))
    asked = derive_version(here, versioning("conventional", release=True), decision=asked_for(["ci: x"], ""))
    for version in (stated, asked):
        assert (str(version), version.is_release, version.new_git_tag) == ("1.5.0-rc.1", True, "")


@pytest.mark.parametrize("strategy", ["describe", "conventional"])
def test_a_day_has_one_release_and_never_takes_the_next_days(strategy: Strategy) -> None:
    here = replace(history(nearest="v2024.05.06", distance=2), nearest_final="v2024.05.06")
    daily = replace(versioning(strategy), scheme=parse_scheme("YYYY.0M.0D"))
    decision = asked_for(["feat: x"], "2024.5.6")
    assert str(derive_version(here, daily, decision=decision)) == "2024.05.07-dev.2"
    with pytest.raises(ConflictError, match=r"after 2024\.05\.06") as caught:
        derive_version(here, replace(daily, release=True), decision=decision)
    assert "YYYY.0M.0D.MICRO" in str(caught.value.why)


def test_the_strategy_tag_computes_no_version() -> None:
    version = derive_version(BETWEEN_RELEASES, versioning("tag"))
    assert (version.text, str(version), version.number) == ("", "", None)
    assert str(derive_version(history("v1.4.2"), versioning("tag"))) == "1.4.2"


CONVENTIONAL = [
    # nearest, last final, messages since that -> version of a snapshot, version of a release ("" for none)
    ("v1.4.2", "v1.4.2", ["fix: x"], "1.4.3-dev.5", "1.4.3"),
    ("v1.4.2", "v1.4.2", ["feat: x", "fix: y"], "1.5.0-dev.5", "1.5.0"),
    ("v1.4.2", "v1.4.2", ["feat(api)!: x"], "2.0.0-dev.5", "2.0.0"),
    ("v1.4.2", "v1.4.2", ["chore: x\n\nBREAKING CHANGE: y"], "2.0.0-dev.5", "2.0.0"),
    ("v1.4.2", "v1.4.2", ["chore: x", "Merge branch 'main'"], "1.4.3-dev.5", ""),
    ("v0.4.2", "v0.4.2", ["feat!: x"], "0.5.0-dev.5", "0.5.0"),
    ("v0.4.2", "v0.4.2", ["feat: x"], "0.5.0-dev.5", "0.5.0"),
    ("", "", ["feat: x"], "0.1.0-dev.5", "0.1.0"),
    ("", "", ["chore: x"], "0.1.0-dev.5", ""),
    # A pre-release was announced since; what comes is at least what it announced.
    ("v1.5.0-rc.1", "v1.4.2", ["fix: x", "feat: y"], "1.5.0-rc.1.dev.5", "1.5.0"),
    ("v2.0.0-rc.1", "v1.4.2", ["fix: x"], "2.0.0-rc.1.dev.5", "2.0.0"),
    ("v1.5.0-rc.1", "v1.4.2", ["feat!: x"], "2.0.0-dev.5", "2.0.0"),
]


@pytest.mark.parametrize(("nearest", "final", "messages", "snapshot", "released"), CONVENTIONAL)
def test_what_commits_ask_for(
    nearest: str, final: str, messages: list[str], snapshot: str, released: str
) -> None:
    here = replace(history(nearest=nearest, distance=5), nearest_final=final)
    decision = asked_for(messages, final)
    assert str(derive_version(here, versioning("conventional"), decision=decision)) == snapshot
    release = derive_version(here, versioning("conventional", release=True), decision=decision)
    assert (str(release) if release.is_release else "") == released
    assert release.new_git_tag == (f"v{released}" if released else "")


def asked_for(messages: list[str], final: str) -> Decision:
    current = tuple(int(part) for part in final.removeprefix("v").split(".")) if final else ()
    return decide([(f"{number:040x}", message) for number, message in enumerate(messages)], current)


def test_the_commit_that_decided_is_named() -> None:
    here = replace(BETWEEN_RELEASES, nearest_final="v1.4.2")
    version = derive_version(
        here, versioning("conventional"), decision=asked_for(["feat: sell tickets"], "v1.4.2")
    )
    assert version.why == '5 commits after v1.4.2; "feat: sell tickets" raises the minor version'


FILES = [
    # the file says, nearest, distance -> version of a snapshot, of a release
    ("2.0.0", "v1.4.2", 5, "2.0.0-dev.5", "2.0.0"),
    ("1.4.3", "v1.4.2", 5, "1.4.3-dev.5", "1.4.3"),
    ("2.0.0", "", 5, "2.0.0-dev.5", "2.0.0"),
    ("2.0.0", "v2.0.0-rc.1", 5, "2.0.0-rc.1.dev.5", "2.0.0"),
    ("2.0.0-rc.1", "v1.4.2", 5, "2.0.0-dev.5", "2.0.0-rc.1"),
]


@pytest.mark.parametrize(("says", "nearest", "distance", "snapshot", "released"), FILES)
def test_what_a_file_says(says: str, nearest: str, distance: int, snapshot: str, released: str) -> None:
    here, stated = history(nearest=nearest, distance=distance), Stated(says, "version in package.json")
    assert str(derive_version(here, versioning("file"), stated=stated)) == snapshot
    release = derive_version(here, versioning("file", release=True), stated=stated)
    assert (str(release), release.new_git_tag) == (released, f"v{released}")


def test_a_file_that_still_names_the_last_release() -> None:
    stated = Stated("1.4.2", "version in package.json")
    version = derive_version(BETWEEN_RELEASES, versioning("file"), stated=stated)
    assert str(version) == "1.4.3-dev.5"
    assert version.why == "5 commits after v1.4.2, which version in package.json still names"
    with pytest.raises(ConflictError, match=r"1\.4\.2 is already released, as v1\.4\.2"):
        derive_version(BETWEEN_RELEASES, versioning("file", release=True), stated=stated)


@pytest.mark.parametrize("release", [False, True])
def test_a_file_that_would_go_backwards(release: bool) -> None:
    with pytest.raises(SourceError, match=r"is 1\.4\.1, below v1\.4\.2") as caught:
        derive_version(
            BETWEEN_RELEASES,
            versioning("file", release=release),
            stated=Stated("1.4.1", "version in package.json"),
        )
    assert (caught.value.exit_code, bool(caught.value.remedy)) == (2, True)


def test_a_file_whose_version_is_under_development_is_not_released() -> None:
    stated = Stated("2.0.0", "project.version in pom.xml", is_development=True)
    version = derive_version(BETWEEN_RELEASES, versioning("file", release=True), stated=stated)
    assert (str(version), version.is_release) == ("2.0.0-dev.5", False)


def test_a_file_of_another_scheme() -> None:
    with pytest.raises(SourceError, match=r"'1\.5\.0rc1', which is not a valid version") as caught:
        derive_version(
            BETWEEN_RELEASES,
            versioning("file"),
            stated=Stated("1.5.0rc1", "pyproject.toml"),
        )
    assert "--version-scheme" in caught.value.remedy


def test_without_git_a_file_is_taken_at_its_word() -> None:
    here = replace(history(), has_git=False)
    version = derive_version(here, versioning("file"), stated=Stated("2.0.0", "VERSION"))
    assert (str(version), version.is_release, version.new_git_tag) == ("2.0.0", True, "")


@pytest.mark.parametrize("strategy", ["describe", "conventional", "tag"])
def test_without_git_nothing_is_guessed_and_a_tag_that_the_ci_names_counts(strategy: Strategy) -> None:
    nothing = derive_version(replace(history(), has_git=False), versioning(strategy))
    assert (nothing.text, nothing.is_release) == ("", False)
    tagged = derive_version(replace(history("v1.4.2"), has_git=False), versioning(strategy))
    assert (str(tagged), tagged.is_release) == ("1.4.2", True)


def test_an_explicit_version_overrules_git() -> None:
    explicit = Versioning("explicit", explicit="9.9.9+build.7")
    for here in (history("v1.4.2"), BETWEEN_RELEASES, replace(history(), has_git=False)):
        version = derive_version(here, explicit)
        assert (version.text, str(version), version.is_final) == ("9.9.9", "9.9.9+build.7", True)
    dirty = derive_version(history(dirty=("a",)), explicit)
    assert (dirty.is_release, dirty.dirty) == (False, True)
    released = derive_version(BETWEEN_RELEASES, replace(explicit, release=True))
    assert released.new_git_tag == "v9.9.9+build.7"


def test_a_tag_prefix_is_part_of_every_git_tag() -> None:
    on = replace(history("v1.4.2"), tag_prefix="api/")
    assert derive_version(on).git_tag == "api/v1.4.2"
    after = replace(BETWEEN_RELEASES, tag_prefix="api/")
    version = derive_version(after, versioning(release=True))
    assert (version.git_tag, version.new_git_tag) == ("api/v1.4.2", "api/v1.4.3")
    assert version.why == "5 commits after api/v1.4.2"


OTHER_SCHEMES = [
    ("two-part", "v1.4", 5, "1.5-dev.5", "1.5"),
    ("pep440", "v1.4.2", 5, "1.4.3.dev5", "1.4.3"),
    ("YYYY.0M.MICRO", "2024.05.1", 5, "2024.05.2-dev.5", "2024.05.2"),
    ("YYYY.0M.MICRO", "2024.04.1", 5, "2024.05.0-dev.5", "2024.05.0"),
    ("YYYY.0M.0D", "", 5, "2024.05.06-dev.5", "2024.05.06"),
]


@pytest.mark.parametrize(("scheme", "nearest", "distance", "snapshot", "released"), OTHER_SCHEMES)
def test_other_schemes(scheme: str, nearest: str, distance: int, snapshot: str, released: str) -> None:
    here = history(nearest=nearest, distance=distance)  # committed on 2024-05-06
    chosen = Versioning(scheme=parse_scheme(scheme))
    assert str(derive_version(here, chosen)) == snapshot
    assert str(derive_version(here, replace(chosen, release=True))) == released


@pytest.mark.parametrize("text", ["v1.0.0-" + "a" * 200, "2.0." + "9" * 200])
def test_a_release_tag_that_no_image_tag_can_hold_is_never_passed_over(text: str) -> None:
    with pytest.raises(SourceError, match="cannot become an image tag"):
        derive_version(history(text))


def test_build_metadata_may_be_as_long_as_it_likes() -> None:
    assert derive_version(history("v1.0.0+" + "a" * 150)).text == "1.0.0"
