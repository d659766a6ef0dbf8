from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError, ConflictError, RegistryError, ScanError
from ecr_push.base.reference import Repository
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight, ask_for_tags, ask_registry, check_registry
from ecr_push.registry.interface import Login, RepositoryState
from ecr_push.release.promote import promote
from ecr_push.source.model import Source
from ecr_push.tags.kinds import TagKind
from ecr_push.tags.labels import BUILT_FROM_LABEL, COMMIT_LABEL, INPUTS_LABEL
from tests.support.fakes import (
    REPOSITORY,
    FakeClock,
    FakeNarrator,
    FakeRecord,
    FakeRepository,
    digest,
    manifest,
)
from tests.support.plans import BRANCH_BUILD, EARLIER, OTHER, PULL_REQUEST, SOURCE, labelled, plan
from tests.support.sources import MERGE, changed


def check(plan: Plan, repository: FakeRepository) -> Preflight:
    answers = ask_registry(repository)
    return check_registry(plan, repository, answers, ask_for_tags(plan, repository))


def test_a_new_release_has_nothing_to_reuse() -> None:
    found = check(plan(), FakeRepository(tags={"latest": digest("old"), "1.4": digest("old")}))
    assert found.reuse is None
    assert found.repository == REPOSITORY
    assert {tag.name for tag in found.points_to} == {"latest", "1.4"}


def test_a_missing_repository_is_an_error_with_a_remedy() -> None:
    with pytest.raises(RegistryError, match="there is no repository") as caught:
        check(plan(), FakeRepository(state=None))
    assert "--create-repository" in caught.value.remedy


def test_of_several_refusals_the_first_names_the_others() -> None:
    class NoTable:
        exists = True

        def check(self, repository: Repository) -> None:
            raise RegistryError("there is no table locks", why="DynamoDB says so", remedy="create it")

    made = plan()
    repository = FakeRepository(tags={"1.4.2": EARLIER.digest}, manifests=[EARLIER])
    lock: Any = NoTable()
    answers = ask_registry(repository, lock)
    with pytest.raises(ConflictError, match="taken by another image: ") as caught:
        check_registry(made, repository, answers, ask_for_tags(made, repository))
    assert "besides, there is no table locks: DynamoDB says so (create it)" in caught.value.why


def test_one_error_is_named_once_wherever_it_is_met() -> None:
    class Refused(FakeRepository):
        def login(self) -> Login:
            raise AuthenticationError("AWS refused", why="ExpiredToken")

    with pytest.raises(AuthenticationError) as caught:
        check(plan(), Refused(state=None))
    assert caught.value.why == "ExpiredToken"


def test_a_missing_repository_that_may_be_created_is_known_by_its_name() -> None:
    found = check(plan(create_repository=True), FakeRepository(state=None))
    assert (found.state, found.repository) == (None, REPOSITORY)


def test_an_interrupted_run_is_taken_up_with_the_image_that_it_released() -> None:
    made = plan()
    repository = FakeRepository(
        tags={"sha-0123456789ab": EARLIER.digest}, manifests=[EARLIER],
        labels={EARLIER.digest: labelled(made)},
    )  # fmt: skip
    assert check(made, repository).reuse == EARLIER.digest


def test_a_label_of_the_users_own_does_not_hide_whose_image_it_is() -> None:
    made = plan(labels=("org.opencontainers.image.revision={{sha}}",))
    repository = FakeRepository(
        tags={"sha-0123456789ab": EARLIER.digest}, manifests=[EARLIER],
        labels={EARLIER.digest: dict(made.build.labels)},
    )  # fmt: skip
    assert check(made, repository).reuse == EARLIER.digest


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({COMMIT_LABEL: "f" * 40}, "built from commit ffffffffffff"),
        ({COMMIT_LABEL: ""}, "names no commit"),
        (
            {INPUTS_LABEL: "0" * 16},
            "another Dockerfile, target, platforms, build arguments, contexts, secrets",
        ),
    ],
)
def test_a_version_of_another_image_is_found_before_the_build(changed: dict[str, str], why: str) -> None:
    made = plan()
    repository = FakeRepository(
        tags={"1.4.2": EARLIER.digest}, manifests=[EARLIER],
        labels={EARLIER.digest: labelled(made, **changed)},
    )  # fmt: skip
    with pytest.raises(ConflictError, match=r"1\.4\.2") as caught:
        check(made, repository)
    assert why in caught.value.why
    assert caught.value.exit_code == 2


def test_a_version_and_a_commit_that_disagree() -> None:
    repository = FakeRepository(
        tags={"1.4.2": EARLIER.digest, "sha-0123456789ab": OTHER.digest}, manifests=[EARLIER, OTHER]
    )
    with pytest.raises(ConflictError, match=r"1\.4\.2") as caught:
        check(plan(), repository)
    assert caught.value.why.count("its label names no commit") == 2


