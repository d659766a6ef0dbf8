"""What is said of a plan besides its differences."""

from __future__ import annotations

from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.model import RepositoryPlan, Wanted
from ecr_push.upkeep.plan import left_open
from ecr_push.upkeep.policies.render import repository_policy
from tests.support.policies import grants

OPEN = repository_policy(grants("pull", "everyone"))
CLOSED = repository_policy(grants("pull", "[111122223333, org:o-a1b2c3d4e5]"))


def plan(name: str, policy: str, wanted: Wanted) -> RepositoryPlan:
    return RepositoryPlan(
        name, wanted, RepositorySettings(name, "arn", "MUTABLE", (), True, "AES256", "", "", policy)
    )


def test_what_is_open_and_stays_so() -> None:
    plans = [
        plan("open", OPEN, Wanted()),
        plan("closed", CLOSED, Wanted()),
        plan("none", "", Wanted()),
        plan("closes", OPEN, Wanted(policy="")),
        plan("says-so", OPEN, Wanted(policy=OPEN)),
        RepositoryPlan("new", Wanted(policy=OPEN)),
    ]
    assert left_open(plans) == ("open",)
