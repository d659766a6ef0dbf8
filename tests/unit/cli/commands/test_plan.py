"""`ecr-push plan`, as far as it comes without git: tests/integration has the whole of it."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.commands.conftest import COMMIT, Console


@pytest.fixture(autouse=True)
def _checkout(console: Console) -> None:
    console.in_a_forks_pull_request()
    (console.folder / "Dockerfile").write_text("FROM scratch")


def test_the_plan_of_a_forks_pull_request_says_why_no_registry_is_asked(console: Console) -> None:
    assert console.run("plan") == 0
    assert f"commit      {COMMIT}" in console.out
    assert (
        "repository  unnamed\n            not looked up: a pull request from a fork is not pushed"
        in console.out
    )
    assert "builder     a builder of this test\n" in console.out
    assert console.registry.log == []


def test_a_plan_says_each_fact_once(console: Console) -> None:
    (console.folder / "policy.yml").write_text("fail-on: CRITICAL\n")
    assert console.run("plan", "--policy", "policy.yml") == 0
    assert console.out.count(COMMIT) == 1 and COMMIT[:12] not in console.err
    assert " version " not in console.err and " tags " not in console.err
    assert "scanned within 15m\n            policy from policy.yml\n" in console.out


def test_the_log_of_a_plan_whose_result_is_a_document_says_what_it_found(console: Console) -> None:
    assert console.run("plan", "--output", "json") == 0
    assert f"commit {COMMIT[:12]}" in console.err and " tags " in console.err


def test_a_plan_is_the_result_document_too(console: Console) -> None:
    assert console.run("plan", "-r", "team/app", "--output", "json") == 0
    document = json.loads(console.out)
    assert (document["status"], document["exitCode"]) == ("planned", 0)
