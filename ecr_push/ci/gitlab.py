"""GitLab CI: its variables -> CiFacts. https://docs.gitlab.com/ci/variables/predefined_variables/"""

from __future__ import annotations

from ecr_push.ci.facts import (
    CiFacts,
    CiProvider,
    CiRun,
    CloneAdvice,
    Environ,
    Origin,
    ReadText,
    Ref,
    RepositoryFacts,
    Trust,
)
from ecr_push.ci.facts_text import moment, tag_safe

# https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable
_EVENTS = {"push": "push", "schedule": "schedule"}


def is_gitlab(environ: Environ) -> bool:
    return environ.get("GITLAB_CI") == "true"


def read_gitlab(environ: Environ, _: ReadText) -> CiFacts:
    prefix = _request_prefix(environ)
    return CiFacts(
        CiRun(
            # A pipeline keeps its number when a job is retried, the job does not.
            id=tag_safe(environ.get("CI_JOB_ID", "")),
            url=environ.get("CI_PIPELINE_URL", ""),
            actor=environ.get("GITLAB_USER_LOGIN", ""),
            interactive=False,
        ),
        _ref(environ, prefix),
        RepositoryFacts(
            url=environ.get("CI_PROJECT_URL", ""),
            title=environ.get("CI_PROJECT_TITLE", ""),
            description=environ.get("CI_PROJECT_DESCRIPTION", ""),
        ),
        Trust(_origin(environ, prefix)),
    )


def _ref(environ: Environ, prefix: str) -> Ref:
    tag, run_commit = environ.get("CI_COMMIT_TAG", ""), environ.get("CI_COMMIT_SHA", "")
    request = environ.get(f"{prefix}_IID", "")
    # On a merge request set where the run is for a merge commit that GitLab made; CI_COMMIT_SHA is that then.
    head = environ.get(f"{prefix}_SOURCE_BRANCH_SHA", "") if request else ""
    branch = f"{prefix}_SOURCE_BRANCH_NAME" if request else "CI_COMMIT_BRANCH"
    # A pipeline that another one starts has a source of its own.
    event = "pull_request" if request else _EVENTS.get(environ.get("CI_PIPELINE_SOURCE", ""), "")
    committed_at = moment(environ.get("CI_COMMIT_TIMESTAMP", "")) if head in ("", run_commit) else None
    return Ref(
        branch=environ.get(branch, ""),
        tag=tag,
        pull_request=request,
        commit=head or run_commit,
        run_commit=run_commit,
        event="tag" if tag and event == "push" else event,
        base=environ.get(f"{prefix}_TARGET_BRANCH_NAME", ""),
        default_branch=environ.get("CI_DEFAULT_BRANCH", ""),
        committed_at=committed_at,
    )


def _request_prefix(environ: Environ) -> str:
    """What the variables of the request begin with: of a merge request, or of one in a mirrored repository.

    https://docs.gitlab.com/ci/ci_cd_for_external_repos/#pipelines-for-external-pull-requests
    """
    external = "CI_EXTERNAL_PULL_REQUEST"
    return external if environ.get(f"{external}_IID") else "CI_MERGE_REQUEST"


def _origin(environ: Environ, prefix: str) -> Origin:
    if not environ.get(f"{prefix}_IID"):
        return "own"
    # Not CI_PROJECT_ID, which is the fork's where the pipeline runs there.
    names = ("SOURCE_PROJECT_ID", "PROJECT_ID")
    if prefix != "CI_MERGE_REQUEST":
        names = ("SOURCE_REPOSITORY", "TARGET_REPOSITORY")
    theirs, ours = (environ.get(f"{prefix}_{name}", "") for name in names)
    if not theirs:
        return "maybe fork"
    return "own" if theirs == ours else "fork"


GITLAB = CiProvider(
    "gitlab",
    is_gitlab,
    read_gitlab,
    CloneAdvice(
        full='set the job\'s variable GIT_DEPTH to "0"',
        checkout="leave out GIT_STRATEGY: none, and run in CI_PROJECT_DIR",
    ),
)
