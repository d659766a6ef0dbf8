"""What the CIs' environments say, as tables."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone

import pytest

from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts

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
    "GITHUB_EVENT_NAME": "push",
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
    event="push",
    run_sha=SHA,
    fork_told=True,
)
REPOSITORY = {"repository": {"default_branch": "trunk", "full_name": "acme/app"}}
BY_ANYBODY = {"by_anybody": True, "own_sha": SHA}
MAYBE = {"fork": True, "fork_told": False}  # not told is not no
OURS, FORKS = {"full_name": "acme/app"}, {"full_name": "mallory/app"}
REQUEST = {"number": 12, "head": {"sha": HEAD, "repo": OURS}}
PULL_REQUEST = {**REPOSITORY, "number": 12, "pull_request": REQUEST}


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
            {"branch": "feature/x", "pull_request": "12", "default_branch": "", **MAYBE},
        ),
        (  # … and even less: nothing says that it is not from a fork
            {},
            {"REF": "refs/heads/trunk", "HEAD_REF": "trunk", "EVENT_NAME": "pull_request_target"},
            {"branch": "trunk", "default_branch": "", **MAYBE, "event": "pull_request_target"},
        ),
        (  # the target branch has its own variable
            PULL_REQUEST,
            {"EVENT_NAME": "pull_request", "HEAD_REF": "feature/x", "BASE_REF": "release/1.4"},
            {
                "branch": "feature/x",
                "pull_request": "12",
                "commit": HEAD,
                "event": "pull_request",
                "base_ref": "release/1.4",
            },
        ),
        (
            {**REPOSITORY, "base_ref": "refs/heads/trunk"},
            {"REF_TYPE": "tag", "REF_NAME": "v1.4.2"},
            {"tag": "v1.4.2", "base_ref": "trunk"},
        ),
        ({**REPOSITORY, "base_ref": None}, {"REF_TYPE": "tag", "REF_NAME": "v1"}, {"tag": "v1"}),
        ({**REPOSITORY, "schedule": "0 0 * * *"}, {"EVENT_NAME": "schedule"}, {"event": "schedule"}),
        ({"repository": [], "pull_request": "odd"}, {}, {"default_branch": "", **MAYBE}),
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
            {"event": "merge_group", "queued": True, "base_ref": "trunk"},
        ),
        (REPOSITORY, {"REF": f"refs/heads/gh-readonly-queue/trunk/pr-12-{SHA}"}, {"queued": True}),
        (  # anybody comments; the ref and the commit are the default branch's
            {**REPOSITORY, "issue": {"number": 12, "pull_request": {}}},
            {"EVENT_NAME": "issue_comment", "REF": "refs/heads/trunk"},
            {"branch": "trunk", "event": "issue_comment", **BY_ANYBODY},
        ),
        (
            {**REPOSITORY, "workflow_run": {"event": "push", "head_repository": OURS}},
            {"EVENT_NAME": "workflow_run", "REF": "refs/heads/trunk"},
            {"branch": "trunk", "event": "workflow_run"},
        ),
        (
            {**REPOSITORY, "workflow_run": {"event": "push", "head_repository": FORKS}},
            {"EVENT_NAME": "workflow_run", "REF": "refs/heads/trunk"},
            {"branch": "trunk", "event": "workflow_run", "fork": True},
        ),
        (
            {**REPOSITORY, "workflow_run": {"event": "push", "head_repository": None}},
            {"EVENT_NAME": "workflow_run", "REF": "refs/heads/trunk"},
            {"branch": "trunk", "event": "workflow_run", **MAYBE},
        ),
        (
            {},
            {"EVENT_NAME": "workflow_run"},
            {"default_branch": "", "event": "workflow_run", **MAYBE, **BY_ANYBODY},
        ),
        *(  # after a run that anybody may have started, of our own default branch as far as GitHub tells
            (
                {**REPOSITORY, "workflow_run": {"event": event, "head_repository": OURS}},
                {"EVENT_NAME": "workflow_run", "REF": "refs/heads/trunk"},
                {"branch": "trunk", "event": "workflow_run", **BY_ANYBODY},
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
            ({**REPOSITORY}, {"EVENT_NAME": event, "REF": ""}, {"event": event, "by_anybody": True})
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
            {"branch": "trunk", "event": "pull_request", **BY_ANYBODY},
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
def test_github_tells_a_fork(head: object, fork: bool, event: str) -> None:
    told = {"repository": {"full_name": "acme/app"}, "pull_request": {"number": 12, "head": head}}
    assert github(told, EVENT_NAME=event).fork == fork
    assert github({"pull_request": {"head": head}}, REPOSITORY="acme/app").fork == fork


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
    assert github({"repository": {"description": None, "license": licence}}).licenses == ""


AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"head_commit": {"id": SHA, "timestamp": "2026-01-02T04:04:05+01:00"}}, AT),
        ({"head_commit": {"id": SHA, "timestamp": "2026-01-02T03:04:05Z"}}, AT),
        ({"head_commit": None, "commits": [{"id": SHA, "timestamp": "2026-01-02T03:04:05Z"}]}, AT),
        ({"head_commit": {"id": HEAD, "timestamp": "2026-01-02T03:04:05Z"}}, None),
        ({"head_commit": {"id": SHA, "timestamp": "2026-01-02T03:04:05"}}, None),  # where on earth?
        ({"head_commit": {"id": SHA, "timestamp": "yesterday"}}, None),
        ({"head_commit": {"id": SHA, "timestamp": "0001-01-01T00:00:00+23:00"}}, None),
        ({"head_commit": {"id": SHA}, "commits": "odd"}, None),
        ({}, None),
    ],
)
def test_when_the_commit_was_made(event: object, expected: datetime | None) -> None:
    assert github(event).committed_at == expected


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
    run_sha=SHA,
    fork_told=True,
)
# Where hosts keep what anybody proposes, and what clones make of it.
OTHERS_REFS = (
    *("origin/pr/12/merge", "pr/12/head", "refs/pull/12/head", "origin/pull/12/merge"),
    *("origin/pr/12", "origin/pull/12", "pull/12"),
    *("origin/merge-requests/12", "refs/merge-requests/12/head", "merge-requests/12"),
    *("origin/pull-requests/12/from", "refs/pull-requests/12/merge"),
    *("refs/changes/12/12/1", "origin/changes/12/12/1", "changes/12/12/1"),
)
OWN_BRANCHES = ("pr", "pull/fix", "pr-12", "merge-requests/fix", "changes/for-may", "changes/12")
GITLAB_HOOK = {
    "gitlabActionType": "MERGE",
    "gitlabMergeRequestIid": "12",
    "gitlabSourceBranch": "feature/x",
    "gitlabTargetBranch": "main",
    "gitlabTargetNamespace": "Acme",
    "gitlabTargetRepoHttpUrl": "https://gitlab.example/acme/app.git",
}
FROM_OURS = {
    "gitlabSourceNamespace": "Acme",
    "gitlabSourceRepoHttpUrl": "https://gitlab.example/acme/app.git",
}
FROM_FORK = {
    "gitlabSourceNamespace": "Mallory",
    "gitlabSourceRepoHttpUrl": "https://gitlab.example/mallory/app.git",
}
HOOK_SAYS = {"pull_request": "12", "branch": "feature/x", "base_ref": "main", "event": "pull_request"}
GERRIT = {"GERRIT_CHANGE_NUMBER": "12", "GERRIT_BRANCH": "main"}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"BRANCH_NAME": "feature/x"}, {"branch": "feature/x", "event": "push"}),
        (
            {"BRANCH_NAME": "main", "BRANCH_IS_PRIMARY": "true"},
            {"branch": "main", "default_branch": "main", "event": "push"},
        ),
        (
            {"BRANCH_NAME": "main", "BUILD_CAUSE_TIMERTRIGGER": "true"},
            {"branch": "main", "event": "schedule"},
        ),
        ({"BRANCH_NAME": "v1.4.2", "TAG_NAME": "v1.4.2"}, {"tag": "v1.4.2", "event": "tag"}),
        (
            {
                "BRANCH_NAME": "PR-12",
                "CHANGE_ID": "12",
                "CHANGE_BRANCH": "feature/x",
                "CHANGE_TARGET": "release/1.4",
                "CHANGE_AUTHOR": "ada",
            },
            {
                "branch": "feature/x",
                "pull_request": "12",
                "actor": "ada",
                "event": "pull_request",
                "base_ref": "release/1.4",
            },
        ),
        (
            {"BRANCH_NAME": "PR-12", "CHANGE_ID": "12", "CHANGE_BRANCH": "main", "CHANGE_FORK": "grace/app"},
            {"branch": "main", "pull_request": "12", "event": "pull_request", "fork": True},
        ),
        (  # a branch source that does not tell where changes are from
            {"BRANCH_NAME": "PR-12", "CHANGE_ID": "12"},
            {"branch": "PR-12", "pull_request": "12", "event": "pull_request", **MAYBE},
        ),
        ({"GIT_BRANCH": "origin/feature/x"}, {"branch": "feature/x"}),
        ({"GIT_BRANCH": "refs/heads/feature/x"}, {"branch": "feature/x"}),
        ({"GIT_BRANCH": "refs/remotes/origin/feature/x"}, {"branch": "feature/x"}),
        ({"GIT_BRANCH": "origin/feature/x", "GIT_LOCAL_BRANCH": "feature/x"}, {"branch": "feature/x"}),
        ({"GIT_BRANCH": "upstream/main", "GIT_LOCAL_BRANCH": "main"}, {"branch": "main"}),
        ({"GIT_BRANCH": "upstream/main"}, {"branch": "upstream/main", "of_remote": True}),
        ({"GIT_BRANCH": "refs/tags/v1.4.2"}, {"tag": "v1.4.2", "event": "tag"}),
        ({"GIT_BRANCH": "tags/v1.4.2"}, {"tag": "v1.4.2", "event": "tag"}),
        ({"GIT_BRANCH": "origin/tags/v1.4.2"}, {"tag": "v1.4.2", "event": "tag"}),
        ({"GIT_BRANCH": SHA}, {}),
        ({"GIT_BRANCH": "detached"}, {}),
        ({"GIT_BRANCH": "detached", "GIT_LOCAL_BRANCH": "main"}, {"branch": "main"}),
        *(
            ({"GIT_BRANCH": ref}, {"pull_request": "12", "event": "pull_request", **MAYBE})
            for ref in OTHERS_REFS
        ),
        *(
            ({"BRANCH_NAME": name}, {"pull_request": "12", "event": "pull_request", **MAYBE})
            for name in ("12/12/1", "changes/12/12/1", "merge-requests/12")
        ),
        *(({"GIT_BRANCH": f"origin/{name}"}, {"branch": name}) for name in OWN_BRANCHES),
        # A merge request, which the clone may have as a branch of the fork.
        (
            {**GITLAB_HOOK, **FROM_FORK, "GIT_BRANCH": "mallory/main", "GIT_LOCAL_BRANCH": "main"},
            {**HOOK_SAYS, **MAYBE},
        ),
        ({**GITLAB_HOOK, **FROM_OURS, "GIT_BRANCH": "origin/feature/x"}, HOOK_SAYS),
        ({**GITLAB_HOOK, "gitlabActionType": "NOTE", "GIT_BRANCH": "origin/main"}, {**HOOK_SAYS, **MAYBE}),
        (  # whoever forks may call a group as ours is called
            {**GITLAB_HOOK, **FROM_OURS, "gitlabSourceRepoHttpUrl": "https://gitlab.example/mallory/app.git"},
            {**HOOK_SAYS, **MAYBE},
        ),
        ({"gitlabActionType": "MERGE", "GIT_BRANCH": "mallory/main"}, MAYBE),
        (
            {"gitlabActionType": "PUSH", "gitlabMergeRequestIid": "", "GIT_BRANCH": "origin/main"},
            {"branch": "main"},
        ),
        (
            {**GERRIT, "GERRIT_EVENT_TYPE": "patchset-created", "GIT_BRANCH": "origin/main"},
            {"pull_request": "12", "event": "pull_request", "base_ref": "main", **MAYBE},
        ),
        (
            {**GERRIT, "GERRIT_EVENT_TYPE": "comment-added", "BRANCH_NAME": "main"},
            {"pull_request": "12", "event": "pull_request", "base_ref": "main", **MAYBE},
        ),
        (
            {**GERRIT, "GERRIT_EVENT_TYPE": "change-merged", "GIT_BRANCH": "origin/main"},
            {"branch": "main"},
        ),
        (
            {"GERRIT_REFSPEC": "refs/changes/12/12/1", "GIT_BRANCH": "FETCH_HEAD"},
            {"pull_request": "12", "event": "pull_request", **MAYBE},
        ),
        ({"GIT_BRANCH": "FETCH_HEAD"}, {}),
        (
            {"GIT_BRANCH": "detached", "ghprbPullId": "12", "ghprbSourceBranch": "main"},
            {"branch": "main", "pull_request": "12", "event": "pull_request", **MAYBE},
        ),
        ({"BUILD_TAG": ""}, {"run_id": "42"}),
    ],
)
def test_jenkins(variables: dict[str, str], expected: dict[str, str]) -> None:
    assert differing(read_facts({**JENKINS, **variables}), JENKINS_SAYS) == expected


def test_jenkins_that_does_not_know_its_own_address() -> None:
    """Without a root URL neither JENKINS_URL nor BUILD_URL is set, and a fork is one nevertheless."""
    environ = {name: text for name, text in JENKINS.items() if not name.endswith("_URL")}
    environ |= {
        "JENKINS_HOME": "/var/lib/jenkins",
        "BRANCH_NAME": "PR-12",
        "CHANGE_ID": "12",
        "CHANGE_FORK": "x",
    }
    found = read_facts(environ)
    assert (found.provider, found.fork, found.run_url) == ("jenkins", True, "")
    assert read_facts({"JENKINS_HOME": "/opt/jenkins"}) == CiFacts(), "a laptop"


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
    run_sha=SHA,
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
            {"branch": "feature/x", "pull_request": "12", "event": "pull_request", "base_ref": "main"},
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
    assert read_facts(webhook).branch == "next", "which says it reliably"


def test_the_version_of_an_object_in_s3_is_no_commit() -> None:
    found = read_facts({**CODEBUILD, "CODEBUILD_RESOLVED_SOURCE_VERSION": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH"})
    assert differing(found, CODEBUILD_SAYS) == {"commit": "", "run_sha": ""}


GITLAB = {
    "CI": "true",
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": SHA,
    "CI_COMMIT_TIMESTAMP": "2026-01-02T03:04:05+00:00",
    "CI_DEFAULT_BRANCH": "trunk",
    "CI_JOB_ID": "1234",
    "CI_PIPELINE_URL": "https://gitlab.example/acme/app/-/pipelines/99",
    "CI_PIPELINE_SOURCE": "push",
    "CI_PROJECT_URL": "https://gitlab.example/acme/app",
    "CI_PROJECT_TITLE": "App",
    "CI_PROJECT_DESCRIPTION": "Sells tea",
    "GITLAB_USER_LOGIN": "ada",
}
GITLAB_SAYS = CiFacts(
    provider="gitlab",
    commit=SHA,
    default_branch="trunk",
    run_id="1234",
    run_url="https://gitlab.example/acme/app/-/pipelines/99",
    actor="ada",
    repository_url="https://gitlab.example/acme/app",
    interactive=False,
    event="push",
    run_sha=SHA,
    title="App",
    description="Sells tea",
    committed_at=AT,
    fork_told=True,
)
MERGE_REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_MERGE_REQUEST_IID": "12",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature/x",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "trunk",
}
# A pull request on GitHub, of a repository that is mirrored.
EXTERNAL_ = "CI_EXTERNAL_PULL_REQUEST"
EXTERNAL = {
    "CI_PIPELINE_SOURCE": "external_pull_request_event",
    "CI_COMMIT_BRANCH": "feature/x",
    f"{EXTERNAL_}_IID": "12",
    f"{EXTERNAL_}_SOURCE_BRANCH_NAME": "feature/x",
    f"{EXTERNAL_}_SOURCE_BRANCH_SHA": SHA,
    f"{EXTERNAL_}_TARGET_BRANCH_NAME": "trunk",
    f"{EXTERNAL_}_TARGET_REPOSITORY": "acme/app",
}
MERGE_REQUEST_SAYS = {
    "branch": "feature/x",
    "pull_request": "12",
    "event": "pull_request",
    "base_ref": "trunk",
}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (
            {**MERGE_REQUEST, "CI_MERGE_REQUEST_PROJECT_ID": "7", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8"},
            {**MERGE_REQUEST_SAYS, "fork": True},
        ),
        (
            {**MERGE_REQUEST, "CI_MERGE_REQUEST_PROJECT_ID": "7", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7"},
            MERGE_REQUEST_SAYS,
        ),
        ({"CI_COMMIT_BRANCH": "feature/x"}, {"branch": "feature/x"}),
        ({"CI_COMMIT_TAG": "v1.4.2"}, {"tag": "v1.4.2", "event": "tag"}),
        (
            {"CI_COMMIT_BRANCH": "trunk", "CI_PIPELINE_SOURCE": "schedule"},
            {"branch": "trunk", "event": "schedule"},
        ),
        ({"CI_PIPELINE_SOURCE": "web"}, {"event": ""}),
        (MERGE_REQUEST, {**MERGE_REQUEST_SAYS, **MAYBE}),
        (  # a child pipeline keeps the request's variables, and has a source of its own
            {**MERGE_REQUEST, "CI_PIPELINE_SOURCE": "parent_pipeline"},
            {**MERGE_REQUEST_SAYS, **MAYBE},
        ),
        ({**EXTERNAL, f"{EXTERNAL_}_SOURCE_REPOSITORY": "mallory/app"}, {**MERGE_REQUEST_SAYS, "fork": True}),
        ({**EXTERNAL, f"{EXTERNAL_}_SOURCE_REPOSITORY": "acme/app"}, MERGE_REQUEST_SAYS),
        (EXTERNAL, {**MERGE_REQUEST_SAYS, **MAYBE}),
        (  # a merged results pipeline: CI_COMMIT_SHA is a merge commit, and so is the timestamp's
            {**MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD},
            {**MERGE_REQUEST_SAYS, **MAYBE, "commit": HEAD, "committed_at": None},
        ),
    ],
)
def test_gitlab(variables: dict[str, str], expected: dict[str, object]) -> None:
    assert differing(read_facts({**GITLAB, **variables}), GITLAB_SAYS) == expected


BITBUCKET = {
    "CI": "true",
    "BITBUCKET_BUILD_NUMBER": "77",
    "BITBUCKET_STEP_RUN_NUMBER": "2",
    "BITBUCKET_COMMIT": SHA,
    "BITBUCKET_REPO_FULL_NAME": "acme/app",
    "BITBUCKET_STEP_TRIGGERER_UUID": "{5a50dd52-5ab7-4225-831c-4db9451375a2}",
}
BITBUCKET_SAYS = CiFacts(
    provider="bitbucket",
    commit=SHA,
    run_id="77-2",
    run_url="https://bitbucket.org/acme/app/pipelines/results/77",
    actor="{5a50dd52-5ab7-4225-831c-4db9451375a2}",
    repository_url="https://bitbucket.org/acme/app",
    interactive=False,
    run_sha=SHA,
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
                "base_ref": "release/1.4",
            },
        ),
        ({"STEP_RUN_NUMBER": "1"}, {"run_id": "77-1"}),
        ({"REPO_FULL_NAME": ""}, {"repository_url": "", "run_url": ""}),
    ],
)
def test_bitbucket(variables: dict[str, str], expected: dict[str, object]) -> None:
    given = {f"BITBUCKET_{name}": value for name, value in variables.items()}
    assert differing(read_facts({**BITBUCKET, **given}), BITBUCKET_SAYS) == expected


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


@pytest.mark.parametrize("environ", [GITHUB, JENKINS, CODEBUILD, GITLAB, BITBUCKET, {"CI": "true"}])
def test_a_ci_is_unattended(environ: dict[str, str]) -> None:
    assert read_facts(environ, lambda path: "{}").unattended
    assert not CiFacts().unattended
