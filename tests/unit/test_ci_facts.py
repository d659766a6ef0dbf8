"""What the CIs' environments say, as tables."""

from __future__ import annotations

import json
import re

import pytest

from ecr_push.ci.facts import CiFacts, read_facts

SHA = "0123456789abcdef0123456789abcdef01234567"
HEAD = "fedcba9876543210fedcba9876543210fedcba98"

GITHUB = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/app",
    "GITHUB_RUN_ID": "987",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_ACTOR": "ada",
    "GITHUB_SHA": SHA,
    "GITHUB_EVENT_PATH": "event.json",
}
GITHUB_SAYS = CiFacts(
    provider="github",
    commit=SHA,
    default_branch="trunk",
    run_id="987-2",
    run_url="https://github.com/acme/app/actions/runs/987",
    actor="ada",
    repository_url="https://github.com/acme/app",
    interactive=False,
)
REPOSITORY = {"repository": {"default_branch": "trunk"}}
PULL_REQUEST = {**REPOSITORY, "number": 12, "pull_request": {"number": 12, "head": {"sha": HEAD}}}


def github(event: object = REPOSITORY, **variables: str) -> CiFacts:
    environ = {**GITHUB, **{f"GITHUB_{name}": value for name, value in variables.items()}}
    return read_facts(environ, {"event.json": json.dumps(event)}.__getitem__)


def differing(facts: CiFacts, usual: CiFacts) -> dict[str, object]:
    return {name: value for name, value in vars(facts).items() if value != getattr(usual, name)}


@pytest.mark.parametrize(
    ("event", "variables", "expected"),
    [
        (REPOSITORY, {"REF_TYPE": "branch", "REF_NAME": "feature/x"}, {"branch": "feature/x"}),
        (REPOSITORY, {"REF_TYPE": "tag", "REF_NAME": "v1.4.2"}, {"tag": "v1.4.2"}),
        (
            PULL_REQUEST,
            {
                "REF_TYPE": "branch",
                "REF_NAME": "12/merge",
                "REF": "refs/pull/12/merge",
                "HEAD_REF": "feature/x",
            },
            {"branch": "feature/x", "pull_request": "12", "commit": HEAD},
        ),
        (  # pull_request_target: the ref is the base's
            PULL_REQUEST,
            {"REF_TYPE": "branch", "REF_NAME": "trunk", "REF": "refs/heads/trunk", "HEAD_REF": "feature/x"},
            {"branch": "feature/x", "pull_request": "12", "commit": HEAD},
        ),
        (  # an event file that says less
            {},
            {
                "REF_TYPE": "branch",
                "REF_NAME": "12/merge",
                "REF": "refs/pull/12/merge",
                "HEAD_REF": "feature/x",
            },
            {"branch": "feature/x", "pull_request": "12", "default_branch": ""},
        ),
        ({"repository": [], "pull_request": "odd"}, {}, {"default_branch": ""}),
        ([], {}, {"default_branch": ""}),
    ],
)
def test_github(event: object, variables: dict[str, str], expected: dict[str, str]) -> None:
    assert differing(github(event, **variables), GITHUB_SAYS) == expected


@pytest.mark.parametrize(
    "error", [FileNotFoundError("event.json"), ValueError("no JSON"), UnicodeDecodeError("u", b"", 0, 1, "x")]
)
def test_an_unreadable_event_leaves_fields_empty(error: Exception) -> None:
    def read_text(path: str) -> str:
        raise error

    assert differing(read_facts(GITHUB, read_text), GITHUB_SAYS) == {"default_branch": ""}


def test_no_file_is_read_where_none_is_named() -> None:
    environ = {**GITHUB, "GITHUB_EVENT_PATH": ""}
    no_files: dict[str, str] = {}
    assert read_facts(environ, no_files.__getitem__).default_branch == ""


