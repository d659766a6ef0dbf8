"""Rules, flavor and settings as the names of an image, each guarded by what it claims to be."""

from __future__ import annotations

import signal
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import Tag
from ecr_push.ci.facts import CiFacts, MetadataActionCompat, RepositoryFacts
from ecr_push.settings.declare import Settings
from ecr_push.source.model import Source
from ecr_push.tags import from_rules
from ecr_push.tags.branch_slug import branch_slug
from ecr_push.tags.kinds import TagKind
from ecr_push.tags.labels import REVISION_LABEL, VERSION_LABEL
from ecr_push.tags.naming import Names, name_image
from ecr_push.tags.temporary import TEMPORARY_PREFIXES
from ecr_push.versions.conventional_commits import Decision
from ecr_push.versions.derive import derive_version
from ecr_push.versions.files.content import Stated
from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.versioning import Versioning
from tests.support import sources
from tests.support.ci import ci_facts, with_ref
from tests.support.settings import load_settings
from tests.support.sources import COMMIT, MERGE, changed

NOW = datetime(2026, 11, 24, 23, 30, tzinfo=timezone.utc)
BASE = sources.source(default_branch="main", nearest="v1.4.2", distance=5, release_tags=("v1.4.2",))
RELEASE = changed(BASE, tags=("v1.4.2",), distance=0)
PULL_REQUEST = changed(BASE, branch="", pull_request="12", built_from=MERGE)


def on_branch(branch: str = "main", event: str = "push") -> CiFacts:
    return ci_facts("github", commit=COMMIT, branch=branch, event=event)


ON_BRANCH = on_branch()
SCHEDULED = on_branch(event="schedule")
ON_TAG = ci_facts("github", commit=COMMIT, tag="v1.4.2", event="push")
ON_REQUEST = ci_facts(
    "github", commit=COMMIT, pull_request="12", event="pull_request", base="main", run_commit=MERGE
)


def settings(**given: object) -> Settings:
    return load_settings({"context": "/nowhere", **given}, {}, command="tags")


def named(
    source: Source, facts: CiFacts = ON_BRANCH, dockerfile: Collection[str] = (), **given: object
) -> Names:
    read = settings(**given)
    return name_image(
        read.tags,
        source,
        derive_version(source.history),
        facts,
        now=NOW,
        several_platforms=len(read.builder.platforms) > 1,
        dockerfile_labels=dockerfile,
    )


def kinds(source: Source, facts: CiFacts, *rules: str, **given: object) -> dict[str, TagKind]:
    return {str(tag): tag.kind for tag in named(source, facts, tag_rules=rules, **given).tags}


@pytest.mark.parametrize(
    ("source", "facts", "rule"),
    [
        (BASE, SCHEDULED, "type=schedule,pattern=nightly"),
        (PULL_REQUEST, ON_REQUEST, "type=raw,value={{base_ref}}-next"),
        (RELEASE, ON_TAG, "type=ref,event=tag"),
        (changed(RELEASE, branch=""), ON_TAG, "type=semver,pattern={{version}}"),
    ],
)
def test_a_ci_that_names_no_commit_says_as_much(source: Source, facts: CiFacts, rule: str) -> None:
    nameless = with_ref(facts, commit="", run_commit="")
    assert kinds(source, nameless, rule) == kinds(source, facts, rule) != {}


def test_a_run_that_names_no_commit_may_speak_of_another_checkout() -> None:
    """Of a second repository, that lacks the tag."""
    nameless = with_ref(ON_TAG, commit="")
    assert kinds(changed(BASE, branch=""), nameless, "type=ref,event=tag") == {}


