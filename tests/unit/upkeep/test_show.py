"""Plans as text; tests/integration/test_repositories.py has what they are made of."""

from __future__ import annotations

import pytest

from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.model import Change, RepositoryPlan, Wanted
from ecr_push.upkeep.show import lines_of


@pytest.mark.parametrize(("lifecycle", "is_said"), [('{"rules": []}', True), ("", False)])
def test_a_lifecycle_policy_that_changes_says_how_to_try_it(lifecycle: str, is_said: bool) -> None:
    """ECR carries it out within a day, and what it deletes does not come back."""
    found = RepositorySettings("team/old", "arn", "MUTABLE", (), True, "AES256", "")
    changes = (Change("lifecycle", ("+ keep last 1 of any",)),)
    plan = RepositoryPlan("team/old", Wanted(lifecycle=lifecycle), found, changes)
    said = "      what it deletes: ecr-push lifecycle test -r team/old --lifecycle FILE"
    assert (said in list(lines_of([plan]))) is is_said