JENKINS = {
    "JENKINS_URL": "https://ci.example/",
    "BUILD_URL": "https://ci.example/job/app/42/",
    "BUILD_TAG": "jenkins-acme-app-main-42",
    "BUILD_NUMBER": "42",
    "GIT_COMMIT": SHA,
}
JENKINS_SAYS = CiFacts(
    provider="jenkins",
    commit=SHA,
    run_id="jenkins-acme-app-main-42",
    run_url="https://ci.example/job/app/42/",
    interactive=False,
)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"BRANCH_NAME": "feature/x"}, {"branch": "feature/x"}),
        ({"BRANCH_NAME": "main", "BRANCH_IS_PRIMARY": "true"}, {"branch": "main", "default_branch": "main"}),
        ({"BRANCH_NAME": "v1.4.2", "TAG_NAME": "v1.4.2"}, {"tag": "v1.4.2"}),
        (
            {"BRANCH_NAME": "PR-12", "CHANGE_ID": "12", "CHANGE_BRANCH": "feature/x", "CHANGE_AUTHOR": "ada"},
            {"branch": "feature/x", "pull_request": "12", "actor": "ada"},
        ),
        ({"GIT_BRANCH": "origin/feature/x"}, {"branch": "feature/x"}),
        ({"GIT_BRANCH": "detached"}, {}),
        ({"BUILD_TAG": ""}, {"run_id": "42"}),
    ],
)
def test_jenkins(variables: dict[str, str], expected: dict[str, str]) -> None:
    assert differing(read_facts({**JENKINS, **variables}), JENKINS_SAYS) == expected


CODEBUILD = {
    "CODEBUILD_BUILD_ID": "app:0a1b2c3d-0000-1111-2222-333344445555",
    "CODEBUILD_BUILD_URL": "https://eu-west-1.console.aws.amazon.com/codebuild/home",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": SHA,
    "CODEBUILD_SOURCE_VERSION": "unreliable",
    "CODEBUILD_INITIATOR": "GitHub-Hookshot/1",
}
CODEBUILD_SAYS = CiFacts(
    provider="codebuild",
    commit=SHA,
    run_id="0a1b2c3d-0000-1111-2222-333344445555",
    run_url="https://eu-west-1.console.aws.amazon.com/codebuild/home",
    actor="GitHub-Hookshot/1",
    interactive=False,
)


@pytest.mark.parametrize(
    ("trigger", "head", "expected"),
    [
        ("", "", {}),
        ("branch/feature/x", "", {"branch": "feature/x"}),
        ("branch/feature/x", "refs/heads/feature/x", {"branch": "feature/x"}),
        ("tag/v1.4.2", "refs/tags/v1.4.2", {"tag": "v1.4.2"}),
        ("pr/12", "refs/heads/feature/x", {"branch": "feature/x", "pull_request": "12"}),
    ],
)
def test_codebuild(trigger: str, head: str, expected: dict[str, str]) -> None:
    environ = {**CODEBUILD, "CODEBUILD_WEBHOOK_TRIGGER": trigger, "CODEBUILD_WEBHOOK_HEAD_REF": head}
    assert differing(read_facts(environ), CODEBUILD_SAYS) == expected


def test_a_github_runner_that_codebuild_hosts_is_github() -> None:
    assert read_facts({**CODEBUILD, **GITHUB}, lambda path: "{}").provider == "github"


@pytest.mark.parametrize(
    ("environ", "interactive"),
    [({}, True), ({"CI": "false"}, True), ({"CI": "true"}, False), ({"CI": "1"}, False)],
)
def test_no_ci_that_we_know(environ: dict[str, str], interactive: bool) -> None:
    assert read_facts(environ) == CiFacts(interactive=interactive)


def test_a_run_id_is_a_part_of_a_tag_and_differs_between_attempts() -> None:
    tags = [f"jenkins-{'x' * 80}-{number}" for number in (1, 2)] + ["a b", "a/b", "ünï-1"]
    run_ids = [read_facts({**JENKINS, "BUILD_TAG": tag}).run_id for tag in tags]
    assert len(set(run_ids)) == len(tags)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", run_id) for run_id in run_ids)