K = TagKind
GUARDS = [
    # source, what the CI says, rule -> tag, what it is
    (RELEASE, ON_TAG, "type=semver,pattern={{version}}", "1.4.2", K.VERSION),
    (RELEASE, ON_TAG, "type=semver,pattern=v{{version}}", "v1.4.2", K.VERSION),
    (RELEASE, ON_TAG, "type=semver,pattern={{raw}}", "v1.4.2", K.VERSION),
    (RELEASE, ON_TAG, "type=semver,pattern={{major}}.{{minor}}", "1.4", K.LINE),
    (RELEASE, ON_TAG, "type=semver,pattern=v{{major}}", "v1", K.LINE),
    (RELEASE, ON_TAG, "type=pep440,pattern={{major}}", "1", K.LINE),
    (RELEASE, ON_TAG, "type=ref,event=tag", "v1.4.2", K.VERSION),
    (RELEASE, ON_TAG, "type=match,pattern=v(.*),group=1", "1.4.2", K.VERSION),
    (RELEASE, ON_TAG, r"type=match,pattern=\d+\.\d+", "1.4", K.LINE),
    (RELEASE, ON_TAG, "type=sha", "sha-0123456", K.COMMIT),
    (RELEASE, ON_TAG, "type=sha,format=long,prefix=", COMMIT, K.COMMIT),
    (RELEASE, ON_TAG, "type=raw,value=latest", "latest", K.LATEST),
    (RELEASE, ON_TAG, "type=raw,value=1.4.2", "1.4.2", K.VERSION),
    (RELEASE, ON_TAG, "stable", "stable", K.EXTRA),
    (BASE, ON_BRANCH, "type=ref,event=branch", "main", K.BRANCH),
    (BASE, ON_BRANCH, "type=edge", "edge", K.BRANCH),
    (BASE, ON_BRANCH, "type=raw,value={{branch}}-{{sha}}", "main-0123456", K.EXTRA),
    (PULL_REQUEST, ON_REQUEST, "type=ref,event=pr", "pr-12", K.BRANCH),
    (PULL_REQUEST, ON_REQUEST, "type=sha", "sha-0123456", K.MERGE),
    # It looks like a version, and is new every day.
    (BASE, ON_BRANCH, "type=raw,value={{date 'YYYY.MM.DD'}}", "2026.11.24", K.EXTRA),
    (BASE, ON_BRANCH, "type=raw,value={{date 'YYYYMMDD' tz='Asia/Tokyo'}}", "20261125", K.EXTRA),
    (BASE, ON_BRANCH, "type=raw,value={{commit_date 'YYYY'}}", "2024", K.EXTRA),
    (BASE, SCHEDULED, "type=schedule,pattern={{date 'YYYY.M.D'}}", "2026.11.24", K.EXTRA),
    (BASE, ON_BRANCH, "type=raw,value=1,prefix={{date 'YYYY.M'}}.", "2026.11.1", K.EXTRA),
    (BASE, SCHEDULED, "type=schedule", "nightly", K.EXTRA),
    (BASE, SCHEDULED, "type=schedule,pattern=latest", "latest", K.LATEST),
    (BASE, ON_BRANCH, "type=raw,value=latest,suffix=-alpine", "latest-alpine", K.LATEST),
    (RELEASE, ON_TAG, "type=raw,value=1.4,suffix=-alpine", "1.4-alpine", K.LINE),
    (RELEASE, ON_TAG, "type=match,pattern=v(.*),group=1,prefix=app-", "app-1.4.2", K.VERSION),
    (PULL_REQUEST, ON_REQUEST, "type=raw,value=sha-{{sha}}", "sha-0123456", K.MERGE),
]  # fmt: skip


@pytest.mark.parametrize(("source", "facts", "rule", "tag", "kind"), GUARDS)
def test_what_a_rule_gives_is_guarded_by_what_it_says(
    source: Source, facts: CiFacts, rule: str, tag: str, kind: TagKind
) -> None:
    assert kinds(source, facts, rule, flavor=("latest=false",)) == {tag: kind}


def test_rules_replace_the_computed_tags_and_keep_the_extra_ones() -> None:
    tags = kinds(RELEASE, ON_TAG, "type=raw,value=mine", extra_tags=("stable", "9.9.9"))
    assert tags == {"9.9.9": K.VERSION, "mine": K.EXTRA, "stable": K.EXTRA}


def test_tags_come_in_the_order_of_promotion_whatever_the_rules_say() -> None:
    tags = kinds(
        RELEASE, ON_TAG, "type=semver,pattern={{major}}", "type=semver,pattern={{major}}.{{minor}}", "stable",
        "type=semver,pattern={{version}}", "type=sha",
    )  # fmt: skip
    assert list(tags) == ["sha-0123456", "1.4.2", "stable", "1.4", "1", "latest"]


@pytest.mark.parametrize(
    ("floating", "kept"),
    [
        ("all", {"1.4.2", "1.4", "latest", "x"}),
        ("latest", {"1.4.2", "latest", "x"}),
        ("none", {"1.4.2", "x"}),
    ],
)
def test_tags_that_may_not_move_are_left_out(floating: str, kept: set[str]) -> None:
    rules = ("type=semver,pattern={{version}}", "type=semver,pattern={{major}}.{{minor}}", "x")
    assert set(kinds(RELEASE, ON_TAG, *rules, floating_tags=floating)) == kept


def test_a_dirty_checkout_gets_no_version_and_no_floating_tag() -> None:
    dirty = changed(RELEASE, dirty=("a",))
    rules = ("type=semver,pattern={{version}}", "type=sha", "type=ref,event=tag", "latest", "try-1")
    assert kinds(dirty, ON_TAG, *rules) == {"dirty-0123456789ab": K.DIRTY, "try-1": K.EXTRA}


