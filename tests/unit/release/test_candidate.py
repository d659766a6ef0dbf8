"""When an image loses its candidate tags, and how a lost one is noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.interface import RepositoryClient, RepositoryState
from ecr_push.registry.oci import Manifest
from ecr_push.release import candidate
from ecr_push.release.claims import give_back
from ecr_push.tags.kinds import ReleaseTag, TagKind
from tests.support.fakes import REPOSITORY, FakeNarrator, FakeRepository, digest, manifest

K = TagKind
IMAGE = manifest("judged")
JUDGED, OTHER = IMAGE.digest, digest("another image")
CANDIDATE = Tag("candidate-a-1")
FREEZES_COMMITS = RepositoryState(REPOSITORY, "MUTABLE_WITH_EXCLUSION", ("sha-*",))
FREEZES_MOST = RepositoryState(REPOSITORY, "IMMUTABLE_WITH_EXCLUSION", ("candidate-*", "dirty-*", "latest"))


def retired(
    repository: FakeRepository, *tags: tuple[str, TagKind], narrator: FakeNarrator | None = None
) -> bool:
    wanted = tuple(ReleaseTag(Tag(name), kind) for name, kind in tags)
    return retire(wanted, repository, narrator or FakeNarrator())


def retire(
    tags: Sequence[ReleaseTag],
    repository: RepositoryClient,
    narrator: FakeNarrator,
    planned: Sequence[Tag] = (),
) -> bool:
    retirement = candidate.Retirement(IMAGE, tags, repository, narrator).look()
    retirement.remove(planned)
    return retirement.verify()


VERSION = ("1.4.2", K.VERSION)


def test_all_candidates_leave_a_released_image_and_only_that_one() -> None:
    repository = FakeRepository(
        tags={"1.4.2": JUDGED, "candidate-a-1": JUDGED, "candidate-a-2": JUDGED, "candidate-b-1": OTHER}
    )
    assert retired(repository, VERSION)
    assert set(repository.tags) == {"1.4.2", "candidate-b-1"}


def test_the_claim_on_a_tag_goes_once_the_tag_is_there() -> None:
    claims = {"claim-1.4.2": JUDGED, "claim-1.4.3": JUDGED, "claim-form": JUDGED}
    repository = FakeRepository(tags={"1.4.2": JUDGED, **claims})
    assert retired(repository, VERSION)
    assert set(repository.tags) == {"1.4.2", "claim-1.4.3", "claim-form"}


def test_a_candidate_that_must_stay_is_a_warning() -> None:
    class Denied(FakeRepository):
        def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
            raise AwsRefusedError("AccessDeniedException", "no", "ecr:BatchDeleteImage")

    narrator = FakeNarrator()
    repository = Denied(tags={"1.4.2": JUDGED, "candidate-a-1": JUDGED})
    assert not retired(repository, VERSION, narrator=narrator)
    assert "stays on the released image" in narrator.warned[0]
    assert "ecr:BatchDeleteImage" in narrator.warned[0]


# ------------------------------------------------------------------------------- a tag that stays


@pytest.mark.parametrize(
    ("tag", "state"),
    [
        (("1.4.2", K.VERSION), RepositoryState(REPOSITORY)),
        (("sha-0123456789ab", K.COMMIT), RepositoryState(REPOSITORY)),
        (("1.4.3-dev.5", K.SNAPSHOT), RepositoryState(REPOSITORY)),
        (("1.4", K.VERSION), RepositoryState(REPOSITORY)),
        (("sha-0123456789ab", K.MERGE), FREEZES_COMMITS),
        (("stable", K.EXTRA), FREEZES_MOST),
        (("main", K.BRANCH), FREEZES_MOST),
        (("1.4", K.LINE), RepositoryState(REPOSITORY, "IMMUTABLE")),
    ],
)
def test_a_candidate_goes_where_another_tag_stays(tag: tuple[str, TagKind], state: RepositoryState) -> None:
    repository = FakeRepository(tags={tag[0]: JUDGED, CANDIDATE.name: JUDGED}, state=state)
    assert retired(repository, tag)
    assert repository.tags == {tag[0]: JUDGED}


@pytest.mark.parametrize(
    ("tag", "state"),
    [
        (("dirty-0123456789ab", K.DIRTY), RepositoryState(REPOSITORY)),
        (("dirty-0123456789ab", K.DIRTY), FREEZES_COMMITS),
        (("dirty-0123456789ab", K.DIRTY), FREEZES_MOST),
        (("stable", K.EXTRA), RepositoryState(REPOSITORY)),
        (("sha-0123456789ab", K.MERGE), RepositoryState(REPOSITORY)),
        (("main", K.BRANCH), RepositoryState(REPOSITORY)),
        (("1.4", K.LINE), RepositoryState(REPOSITORY)),
        (("1.4.2", K.LINE), RepositoryState(REPOSITORY)),
        (("latest", K.LATEST), FREEZES_MOST),
        (("latest", K.LATEST), None),
    ],
)
def test_a_candidate_stays_where_every_other_tag_can_move(
    tag: tuple[str, TagKind], state: RepositoryState | None
) -> None:
    narrator = FakeNarrator()
    repository = FakeRepository(tags={tag[0]: JUDGED, CANDIDATE.name: JUDGED}, state=state)
    assert not retired(repository, tag, narrator=narrator)
    assert repository.tags == {tag[0]: JUDGED, CANDIDATE.name: JUDGED}
    (warned,) = narrator.warned
    assert f"the released image keeps {CANDIDATE}: {tag[0]} can move away from it" in warned
    assert "lifecycle rule" in warned
    assert f"ecr-push promote {REPOSITORY.uri}@{JUDGED} TAG" in warned


def test_a_version_that_an_earlier_run_gave_the_image_counts() -> None:
    """`ecr-push promote team/app:1.4.2 stable`, where an earlier run could not remove the candidate's tag."""
    repository = FakeRepository(tags={"1.4.2": JUDGED, "stable": JUDGED, CANDIDATE.name: JUDGED})
    assert retired(repository, ("stable", K.EXTRA))
    assert set(repository.tags) == {"1.4.2", "stable"}


