"""What GitLab CI says about the run: https://docs.gitlab.com/ci/variables/predefined_variables/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.ci.facts import CiFacts
from ecr_push.ci.facts_text import moment, tag_safe

# https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable
_EVENTS = {"push": "push", "merge_request_event": "pull_request", "schedule": "schedule"}


def is_gitlab(environ: Mapping[str, str]) -> bool:
    return environ.get("GITLAB_CI") == "true"


def read_gitlab(environ: Mapping[str, str]) -> CiFacts:
    tag, request = environ.get("CI_COMMIT_TAG", ""), environ.get("CI_MERGE_REQUEST_IID", "")
    run_sha = environ.get("CI_COMMIT_SHA", "")
    # Set where the run is for a merge commit that GitLab made; CI_COMMIT_SHA is that commit then.
    head = environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "") if request else ""
    branch = "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME" if request else "CI_COMMIT_BRANCH"
    event = _EVENTS.get(environ.get("CI_PIPELINE_SOURCE", ""), "")
    return CiFacts(
        provider="gitlab",
        branch=environ.get(branch, ""),
        tag=tag,
        commit=head or run_sha,
        pull_request=request,
        default_branch=environ.get("CI_DEFAULT_BRANCH", ""),
        # A pipeline keeps its number when a job is retried, the job does not.
        run_id=tag_safe(environ.get("CI_JOB_ID", "")),
        run_url=environ.get("CI_PIPELINE_URL", ""),
        actor=environ.get("GITLAB_USER_LOGIN", ""),
        repository_url=environ.get("CI_PROJECT_URL", ""),
        interactive=False,
        event="tag" if tag and event == "push" else event,
        base_ref=environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ""),
        run_sha=run_sha,
        title=environ.get("CI_PROJECT_TITLE", ""),
        description=environ.get("CI_PROJECT_DESCRIPTION", ""),
        committed_at=None if head else moment(environ.get("CI_COMMIT_TIMESTAMP", "")),
        **(_fork(environ) if request else {}),
    )


def _fork(environ: Mapping[str, str]) -> dict[str, Any]:
    # Not CI_PROJECT_ID, which is the fork's where the pipeline runs there.
    theirs = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "")
    ours = environ.get("CI_MERGE_REQUEST_PROJECT_ID", "")
    return {"fork": not theirs or theirs != ours, "fork_told": bool(theirs)}