def versioned(
    source: Source,
    versioning: Versioning,
    *rules: str,
    stated: str = "",
    facts: CiFacts = ON_BRANCH,
    **given: object,
) -> Names:
    read = settings(tag_rules=rules, **given)
    decision = Decision("minor", COMMIT, "feat: x", "feat: x raises the minor version", {})
    version = derive_version(
        replace(source.history, nearest_final="v1.4.2"),
        versioning,
        decision=decision,
        stated=Stated(stated, "VERSION") if stated else None,
    )
    return name_image(read.tags, source, version, facts, now=NOW)


SEMVER_RULES = (
    "type=semver,pattern={{version}}",
    "type=semver,pattern={{major}}.{{minor}}",
    "type=ref,event=branch",
)
AS_RELEASED = ["2.0.0", "main", "2.0", "latest"]
VERSIONED = [
    # how the version is derived, what a file states, rules -> tags
    (Versioning("explicit", explicit="2.0.0"), "", SEMVER_RULES, AS_RELEASED),
    (Versioning("explicit", explicit="v2.0.0"), "", SEMVER_RULES, AS_RELEASED),
    (Versioning("file", release=True), "2.0.0", SEMVER_RULES, AS_RELEASED),
    (Versioning("conventional", release=True), "", SEMVER_RULES, ["1.5.0", "main", "1.5", "latest"]),
    (Versioning("conventional", release=True), "", ("type=match,pattern=v(.*),group=1",),
     ["1.5.0", "latest"]),
    (Versioning("explicit", explicit="2.0.0-rc.1"), "", SEMVER_RULES, ["2.0.0-rc.1", "main"]),
    (Versioning("explicit", explicit="1.2.0"), "", SEMVER_RULES, ["1.2.0", "main", "1.2"]),  # 1.4.2 is higher
    (Versioning("explicit", parse_scheme("pep440"), explicit="2.0rc1"), "",
     ("type=pep440,pattern={{version}}",), ["2.0rc1"]),
    (Versioning("explicit", explicit="2.0.0"), "", ("type=semver,pattern={{version}},value=3.0.0",),
     ["3.0.0", "latest"]),
    (Versioning("explicit", explicit="2.0.0"), "", ("type=ref,event=tag", "x"), ["x"]),
    # Between releases the action's rules give what the action gives: a version's tag has to come from git.
    (Versioning("file"), "2.0.0", SEMVER_RULES, ["main"]),
    (Versioning("conventional"), "", SEMVER_RULES, ["main"]),
    (Versioning(), "", SEMVER_RULES, ["main"]),
    (Versioning(), "", ("type=raw,value={{version}}",), ["1.4.3-dev.5"]),
]  # fmt: skip


@pytest.mark.parametrize("naming", ["ecr-push", "metadata-action"])
@pytest.mark.parametrize(("versioning", "stated", "rules", "expected"), VERSIONED)
def test_rules_read_the_version_that_a_run_releases(
    versioning: Versioning, stated: str, rules: tuple[str, ...], expected: list[str], naming: str
) -> None:
    found = versioned(BASE, versioning, *rules, stated=stated, naming=naming)
    assert [str(tag) for tag in found.tags] == expected


def test_a_version_that_was_given_comes_before_the_git_tag_of_the_run() -> None:
    found = versioned(RELEASE, Versioning("explicit", explicit="2.0.0"), *SEMVER_RULES[:2], facts=ON_TAG)
    assert [str(tag) for tag in found.tags] == ["2.0.0", "2.0", "latest"]
    same = versioned(RELEASE, Versioning("explicit", explicit="1.4.2"), *SEMVER_RULES[:2], facts=ON_TAG)
    assert [str(tag) for tag in same.tags] == ["1.4.2", "1.4", "latest"]


def test_a_version_with_a_prefix_is_read_by_the_rules_of_its_git_tag() -> None:
    part = changed(BASE, tag_prefix="api/")
    rule = "type=semver,pattern={{version}},match=api/(.*)"
    found = versioned(part, Versioning("conventional", release=True), rule)
    assert ([str(tag) for tag in found.tags], found.warnings) == (["1.5.0", "latest"], ())


UNUSED = [
    (Versioning("explicit", explicit="2.0.0"), "", ("type=sha",),
     "2.0.0: add the rule type=semver,pattern={{version}}"),
    (Versioning("explicit", parse_scheme("two-part"), explicit="2.0"), "", ("type=sha",),
     "2.0: add the rule type=raw,value={{version}}"),
    (Versioning("file"), "2.0.0", SEMVER_RULES,
     "2.0.0-dev.5, a snapshot: release it with --git-tag, or add the rule type=raw,value={{version}}"),
    (Versioning("file"), "2.0.0", ("type=raw,value=app-{{version}}",), ""),
    (Versioning("explicit", explicit="2.0.0"), "", ("type=semver,pattern={{major}}",), ""),
    (Versioning("explicit", explicit="2.0.0"), "", ("type=raw,value=v2.0.0-alpine",), ""),
    (Versioning("conventional"), "", ("type=sha",), ""),
    (Versioning(), "", ("type=sha",), ""),
]  # fmt: skip


