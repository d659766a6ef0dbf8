from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError, ConflictError, RegistryError, ScanError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.plan import Base
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight, ask_for_tags, ask_registry, check_registry
from ecr_push.registry.interface import Login, RepositoryState
from ecr_push.registry.oci import Manifest
from ecr_push.release.promote import promote
from ecr_push.source.model import Source
from ecr_push.tags.kinds import TagKind
from ecr_push.tags.labels import BUILT_FROM_LABEL, COMMIT_LABEL, INPUTS_LABEL
from ecr_push.tags.temporary import claim_on
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


NODE = "docker.io/library/node:22"
FIRST = {"sha-0123456789ab": EARLIER.digest, "1.4.2": EARLIER.digest, "latest": EARLIER.digest}


def from_node(content: str, source: Source = SOURCE) -> Plan:
    return plan(source, bases=(Base("node:22", NODE, digest(content)),))


def built_before(tags: dict[str, Digest], *builds: tuple[Manifest, Plan]) -> FakeRepository:
    labels = {image.digest: labelled(made) for image, made in builds}
    return FakeRepository(tags=tags, manifests=[image for image, _ in builds], labels=labels)


def test_a_base_that_moved_makes_another_build_that_has_a_tag_of_its_own() -> None:
    made, ours = from_node("new"), manifest("ours")
    repository = built_before(
        FIRST | {"1.4": EARLIER.digest, "1": EARLIER.digest}, (EARLIER, from_node("old"))
    )
    found = check(made, repository)
    assert found.reuse is None and str(made.rebuild).startswith("sha-0123456789ab-")
    own = found.moves.tags[0]
    assert (own.tag, own.kind, own.protected, own.may_be_taken) == (
        made.rebuild,
        TagKind.REBUILD,
        True,
        False,
    )
    repository.push(ours, Tag("candidate-1"), labelled(made))
    promoted = promote(found.moves, ours, repository, FakeRecord(), FakeNarrator(), FakeClock())
    assert {str(one.tag): one.result for one in promoted} == {
        str(made.rebuild): "moved",
        **dict.fromkeys(("sha-0123456789ab", "1.4.2"), "kept"),
        **dict.fromkeys(("1.4", "1", "latest"), "moved"),
    }
    assert "candidate-1" not in repository.tags
    # The same again finds that image, and has nothing to do.
    again = check(made, repository)
    assert again.reuse == ours.digest
    log = list(repository.log)
    promote(again.moves, ours, repository, FakeRecord(), FakeNarrator(), FakeClock())
    assert repository.log == log
    # So does one whose base moved back.
    assert check(from_node("old"), repository).reuse == EARLIER.digest


@pytest.mark.parametrize(
    "tags",
    [
        {"sha-0123456789ab": EARLIER.digest},
        {"sha-0123456789ab": EARLIER.digest, "claim-1.4.2": EARLIER.digest},
    ],
    ids=["tag", "claim"],
)
def test_a_release_that_stopped_on_the_way_is_completed_first(tags: dict[str, Digest]) -> None:
    repository = built_before(tags, (EARLIER, from_node("old")))
    repository.state = RepositoryState(REPOSITORY, "MUTABLE_WITH_EXCLUSION", ("sha-*", "claim-*"))
    assert check(from_node("new"), repository).reuse == EARLIER.digest


def test_the_claim_of_another_build_is_taken_over() -> None:
    """Where the repository does not freeze the tag itself."""
    made = from_node("new")
    claimed = FIRST | {str(claim_on(Tag(str(made.rebuild)))): OTHER.digest}
    repository = built_before(claimed, (EARLIER, from_node("old")), (OTHER, made))
    repository.state = RepositoryState(REPOSITORY, "MUTABLE_WITH_EXCLUSION", ("claim-*",))
    assert check(made, repository).reuse == OTHER.digest
    assert check(from_node("old"), repository).reuse == EARLIER.digest


def test_other_inputs_are_another_image_wherever_the_base_is() -> None:
    repository = built_before(FIRST, (EARLIER, plan(build_args=("A=1",))))
    with pytest.raises(ConflictError, match="taken by another image"):
        check(from_node("new"), repository)


