"""What GitLab CI says about the run: https://docs.gitlab.com/ci/variables/predefined_variables/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.ci.facts import CiFacts
from ecr_push.ci.facts_text import moment, tag_safe

# https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable
_EVENTS = {"push": "push", "schedule": "schedule"}


def is_gitlab(environ: Mapping[str, str]) -> bool:
    return environ.get("GITLAB_CI") == "true"


def read_gitlab(environ: Mapping[str, str]) -> CiFacts:
    tag, run_sha = environ.get("CI_COMMIT_TAG", ""), environ.get("CI_COMMIT_SHA", "")
    of = _request(environ)
    request = environ.get(f"{of}_IID", "")
    # On a merge request set where the run is for a merge commit that GitLab made; CI_COMMIT_SHA is that then.
    head = environ.get(f"{of}_SOURCE_BRANCH_SHA", "") if request else ""
    branch = f"{of}_SOURCE_BRANCH_NAME" if request else "CI_COMMIT_BRANCH"
    # The pipeline that another one starts has a source of its own.
    event = "pull_request" if request else _EVENTS.get(environ.get("CI_PIPELINE_SOURCE", ""), "")
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
        base_ref=environ.get(f"{of}_TARGET_BRANCH_NAME", ""),
        run_sha=run_sha,
        title=environ.get("CI_PROJECT_TITLE", ""),
        description=environ.get("CI_PROJECT_DESCRIPTION", ""),
        committed_at=None if head not in ("", run_sha) else moment(environ.get("CI_COMMIT_TIMESTAMP", "")),
        **(_fork(environ, of) if request else {"fork_told": True}),
    )


def _request(environ: Mapping[str, str]) -> str:
    """What the variables of the request begin with: of a merge request, or of one in a mirrored repository.

    https://docs.gitlab.com/ci/ci_cd_for_external_repos/#pipelines-for-external-pull-requests
    """
    external = "CI_EXTERNAL_PULL_REQUEST"
    return external if environ.get(f"{external}_IID") else "CI_MERGE_REQUEST"


def _fork(environ: Mapping[str, str], of: str) -> dict[str, Any]:
    # Not CI_PROJECT_ID, which is the fork's where the pipeline runs there.
    names = ("SOURCE_PROJECT_ID", "PROJECT_ID")
    if of != "CI_MERGE_REQUEST":
        names = ("SOURCE_REPOSITORY", "TARGET_REPOSITORY")
    theirs, ours = (environ.get(f"{of}_{name}", "") for name in names)
    return {"fork": not theirs or theirs != ours, "fork_told": bool(theirs)}
