from __future__ import annotations

import pytest

from ecr_push.plan import Target, find_target
from ecr_push.policy import Policy, make_policy
from ecr_push.repository import wanted_repository
from ecr_push.settings import Settings
from ecr_push.severity import Severity
from tests.unit.test_preflight import SOURCE, plan


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"repository": "team/app"}, Target("team/app")),
        (
            {"repository": "team/app", "region": "eu-west-1", "registry_id": "111122223333"},
            Target("team/app", False, "eu-west-1", "111122223333"),
        ),
        (
            {"repository": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app"},
            Target("app", False, "eu-west-1", "123456789012", "123456789012.dkr.ecr.eu-west-1.amazonaws.com"),
        ),
        ({"repository": "public.ecr.aws/alias/app"}, Target("alias/app", True, "us-east-1", "")),
    ],
)
def test_where_an_image_goes(given: dict[str, str], expected: Target) -> None:
    assert find_target(Settings(**given)) == expected


def test_the_candidate_names_commit_and_run_and_is_no_release_tag() -> None:
    made = plan()
    assert made.candidate.name == f"candidate-{SOURCE.short}-run1"
    assert made.candidate not in {tag.tag for tag in made.tags}


@pytest.mark.parametrize(
    ("floating", "names"),
    [
        ("all", ["sha-0123456789ab", "1.4.2", "1.4", "1", "latest"]),
        ("latest", ["sha-0123456789ab", "1.4.2", "latest"]),
        ("none", ["sha-0123456789ab", "1.4.2"]),
    ],
)
def test_which_tags_float(floating: str, names: list[str]) -> None:
    assert [str(tag) for tag in plan(floating_tags=floating).tags] == names


@pytest.mark.parametrize(
    ("floating", "mutability", "exclusions"),
    [
        ("all", "MUTABLE_WITH_EXCLUSION", {"sha-*"}),
        ("latest", "IMMUTABLE_WITH_EXCLUSION", {"candidate-*", "dirty-*", "latest"}),
        ("none", "IMMUTABLE_WITH_EXCLUSION", {"candidate-*", "dirty-*"}),
    ],
)
def test_a_new_repository_protects_what_it_can(floating: str, mutability: str, exclusions: set[str]) -> None:
    wanted = wanted_repository(floating)
    assert (wanted.mutability, set(wanted.exclusions)) == (mutability, exclusions)
    assert wanted.scan_on_push
    assert len(wanted.exclusions) <= 5


def test_fail_on_is_high_unless_limits_stand_in_its_place() -> None:
    assert make_policy(None, None, "refuse") == Policy(Severity.HIGH)
    assert make_policy(None, {Severity.LOW: 1}, "refuse").fail_on is None
    assert make_policy(Severity.LOW, {Severity.LOW: 1}, "refuse").fail_on is Severity.LOW


def test_build_arguments_do_not_show() -> None:
    assert "hunter2" not in repr(plan(build_args=("TOKEN=hunter2",)).build)
