from __future__ import annotations

import pytest

from tests.support.settings import problems_of, value


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("repository", "team/app", "team/app"),
        ("repository", "public.ecr.aws/a/bc", "public.ecr.aws/a/bc"),
        ("registry_id", "012345670123", "012345670123"),
        ("region", "us-gov-west-1", "us-gov-west-1"),
    ],
)
def test_values(name: str, given: object, expected: object) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("repository", "team/app:1", "without a tag; `run` names tags with --tag"),
        ("repository", "team/app@sha256:0", "without a tag"),
        ("repository", "https://x/y", "'https://x/y': leave out https://"),
        ("registry_id", "1234567890123", "expected the account's 12 digits"),
        ("registry_id", "12345678901", "12 digits; quote it in YAML, which drops a leading 0"),
        ("region", "Frankfurt", "is not a valid AWS region: expected a name such as eu-west-1"),
        ("role", "arn:aws:iam::1:role/x", "is not a valid role ARN: expected arn:PARTITION:iam::"),
    ],
)  # fmt: skip
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)
