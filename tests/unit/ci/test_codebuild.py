"""CodeBuild: its variables -> CiFacts, as tables."""

from __future__ import annotations

import pytest

from ecr_push.ci.detect import read_facts
from tests.support.ci import CODEBUILD, SHA, ci_facts, differing

CODEBUILD_SAYS = ci_facts(
    "codebuild",
    commit=SHA,
    run_id="0a1b2c3d-0000-1111-2222-333344445555",
    run_url="https://eu-west-1.console.aws.amazon.com/codebuild/home",
    actor="GitHub-Hookshot/1",
    run_commit=SHA,
)


@pytest.mark.parametrize(
    ("trigger", "head", "base", "expected"),
    [
        ("", "", "", {}),
        ("branch/feature/x", "", "", {"branch": "feature/x", "event": "push"}),
        ("branch/feature/x", "refs/heads/feature/x", "", {"branch": "feature/x", "event": "push"}),
        ("tag/v1.4.2", "refs/tags/v1.4.2", "", {"tag": "v1.4.2", "event": "tag"}),
        (
            "pr/12",
            "refs/heads/feature/x",
            "refs/heads/main",
            {"branch": "feature/x", "pull_request": "12", "event": "pull_request", "base": "main"},
        ),
    ],
)
def test_codebuild(trigger: str, head: str, base: str, expected: dict[str, str]) -> None:
    webhook = {"TRIGGER": trigger, "HEAD_REF": head, "BASE_REF": base}
    environ = {**CODEBUILD, **{f"CODEBUILD_WEBHOOK_{name}": value for name, value in webhook.items()}}
    assert differing(read_facts(environ), CODEBUILD_SAYS) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("pr/12", {"pull_request": "12"}),
        (f"refs/pull/12/head^{{{SHA}}}", {"pull_request": "12"}),
        ("refs/heads/feature/x", {"branch": "feature/x"}),
        (f"refs/heads/main^{{{SHA}}}", {"branch": "main"}),
        ("refs/tags/v1.4.2", {"tag": "v1.4.2"}),
        *((version, {}) for version in ("main", "v1.4.2", SHA, "arn:aws:s3:::bucket/source.zip", "pr/x", "")),
    ],
)
def test_what_codebuild_was_started_with_by_hand(version: str, expected: dict[str, str]) -> None:
    environ = {**CODEBUILD, "CODEBUILD_SOURCE_VERSION": version}
    assert differing(read_facts(environ), CODEBUILD_SAYS) == expected
    webhook = {**environ, "CODEBUILD_WEBHOOK_TRIGGER": "branch/next"}
    assert read_facts(webhook).ref.branch == "next", "which says it reliably"


def test_the_version_of_an_object_in_s3_is_not_a_commit() -> None:
    found = read_facts({**CODEBUILD, "CODEBUILD_RESOLVED_SOURCE_VERSION": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH"})
    assert differing(found, CODEBUILD_SAYS) == {"commit": "", "run_commit": ""}
