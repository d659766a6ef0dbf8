"""What Bitbucket Pipelines says about the run.

https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
"""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.ci.facts import CiFacts
from ecr_push.ci.facts_text import joined_url, tag_safe


def is_bitbucket(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("BITBUCKET_BUILD_NUMBER"))


def read_bitbucket(environ: Mapping[str, str]) -> CiFacts:
    tag, request = environ.get("BITBUCKET_TAG", ""), environ.get("BITBUCKET_PR_ID", "")
    # On a pull request the target branch is merged into the clone; this is the request's own commit.
    commit = environ.get("BITBUCKET_COMMIT", "")
    branch = environ.get("BITBUCKET_BRANCH", "")
    repository_url = joined_url("https://bitbucket.org", environ.get("BITBUCKET_REPO_FULL_NAME", ""))
    run = environ["BITBUCKET_BUILD_NUMBER"]
    return CiFacts(
        provider="bitbucket",
        branch=branch,
        tag=tag,
        commit=commit,
        pull_request=request,
        # Who runs a failed step again keeps the pipeline's number.
        run_id=tag_safe(f"{run}-{environ.get('BITBUCKET_STEP_RUN_NUMBER', '1')}"),
        run_url=joined_url(repository_url, "pipelines/results", run),
        actor=environ.get("BITBUCKET_STEP_TRIGGERER_UUID", ""),
        repository_url=repository_url,
        interactive=False,
        # A schedule and a person by hand look like a push.
        event="pull_request" if request else "tag" if tag else "push" if branch else "",
        base_ref=environ.get("BITBUCKET_PR_DESTINATION_BRANCH", ""),
        run_sha=commit,
    )
