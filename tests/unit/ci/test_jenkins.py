"""Jenkins: variables of its jobs and plugins -> CiFacts, as tables."""

from __future__ import annotations

import re

import pytest

from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from tests.support.ci import (
    BRANCHES_LIKE_REQUESTS,
    JENKINS,
    MAYBE_FORK,
    PULL_REQUEST_REFS,
    SHA,
    ci_facts,
    differing,
)

JENKINS_SAYS = ci_facts(
    "jenkins",
    commit=SHA,
    run_id="jenkins-acme-app-main-42",
    run_url="https://ci.example/job/app/42/",
    run_commit=SHA,
    origin="own",
)
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
HOOK_SAYS = {"pull_request": "12", "branch": "feature/x", "base": "main", "event": "pull_request"}
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
                "base": "release/1.4",
            },
        ),
        (
            {"BRANCH_NAME": "PR-12", "CHANGE_ID": "12", "CHANGE_BRANCH": "main", "CHANGE_FORK": "grace/app"},
            {"branch": "main", "pull_request": "12", "event": "pull_request", "origin": "fork"},
        ),
        (  # a branch source that does not say where changes are from
            {"BRANCH_NAME": "PR-12", "CHANGE_ID": "12"},
            {"branch": "PR-12", "pull_request": "12", "event": "pull_request", **MAYBE_FORK},
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
            ({"GIT_BRANCH": ref}, {"pull_request": "12", "event": "pull_request", **MAYBE_FORK})
            for ref in PULL_REQUEST_REFS
        ),
        *(
            ({"BRANCH_NAME": name}, {"pull_request": "12", "event": "pull_request", **MAYBE_FORK})
            for name in ("12/12/1", "changes/12/12/1", "merge-requests/12")
        ),
        *(({"GIT_BRANCH": f"origin/{name}"}, {"branch": name}) for name in BRANCHES_LIKE_REQUESTS),
        # A merge request, which the clone may have as a branch of the fork.
        (
            {**GITLAB_HOOK, **FROM_FORK, "GIT_BRANCH": "mallory/main", "GIT_LOCAL_BRANCH": "main"},
            {**HOOK_SAYS, **MAYBE_FORK},
        ),
        ({**GITLAB_HOOK, **FROM_OURS, "GIT_BRANCH": "origin/feature/x"}, HOOK_SAYS),
        (
            {**GITLAB_HOOK, "gitlabActionType": "NOTE", "GIT_BRANCH": "origin/main"},
            {**HOOK_SAYS, **MAYBE_FORK},
        ),
        (  # a fork may be in a group with the same name
            {**GITLAB_HOOK, **FROM_OURS, "gitlabSourceRepoHttpUrl": "https://gitlab.example/mallory/app.git"},
            {**HOOK_SAYS, **MAYBE_FORK},
        ),
        ({"gitlabActionType": "MERGE", "GIT_BRANCH": "mallory/main"}, MAYBE_FORK),
        (
            {"gitlabActionType": "PUSH", "gitlabMergeRequestIid": "", "GIT_BRANCH": "origin/main"},
            {"branch": "main"},
        ),
        (
            {**GERRIT, "GERRIT_EVENT_TYPE": "patchset-created", "GIT_BRANCH": "origin/main"},
            {"pull_request": "12", "event": "pull_request", "base": "main", **MAYBE_FORK},
        ),
        (
            {**GERRIT, "GERRIT_EVENT_TYPE": "comment-added", "BRANCH_NAME": "main"},
            {"pull_request": "12", "event": "pull_request", "base": "main", **MAYBE_FORK},
        ),
        (
            {**GERRIT, "GERRIT_EVENT_TYPE": "change-merged", "GIT_BRANCH": "origin/main"},
            {"branch": "main"},
        ),
        (
            {"GERRIT_REFSPEC": "refs/changes/12/12/1", "GIT_BRANCH": "FETCH_HEAD"},
            {"pull_request": "12", "event": "pull_request", **MAYBE_FORK},
        ),
        ({"GIT_BRANCH": "FETCH_HEAD"}, {}),
        (
            {"GIT_BRANCH": "detached", "ghprbPullId": "12", "ghprbSourceBranch": "main"},
            {"branch": "main", "pull_request": "12", "event": "pull_request", **MAYBE_FORK},
        ),
        ({"BUILD_TAG": ""}, {"run_id": "42"}),
    ],
)
def test_jenkins(variables: dict[str, str], expected: dict[str, str]) -> None:
    assert differing(read_facts({**JENKINS, **variables}), JENKINS_SAYS) == expected


def test_jenkins_that_does_not_know_its_own_address() -> None:
    """Without a root URL neither JENKINS_URL nor BUILD_URL is set, and a fork is recognised all the same."""
    environ = {name: text for name, text in JENKINS.items() if not name.endswith("_URL")}
    environ |= {
        "JENKINS_HOME": "/var/lib/jenkins",
        "BRANCH_NAME": "PR-12",
        "CHANGE_ID": "12",
        "CHANGE_FORK": "x",
    }
    found = read_facts(environ)
    assert (found.provider.name, found.trust.origin, found.run.url) == ("jenkins", "fork", "")
    assert read_facts({"JENKINS_HOME": "/opt/jenkins"}) == CiFacts(), "a laptop"


def test_a_run_id_is_a_part_of_a_tag_and_differs_between_attempts() -> None:
    tags = [f"jenkins-{'x' * 80}-{number}" for number in (1, 2)] + ["a b", "a/b", "ünï-1"]
    run_ids = [read_facts({**JENKINS, "BUILD_TAG": tag}).run.id for tag in tags]
    assert len(set(run_ids)) == len(tags)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", run_id) for run_id in run_ids)