@pytest.mark.parametrize(("versioning", "stated", "rules", "expected"), UNUSED)
def test_a_version_that_no_rule_uses_is_not_lost_without_a_word(
    versioning: Versioning, stated: str, rules: tuple[str, ...], expected: str
) -> None:
    warnings = versioned(BASE, versioning, *rules, stated=stated).warnings
    assert warnings == ((f"no rule of --tags gives a tag for the version {expected}",) if expected else ())


def test_the_version_of_a_snapshot_may_be_taken() -> None:
    assert kinds(BASE, ON_BRANCH, "type=raw,value={{version}}") == {"1.4.3-dev.5": K.SNAPSHOT}
    assert kinds(BASE, ON_BRANCH, "type=raw,value=v{{version}}") == {"v1.4.3-dev.5": K.SNAPSHOT}
    assert kinds(BASE, ON_BRANCH, "type=raw,value={{version}},suffix=-x") == {"1.4.3-dev.5-x": K.SNAPSHOT}
    assert kinds(RELEASE, ON_TAG, "type=raw,value={{version}}") == {"1.4.2": K.VERSION}


SIG = f"sha256-{'a' * 64}.sig"
NAMED_LIKE_A_RELEASE = ["latest", "1.4.2", "v2.0.0-x", "1.4", "v2", "sha-0123456789ab"]


@pytest.mark.parametrize("branch", [*NAMED_LIKE_A_RELEASE, "candidate-x", "claim-x", "pr-12", SIG])
def test_a_branch_never_has_the_tag_of_a_release(branch: str) -> None:
    """A user who can push a branch cannot move what a version's tag or `latest` points to."""
    found = named(changed(BASE, branch=branch), on_branch(branch), tag_rules=("type=ref,event=branch",))
    (tag,) = found.tags
    assert (tag.kind, tag.tag) == (K.BRANCH, branch_slug(branch))
    assert found.warnings == (f"{branch} is reserved for other tags than a branch's: this branch gets {tag}",)


@pytest.mark.parametrize(
    ("given", "names", "left_out"),
    [
        (("stable", "build-7"), ("stable", "build-7"), ""),
        (("123",), ("123",), ""),  # of a run
        (("latest",), (), "latest (the last release)"),
        (("9.9.9", "stable", "latest"), ("stable",), "9.9.9 (a version), latest (the last release)"),
        (("1.4", "1"), (), "1.4 (a line of versions), 1 (a line of versions)"),
        (("main",), (), "main (the default branch)"),
    ],
)
def test_what_is_released_is_not_said_by_the_image_of_a_pull_request(
    given: tuple[str, ...], names: tuple[str, ...], left_out: str
) -> None:
    """ecr-push.yml, which comes with the request, cannot move the tags of releases to it."""
    own = named(PULL_REQUEST, ON_REQUEST).tags
    rules = tuple(f"type=raw,value={one}" for one in given)
    for found, others in (
        (named(PULL_REQUEST, ON_REQUEST, extra_tags=given), {str(tag) for tag in own}),
        (named(PULL_REQUEST, ON_REQUEST, tag_rules=rules), set[str]()),
    ):
        assert {str(tag) for tag in found.tags} - others == set(names)
        said = f"the image of pull request 12 does not get {left_out}"
        assert bool(left_out) == (said in found.warnings)
    assert set(given) <= {str(tag) for tag in named(BASE, ON_BRANCH, extra_tags=given).tags}


@pytest.mark.parametrize(
    ("rule", "flavor", "expected"),
    [
        ("type=ref,event=pr,prefix=", "", "pr-12"),
        ("type=ref,event=pr,prefix=v", "", "pr-v12"),
        ("type=ref,event=pr,prefix=1.4.", "", "pr-1.4.12"),
        ("type=ref,event=pr,prefix=", "suffix=-slim", "pr-12-slim"),
    ],
)
def test_a_pull_request_never_has_the_tag_of_a_release(rule: str, flavor: str, expected: str) -> None:
    found = named(PULL_REQUEST, ON_REQUEST, tag_rules=(rule,), flavor=(flavor,) if flavor else ())
    assert [(tag.kind, str(tag)) for tag in found.tags] == [(K.BRANCH, expected)]
    (warning,) = found.warnings
    name = expected.removeprefix("pr-")
    assert (
        warning
        == f"{name} is reserved for other tags than a pull request's: this pull request gets {expected}"
    )


