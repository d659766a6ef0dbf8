"""GitLab CI: its variables -> CiFacts, as tables."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ecr_push.ci.detect import read_facts
from tests.support.ci import GITLAB, HEAD, MAYBE_FORK, SHA, ci_facts, differing

GITLAB_SAYS = ci_facts(
    "gitlab",
    commit=SHA,
    default_branch="trunk",
    run_id="1234",
    run_url="https://gitlab.example/acme/app/-/pipelines/99",
    actor="ada",
    repository_url="https://gitlab.example/acme/app",
    event="push",
    run_commit=SHA,
    title="App",
    description="Sells tea",
    committed_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    origin="own",
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
    "base": "trunk",
}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (
            {**MERGE_REQUEST, "CI_MERGE_REQUEST_PROJECT_ID": "7", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8"},
            {**MERGE_REQUEST_SAYS, "origin": "fork"},
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
        (MERGE_REQUEST, {**MERGE_REQUEST_SAYS, **MAYBE_FORK}),
        (  # a child pipeline keeps the request's variables, and has a source of its own
            {**MERGE_REQUEST, "CI_PIPELINE_SOURCE": "parent_pipeline"},
            {**MERGE_REQUEST_SAYS, **MAYBE_FORK},
        ),
        (
            {**EXTERNAL, f"{EXTERNAL_}_SOURCE_REPOSITORY": "mallory/app"},
            {**MERGE_REQUEST_SAYS, "origin": "fork"},
        ),
        ({**EXTERNAL, f"{EXTERNAL_}_SOURCE_REPOSITORY": "acme/app"}, MERGE_REQUEST_SAYS),
        (EXTERNAL, {**MERGE_REQUEST_SAYS, **MAYBE_FORK}),
        (  # a merged results pipeline: CI_COMMIT_SHA is a merge commit, and so is the timestamp's
            {**MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD},
            {**MERGE_REQUEST_SAYS, **MAYBE_FORK, "commit": HEAD, "committed_at": None},
        ),
    ],
)
def test_gitlab(variables: dict[str, str], expected: dict[str, object]) -> None:
    assert differing(read_facts({**GITLAB, **variables}), GITLAB_SAYS) == expected
