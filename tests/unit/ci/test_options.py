"""The options that say what a run is for: which texts are valid."""

from __future__ import annotations

import pytest

from ecr_push.base.errors import SettingsError
from tests.support.ci import SHA
from tests.support.settings import load_settings, value


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("branch", "feature/x", "feature/x"),
        ("branch", "refs/heads/feature/x", "feature/x"),
        ("branch", "$(id)`id`'\"&|;<>", "$(id)`id`'\"&|;<>"),
        ("tag_ref", "refs/tags/v1", "v1"),
        ("tag_ref", "refs/tags/api/v1.2.3", "api/v1.2.3"),
        ("pull_request", "12", "12"),
        ("commit", SHA, SHA),
        ("run_url", "https://ci.example/7?a=b#c", "https://ci.example/7?a=b#c"),
    ],
)
def test_values(name: str, given: object, expected: object) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("branch", "a b", "'a b' is not a valid branch name"),
        *(
            ("branch", text, "is not a valid branch name")
            for text in (
                *("a\nb", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b"),
                *("-a", "/a", "a/", "a.", "a//b", "a@{1}", "refs/heads/", "a\x1bb"),
            )
        ),
        ("tag_ref", "v1..2", "is not a valid git tag name"),
        ("tag_ref", "v1 2", "is not a valid git tag name"),
        ("pull_request", "#12", "is not a valid pull request number: expected digits"),
        ("pull_request", "12/merge", "is not a valid pull request number: expected digits"),
        ("pull_request", "PR-12", "is not a valid pull request number: expected digits"),
        ("commit", "abc123", "expected all its 40 or 64 hexadecimal digits; git rev-parse shows them"),
        ("commit", SHA[:12], "expected all its 40 or 64 hexadecimal digits"),
        ("commit", SHA.upper(), "expected all its 40 or 64 hexadecimal digits"),
        ("run_url", "ftp://x", "is not a valid URL: expected https://…"),
        ("run_url", "javascript:alert(1)", "is not a valid URL"),
        ("container_name", "team/app", "container"),
    ],
)
def test_mistakes(name: str, given: object, text: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({"repository": "team/app", name: given}, {}, command="run")
    [problem] = raised.value.problems
    assert problem.startswith(f"--{name.replace('_', '-')}") and text in problem


@pytest.mark.parametrize(
    "given", [{"branch": "main", "tag_ref": "v1"}, {"pull_request": "1", "tag_ref": "v1"}]
)
def test_a_run_is_for_one_ref(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="a run is for one of them"):
        load_settings({"repository": "team/app", **given}, {}, command="run")
