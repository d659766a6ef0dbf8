"""CIs as tests meet them: their environments as data, and the facts of a run in short."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ecr_push.ci.detect import PROVIDERS, read_facts
from ecr_push.ci.facts import CiFacts, CiRun, Ref, RepositoryFacts, Trust

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
JENKINS = {
    "JENKINS_URL": "https://ci.example/",
    "BUILD_URL": "https://ci.example/job/app/42/",
    "BUILD_TAG": "jenkins-acme-app-main-42",
    "BUILD_NUMBER": "42",
    "GIT_COMMIT": SHA,
}
CODEBUILD = {
    "CODEBUILD_BUILD_ID": "app:0a1b2c3d-0000-1111-2222-333344445555",
    "CODEBUILD_BUILD_URL": "https://eu-west-1.console.aws.amazon.com/codebuild/home",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": SHA,
    "CODEBUILD_SOURCE_VERSION": "unreliable",
    "CODEBUILD_INITIATOR": "GitHub-Hookshot/1",
}
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
BITBUCKET = {
    "CI": "true",
    "BITBUCKET_BUILD_NUMBER": "77",
    "BITBUCKET_STEP_RUN_NUMBER": "2",
    "BITBUCKET_COMMIT": SHA,
    "BITBUCKET_REPO_FULL_NAME": "acme/app",
    "BITBUCKET_STEP_TRIGGERER_UUID": "{5a50dd52-5ab7-4225-831c-4db9451375a2}",
}

ON_BRANCH = {
    "github": {**GITHUB, "GITHUB_REF": "refs/heads/main"},
    "jenkins": {**JENKINS, "BRANCH_NAME": "main"},
    "codebuild": {**CODEBUILD, "CODEBUILD_WEBHOOK_TRIGGER": "branch/main"},
    "gitlab": {**GITLAB, "CI_COMMIT_BRANCH": "main"},
    "bitbucket": {**BITBUCKET, "BITBUCKET_BRANCH": "main"},
}
ON_PULL_REQUEST = {
    "github": {
        **GITHUB,
        "GITHUB_REF": "refs/pull/12/merge",
        "GITHUB_HEAD_REF": "fix",
        "GITHUB_BASE_REF": "main",
        "GITHUB_EVENT_NAME": "pull_request",
    },
    "jenkins": {**JENKINS, "CHANGE_ID": "12", "CHANGE_BRANCH": "fix", "CHANGE_TARGET": "main"},
    "codebuild": {
        **CODEBUILD,
        "CODEBUILD_WEBHOOK_TRIGGER": "pr/12",
        "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/fix",
        "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main",
    },
    "gitlab": {
        **GITLAB,
        "CI_MERGE_REQUEST_IID": "12",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "fix",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_PIPELINE_SOURCE": "merge_request_event",
    },
    "bitbucket": {
        **BITBUCKET,
        "BITBUCKET_PR_ID": "12",
        "BITBUCKET_BRANCH": "fix",
        "BITBUCKET_PR_DESTINATION_BRANCH": "main",
    },
}
# Where hosts keep what anyone proposes, and what clones make of it: pull request 12.
PULL_REQUEST_REFS = (
    *("origin/pr/12/merge", "pr/12/head", "refs/pull/12/head", "origin/pull/12/merge"),
    *("origin/pr/12", "origin/pull/12", "pull/12"),
    *("origin/merge-requests/12", "refs/merge-requests/12/head", "merge-requests/12"),
    *("origin/pull-requests/12/from", "refs/pull-requests/12/merge"),
    *("refs/changes/12/12/1", "origin/changes/12/12/1", "changes/12/12/1"),
)
BRANCHES_LIKE_REQUESTS = ("pr", "pull/fix", "pr-12", "merge-requests/fix", "changes/for-may", "changes/12")

MAYBE_FORK = {"origin": "maybe fork"}

_PROVIDERS = {one.name: one for one in PROVIDERS}
_REF, _TRUST = ({field.name for field in fields(noun)} for noun in (Ref, Trust))
_RUN = {"run_id": "id", "run_url": "url", "actor": "actor", "interactive": "interactive"}
_REPOSITORY = {
    "repository_url": "url",
    "title": "title",
    "description": "description",
    "licenses": "licenses",
}


def read(environ: dict[str, str], event: object = ()) -> CiFacts:
    """The facts of an environment; event is what GitHub's event file holds."""
    return read_facts(environ, lambda path: json.dumps(event or {}))


def ci_facts(provider: str = "", user: Ref | None = None, **given: Any) -> CiFacts:
    """Facts by the fields of all their nouns: those of `Ref` and `Trust` as they are, and run_id and so on.

    user: what the user says.
    """

    def of(names: dict[str, str]) -> dict[str, Any]:
        return {own: given.pop(name) for name, own in names.items() if name in given}

    run = CiRun(**{"interactive": not provider, **of(_RUN)})
    repository, trust = RepositoryFacts(**of(_REPOSITORY)), Trust(**of({name: name for name in _TRUST}))
    return CiFacts(run, Ref(**given), repository, trust, user or Ref(), provider=_PROVIDERS[provider])


def with_ref(facts: CiFacts, **changed: Any) -> CiFacts:
    """The facts where the CI says something else of the ref."""
    return replace(facts, ci_ref=replace(facts.ci_ref, **changed))


def flat(facts: CiFacts) -> dict[str, Any]:
    """What is not empty of the facts' nouns, by the names that `ci_facts` takes."""
    run = {name: getattr(facts.run, own) for name, own in _RUN.items()}
    repository = {name: getattr(facts.repository, own) for name, own in _REPOSITORY.items()}
    return {**vars(facts.ref), **vars(facts.trust), **run, **repository, "provider": facts.provider.name}


def differing(facts: CiFacts, usual: CiFacts) -> dict[str, Any]:
    """The fields in which the facts differ from the usual ones."""
    before = flat(usual)
    return {name: value for name, value in flat(facts).items() if value != before[name]}


def pull_request_of_a_fork(commit: str, folder: Path) -> dict[str, str]:
    """What GitHub says of a pull request of a fork, in a workflow that runs with the repository's secrets.

    folder: where the event's file may lie.
    """
    event = folder / "event.json"
    head = {"sha": commit, "repo": {"full_name": "fork/app"}}
    event.write_text(
        json.dumps({"pull_request": {"number": 7, "head": head}, "repository": {"full_name": "team/app"}})
    )
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request_target",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "team/app",
        "GITHUB_SHA": commit,
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_RUN_ID": "1",
    }