@pytest.mark.parametrize(
    ("rule", "tag"),
    [
        ("type=ref,event=pr", "pr-12-slim"),
        ("type=ref,event=pr,prefix=preview-", "preview-12-slim"),
        ("type=ref,event=pr,prefix=,suffix=-try", "12-try"),
    ],
)
def test_a_pull_requests_tag_that_no_release_can_have_stays(rule: str, tag: str) -> None:
    found = named(PULL_REQUEST, ON_REQUEST, tag_rules=(rule,), flavor=("suffix=-slim",))
    assert ([str(one) for one in found.tags], found.warnings) == ([tag], ())


@pytest.mark.parametrize("flavor", ["suffix=-slim", "prefix=app-", "prefix=app-,suffix=-slim"])
@pytest.mark.parametrize("branch", ["1.4", "latest", "1.4.2"])
def test_a_branch_never_has_the_tag_of_a_release_with_affixes(branch: str, flavor: str) -> None:
    """With this flavor the release's own tag is `1.4-slim`."""
    source, facts = changed(BASE, branch=branch), on_branch(branch)
    found = named(source, facts, tag_rules=("type=ref,event=branch",), flavor=tuple(flavor.split(",")))
    (tag,) = found.tags
    assert (tag.kind, str(tag)[:7]) == (K.BRANCH, "branch-")


def test_the_peers_tag_of_a_branch_is_guarded_by_what_it_says() -> None:
    found = {}
    for branch in NAMED_LIKE_A_RELEASE:
        source, facts = changed(BASE, branch=branch), on_branch(branch)
        found |= kinds(source, facts, "type=ref,event=branch", naming="metadata-action")
    assert found == {
        "latest": K.LATEST, "1.4.2": K.VERSION, "v2.0.0-x": K.VERSION, "1.4": K.LINE, "v2": K.LINE,
        "sha-0123456789ab": K.COMMIT,
    }  # fmt: skip


LINES = [
    # other git tags -> what the rules of an affixed image give
    ((), ["1.4.2-alpine", "1.4-alpine", "latest-alpine"]),
    (("v1.4.9",), ["1.4.2-alpine"]),
    (("v1.5.0",), ["1.4.2-alpine", "1.4-alpine"]),
    (("v2.0.0-rc.1",), ["1.4.2-alpine", "1.4-alpine", "latest-alpine"]),
]


@pytest.mark.parametrize(("others", "expected"), LINES)
def test_floating_tags_with_affixes_never_move_backwards(
    others: tuple[str, ...], expected: list[str]
) -> None:
    source = changed(RELEASE, release_tags=("v1.4.2", *others))
    found = named(
        source, ON_TAG, flavor=("suffix=-alpine,onlatest=true",),
        tag_rules=("type=semver,pattern={{version}}", "type=semver,pattern={{major}}.{{minor}}"),
    )  # fmt: skip
    assert [str(tag) for tag in found.tags] == expected
    assert len(found.warnings) == 3 - len(expected)
    # In the registry, they are compared with versions of the same affix alone.
    floating = [tag.line for tag in found.tags if tag.line]
    assert all(line.higher(["9.9.9", "1.4.0-alpine", "1.4.9-alpine"]) == "1.4.9-alpine" for line in floating)


FLOATS = [
    # what the rules make of a git tag that the scheme does not read -> the version that latest brings, and
    # the names that it is compared with
    ("release-1.2.4", "", (r"type=match,pattern=release-(.*),group=1",), "1.2.4", "1.2.5", "1.2.3"),
    ("release-1.2.4", "suffix=-alpine", (r"type=match,pattern=release-(.*),group=1",),
     "1.2.4", "1.2.5-alpine", "1.2.5"),
    ("v1.2.4", "suffix=-alpine", ("type=semver,pattern={{version}}",), "1.2.4", "1.2.5-alpine", "1.2.5"),
    ("v1.2.4", "", ("type=semver,pattern=app-{{version}}",), "1.2.4", "app-1.2.5", "1.2.5"),
    ("v1.2.4", "", ("type=semver,pattern=v{{version}}",), "1.2.4", "v1.2.5", "v1.2.3"),
    ("v1.2.4", "suffix=-x,onlatest=true", ("type=ref,event=tag",), "1.2.4", "v1.2.5-x", "v1.2.5"),
]  # fmt: skip


@pytest.mark.parametrize(("git_tag", "flavor", "rules", "brings", "higher", "passed_over"), FLOATS)
def test_latest_floats_on_the_versions_that_its_rules_give(
    git_tag: str, flavor: str, rules: tuple[str, ...], brings: str, higher: str, passed_over: str
) -> None:
    source = changed(BASE, branch="", tags=(git_tag,), nearest="", distance=7, release_tags=())
    facts = with_ref(ON_TAG, tag=git_tag)
    found = named(source, facts, tag_rules=rules, flavor=(flavor,) if flavor else ())
    (line,) = [tag.line for tag in found.tags if tag.kind is K.LATEST and tag.line]
    assert line.version == brings
    assert line.higher([higher, passed_over]) == higher


