from __future__ import annotations

import pytest

from ecr_push.registry.target import Target, find_target


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"text": "team/app"}, Target("team/app")),
        (
            {"text": "team/app", "region": "eu-west-1", "registry_id": "111122223333"},
            Target("team/app", False, "eu-west-1", "111122223333"),
        ),
        (
            {"text": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app"},
            Target("app", False, "eu-west-1", "123456789012", "123456789012.dkr.ecr.eu-west-1.amazonaws.com"),
        ),
        ({"text": "public.ecr.aws/alias/app"}, Target("alias/app", True, "us-east-1", "")),
    ],
)
def test_where_an_image_goes(given: dict[str, str], expected: Target) -> None:
    assert find_target(**given) == expected
