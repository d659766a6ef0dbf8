"""When an image loses its candidate tags, and how a lost one is noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.release import candidate
from tests.support.fakes import FakeNarrator, FakeRepository, digest

JUDGED, OTHER = digest("judged"), digest("another image")
CANDIDATE = Tag("candidate-a-1")


def test_all_candidates_leave_a_released_image_and_only_that_one() -> None:
    repository = FakeRepository(
        tags={"1.4.2": JUDGED, "candidate-a-1": JUDGED, "candidate-a-2": JUDGED, "candidate-b-1": OTHER}
    )
    assert candidate.retire(JUDGED, repository, FakeNarrator())
    assert set(repository.tags) == {"1.4.2", "candidate-b-1"}


def test_a_candidate_that_must_stay_is_a_warning_and_no_failure() -> None:
    class Denied(FakeRepository):
        def remove_tags(self, tags: Sequence[Tag]) -> None:
            raise AwsRefusedError("AccessDeniedException", "no", "ecr:BatchDeleteImage")

    narrator = FakeNarrator()
    repository = Denied(tags={"1.4.2": JUDGED, "candidate-a-1": JUDGED})
    assert not candidate.retire(JUDGED, repository, narrator)
    assert "ecr:BatchDeleteImage" in narrator.warned[0]


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
