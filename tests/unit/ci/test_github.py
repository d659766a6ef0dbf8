"""GitHub Actions: variables and event files -> CiFacts, as tables."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from tests.support.ci import GITHUB, HEAD, MAYBE_FORK, SHA, ci_facts, differing

GITHUB_SAYS = ci_facts(
    "github",
    commit=SHA,
    default_branch="trunk",
    run_id="987-2",
    run_url="https://github.com/acme/app/actions/runs/987",
    actor="ada",
    repository_url="https://github.com/acme/app",
    event="push",
    run_commit=SHA,
    origin="own",
)
REPOSITORY = {"repository": {"default_branch": "trunk", "full_name": "acme/app"}}
ANYONE = {"anyone_can_start": True, "trusted_commit": SHA}
OURS, FORKS = {"full_name": "acme/app"}, {"full_name": "mallory/app"}
REQUEST = {"number": 12, "head": {"sha": HEAD, "repo": OURS}}
PULL_REQUEST = {**REPOSITORY, "number": 12, "pull_request": REQUEST}


def github(event: object = REPOSITORY, **variables: str) -> CiFacts:
    environ = {**GITHUB, **{f"GITHUB_{name}": value for name, value in variables.items()}}
    return read_facts(environ, {"event.json": json.dumps(event)}.__getitem__)


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
            {"branch": "feature/x", "pull_request": "12", "default_branch": "", **MAYBE_FORK},
        ),
        (  # … and even less: nothing says that it is not from a fork
            {},
            {"REF": "refs/heads/trunk", "HEAD_REF": "trunk", "EVENT_NAME": "pull_request_target"},
            {"branch": "trunk", "default_branch": "", **MAYBE_FORK, "event": "pull_request_target"},
        ),
        (  # the target branch has its own variable
            PULL_REQUEST,
            {"EVENT_NAME": "pull_request", "HEAD_REF": "feature/x", "BASE_REF": "release/1.4"},
            {
                "branch": "feature/x",
                "pull_request": "12",
                "commit": HEAD,
                "event": "pull_request",
                "base": "release/1.4",
            },
        ),
        (
            {**REPOSITORY, "base_ref": "refs/heads/trunk"},
            {"REF_TYPE": "tag", "REF_NAME": "v1.4.2"},
            {"tag": "v1.4.2", "base": "trunk"},
        ),
        ({**REPOSITORY, "base_ref": None}, {"REF_TYPE": "tag", "REF_NAME": "v1"}, {"tag": "v1"}),
        ({**REPOSITORY, "schedule": "0 0 * * *"}, {"EVENT_NAME": "schedule"}, {"event": "schedule"}),
        ({"repository": [], "pull_request": "odd"}, {}, {"default_branch": "", **MAYBE_FORK}),
        (  # merged just now: the ref and the commit are the target's
            {**PULL_REQUEST, "action": "closed", "pull_request": {**REQUEST, "merged": True}},
            {"EVENT_NAME": "pull_request", "REF": "refs/heads/trunk", "HEAD_REF": "feature/x"},
            {"branch": "trunk", "event": "pull_request"},
        ),
        (  # given up
            {**PULL_REQUEST, "action": "closed", "pull_request": {**REQUEST, "merged": False}},
            {"EVENT_NAME": "pull_request", "REF": "refs/pull/12/merge", "HEAD_REF": "feature/x"},
            {"branch": "feature/x", "pull_request": "12", "commit": HEAD, "event": "pull_request"},
        ),
        (  # a merge queue's branch goes with its run
            {**REPOSITORY, "merge_group": {"base_ref": "refs/heads/trunk"}},
            {"EVENT_NAME": "merge_group", "REF": f"refs/heads/gh-readonly-queue/trunk/pr-12-{SHA}"},
            {"event": "merge_group", "queued": True, "base": "trunk"},
        ),
        (REPOSITORY, {"REF": f"refs/heads/gh-readonly-queue/trunk/pr-12-{SHA}"}, {"queued": True}),
        (  # anybody comments; the ref and the commit are the default branch's
            {**REPOSITORY, "issue": {"number": 12, "pull_request": {}}},
            {"EVENT_NAME": "issue_comment", "REF": "refs/heads/trunk"},
            {"branch": "trunk", "event": "issue_comment", **ANYONE},
        ),
        (
            {**REPOSITORY, "workflow_run": {"event": "push", "head_repository": OURS}},
            {"EVENT_NAME": "workflow_run", "REF": "refs/heads/trunk"},
            {"branch": "trunk", "event": "workflow_run"},
        ),
        (
            {**REPOSITORY, "workflow_run": {"event": "push", "head_repository": FORKS}},
            {"EVENT_NAME": "workflow_run", "REF": "refs/heads/trunk"},
            {"branch": "trunk", "event": "workflow_run", "origin": "fork"},
        ),
        (
            {**REPOSITORY, "workflow_run": {"event": "push", "head_repository": None}},
            {"EVENT_NAME": "workflow_run", "REF": "refs/heads/trunk"},
            {"branch": "trunk", "event": "workflow_run", **MAYBE_FORK},
        ),
        (
            {},
            {"EVENT_NAME": "workflow_run"},
            {"default_branch": "", "event": "workflow_run", **MAYBE_FORK, **ANYONE},
        ),
        *(  # after a run that anybody may have started, of our own default branch as far as GitHub tells
            (
                {**REPOSITORY, "workflow_run": {"event": event, "head_repository": OURS}},
                {"EVENT_NAME": "workflow_run", "REF": "refs/heads/trunk"},
                {"branch": "trunk", "event": "workflow_run", **ANYONE},
            )
            for event in ("issue_comment", "workflow_run", "deployment", "")
        ),
        *(
            (
                {**REPOSITORY, "workflow_run": {"event": event, "head_repository": OURS}},
                {"EVENT_NAME": "workflow_run", "REF": "refs/heads/trunk"},
                {"branch": "trunk", "event": "workflow_run"},
            )
            for event in ("pull_request", "schedule")
        ),
        *(  # of any commit: a fork's is in the repository's network, too
            ({**REPOSITORY}, {"EVENT_NAME": event, "REF": ""}, {"event": event, "anyone_can_start": True})
            for event in ("deployment", "deployment_status")
        ),
        (
            REPOSITORY,
            {"EVENT_NAME": "deployment", "REF": "refs/heads/next"},
            {"event": "deployment", "branch": "next"},
        ),
        (
            REPOSITORY,
            {"EVENT_NAME": "deployment_status", "REF": "refs/tags/v1"},
            {"event": "deployment_status", "tag": "v1"},
        ),
        (  # a fork's, merged just now: the run's commit is ours
            {
                **REPOSITORY,
                "action": "closed",
                "pull_request": {"number": 12, "merged": True, "head": {"sha": HEAD, "repo": FORKS}},
            },
            {"EVENT_NAME": "pull_request", "REF": "refs/heads/trunk", "HEAD_REF": "feature/x"},
            {"branch": "trunk", "event": "pull_request", **ANYONE},
        ),
        (  # a review comes with its pull request
            PULL_REQUEST,
            {"EVENT_NAME": "pull_request_review", "REF": "refs/pull/12/merge", "HEAD_REF": ""},
            {"pull_request": "12", "commit": HEAD, "event": "pull_request_review"},
        ),
        ([], {}, {"default_branch": ""}),
    ],
)
def test_github(event: object, variables: dict[str, str], expected: dict[str, str]) -> None:
    assert differing(github(event, **variables), GITHUB_SAYS) == expected


@pytest.mark.parametrize(
    ("head", "fork"),
    [
        ({"sha": HEAD, "repo": {"full_name": "acme/app"}}, False),
        ({"sha": HEAD, "repo": {"full_name": "Acme/App"}}, False),
        ({"sha": HEAD, "repo": {"full_name": "mallory/app"}}, True),
        ({"sha": HEAD, "repo": None}, True),  # deleted since
        ({"sha": HEAD}, True),
        ("odd", True),
    ],
)
@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_a_fork_is_recognised(head: object, fork: bool, event: str) -> None:
    event_file = {"repository": {"full_name": "acme/app"}, "pull_request": {"number": 12, "head": head}}
    assert github(event_file, EVENT_NAME=event).trust.is_fork == fork
    assert github({"pull_request": {"head": head}}, REPOSITORY="acme/app").trust.is_fork == fork


def test_github_shows_the_repository() -> None:
    shown = {"name": "app", "description": "Sells tea", "license": {"spdx_id": "Apache-2.0"}}
    facts = github({"repository": {**REPOSITORY["repository"], **shown}})
    assert differing(facts, GITHUB_SAYS) == {
        "title": "app",
        "description": "Sells tea",
        "licenses": "Apache-2.0",
    }


@pytest.mark.parametrize("licence", [None, {"spdx_id": "NOASSERTION"}, {"spdx_id": None}, "MIT"])
def test_a_licence_that_github_does_not_know(licence: object) -> None:
    assert github({"repository": {"description": None, "license": licence}}).repository.licenses == ""


AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"head_commit": {"id": SHA, "timestamp": "2026-01-02T04:04:05+01:00"}}, AT),
        ({"head_commit": {"id": SHA, "timestamp": "2026-01-02T03:04:05Z"}}, AT),
        ({"head_commit": None, "commits": [{"id": SHA, "timestamp": "2026-01-02T03:04:05Z"}]}, AT),
        ({"head_commit": {"id": HEAD, "timestamp": "2026-01-02T03:04:05Z"}}, None),
        ({"head_commit": {"id": SHA, "timestamp": "2026-01-02T03:04:05"}}, None),  # no time zone
        ({"head_commit": {"id": SHA, "timestamp": "yesterday"}}, None),
        ({"head_commit": {"id": SHA, "timestamp": "0001-01-01T00:00:00+23:00"}}, None),
        ({"head_commit": {"id": SHA}, "commits": "odd"}, None),
        ({}, None),
    ],
)
def test_when_the_commit_was_made(event: object, expected: datetime | None) -> None:
    assert github(event).ref.committed_at == expected


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
    assert read_facts(environ, no_files.__getitem__).ref.default_branch == ""