@pytest.mark.parametrize(
    ("version", "commit", "taken", "why"),
    [
        # git's tag was set again on this commit, whose branch had been built before.
        (
            {COMMIT_LABEL: "f" * 40},
            {},
            "1.4.2",
            "it was built from commit ffffffffffff, and this is 0123456789ab",
        ),
        (
            {INPUTS_LABEL: "0" * 16},
            {},
            "1.4.2",
            "build arguments, contexts, secrets, network, compression or attestations",
        ),
        ({}, {INPUTS_LABEL: "0" * 16}, "sha-0123456789ab", "with another Dockerfile"),
        (
            {COMMIT_LABEL: "f" * 40},
            {INPUTS_LABEL: "0" * 16},
            "sha-0123456789ab",
            "1.4.2: it was built from commit ffffffffffff, and this is 0123456789ab",
        ),
    ],
)
def test_of_two_tags_that_disagree_the_one_is_named_that_is_not_this_build(
    version: dict[str, str], commit: dict[str, str], taken: str, why: str
) -> None:
    made = plan()
    repository = FakeRepository(
        tags={"1.4.2": EARLIER.digest, "sha-0123456789ab": OTHER.digest}, manifests=[EARLIER, OTHER],
        labels={EARLIER.digest: labelled(made, **version), OTHER.digest: labelled(made, **commit)},
    )  # fmt: skip
    with pytest.raises(ConflictError, match="taken by another image") as caught:
        check(made, repository)
    assert taken in caught.value.what
    assert why in caught.value.why
    assert ("1.4.2" in caught.value.what) == bool(version)
    assert ("sha-0123456789ab" in caught.value.what) == bool(commit)
    assert "by hand" not in str(caught.value)


def test_two_images_of_one_build() -> None:
    """A build that is not reproducible, in two runs at a time: nothing says which of them is meant."""
    made = plan()
    repository = FakeRepository(
        tags={"1.4.2": EARLIER.digest, "sha-0123456789ab": OTHER.digest}, manifests=[EARLIER, OTHER],
        labels={EARLIER.digest: labelled(made), OTHER.digest: labelled(made)},
    )  # fmt: skip
    with pytest.raises(ConflictError, match="taken by two images of this commit") as caught:
        check(made, repository)
    assert "same inputs" in caught.value.why
    assert "batch-delete-image" in caught.value.remedy


@pytest.mark.parametrize(
    ("mutability", "exclusions", "stuck"),
    [
        ("MUTABLE", (), set()),
        ("IMMUTABLE", (), {"latest", "1.4"}),
        ("IMMUTABLE_WITH_EXCLUSION", ("latest", "candidate-*"), {"1.4"}),
        ("IMMUTABLE_WITH_EXCLUSION", ("*",), set()),
        ("MUTABLE_WITH_EXCLUSION", ("sha-*",), set()),
        ("MUTABLE_WITH_EXCLUSION", ("lat*",), {"latest"}),
    ],
)
def test_tags_that_the_repository_does_not_let_move(
    mutability: str, exclusions: tuple[str, ...], stuck: set[str]
) -> None:
    repository = FakeRepository(
        state=RepositoryState(REPOSITORY, mutability, exclusions),
        tags={"latest": digest("old"), "1.4": digest("old")},
    )
    if not stuck:
        assert check(plan(), repository).reuse is None
        return
    with pytest.raises(ConflictError) as caught:
        check(plan(), repository)
    assert set(caught.value.what.partition(": ")[2].split(", ")) == stuck


def test_an_immutable_repository_is_fine_for_tags_that_are_new() -> None:
    check(plan(), FakeRepository(state=RepositoryState(REPOSITORY, "IMMUTABLE")))


def test_the_first_of_two_equal_snapshots_is_not_a_conflict() -> None:
    source = changed(SOURCE, branch="", tags=(), release_tags=(), distance=5)
    found = check(plan(source), FakeRepository(tags={"1.4.3-dev.5": digest("another branch")}))
    assert found.reuse is None


def test_what_decides_on_the_content_decides_on_the_fingerprint() -> None:
    variants: list[dict[str, object]] = [
        {},
        {"target": "worker"},
        {"platforms": ("linux/arm64",)},
        {"build_args": ("A=1",)},
        {"build_args": ("A=2",)},
        {"dockerfile": "other/Dockerfile"},
        {"context": "elsewhere"},
        {"image": "x:1"},
    ]
    prints = [plan(**variant).build.labels[INPUTS_LABEL] for variant in variants]
    assert len(set(prints)) == len(prints)
    assert plan(build_args=("A=1", "B=2")).build.labels == plan(build_args=("B=2", "A=1")).build.labels


