"""Bitbucket Pipelines: its variables -> CiFacts, as tables."""

from __future__ import annotations

import pytest

from ecr_push.ci.detect import read_facts
from tests.support.ci import BITBUCKET, SHA, ci_facts, differing

BITBUCKET_SAYS = ci_facts(
    "bitbucket",
    commit=SHA,
    run_id="77-2",
    run_url="https://bitbucket.org/acme/app/pipelines/results/77",
    actor="{5a50dd52-5ab7-4225-831c-4db9451375a2}",
    repository_url="https://bitbucket.org/acme/app",
    run_commit=SHA,
)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, {}),  # a custom pipeline for a commit
        ({"BRANCH": "feature/x"}, {"branch": "feature/x", "event": "push"}),
        ({"TAG": "v1.4.2"}, {"tag": "v1.4.2", "event": "tag"}),
        (
            {"BRANCH": "feature/x", "PR_ID": "12", "PR_DESTINATION_BRANCH": "release/1.4"},
            {
                "branch": "feature/x",
                "pull_request": "12",
                "event": "pull_request",
                "base": "release/1.4",
            },
        ),
        ({"STEP_RUN_NUMBER": "1"}, {"run_id": "77-1"}),
        ({"REPO_FULL_NAME": ""}, {"repository_url": "", "run_url": ""}),
    ],
)
def test_bitbucket(variables: dict[str, str], expected: dict[str, object]) -> None:
    given = {f"BITBUCKET_{name}": value for name, value in variables.items()}
    assert differing(read_facts({**BITBUCKET, **given}), BITBUCKET_SAYS) == expected
