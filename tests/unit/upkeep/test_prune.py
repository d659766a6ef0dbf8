"""Which images nothing needs, and in which order they go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given

from ecr_push.base.reference import Digest
from ecr_push.registry.stored_image import StoredImage
from ecr_push.tags.temporary import is_temporary
from ecr_push.upkeep.prune import AT_ONCE, Limits, Prunable, batches, find_prunable
from tests.support.lifecycle import NOW, digest, image, repositories

LIMITS = Limits(candidates=timedelta(days=3), untagged=timedelta(days=1))


def found(*images: StoredImage, in_use: frozenset[Digest] = frozenset()) -> list[tuple[Digest, str]]:
    prunable = find_prunable(images, NOW, LIMITS, in_use, is_temporary)
    return [(one.image.digest, one.why) for one in prunable]


ABOUT = "about an image that is gone or goes"
CANDIDATE = "a candidate that was not released"


@pytest.mark.parametrize(
    ("images", "gone"),
    [
        ([image("A", 9, "candidate-1")], {"A": CANDIDATE}),
        ([image("A", 9, "claim-1.0", "candidate-1")], {"A": CANDIDATE}),
        ([image("A", 2, "candidate-1"), image("B", 0.5)], {}),  # a run may still be under way
        ([image("A", 9, "candidate-1", "1.0"), image("B", 9, "main")], {}),
        ([image("A", 2)], {"A": "without a tag"}),
        ([image("A", 9, archived=5)], {}),
        ([image("A", 9, "1.0", children=["B"]), image("B", 9)], {}),
        ([image("A", 9, "1.0"), image("S", 9, subject="A"), image("T", 9, subject="S")], {}),
        ([image("A", 2, "candidate-1", children=["B"]), image("B", 9)], {}),
        (
            [image("B", 9), image("A", 9, "candidate-1", children=["B"]), image("S", 9, subject="A")],
            {
                "A": CANDIDATE,
                "S": "about an image that is gone or goes",
                "B": "listed by an index that goes, too",
            },
        ),
        ([image("S", 9, subject="gone")], {"S": ABOUT}),
        ([image("P", 9, "candidate-amd64"), image("A", 9, "1.0", children=["P"])], {}),  # a part
    ],
)
def test_what_goes(images: list[StoredImage], gone: dict[str, str]) -> None:
    assert dict(found(*images)) == {digest(name): why for name, why in gone.items()}


def test_what_is_in_use_stays_with_all_that_it_needs() -> None:
    images = [image("A", 9, "candidate-1", children=["B"]), image("B", 9), image("S", 9, subject="B")]
    assert found(*images, in_use=frozenset({digest("A")})) == []
    assert [one for one, _ in found(*images, in_use=frozenset({digest("B")}))] == [digest("A")]


def test_an_index_goes_before_its_images_however_deep() -> None:
    images = [image("C", 30), image("B", 20, children=["C"]), image("A", 9, children=["B"])]
    assert [one for one, _ in found(*images)] == [digest("A"), digest("B"), digest("C")]


@given(repositories())
def test_nothing_that_stays_needs_what_goes(images: list[StoredImage]) -> None:
    gone = {one.image.digest for one in find_prunable(images, NOW, LIMITS, set(), is_temporary)}
    there = {one.digest for one in images}
    for one in images:
        if one.digest in gone:
            assert all(is_temporary(tag) for tag in one.tags)
            assert one.subject not in there - gone
        else:
            assert not set(one.children) & gone


@given(repositories())
def test_a_batch_has_one_kind_and_no_image_that_another_one_lists(images: list[StoredImage]) -> None:
    gone = find_prunable(images, NOW, LIMITS, set(), is_temporary)
    parts = list(batches(gone))
    assert [one for batch in parts for one in batch] == list(gone)
    for batch in parts:
        assert len({bool(one.image.tags) for one in batch}) == 1
        listed = {child for one in batch for child in one.image.children}
        assert not listed & {one.image.digest for one in batch}


def test_a_batch_is_what_one_call_takes() -> None:
    many = [Prunable(image(str(number), 9), "") for number in range(2 * AT_ONCE + 1)]
    assert [len(batch) for batch in batches(many)] == [AT_ONCE, AT_ONCE, 1]
