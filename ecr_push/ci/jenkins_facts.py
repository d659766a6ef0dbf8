"""What Jenkins says about the run.

https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
Multibranch jobs: https://plugins.jenkins.io/branch-api/
GIT_…:            https://plugins.jenkins.io/git/#plugin-content-environment-variables
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ecr_push.ci.facts import CiFacts
from ecr_push.ci.facts_text import is_commit, tag_safe

# Jobs that fetch GitHub's refs/pull/*, with https://plugins.jenkins.io/ghprb/ or without.
_PULL_REQUEST = re.compile(r"(?:.*/)?(?:pr|pull)/([0-9]+)/(?:head|merge)")
_MAYBE_A_FORK = {"fork": True, "fork_told": False}
_TAG = re.compile(r"(?:refs/|[^/]+/)?tags/(.+)")


def is_jenkins(environ: Mapping[str, str]) -> bool:
    """JENKINS_URL is set where Jenkins knows its own address; JENKINS_HOME and BUILD_TAG in every build.

    BUILD_TAG beside it: a laptop may have a JENKINS_HOME.
    https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/jenkins/model/CoreEnvironmentContributor.java
    """
    return bool(environ.get("JENKINS_URL") or (environ.get("JENKINS_HOME") and environ.get("BUILD_TAG")))


def read_jenkins(environ: Mapping[str, str]) -> CiFacts:
    name = environ.get("BRANCH_NAME", "")
    multibranch = name or environ.get("CHANGE_ID") or environ.get("TAG_NAME")
    ref = _multibranch(environ) if multibranch else _git_branch(environ)
    return CiFacts(
        provider="jenkins",
        commit=environ.get("GIT_COMMIT", ""),
        default_branch=name if environ.get("BRANCH_IS_PRIMARY") == "true" else "",
        run_id=tag_safe(environ.get("BUILD_TAG", "") or environ.get("BUILD_NUMBER", "")),
        run_url=environ.get("BUILD_URL", ""),
        actor=environ.get("CHANGE_AUTHOR", "") or environ.get("BUILD_USER_ID", ""),
        interactive=False,
        event=_event(environ, **ref),
        base_ref=environ.get("CHANGE_TARGET", ""),
        run_sha=environ.get("GIT_COMMIT", ""),
        **ref,
    )


def _multibranch(environ: Mapping[str, str]) -> dict[str, Any]:
    # On a multibranch job's tag or pull request BRANCH_NAME is `v1.4.2` or `PR-12`.
    if tag := environ.get("TAG_NAME", ""):
        return {"tag": tag}
    name, change = environ.get("BRANCH_NAME", ""), environ.get("CHANGE_ID", "")
    if not change:
        return {"branch": name}
    # CHANGE_FORK is the fork's name. A branch source that tells where a change is from sets CHANGE_BRANCH
    # too: one that does not may keep quiet of a fork.
    branch, fork = environ.get("CHANGE_BRANCH", ""), environ.get("CHANGE_FORK", "")
    told = {"fork": bool(fork)} if fork or branch else _MAYBE_A_FORK
    return {"branch": branch or name, "pull_request": change, **told}


def _git_branch(environ: Mapping[str, str]) -> dict[str, Any]:
    """GIT_BRANCH is what was asked for and found: a remote's branch, but also a tag, a commit, any ref."""
    ref = environ.get("GIT_BRANCH", "")
    # Nothing tells reliably that such a pull request is from no fork.
    if number := environ.get("ghprbPullId", ""):
        return {"pull_request": number, "branch": environ.get("ghprbSourceBranch", ""), **_MAYBE_A_FORK}
    if request := _PULL_REQUEST.fullmatch(ref):
        return {"pull_request": request[1], **_MAYBE_A_FORK}
    if ref in ("", "detached", "HEAD") or is_commit(ref):
        return {"branch": environ.get("GIT_LOCAL_BRANCH", "")}
    if tag := _TAG.fullmatch(ref):
        return {"tag": tag[1]}
    if local := environ.get("GIT_LOCAL_BRANCH", ""):
        return {"branch": local}
    if ref.startswith(("refs/heads/", "origin/", "refs/remotes/origin/")):
        return {"branch": re.sub(r"^refs/heads/|^(?:refs/remotes/)?origin/", "", ref)}
    branch = ref.removeprefix("refs/remotes/")
    return {"branch": branch, "of_remote": "/" in branch}


def _event(environ: Mapping[str, str], tag: str = "", pull_request: str = "", **_: Any) -> str:
    """A build that a person started by hand cannot be told from a push."""
    # The cause is told where the EnvInject plugin is: https://plugins.jenkins.io/envinject/
    if environ.get("BUILD_CAUSE_TIMERTRIGGER") == "true":
        return "schedule"
    if pull_request:
        return "pull_request"
    return "tag" if tag else "push" if environ.get("BRANCH_NAME") else ""