def test_a_version_that_moved_to_another_image_does_not_count() -> None:
    """The look comes after the promotion: what was set a moment ago may be gone."""
    repository = FakeRepository(tags={"1.4.2": OTHER, "latest": JUDGED, CANDIDATE.name: JUDGED})
    assert not retired(repository, VERSION, ("latest", K.LATEST))
    assert CANDIDATE.name in repository.tags


def test_the_repository_is_asked_for_its_mutability_only_where_that_decides() -> None:
    class Asked(FakeRepository):
        asked = 0

        def describe(self) -> RepositoryState | None:
            self.asked += 1
            return super().describe()

    repository = Asked(tags={"1.4.2": JUDGED, CANDIDATE.name: JUDGED})
    assert retired(repository, VERSION)
    assert repository.asked == 0


def test_a_dry_run_says_what_would_go() -> None:
    narrator = FakeNarrator()
    repository = FakeRepository(tags={CANDIDATE.name: JUDGED})
    dry = DryRun(repository, narrator)
    planned = [Tag("1.4.2")]
    retire((ReleaseTag(Tag("1.4.2"), K.VERSION),), dry, narrator, planned)
    assert narrator.said == [f"would remove {CANDIDATE}"]
    assert (narrator.warned, set(repository.tags)) == ([], {CANDIDATE.name})


# ----------------------------------------------------------- what happens between look and delete


class Raced(FakeRepository):
    """Someone moves every other tag away right before our removal. back: the image can be put back."""

    back = True

    def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
        for name in [name for name in self.tags if not name.startswith("candidate-")]:
            self.tags[name] = OTHER
        return super().remove_tags(tags)

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        if not self.back:
            raise AwsRefusedError("LayersNotFoundException", "layers are gone", "ecr:PutImage", 400)
        return super().put_tag(manifest, tag)


def test_an_image_that_went_with_its_last_tag_is_put_back() -> None:
    narrator = FakeNarrator()
    repository = Raced(tags={"1.4.2": JUDGED, CANDIDATE.name: JUDGED})
    assert not retired(repository, VERSION, narrator=narrator)
    assert repository.tags == {"1.4.2": OTHER, CANDIDATE.name: JUDGED}
    assert not repository.deleted
    (warned,) = narrator.warned
    assert "ECR deleted" in warned
    assert f"it is back as {CANDIDATE}" in warned
    assert "1.4.2" in warned


def test_an_image_that_cannot_be_put_back_fails_the_run() -> None:
    repository = Raced(tags={"1.4.2": JUDGED, CANDIDATE.name: JUDGED})
    repository.back = False
    with pytest.raises(RegistryError, match="is gone from the registry") as raised:
        retired(repository, VERSION)
    assert "LayersNotFoundException" in raised.value.why
    assert "1.4.2" not in raised.value.why
    assert "run again" in raised.value.remedy