@pytest.mark.parametrize("naming", ["ecr-push", "metadata-action"])
def test_two_branches_never_quietly_have_one_tag(naming: str) -> None:
    source = changed(BASE, branch="feature/a", branches=("main", "feature-a", "feature/a"))
    facts = on_branch("feature/a")
    found = named(source, facts, tag_rules=("type=ref,event=branch",), naming=naming)
    (tag,) = map(str, found.tags)
    if naming == "metadata-action":
        assert (tag, found.warnings) == ("feature-a", ())
    else:
        assert tag.startswith("feature-a-") and len(tag) == len("feature-a-12345678")
        assert found.warnings == (
            f"the branch feature-a would get the tag feature-a too: this branch gets {tag}",
        )


@pytest.mark.parametrize(
    ("git_tag", "rule"),
    [
        ("v10.2.3", r"type=semver,pattern={{version}},match=(\d\.\d\.\d)"),
        ("v10.2.3", "type=semver,pattern={{version}},value=1.9.0"),
        ("v10.2.3", "type=raw,value=1.9.0"),
    ],
)
def test_the_runs_own_git_tag_does_not_hold_back_its_latest(git_tag: str, rule: str) -> None:
    source = changed(RELEASE, tags=(git_tag,), release_tags=(git_tag,))
    found = named(source, with_ref(ON_TAG, tag=git_tag), tag_rules=(rule,), flavor=("latest=true",))
    assert found.tags[-1].tag == Tag("latest") and not found.warnings
    later = changed(source, release_tags=(git_tag, "v11.0.0"))
    held = named(later, with_ref(ON_TAG, tag=git_tag), tag_rules=(rule,), flavor=("latest=true",))
    assert held.warnings == ("latest stays where it is: v11.0.0 is higher",)


def test_rules_that_give_nothing_say_so() -> None:
    found = named(BASE, ON_BRANCH, tag_rules=("type=ref,event=tag",))
    assert found.tags == ()
    assert "no rule of --tags gives a tag" in found.warnings[-1]
    assert found.notes == ("line 1: type=ref,event=tag -> nothing: the ref is a branch, not a tag",)


@pytest.mark.parametrize("rule", ["{}1", "type=raw,value={}{{{{sha}}}}", "type=raw,value=x,prefix={}"])
@pytest.mark.parametrize("prefix", TEMPORARY_PREFIXES)
def test_no_rule_names_what_is_not_judged(rule: str, prefix: str) -> None:
    with pytest.raises(SettingsError, match="wrong") as caught:
        named(BASE, ON_BRANCH, tag_rules=(rule.format(prefix),))
    assert prefix in caught.value.problems[0]


REFS = [
    # source, what the CI says -> the ref that rules see
    (BASE, CiFacts(), "branch main"),
    (RELEASE, CiFacts(), "tag v1.4.2"),
    (changed(RELEASE, tag_prefix="api/"), CiFacts(), "tag api/v1.4.2"),
    (RELEASE, ON_BRANCH, "branch main"),  # the CI runs for the branch, whatever is tagged
    (RELEASE, ON_TAG, "tag v1.4.2"),
    (RELEASE, ci_facts("github", commit="e" * 40, tag="v9.9.9"), "tag v1.4.2"),  # a run for another commit
    (changed(BASE, branch="", tags=("nightly",)), CiFacts(), "tag nightly"),
    (changed(BASE, tags=("nightly",)), CiFacts(), "branch main"),
    (PULL_REQUEST, ON_REQUEST, "pr 12"),
]


@pytest.mark.parametrize(("source", "facts", "expected"), REFS)
def test_which_ref_the_rules_see(source: Source, facts: CiFacts, expected: str) -> None:
    found = named(
        source, facts, flavor=("latest=false",), tag_rules=(
            "type=ref,event=branch,prefix=branch-", "type=ref,event=tag,prefix=tag-", "type=ref,event=pr",
        ),
    )  # fmt: skip
    assert [str(tag) for tag in found.tags] == [expected.replace(" ", "-").replace("/", "-")]


def test_the_peers_way_of_a_pull_request_is_the_merge_commit() -> None:
    peer = named(PULL_REQUEST, ON_REQUEST, tag_rules=("type=sha",), naming="metadata-action")
    assert ([str(tag) for tag in peer.tags], peer.labels[REVISION_LABEL]) == (["sha-fffffff"], MERGE)
    meant = replace(ON_REQUEST, compat=MetadataActionCompat(head_is_meant=True))
    head = named(PULL_REQUEST, meant, tag_rules=("type=sha",), naming="metadata-action")
    assert ([str(tag) for tag in head.tags], head.labels[REVISION_LABEL]) == (["sha-0123456"], COMMIT)


