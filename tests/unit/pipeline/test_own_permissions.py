"""What IAM says that the caller lacks for a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ecr_push.pipeline.own_permissions import find_lacks, principal_of
from ecr_push.registry.repositories import CallerIdentity
from tests.support.settings import settings, value

SESSION = "arn:aws:sts::123456789012:assumed-role/ci/run"
ROLE = "arn:aws:iam::123456789012:role/ci"
APP = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"


class Iam:
    """Answers for a role that lacks these actions; None: it may not be asked."""

    def __init__(self, lacking: Mapping[str, bool] | None) -> None:
        self.lacking = lacking
        self.asked: list[str] = []

    def refused(self, principal: str, actions: Sequence[str], resource: str) -> Mapping[str, bool] | None:
        assert principal == ROLE
        self.asked.append(resource)
        if self.lacking is None:
            return None
        return {action: certain for action, certain in self.lacking.items() if action in actions}


def lacks(iam: Iam, **given: Any) -> list[tuple[str, bool]] | None:
    caller = CallerIdentity(SESSION, "eu-west-1", None)
    wanted = settings(repository="team/app", **given)
    found = find_lacks(wanted, caller, iam, "basic")  # type: ignore[arg-type]
    return None if found is None else [(str(one), one.ends_a_run) for one in found]


def test_each_resource_is_asked_for_once() -> None:
    iam = Iam({})
    assert lacks(iam) == []
    assert sorted(iam.asked) == ["*", APP]


def test_a_step_is_named_with_what_it_lacks() -> None:
    assert lacks(Iam({"ecr:PutImage": True, "ecr:GetLifecyclePolicy": True})) == [
        (f"Push: ecr:PutImage on {APP} is not allowed", True),
        (f"Promote: ecr:PutImage on {APP} is not allowed", True),
        (f"Lifecycle: ecr:GetLifecyclePolicy on {APP} is not allowed", False),
    ]


def test_an_event_that_cannot_be_sent_ends_no_run_and_an_audit_that_cannot_be_kept_does() -> None:
    lacking = Iam({"events:PutEvents": True, "logs:PutLogEvents": True})
    found = lacks(lacking, event_bus="default", audit=value("audit", ["logs:/audit"]))
    assert found is not None
    assert [(text.partition(":")[0], ends) for text, ends in found] == [("Events", False), ("Logs", True)]


def test_conditions_that_a_simulation_does_not_know_end_nothing() -> None:
    found = lacks(Iam({"ecr:StartImageScan": False}))
    assert found == [(f"Scan: ecr:StartImageScan on {APP} depends on conditions of the real call", False)]


def test_iam_may_refuse_to_say() -> None:
    assert lacks(Iam(None)) is None


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        (SESSION, ROLE),
        ("arn:aws-cn:sts::1:assumed-role/a/b", "arn:aws-cn:iam::1:role/a"),
        ("arn:aws:iam::123456789012:user/ci", "arn:aws:iam::123456789012:user/ci"),
        ("odd", "odd"),
    ],
)
def test_the_principal_of_a_session(arn: str, principal: str) -> None:
    assert principal_of(arn) == principal
