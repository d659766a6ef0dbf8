"""Two pipelines of one version: which of them releases it, and that the other moves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from ecr_push.base.errors import ConflictError, RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import RepositoryState
from ecr_push.registry.oci import Manifest
from ecr_push.release.claims import decider
from ecr_push.release.lost import LostError
from ecr_push.release.moves import BeforeBuild, TagMoves
from ecr_push.release.mutability import undecided_text, wanted_repository
from ecr_push.release.own_image import OwnImage
from ecr_push.release.promote import promote
from ecr_push.release.tag_owner import CurrentOwners
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import BUILT_FROM_LABEL, COMMIT_LABEL, INPUTS_LABEL
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import SEMVER
from tests.support.fakes import (
    REPOSITORY,
    FakeClock,
    FakeNarrator,
    FakeRecord,
    FakeRepository,
    manifest,
)
from tests.support.plans import SOURCE

K = TagKind
OURS, THEIRS = manifest("ours"), manifest("theirs")
SHA, CANDIDATE = "sha-0123456789ab", "candidate-0123456789ab-1"
THEIR_COMMIT = "f" * 40
INPUTS = {INPUTS_LABEL: "0123"}
OWN = OwnImage(SOURCE, INPUTS, is_release=True)
LABELS = {
    OURS.digest: {COMMIT_LABEL: SOURCE.commit, **INPUTS},
    THEIRS.digest: {COMMIT_LABEL: THEIR_COMMIT, **INPUTS},
}


def state(mutability: str, *exclusions: str) -> RepositoryState:
    return RepositoryState(REPOSITORY, mutability, exclusions)


BY_CLAIM = state("MUTABLE_WITH_EXCLUSION", "sha-*", "claim-*")
BY_TAG = state("IMMUTABLE_WITH_EXCLUSION", "candidate-*", "dirty-*", "latest")
BY_NOTHING = state("MUTABLE")


def tag(name: str, kind: TagKind) -> ReleaseTag:
    numbers = SEMVER.line_of(name) or ()
    return ReleaseTag(Tag(name), kind, Line(SEMVER, numbers, "1.4.2") if kind in (K.LINE, K.LATEST) else None)


RELEASE = (tag(SHA, K.COMMIT), tag("1.4.2", K.VERSION), tag("1.4", K.LINE), tag("latest", K.LATEST))
FLOATLESS = (tag(SHA, K.COMMIT), tag("1.4.2", K.VERSION), tag("latest", K.LATEST))


class Raced(FakeRepository):
    """Another pipeline acts right before a tag is put for the first time: before[tag](tags)."""

    def __init__(
        self,
        state: RepositoryState,
        before: Mapping[str, Callable[[dict[str, Digest]], object]] | None = None,
        **tags: Digest,
    ) -> None:
        super().__init__(
            state=state, tags={CANDIDATE: OURS.digest, **tags}, manifests=[OURS, THEIRS], labels=LABELS
        )
        self.before = dict(before or {})

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        if act := self.before.pop(tag.name, None):
            act(self.tags)
        return super().put_tag(manifest, tag)


class Promotion:
    """One promotion of our image, and what it said."""

    def __init__(
        self,
        repository: FakeRepository,
        tags: tuple[ReleaseTag, ...] = RELEASE,
        *,
        before: bool = True,
        image: Manifest = OURS,
    ) -> None:
        self.repository, self.record, self.narrator = repository, FakeRecord(), FakeNarrator()
        known = BeforeBuild(OWN, CurrentOwners.look_up((), OWN, {}, repository)) if before else None
        self.moves = TagMoves(tags, known, state=repository.state)
        self.image = image

    def go(self) -> dict[str, str]:
        promote(self.moves, self.image, self.repository, self.record, self.narrator, FakeClock())
        return {one.tag.name: one.result for one in self.record.tags}

    def lose(self) -> LostError:
        with pytest.raises(LostError) as caught:
            self.go()
        assert caught.value.exit_code == 4
        for image in (OURS, THEIRS):
            assert image.digest.short in f"{caught.value.what} {caught.value.why}"
        return caught.value


@pytest.mark.parametrize(
    ("now", "name", "decides"),
    [
        (BY_CLAIM, "1.4.2", "claim"),
        (BY_CLAIM, SHA, "tag"),
        (BY_TAG, "1.4.2", "tag"),
        (state("IMMUTABLE"), "1.4.2", "tag"),
        (state("IMMUTABLE_WITH_EXCLUSION", "1.*"), "1.4.2", "claim"),
        (state("IMMUTABLE_WITH_EXCLUSION", "1.*", "c*"), "1.4.2", "none"),
        (state("MUTABLE_WITH_EXCLUSION", "sha-*"), "1.4.2", "none"),
        (BY_NOTHING, "1.4.2", "none"),
        (None, "1.4.2", "none"),
    ],
)
def test_who_decides(now: RepositoryState | None, name: str, decides: str) -> None:
    assert decider(Tag(name), now) == decides


@pytest.mark.parametrize("floating", ["all", "latest", "none"])
def test_a_repository_that_is_created_decides_on_every_tag_that_never_moves(floating: str) -> None:
    wanted = wanted_repository(floating)
    made = state(wanted.mutability, *wanted.exclusions)
    assert all(decider(Tag(name), made) != "none" for name in (SHA, "1.4.2", "1.5.0-rc.1", "1.4.3-dev.5"))


def test_a_version_is_claimed_before_anything_moves_and_the_claim_goes_with_the_candidate() -> None:
    repository = Raced(BY_CLAIM)
    assert set(Promotion(repository).go().values()) == {"moved"}
    order = [name for name in repository.log if not name.startswith("-")]
    assert order[:3] == ["claim-1.4.2", SHA, "1.4.2"]
    assert set(order[3:]) == {"1.4", "latest"}
    assert set(repository.tags) == {SHA, "1.4.2", "1.4", "latest"}


def test_no_claim_is_put_on_what_is_released() -> None:
    repository = Raced(BY_CLAIM)
    first = Promotion(repository)
    first.go()
    repository.log.clear()
    again = Promotion(repository)
    again.moves = TagMoves(RELEASE, None, OURS.digest, BY_CLAIM, {one.tag: OURS.digest for one in RELEASE})
    assert set(again.go().values()) == {"already"}
    assert repository.log == []


def test_where_versions_are_immutable_there_is_no_claim() -> None:
    repository = Raced(BY_TAG)
    Promotion(repository, FLOATLESS).go()
    assert [name for name in repository.log if not name.startswith("-")] == [SHA, "1.4.2", "latest"]


@pytest.mark.parametrize("before", [True, False], ids=["run", "promote"])
def test_a_run_that_loses_the_claim_moves_nothing(before: bool) -> None:
    repository = Raced(BY_CLAIM, **{"claim-1.4.2": THEIRS.digest})
    tags = dict(repository.tags)
    lost = Promotion(repository, before=before).lose()
    assert (repository.log, repository.tags) == ([], tags)
    assert "ffffffffffff" in lost.why
    assert "imageTag=claim-1.4.2" in lost.remedy and "run commit ffffffffffff again" in lost.remedy


def test_a_late_one_finds_the_version_of_a_claim_that_was_released() -> None:
    def release(tags: dict[str, Digest]) -> None:
        tags["1.4.2"] = THEIRS.digest  # and its claim is gone again

    repository = Raced(BY_CLAIM, {"claim-1.4.2": release})
    lost = Promotion(repository).lose()
    assert repository.tags == {CANDIDATE: OURS.digest, "1.4.2": THEIRS.digest}
    assert "tag this commit with the next one" in lost.remedy


def test_the_claim_of_a_loser_stays_where_it_is_the_images_last_tag() -> None:
    repository = Raced(BY_CLAIM, {"claim-1.4.2": lambda tags: tags.update({"1.4.2": THEIRS.digest})})
    del repository.tags[CANDIDATE]
    promotion = Promotion(repository, before=False)
    promotion.lose()
    assert repository.tags["claim-1.4.2"] == OURS.digest
    assert "deletes an image with its last tag" in promotion.narrator.warned[0]


def test_where_versions_are_immutable_the_loser_gives_its_commits_tag_back() -> None:
    repository = Raced(BY_TAG, {"1.4.2": lambda tags: tags.update({"1.4.2": THEIRS.digest})})
    promotion = Promotion(repository, FLOATLESS)
    promotion.lose()
    assert repository.tags == {CANDIDATE: OURS.digest, "1.4.2": THEIRS.digest}
    assert (promotion.record.tags, promotion.record.retired) == ([], [])


def test_of_several_versions_one_run_gets_all() -> None:
    both = (tag("1.4.2-alpine", K.VERSION), tag("1.4.2", K.VERSION))
    repository = Raced(BY_CLAIM, **{"claim-1.4.2": THEIRS.digest})
    Promotion(repository, both).lose()
    assert repository.log == []
    repository = Raced(BY_CLAIM, **{"claim-1.4.2-alpine": THEIRS.digest})
    Promotion(repository, both).lose()
    assert (repository.log, "claim-1.4.2" in repository.tags) == (["claim-1.4.2", "-claim-1.4.2"], False)


def test_a_snapshot_that_another_image_has_claimed_does_not_fail() -> None:
    repository = Raced(BY_CLAIM, **{"claim-1.4.3-dev.5": THEIRS.digest})
    found = Promotion(repository, (tag(SHA, K.COMMIT), tag("1.4.3-dev.5", K.SNAPSHOT))).go()
    assert found == {SHA: "moved", "1.4.3-dev.5": "kept"}
    assert "1.4.3-dev.5" not in repository.tags


def test_a_frozen_snapshot_that_was_taken_a_moment_ago_does_not_fail() -> None:
    repository = Raced(BY_TAG, {"1.4.3-dev.5": lambda tags: tags.update({"1.4.3-dev.5": THEIRS.digest})})
    found = Promotion(repository, (tag(SHA, K.COMMIT), tag("1.4.3-dev.5", K.SNAPSHOT))).go()
    assert found == {SHA: "moved", "1.4.3-dev.5": "kept"}


def test_a_commits_tag_that_went_elsewhere_leaves_the_version_unset() -> None:
    """A branch and a tag build one commit at the same time: a re-run takes that image up."""
    repository = Raced(BY_CLAIM, {SHA: lambda tags: tags.update({SHA: THEIRS.digest})})
    Promotion(repository).lose()
    assert repository.tags == {CANDIDATE: OURS.digest, SHA: THEIRS.digest}


# --------------------------------------------------------------------- found before the build


def look(
    claimed_by: Mapping[str, str], now: RepositoryState = BY_CLAIM, **tags: Digest
) -> tuple[TagMoves, FakeRepository]:
    repository = FakeRepository(state=now, manifests=[THEIRS], labels={THEIRS.digest: claimed_by})
    points_to = {Tag("claim-1.4.2"): THEIRS.digest, **{Tag(name): one for name, one in tags.items()}}
    return TagMoves.before_build(RELEASE, OWN, now, points_to, repository), repository


def test_the_claim_of_a_run_that_died_is_taken_over_by_a_re_run() -> None:
    moves, repository = look(LABELS[OURS.digest])
    assert moves.reuse == THEIRS.digest
    repository.tags |= {"claim-1.4.2": THEIRS.digest, CANDIDATE: THEIRS.digest}
    promotion = Promotion(repository, image=THEIRS)
    promotion.moves = moves
    assert set(promotion.go().values()) == {"moved"}
    assert set(repository.tags) == {SHA, "1.4.2", "1.4", "latest"}


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (LABELS[THEIRS.digest], "built from commit ffffffffffff"),
        ({**LABELS[OURS.digest], INPUTS_LABEL: "other"}, "another Dockerfile, target, platforms"),
        ({}, "its label names no commit"),
    ],
)
def test_the_claim_of_another_image_is_a_conflict_before_the_build(
    labels: Mapping[str, str], why: str
) -> None:
    with pytest.raises(ConflictError, match=r"claimed by another image: 1\.4\.2") as caught:
        look(labels)
    assert why in caught.value.why and "died" in caught.value.why
    for part in ("imageTag=claim-1.4.2", "--repository-name team/app", "last tag"):
        assert part in caught.value.remedy


def test_a_claim_means_nothing_where_nothing_freezes_it() -> None:
    assert look(LABELS[THEIRS.digest], BY_NOTHING)[0].reuse is None


def test_a_version_that_is_there_says_more_than_the_claim_on_it() -> None:
    repository = FakeRepository(state=BY_CLAIM, manifests=[OURS, THEIRS], labels=LABELS)
    points_to = {Tag("1.4.2"): OURS.digest, Tag("claim-1.4.2"): THEIRS.digest}
    assert TagMoves.before_build(RELEASE, OWN, BY_CLAIM, points_to, repository).reuse == OURS.digest


def test_a_pull_requests_claim_on_its_commits_tag_causes_no_conflict() -> None:
    """Where a filter freezes claims and no commit's tags."""
    now = state("MUTABLE_WITH_EXCLUSION", "claim-*")
    merged = {COMMIT_LABEL: SOURCE.commit, BUILT_FROM_LABEL: "e" * 40, INPUTS_LABEL: "other"}
    repository = FakeRepository(state=now, manifests=[OURS, THEIRS], labels={THEIRS.digest: merged})
    points_to = {Tag(f"claim-{SHA}"): THEIRS.digest}
    assert TagMoves.before_build(RELEASE, OWN, now, points_to, repository).reuse is None
    repository.tags[f"claim-{SHA}"] = THEIRS.digest
    assert Promotion(repository).go()["1.4.2"] == "moved"


