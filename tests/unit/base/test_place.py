"""Where a registry is."""

from __future__ import annotations

import pytest

from ecr_push.base.place import Place


@pytest.mark.parametrize(
    ("arn", "place"),
    [
        ("arn:aws:ecr:eu-west-1:123456789012:repository/team/app", Place("eu-west-1", "123456789012")),
        ("arn:aws-cn:ecr:cn-north-1:123456789012:repository/app", Place("cn-north-1", "123456789012")),
        ("team/app", Place()),
        ("", Place()),
    ],
)
def test_where_a_repository_is(arn: str, place: Place) -> None:
    assert Place.of_repository(arn) == place


def test_partitions_and_words() -> None:
    assert [Place(one).partition for one in ("", "eu-west-1", "cn-north-1")] == ["aws", "aws", "aws-cn"]
    assert str(Place("eu-west-1", "123456789012")) == "eu-west-1/123456789012"