def test_an_image_that_others_deleted_is_not_put_back() -> None:
    """By its digest, with all its tags, before our removal: that was on purpose."""

    class Deleting(FakeRepository):
        def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
            super().remove_tags([Tag(name) for name in self.tags])
            return super().remove_tags(tags)

    repository = Deleting(tags={"1.4.2": JUDGED, CANDIDATE.name: JUDGED})
    with pytest.raises(RegistryError, match="was deleted while it was released"):
        retired(repository, VERSION)
    assert repository.tags == {}


def test_an_image_that_is_gone_before_the_look_fails_the_run() -> None:
    repository = FakeRepository(tags={})
    repository.deleted.add(JUDGED)
    with pytest.raises(RegistryError, match="was deleted while it was released"):
        retired(repository, VERSION)


def test_a_candidate_that_another_run_removed_meanwhile_is_gone() -> None:
    """Two runs that built the same image have two candidates on it, and each removes both."""

    class Twice(FakeRepository):
        def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
            super().remove_tags(tags)
            return super().remove_tags(tags)

    narrator = FakeNarrator()
    assert retired(Twice(tags={"1.4.2": JUDGED, CANDIDATE.name: JUDGED}), VERSION, narrator=narrator)
    assert narrator.warned == []


@pytest.mark.parametrize("removed", [True, False])
def test_a_second_look_that_fails_fails_nothing(removed: bool) -> None:
    class Silent(FakeRepository):
        looks = 0

        def tags_of(self, digest: Digest) -> frozenset[Tag]:
            self.looks += 1
            if self.looks > 1:
                raise RegistryError("AWS could not be reached")
            return super().tags_of(digest)

        def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
            if not removed:
                raise RegistryError("AWS refused")
            return super().remove_tags(tags)

    assert retired(Silent(tags={"1.4.2": JUDGED, CANDIDATE.name: JUDGED}), VERSION) is removed


# --------------------------------------------------------------------------------------- lost ones


@pytest.mark.parametrize(
    ("present", "lost"),
    [({CANDIDATE.name: JUDGED}, False), ({CANDIDATE.name: OTHER}, True), ({}, True)],
    ids=["there", "moved", "removed"],
)
def test_a_candidate_is_lost_once_its_tag_names_another_image_or_none(
    present: dict[str, Digest], lost: bool
) -> None:
    assert candidate.is_lost(CANDIDATE, JUDGED, FakeRepository(tags=present)) is lost


def test_a_candidate_that_cannot_be_looked_up_is_not_lost() -> None:
    class Silent(FakeRepository):
        def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
            raise RegistryError("no answer")

    assert not candidate.is_lost(CANDIDATE, JUDGED, Silent())


@pytest.mark.parametrize(
    ("left", "back_as"),
    [({CANDIDATE.name: JUDGED}, CANDIDATE.name), ({}, f"candidate-{JUDGED.value[7:19]}")],
    ids=["its candidate's tag goes meanwhile", "it had none"],
)
def test_what_a_run_that_lost_gives_back_is_not_put_back(left: dict[str, Digest], back_as: str) -> None:
    """Its image went with its last tag, and comes back as a candidate: the version stays with the winner."""

    class Meanwhile(FakeRepository):
        def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
            removed = super().remove_tags([*tags, *(Tag(name) for name in {**left, "extra": JUDGED})])
            self.tags["1.4.2"] = OTHER
            return removed & set(tags)

    repository = Meanwhile(tags={"1.4.2": JUDGED, "extra": JUDGED, **left})
    give_back([Tag("1.4.2")], IMAGE, repository, FakeNarrator())
    assert repository.tags == {"1.4.2": OTHER, back_as: JUDGED}


def test_a_run_that_lost_removes_no_tag_from_another_image() -> None:
    repository = FakeRepository(tags={"1.4.2": OTHER, "sha-0123456789ab": JUDGED, CANDIDATE.name: JUDGED})
    assert give_back([Tag("1.4.2"), Tag("sha-0123456789ab")], IMAGE, repository, FakeNarrator())
    assert repository.tags == {"1.4.2": OTHER, CANDIDATE.name: JUDGED}
    repository.deleted.add(JUDGED)
    assert give_back([Tag("1.4.2")], IMAGE, repository, FakeNarrator())
    assert repository.tags["1.4.2"] == OTHER