def test_the_peers_short_sha_may_be_longer() -> None:
    facts = replace(ON_BRANCH, compat=MetadataActionCompat(short_sha_length=12))
    assert [str(tag) for tag in named(BASE, facts, tag_rules=("type=sha",)).tags] == ["sha-0123456789ab"]


SHORT_SHAS = [
    # its setting, docker/metadata-action's variable -> the computed tag, and that of type=sha
    (None, 7, "sha-0123456789ab", "sha-0123456"),
    (None, 10, "sha-0123456789ab", "sha-0123456789"),
    (8, 7, "sha-01234567", "sha-01234567"),
    (8, 10, "sha-01234567", "sha-01234567"),
    (64, 7, f"sha-{COMMIT}", f"sha-{COMMIT}"),
]


@pytest.mark.parametrize("naming", ["ecr-push", "metadata-action"])
@pytest.mark.parametrize(("length", "variable", "computed", "ruled"), SHORT_SHAS)
def test_the_length_of_the_commits_tag(
    length: int | None, variable: int, computed: str, ruled: str, naming: str
) -> None:
    facts = replace(ON_BRANCH, compat=MetadataActionCompat(short_sha_length=variable))
    given = {"short_sha_length": length} if length else {}
    assert kinds(BASE, facts, **given)[computed] is K.COMMIT
    assert kinds(BASE, facts, "type=sha", naming=naming, **given) == {ruled: K.COMMIT}
    expression = kinds(BASE, facts, "type=raw,value=x-{{sha}}", naming=naming, **given)
    assert [*expression] == [ruled.replace("sha-", "x-")]
    dirty = named(changed(BASE, dirty=("a",)), facts, **given).tags
    assert str(dirty[0]) == computed.replace("sha-", "dirty-")


def test_the_peers_default_rules_hold_with_its_naming() -> None:
    assert kinds(RELEASE, ON_TAG, naming="metadata-action") == {"v1.4.2": K.VERSION, "latest": K.LATEST}
    flavored = named(RELEASE, ON_TAG, naming="metadata-action", flavor=("suffix=-x",))
    assert [str(tag) for tag in flavored.tags] == ["v1.4.2-x", "latest"]


def test_the_peers_labels_are_the_first_tag_and_now() -> None:
    peer = named(BASE, ON_BRANCH, naming="metadata-action").labels
    assert peer[VERSION_LABEL] == "main"
    assert peer["org.opencontainers.image.created"] == "2026-11-24T23:30:00.000Z"
    ours = named(BASE, ON_BRANCH, tag_rules=("type=ref,event=branch",)).labels
    assert ours[VERSION_LABEL] == "1.4.3-dev.5"
    assert ours["org.opencontainers.image.created"] == "2024-05-06T07:08:09Z"


def test_the_flavor_that_is_read_as_the_peer_reads_it_is_warned_of() -> None:
    found = named(BASE, ON_BRANCH, tag_rules=("x,suffix=-a,suffix=-b",), flavor=("prefix=a-", "prefix=b-"))
    assert [str(tag) for tag in found.tags] == ["b-x-b"]
    assert found.warnings == (
        "--flavor: line 2: prefix=b-: prefix= is given twice, and the last one counts",
        "line 1: x,suffix=-a,suffix=-b -> b-x-b: the value; suffix= is given twice, and the last one counts",
    )


def test_where_no_version_is_known_the_first_tag_says_what_it_is() -> None:
    found = named(changed(BASE, has_git=False), ON_BRANCH, tag_rules=("type=ref,event=branch",))
    assert found.labels[VERSION_LABEL] == "main"


def test_labels_of_ones_own_overrule_and_speak_the_rules_language() -> None:
    found = named(
        BASE, labels=("org.opencontainers.image.title=Shop", "x.built={{date 'YYYY-MM-DD'}}", "y=a=b")
    )  # fmt: skip
    labels = found.labels
    assert (labels["org.opencontainers.image.title"], labels["x.built"], labels["y"]) == (
        "Shop",
        "2026-11-24",
        "a=b",
    )
    assert labels["ecr-push.branch"] == "main"


IMAGE = "org.opencontainers.image."


@pytest.mark.parametrize("naming", ["ecr-push", "metadata-action"])
def test_a_standard_label_without_a_value_is_empty_so_that_none_is_inherited(naming: str) -> None:
    labels = named(changed(BASE, remote_url=""), naming=naming).labels
    for key in ("authors", "base.digest", "base.name", "description", "documentation", "licenses"):
        assert labels[IMAGE + key] == ""
    for key in ("ref.name", "source", "url", "vendor"):
        assert labels[IMAGE + key] == ""
    assert labels[VERSION_LABEL]
    unknown = named(changed(BASE, has_git=False)).labels
    assert unknown[VERSION_LABEL] == ""