def test_a_run_that_does_not_know_the_bases_moves_nothing_back() -> None:
    newer = from_node("new")
    tags = FIRST | {str(newer.rebuild): OTHER.digest, "latest": OTHER.digest, "1": EARLIER.digest}
    repository = built_before(tags, (EARLIER, from_node("old")), (OTHER, newer))
    found = check(plan(), repository)
    assert found.reuse == EARLIER.digest
    promoted = promote(found.moves, EARLIER, repository, FakeRecord(), FakeNarrator(), FakeClock())
    results = {str(one.tag): (one.result, one.reason) for one in promoted}
    assert results["latest"] == ("kept", f"{OTHER.digest.short} has it, another build of this commit")
    assert results["1"][0] == "already" and results["1.4"][0] == "moved"


def test_nor_where_another_build_is_released_while_it_judges() -> None:
    newer = from_node("new")
    repository = built_before(dict(FIRST), (EARLIER, from_node("old")), (OTHER, newer))
    found = check(plan(), repository)
    assert found.reuse == EARLIER.digest
    repository.tags |= {str(newer.rebuild): OTHER.digest, "latest": OTHER.digest}
    promoted = promote(found.moves, EARLIER, repository, FakeRecord(), FakeNarrator(), FakeClock())
    results = {str(one.tag): (one.result, one.reason) for one in promoted}
    assert results["latest"] == ("kept", f"{OTHER.digest.short} has it, another build of this commit")
    assert results["1.4"][0] == "moved" and repository.tags["latest"] == OTHER.digest


@pytest.mark.parametrize("source", [PULL_REQUEST, changed(SOURCE, dirty=("f",))], ids=["merge", "dirty"])
def test_what_is_not_of_a_commit_alone_has_no_other_build(source: Source) -> None:
    assert from_node("new", source).rebuild is None
    assert plan().rebuild is None  # nor has one whose bases are not known


def test_beside_a_pull_requests_image_of_its_commit_too() -> None:
    """The pull request's image has the commit's tag for good, and the first build of a snapshot that one."""
    made, old = from_node("new", BRANCH_BUILD), from_node("old", BRANCH_BUILD)
    merged = labelled(old, **{BUILT_FROM_LABEL: MERGE, INPUTS_LABEL: "0" * 16})
    repository = FakeRepository(
        tags={"sha-0123456789ab": EARLIER.digest, "1.4.3-dev.5": OTHER.digest, "main": OTHER.digest},
        manifests=[EARLIER, OTHER],
        labels={EARLIER.digest: merged, OTHER.digest: labelled(old)},
        state=RepositoryState(REPOSITORY, "MUTABLE_WITH_EXCLUSION", ("sha-*",)),
    )
    assert check(old, repository).reuse == OTHER.digest
    found = check(made, repository)
    assert found.reuse is None and found.moves.tags[0].tag == made.rebuild
    assert [tag.kept_by for tag in found.moves.tags] == [None, None, OTHER.digest, None]


def test_a_version_that_the_commit_got_since_is_the_newest_builds() -> None:
    newer = from_node("new")
    tags = {"sha-0123456789ab": EARLIER.digest, str(newer.rebuild): OTHER.digest, "main": OTHER.digest}
    repository = built_before(tags, (EARLIER, from_node("old")), (OTHER, newer))
    found = check(newer, repository)
    assert found.reuse == OTHER.digest
    promote(found.moves, OTHER, repository, FakeRecord(), FakeNarrator(), FakeClock())
    assert repository.tags["1.4.2"] == repository.tags["latest"] == OTHER.digest
    assert repository.tags["sha-0123456789ab"] == EARLIER.digest
    # Not where the first build has begun to release it.
    repository = built_before(
        tags | {"claim-1.4.2": EARLIER.digest}, (EARLIER, from_node("old")), (OTHER, newer)
    )
    repository.state = RepositoryState(REPOSITORY, "MUTABLE_WITH_EXCLUSION", ("sha-*", "claim-*"))
    assert check(newer, repository).reuse == EARLIER.digest
