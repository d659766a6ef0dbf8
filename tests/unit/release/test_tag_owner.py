"""Whose a moving tag is: the other branch's, the later commit's, or ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.plan import Plan
from ecr_push.release.own_image import OwnImage
from ecr_push.release.tag_owner import CurrentOwners
from ecr_push.source.git.command import Answer, GitCommand
from ecr_push.source.model import Source
from ecr_push.tags.kinds import TagKind
from ecr_push.tags.labels import BRANCH_LABEL, BUILT_FROM_LABEL, COMMIT_LABEL, CREATED_LABEL
from tests.support.fakes import FakeRepository, manifest
from tests.support.plans import BRANCH_BUILD, OTHER, PULL_REQUEST, SOURCE, plan
from tests.support.sources import changed

THEIRS = "e" * 40
EARLIER, LATER = "2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z"  # ours is of 2026-01-02


@pytest.fixture
def git(monkeypatch: pytest.MonkeyPatch) -> dict[str, Answer]:
    """What git answers, by command; a commit that it does not know unless a test says otherwise."""
    answers = {
        "merge-base": Answer(128, "", "bad object"),
        "ls-remote": Answer(128, "", "no such remote"),
        "config": Answer(0, "remote.origin.url\nhttps://git.invalid/app\0", ""),
    }

    def ask(self: GitCommand, command: str, *rest: str, stdin: str = "", timeout: float = 0) -> Answer:
        if timeout:
            answers["asked"] = Answer(0, rest[-1], "")
        return answers[command]

    monkeypatch.setattr(GitCommand, "ask", ask)
    monkeypatch.setattr(GitCommand, "ask_remote", ask)
    return answers


def look_up(made: Plan, repository: Any, before: Mapping[Tag, Digest]) -> CurrentOwners:
    ours = OwnImage(made.source, made.build.labels, made.version.is_release)
    return CurrentOwners.look_up(made.tags, ours, before, repository)


def why_kept(source: Source, labels: dict[str, str], *, moved_meanwhile: bool = False, tag: str = "") -> str:
    made = plan(source, extra_tags=(tag,) if tag else ())
    kind = TagKind.LATEST if tag else TagKind.BRANCH
    (held,) = (one for one in made.tags if one.kind is kind)
    repository = FakeRepository(manifests=[OTHER], labels={OTHER.digest: labels})
    before = {} if moved_meanwhile else {held.tag: OTHER.digest}
    return look_up(made, repository, before).reason_to_keep(held, OTHER.digest)


BRANCHES = [
    (BRANCH_BUILD, "main", ""),
    (BRANCH_BUILD, "", ""),  # by an ecr-push without that label, or by another tool
    (changed(BRANCH_BUILD, branch="feature/a"), "feature-a", "which was built from the branch feature-a"),
    (changed(BRANCH_BUILD, branch="feature-a"), "feature/a", "which was built from the branch feature/a"),
    # One image of two branches, after a fast-forward: its label is the first one's.
    (BRANCH_BUILD, "feature", ""),
    (BRANCH_BUILD, "refs/pull/7", ""),
    (PULL_REQUEST, "refs/pull/12", ""),
    (PULL_REQUEST, "pr-12", "which was built from the branch pr-12"),
]


@pytest.mark.parametrize(("source", "built_from", "reason"), BRANCHES)
@pytest.mark.parametrize("moved_meanwhile", [False, True])
def test_a_branchs_tag_is_not_taken_from_another_branch(
    source: Source, built_from: str, reason: str, moved_meanwhile: bool
) -> None:
    assert why_kept(source, {BRANCH_LABEL: built_from}, moved_meanwhile=moved_meanwhile) == reason


KNOWN = [
    # git: is ours part of theirs; where the remote's branch is -> are they later
    (0, THEIRS, True),  # an old pipeline that is run again
    (0, SOURCE.commit, False),  # the branch was reset to our commit
    (0, "", True),  # the branch is gone, or the remote could not be asked
    (1, THEIRS, False),  # a branch that was rewritten, or the commit before ours
    (1, SOURCE.commit, False),
]


@pytest.mark.parametrize(("status", "head", "later"), KNOWN)
@pytest.mark.parametrize("moved_meanwhile", [True, False])
def test_a_later_commit_keeps_its_branchs_tag(
    git: dict[str, Answer], status: int, head: str, later: bool, moved_meanwhile: bool
) -> None:
    git["merge-base"] = Answer(status, "", "")
    git["ls-remote"] = Answer(0, f"{head}\trefs/heads/main\n", "") if head else Answer(2, "", "no")
    labels = {BRANCH_LABEL: "main", COMMIT_LABEL: THEIRS, CREATED_LABEL: EARLIER}
    reason = why_kept(BRANCH_BUILD, labels, moved_meanwhile=moved_meanwhile)
    assert reason == (f"which was built from the later commit {THEIRS[:12]}" if later else "")


@pytest.mark.parametrize(("created", "later"), [(LATER, True), (EARLIER, False), ("", False)])
@pytest.mark.parametrize("has_git", [True, False])
def test_the_date_decides_for_a_commit_that_this_clone_does_not_have(
    git: dict[str, Answer], created: str, later: bool, has_git: bool
) -> None:
    source = changed(BRANCH_BUILD, has_git=has_git)
    labels = {BRANCH_LABEL: "main", COMMIT_LABEL: THEIRS, CREATED_LABEL: created}
    assert bool(why_kept(source, labels)) is later


def test_a_pull_requests_own_refs_are_asked(git: dict[str, Answer]) -> None:
    git["ls-remote"] = Answer(
        0, f"{PULL_REQUEST.commit}\trefs/pull/12/head\n{THEIRS}\trefs/pull/12/merge\n", ""
    )
    labels = {BRANCH_LABEL: "refs/pull/12", COMMIT_LABEL: THEIRS, CREATED_LABEL: LATER}
    assert why_kept(PULL_REQUEST, labels) == ""
    assert git["asked"].output == "refs/pull/12/*"


def test_our_own_commit_is_never_later(git: dict[str, Answer]) -> None:
    git["merge-base"] = Answer(0, "", "")
    assert why_kept(BRANCH_BUILD, {COMMIT_LABEL: SOURCE.commit}, moved_meanwhile=True) == ""


def test_latest_of_a_branch_build_follows_the_branch(git: dict[str, Answer]) -> None:
    git["merge-base"] = Answer(0, "", "")
    labels = {COMMIT_LABEL: THEIRS, BRANCH_LABEL: "other"}
    assert (
        why_kept(BRANCH_BUILD, labels, tag="latest") == f"which was built from the later commit {THEIRS[:12]}"
    )


def test_a_releases_latest_goes_by_versions_alone(git: dict[str, Answer]) -> None:
    git["merge-base"] = Answer(0, "", "")
    assert why_kept(SOURCE, {COMMIT_LABEL: THEIRS}, tag="latest") == ""


def test_labels_that_cannot_be_read_keep_no_branch_from_its_tag() -> None:
    class Denied(FakeRepository):
        def manifest(self, digest: object) -> object:  # type: ignore[override]
            raise RegistryError("AWS refused ecr:BatchGetImage")

    made = plan(BRANCH_BUILD)
    (held,) = (one for one in made.tags if one.kind is TagKind.BRANCH)
    owners = look_up(made, Denied(), {held.tag: manifest("x").digest})
    assert owners.reason_to_keep(held, manifest("x").digest) == ""


@pytest.mark.usefixtures("git")
@pytest.mark.parametrize(
    ("tags", "labels", "kept"),
    [
        ([], {}, True),
        ([f"sha-{THEIRS[:12]}"], {}, True),
        (["sha-" + "a" * 12], {}, False),
        (["sha-" + "a" * 12, "1.4.2"], {}, False),
        (["sha-" + "a" * 7], {BUILT_FROM_LABEL: "a" * 40}, True),
        (["1.4.2", "main"], {}, True),
    ],
)
def test_labels_that_an_image_has_of_its_base_do_not_hold_a_tag(
    tags: list[str], labels: dict[str, str], kept: bool
) -> None:
    """`run --image` pushes what another tool built, maybe on an image of ours: then the tag of its commit and
    the label do not agree."""
    made = plan(BRANCH_BUILD)
    (held,) = (one for one in made.tags if one.kind is TagKind.BRANCH)
    of_base = {COMMIT_LABEL: THEIRS, CREATED_LABEL: LATER, BRANCH_LABEL: "main", **labels}
    repository = FakeRepository(
        manifests=[OTHER], labels={OTHER.digest: of_base}, tags=dict.fromkeys(tags, OTHER.digest)
    )
    why = look_up(made, repository, {held.tag: OTHER.digest}).reason_to_keep(held, OTHER.digest)
    assert bool(why) == kept


@pytest.mark.usefixtures("git")
def test_tags_are_asked_for_only_where_labels_would_hold_one() -> None:
    class Undescribed(FakeRepository):
        def tags_of(self, digest: Digest) -> frozenset[Tag]:
            raise AssertionError("it was asked")

    made = plan(BRANCH_BUILD)
    (held,) = (one for one in made.tags if one.kind is TagKind.BRANCH)
    repository = Undescribed(
        manifests=[OTHER], labels={OTHER.digest: {COMMIT_LABEL: THEIRS, CREATED_LABEL: ""}}
    )
    assert look_up(made, repository, {held.tag: OTHER.digest}).reason_to_keep(held, OTHER.digest) == ""


@pytest.mark.usefixtures("git")
def test_without_the_permission_to_describe_images_labels_count_as_they_are() -> None:
    class Undescribed(FakeRepository):
        def tags_of(self, digest: Digest) -> frozenset[Tag]:
            raise RegistryError("AWS refused ecr:DescribeImages")

    made = plan(BRANCH_BUILD)
    (held,) = (one for one in made.tags if one.kind is TagKind.BRANCH)
    labels = {COMMIT_LABEL: THEIRS, CREATED_LABEL: LATER}
    repository = Undescribed(manifests=[OTHER], labels={OTHER.digest: labels})
    assert look_up(made, repository, {held.tag: OTHER.digest}).reason_to_keep(held, OTHER.digest)
