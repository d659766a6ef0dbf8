"""Rules, flavor and settings as the names of an image, each guarded by what it claims to be."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import Tag
from ecr_push.ci.facts import CiFacts, MetadataActionCompat
from ecr_push.settings.declare import Settings
from ecr_push.source.model import Source
from ecr_push.tags.branch_slug import branch_slug
from ecr_push.tags.kinds import TagKind
from ecr_push.tags.labels import REVISION_LABEL, VERSION_LABEL
from ecr_push.tags.naming import Names, name_image
from ecr_push.versions.derive import derive_version
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


def named(source: Source, facts: CiFacts = ON_BRANCH, **given: object) -> Names:
    read = settings(**given)
    several = len(read.builder.platforms) > 1
    version = derive_version(source.history)
    return name_image(read.tags, source, version, facts, now=NOW, several_platforms=several)


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


NAMED_LIKE_A_RELEASE = ["latest", "1.4.2", "v2.0.0-x", "1.4", "v2", "sha-0123456789ab"]


@pytest.mark.parametrize("branch", [*NAMED_LIKE_A_RELEASE, "candidate-x", "pr-12"])
def test_a_branch_never_has_the_tag_of_a_release(branch: str) -> None:
    """A user who can push a branch cannot move what a version's tag or `latest` points to."""
    found = named(changed(BASE, branch=branch), on_branch(branch), tag_rules=("type=ref,event=branch",))
    (tag,) = found.tags
    assert (tag.kind, tag.tag) == (K.BRANCH, branch_slug(branch))
    assert found.warnings == (f"{branch} is reserved for other tags than a branch's: this branch gets {tag}",)


def test_a_pull_request_never_has_the_tag_of_a_release() -> None:
    (tag,) = named(PULL_REQUEST, ON_REQUEST, tag_rules=("type=ref,event=pr,prefix=",)).tags
    assert (tag.kind, str(tag)[:6]) == (K.BRANCH, "pr-12-")


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


def test_rules_that_give_nothing_say_so() -> None:
    found = named(BASE, ON_BRANCH, tag_rules=("type=ref,event=tag",))
    assert found.tags == ()
    assert "no rule of --tags gives a tag" in found.warnings[-1]
    assert found.notes == ("line 1: type=ref,event=tag -> nothing: the ref is a branch, not a tag",)


@pytest.mark.parametrize(
    "rule", ["candidate-1", "type=raw,value=candidate-{{sha}}", "type=raw,value=x,prefix=candidate-"]
)
def test_no_rule_names_what_is_not_judged(rule: str) -> None:
    with pytest.raises(SettingsError, match="wrong") as caught:
        named(BASE, ON_BRANCH, tag_rules=(rule,))
    assert "candidate-" in caught.value.problems[0]


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


def test_the_peers_default_rules_hold_with_its_naming() -> None:
    assert kinds(RELEASE, ON_TAG, naming="metadata-action") == {"v1.4.2": K.VERSION, "latest": K.LATEST}
    flavored = named(RELEASE, ON_TAG, naming="metadata-action", flavor=("suffix=-x",))
    assert [str(tag) for tag in flavored.tags] == ["v1.4.2-x", "latest"]


def test_the_peers_labels_are_the_first_tag_and_now() -> None:
    peer = named(BASE, ON_BRANCH, naming="metadata-action").labels
    assert peer[VERSION_LABEL] == "main"
    assert peer["org.opencontainers.image.created"] == "2026-11-24T23:30:00Z"
    ours = named(BASE, ON_BRANCH, tag_rules=("type=ref,event=branch",)).labels
    assert ours[VERSION_LABEL] == "1.4.3-dev.5"
    assert ours["org.opencontainers.image.created"] == "2024-05-06T07:08:09Z"


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


def test_our_own_labels_cannot_be_overruled() -> None:
    assert named(BASE, labels=("ecr-push.branch=other",)).labels["ecr-push.branch"] == "main"


def test_annotations() -> None:
    own = named(BASE, annotations=("index:x={{sha}}",)).annotations
    assert own == ("index:x=0123456",)
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
