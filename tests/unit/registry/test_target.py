from __future__ import annotations

import pytest

from ecr_push.registry.target import RepositoryTarget, find_target


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"text": "team/app"}, RepositoryTarget("team/app")),
        (
            {"text": "team/app", "region": "eu-west-1", "registry_id": "111122223333"},
            RepositoryTarget("team/app", False, "eu-west-1", "111122223333"),
        ),
        (
            {"text": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app"},
            RepositoryTarget(
                "app", False, "eu-west-1", "123456789012", "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
            ),
        ),
        ({"text": "public.ecr.aws/alias/app"}, RepositoryTarget("alias/app", True, "us-east-1", "")),
        (
            {"text": "ecr-public.aws.com/alias/app"},
            RepositoryTarget("alias/app", True, "us-east-1", "", "ecr-public.aws.com"),
        ),
    ],
)
def test_where_an_image_goes(given: dict[str, str], expected: RepositoryTarget) -> None:
    assert find_target(**given) == expected


@pytest.mark.parametrize(
    ("text", "dual_stack"),
    [
        ("team/app", False),
        ("public.ecr.aws/alias/app", False),
        ("ecr-public.aws.com/alias/app", True),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app", False),
        ("123456789012.dkr-ecr.eu-west-1.on.aws/app", True),
        ("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn/app", True),
    ],
)
def test_the_api_is_asked_over_what_the_host_is_reached_over(text: str, dual_stack: bool) -> None:
    assert find_target(text).dual_stack is dual_stack