def test_a_registry_that_never_scans_is_known_before_the_build() -> None:
    with pytest.raises(ScanError, match="ECR Public") as caught:
        check(plan(repository="public.ecr.aws/alias/app"), FakeRepository())
    assert caught.value.exit_code == 5
    warned = plan(repository="public.ecr.aws/alias/app", unscannable="warn")
    assert check(warned, FakeRepository()).reuse is None


def test_an_image_that_was_built_elsewhere_is_known_by_its_digest() -> None:
    repository = FakeRepository(tags={"1.4.2": EARLIER.digest, "sha-0123456789ab": EARLIER.digest})
    assert check(plan(image="app:1"), repository).reuse is None


def from_a_pull_request(made: Plan, **changed: str) -> FakeRepository:
    """A registry where sha-… is a pull request's image of our commit, merged with its target."""
    labels = labelled(made, **{BUILT_FROM_LABEL: MERGE, INPUTS_LABEL: "0" * 16, **changed})
    tags = {"sha-0123456789ab": EARLIER.digest}
    return FakeRepository(tags=tags, manifests=[EARLIER], labels={EARLIER.digest: labels})


@pytest.mark.parametrize("source", [SOURCE, BRANCH_BUILD], ids=["release", "branch"])
def test_a_commits_tag_is_taken_back_from_a_pull_requests_image_of_it(source: Source) -> None:
    made = plan(source)
    found = check(made, from_a_pull_request(made))
    (tag,) = (tag for tag in found.moves.tags if tag.tag.name.startswith("sha-"))
    assert (found.reuse, tag.kind, tag.replaces) == (None, TagKind.COMMIT, EARLIER.digest)


def test_where_no_tag_moves_the_pull_requests_image_keeps_it() -> None:
    made = plan(BRANCH_BUILD)
    repository = from_a_pull_request(made)
    repository.state = RepositoryState(REPOSITORY, "MUTABLE_WITH_EXCLUSION", ("sha-*",))
    (tag,) = (one for one in check(made, repository).moves.tags if str(one).startswith("sha-"))
    assert (tag.kind, tag.may_be_taken, tag.replaces) == (TagKind.MERGE, True, None)


def test_a_re_run_beside_a_pull_request_finds_its_own_image() -> None:
    """The commit's tag is the pull request's for good, where the repository freezes it."""
    made = plan(BRANCH_BUILD)
    repository = FakeRepository(
        tags={"sha-0123456789ab": EARLIER.digest, "1.4.3-dev.5": OTHER.digest, "main": OTHER.digest},
        manifests=[EARLIER, OTHER],
        labels={
            EARLIER.digest: labelled(made, **{BUILT_FROM_LABEL: MERGE, INPUTS_LABEL: "0" * 16}),
            OTHER.digest: labelled(made),
        },
        state=RepositoryState(REPOSITORY, "MUTABLE_WITH_EXCLUSION", ("sha-*",)),
    )
    assert check(made, repository).reuse == OTHER.digest


@pytest.mark.parametrize(
    ("exclusions", "sha"), [((), "ours"), (("sha-*",), "theirs")], ids=["may move", "frozen"]
)
def test_a_pull_request_that_was_faster_does_not_stop_the_push(exclusions: tuple[str, ...], sha: str) -> None:
    """Both are built of one commit at the same time, and neither sees the other before its build."""
    made, ours = plan(BRANCH_BUILD), manifest("ours")
    repository = FakeRepository(manifests=[ours])
    repository.state = RepositoryState(REPOSITORY, "MUTABLE_WITH_EXCLUSION", exclusions)
    preflight = check(made, repository)
    faster = from_a_pull_request(made)
    faster.state = repository.state
    promoted = promote(preflight.moves, ours, faster, FakeRecord(), FakeNarrator(), FakeClock())
    assert faster.tags["sha-0123456789ab"] == {"ours": ours, "theirs": EARLIER}[sha].digest
    assert [one.result for one in promoted] == ["moved" if sha == "ours" else "kept", "moved", "moved"]


def test_a_pull_requests_image_of_another_commit_is_a_conflict() -> None:
    made = plan(BRANCH_BUILD)
    with pytest.raises(ConflictError, match="sha-0123456789ab"):
        check(made, from_a_pull_request(made, **{COMMIT_LABEL: "e" * 40}))


def test_a_pull_request_takes_up_its_own_image_of_the_same_merge() -> None:
    made = plan(PULL_REQUEST)
    same = from_a_pull_request(made, **{INPUTS_LABEL: made.build.labels[INPUTS_LABEL]})
    assert check(made, same).reuse == EARLIER.digest
    assert check(made, from_a_pull_request(made)).reuse is None  # merged again since