def test_a_dockerfiles_own_label_stays_unless_it_is_of_the_build_or_given() -> None:
    keys = frozenset(IMAGE + key for key in ("title", "url", "vendor", "version", "revision", "licenses"))
    github = replace(ON_BRANCH, repository=RepositoryFacts(url="https://example.com/a/b", licenses="MIT"))
    given = named(BASE, github, keys, labels=(f"{IMAGE}url=https://x", "own=1"), annotate=True)
    shown = {key.removeprefix(IMAGE): value for key, value in given.labels.items()}
    assert not {"title", "vendor", "licenses"} & shown.keys()
    assert (shown["url"], shown["version"], shown["revision"]) == ("https://x", "1.4.3-dev.5", COMMIT)
    # A label that the Dockerfile says may be anything: no annotation claims it.
    assert not any(f"{IMAGE}title" in one or one.endswith("=") for one in given.annotations)
    peer = named(BASE, github, keys, naming="metadata-action").labels
    assert (peer[f"{IMAGE}licenses"], peer[f"{IMAGE}title"]) == ("MIT", "b")
    assert f"{IMAGE}vendor" not in peer
    # What the Dockerfile says where nothing else is known is the image's own, too.
    assert VERSION_LABEL not in named(changed(BASE, has_git=False), dockerfile=keys).labels


def test_our_own_labels_cannot_be_overruled() -> None:
    assert named(BASE, labels=("ecr-push.branch=other",)).labels["ecr-push.branch"] == "main"


def test_annotations() -> None:
    own = named(BASE, annotations=("manifest,index:x={{sha}}",))
    assert own.annotations == ("manifest:x=0123456",)
    assert own.warnings[-1] == "the annotation index:x is left out: an image of one platform has no index"
    both = named(BASE, annotate=True, annotations=("x=y",)).annotations
    assert f"manifest:{REVISION_LABEL}={COMMIT}" in both and both[-1] == "x=y"
    many = named(BASE, annotate=True, platforms=("linux/amd64", "linux/arm64")).annotations
    assert f"manifest,index:{REVISION_LABEL}={COMMIT}" in many
    assert not any("ecr-push." in one for one in both)


def test_source_date_epoch_is_the_time_of_everything() -> None:
    epoch = datetime(2020, 1, 1, tzinfo=timezone.utc)
    found = name_image(
        settings(tag_rules=("type=raw,value={{date 'YYYYMMDD'}}",)).tags, BASE, derive_version(BASE.history),
        ON_BRANCH, now=NOW, created=epoch,
    )  # fmt: skip
    assert [str(tag) for tag in found.tags] == ["20200101"]
    assert found.labels["org.opencontainers.image.created"] == "2020-01-01T00:00:00Z"


hostile = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        ["$(id)", "`id`", "a'b\"c", "a\nb", "ü" * 200, "-x", ".x", "#", "&=", "%{x}", "\u202e", "a" * 300]
    ),
)


@given(hostile, st.sampled_from(["ecr-push", "metadata-action"]))
def test_whatever_a_branch_is_called_its_tags_are_valid(branch: str, naming: str) -> None:
    source, facts = changed(BASE, branch=branch), on_branch(branch)
    rules = ("type=ref,event=branch", "type=raw,value=x-{{branch}}", "type=raw,value=y,suffix=-{{branch}}")
    for tag in named(source, facts, tag_rules=rules, naming=naming).tags:
        assert Tag(str(tag)) == tag.tag


def test_a_pattern_that_needs_years_is_a_mistake_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own matching, which an alarm ends: the tag is as long as a git tag can be."""
    monkeypatch.setattr(from_rules, "SECONDS", 0.2)
    rules = ("type=raw,value=stable", f"type=match,pattern=^(\\w+\\s?)*$,group=1,value={'a' * 60}!")
    before = signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(SettingsError, match="settings are wrong") as caught:
        kinds(BASE, ON_BRANCH, *rules)
    assert "--tags: line 2: the pattern ^" in caught.value.why and "takes longer than" in caught.value.why
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_the_title_of_one_image_of_several() -> None:
    def title(**given: object) -> str:
        read = settings(**given)
        names = name_image(read.tags, BASE, derive_version(BASE.history), ON_BRANCH, now=NOW, title="web")
        return names.labels["org.opencontainers.image.title"]

    assert title() == "web"
    assert title(labels=("org.opencontainers.image.title=Shop",)) == "Shop"
    assert title(naming="metadata-action") != "web", "the peer has one for all"
