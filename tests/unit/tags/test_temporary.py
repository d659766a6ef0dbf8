"""Which tags say nothing of what was released, and when they go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.reference import Tag
from ecr_push.tags.temporary import claim_on, done_with, is_temporary, reserved

TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", fullmatch=True).map(Tag)


@pytest.mark.parametrize(
    ("name", "temporary"),
    [("candidate-0123456789ab-1", True), ("claim-1.4.2", True), ("1.4.2", False), ("claim", False)],
)
def test_what_is_temporary(name: str, temporary: bool) -> None:
    assert is_temporary(name) is temporary


@given(TAGS, TAGS)
def test_every_tag_has_a_claim_of_its_own(one: Tag, other: Tag) -> None:
    assert is_temporary(claim_on(one).name)
    assert (claim_on(one) == claim_on(other)) is (one == other)


def test_what_a_released_image_needs_no_more() -> None:
    names = ("1.4.2", "latest", "claim-1.4.2", "claim-1.4.3", "candidate-a-1")
    assert done_with({Tag(name) for name in names}) == [Tag("candidate-a-1"), Tag("claim-1.4.2")]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("1.4.2", ""),
        ("claim", ""),
        ("sha256-abc", ""),
        (f"sha256-{'a' * 65}", ""),
        ("candidate-1", "unreleased images"),
        ("claim-1", "about to be released"),
        (f"sha256-{'a' * 64}", "such as its signature"),
        (f"sha256-{'a' * 64}.sig", "such as its signature"),
        (f"sha256-{'a' * 64}.att", "such as its signature"),
    ],
)
def test_what_cannot_be_a_release_tag(name: str, why: str) -> None:
    assert why in reserved(name) and bool(why) == bool(reserved(name))