# --------------------------------------------------------------------- what plan says


@pytest.mark.parametrize(
    ("now", "parts"),
    [
        (BY_CLAIM, ()),
        (BY_TAG, ()),
        (BY_NOTHING, ("add the filter claim-*", "filter='sha-*'", "filter='claim-*'", "--lock")),
        (state("MUTABLE_WITH_EXCLUSION", "x-*"), ("filter='x-*'", "filter='claim-*'")),
        (state("MUTABLE_WITH_EXCLUSION", *"abcde"), ("use --lock",)),
        (state("IMMUTABLE_WITH_EXCLUSION", "*"), ("remove claim-*",)),
    ],
)
def test_how_the_registry_comes_to_decide(now: RepositoryState, parts: tuple[str, ...]) -> None:
    found = undecided_text(RELEASE, now)
    assert bool(found) is bool(parts)
    assert all(part in found for part in parts)
    assert undecided_text([tag("1.4.3-dev.5", K.SNAPSHOT)], now) == ""


def test_another_refusal_of_a_claim_is_an_error_and_the_claims_stay_for_the_next_run() -> None:
    class Throttled(Raced):
        def digests(self, tags: object) -> Mapping[Tag, Digest]:
            raise RegistryError("AWS could not be reached")

    repository = Throttled(BY_CLAIM)
    with pytest.raises(RegistryError, match="could not be reached"):
        Promotion(repository).go()
    assert repository.tags["claim-1.4.2"] == OURS.digest
