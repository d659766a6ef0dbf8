from __future__ import annotations

import pytest

from ecr_push.base.severity import Severity
from ecr_push.policy.model import Policy, make_policy
from ecr_push.release.mutability import wanted_repository
from tests.support.plans import SOURCE, plan


def test_the_candidate_names_commit_and_run_and_is_not_a_release_tag() -> None:
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
        ("all", "MUTABLE_WITH_EXCLUSION", {"sha-*", "claim-*"}),
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
