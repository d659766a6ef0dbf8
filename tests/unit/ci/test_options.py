from __future__ import annotations

import pytest

from tests.support.settings import problems_of, value


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("branch", "refs/heads/feature/a", "feature/a"),
        ("tag_ref", "refs/tags/v1", "v1"),
        ("pull_request", "12", "12"),
        ("commit", "a" * 40, "a" * 40),
    ],
)
def test_values(name: str, given: object, expected: object) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("branch", "a b", "'a b' is not a valid branch name"),
        ("tag_ref", "v1..2", "is not a valid git tag name"),
        ("pull_request", "#12", "is not a valid pull request number: expected digits"),
        ("commit", "abc123", "expected all its 40 or 64 hexadecimal digits; git rev-parse shows them"),
        ("run_url", "ftp://x", "is not a valid URL: expected https://…"),
    ],
)
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)
