"""Bitbucket Pipelines: its variables -> CiFacts.

https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
"""

from __future__ import annotations

from ecr_push.ci.facts import (
    CiFacts,
    CiProvider,
    CiRun,
    CloneAdvice,
    Environ,
    ReadText,
    Ref,
    RepositoryFacts,
)
from ecr_push.ci.facts_text import joined_url, tag_safe


def is_bitbucket(environ: Environ) -> bool:
    return bool(environ.get("BITBUCKET_BUILD_NUMBER"))


def read_bitbucket(environ: Environ, _: ReadText) -> CiFacts:
    tag, request = environ.get("BITBUCKET_TAG", ""), environ.get("BITBUCKET_PR_ID", "")
    # On a pull request the target branch is merged into the clone; this is the request's own commit.
    commit = environ.get("BITBUCKET_COMMIT", "")
    branch = environ.get("BITBUCKET_BRANCH", "")
    repository_url = joined_url("https://bitbucket.org", environ.get("BITBUCKET_REPO_FULL_NAME", ""))
    run = environ["BITBUCKET_BUILD_NUMBER"]
    return CiFacts(
        CiRun(
            # Running a failed step again keeps the pipeline's number.
            id=tag_safe(f"{run}-{environ.get('BITBUCKET_STEP_RUN_NUMBER', '1')}"),
            url=joined_url(repository_url, "pipelines/results", run),
            actor=environ.get("BITBUCKET_STEP_TRIGGERER_UUID", ""),
            interactive=False,
        ),
        Ref(
            branch=branch,
            tag=tag,
            pull_request=request,
            commit=commit,
            run_commit=commit,
            # A schedule and a person by hand look like a push.
            event="pull_request" if request else "tag" if tag else "push" if branch else "",
            base=environ.get("BITBUCKET_PR_DESTINATION_BRANCH", ""),
        ),
        RepositoryFacts(repository_url),
    )


BITBUCKET = CiProvider(
    "bitbucket",
    is_bitbucket,
    read_bitbucket,
    CloneAdvice(
        full="set `clone: depth: full` in bitbucket-pipelines.yml",
        checkout="leave the step's `clone: enabled` as it is, and run in BITBUCKET_CLONE_DIR",
    ),
)
