"""What is said of a plan besides its differences."""

from __future__ import annotations

import json

from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.model import RepositoryPlan, Wanted, WantedRepositories
from ecr_push.upkeep.plan import warnings_about
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
    assert [warning.partition(" ")[0] for warning in warnings_about(WantedRepositories(), plans)] == ["open"]


def test_functions_that_lose_their_image() -> None:
    """Lambda has written a statement of its own, with more actions than a pull."""
    function = "arn:aws:lambda:eu-west-1:123456789012:function:*"
    statement = {
        "Sid": "LambdaECRImageRetrievalPolicy",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:SetRepositoryPolicy"],
        "Condition": {"StringLike": {"aws:sourceArn": function}},
    }
    by_lambda = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    plans = [
        plan("lost", by_lambda, Wanted(policy=CLOSED)),
        plan("removed", by_lambda, Wanted(policy="")),
        plan("kept", by_lambda, Wanted(policy=repository_policy(grants("pull", "lambda")))),
        plan("left", by_lambda, Wanted()),
        plan("none", CLOSED, Wanted(policy="")),
        plan("odd", "{", Wanted(policy="")),
    ]
    assert [warning.partition(":")[0] for warning in warnings_about(WantedRepositories(), plans)] == [
        "lost",
        "removed",
    ]


def test_a_pattern_that_means_no_repository_is_a_warning() -> None:
    wanted = WantedRepositories({"taem/*": Wanted(), "team/*": Wanted(), "new": Wanted(), "n*": Wanted()})
    plans = [RepositoryPlan(name, Wanted(), None, ()) for name in ("new", "team/shop")]
    [warning] = warnings_about(wanted, plans)
    assert warning.startswith("taem/* matches no repository")
