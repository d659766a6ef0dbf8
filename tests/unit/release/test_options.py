from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.settings import problems, problems_of, value

ARN = "arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/team.locks"


@pytest.mark.parametrize("given", ["dynamodb:team-locks", "dynamodb:a.b", f"dynamodb:{ARN}"])
def test_a_lock_is_a_dynamodb_table_by_name_or_arn(given: str) -> None:
    assert value("lock", given) == given


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("team-locks", "'team-locks' is not a lock: expected dynamodb:TABLE"),
        ("redis:team-locks", "expected dynamodb:TABLE"),
        ("dynamodb:", "'' is not a DynamoDB table"),
        ("dynamodb:ab", "3 to 255"),
        ("dynamodb:team locks", "'team locks' is not a DynamoDB table"),
        ("dynamodb:arn:aws:sqs:eu-west-1:123456789012:locks", "arn:PARTITION:dynamodb:"),
    ],
)
def test_what_is_wrong_with_a_lock_is_said(given: str, expected: str) -> None:
    assert expected in problems_of("lock", given)


def test_the_sandbox_has_no_tables(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, flags={"sandbox": True, "lock": "dynamodb:team-locks"})
    assert problem.startswith("--lock: has no effect with --sandbox")
