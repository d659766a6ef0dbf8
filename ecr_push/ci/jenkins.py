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
from ecr_push.ci.facts_text import is_commit, request_in, tag_safe

_MAYBE_A_FORK = {"fork": True, "fork_told": False}
# What a multibranch job calls a change of Gerrit: https://plugins.jenkins.io/gerrit-code-review/
_PATCH_SET = re.compile(r"[0-9]{2}/([0-9]+)/[0-9]+")
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
    # The plugins that start jobs know more than the names that the job's clone has.
    ref = _proposal(environ) or (_multibranch(environ) if multibranch else _git_branch(environ))
    return CiFacts(
        provider="jenkins",
        commit=environ.get("GIT_COMMIT", ""),
        default_branch=name if environ.get("BRANCH_IS_PRIMARY") == "true" else "",
        run_id=tag_safe(environ.get("BUILD_TAG", "") or environ.get("BUILD_NUMBER", "")),
        run_url=environ.get("BUILD_URL", ""),
        actor=environ.get("CHANGE_AUTHOR", "") or environ.get("BUILD_USER_ID", ""),
        interactive=False,
        event=_event(environ, **ref),
        run_sha=environ.get("GIT_COMMIT", ""),
        **{"base_ref": environ.get("CHANGE_TARGET", ""), "fork_told": True, **ref},
    )


def _proposal(environ: Mapping[str, str]) -> dict[str, Any]:
    """What the plugin that started the build says that it is for; empty where that is no pull request."""
    if environ.get("CHANGE_ID"):
        return {}
    return _gitlab(environ) or _gerrit(environ)


def _gitlab(environ: Mapping[str, str]) -> dict[str, Any]:
    """A merge request, or a comment on one: https://plugins.jenkins.io/gitlab-plugin/#plugin-content-defined-variables

    The clone may have the fork as a remote of its own, and GIT_BRANCH is `mallory/main` then.
    """
    number = environ.get("gitlabMergeRequestIid", "")
    if not number and environ.get("gitlabActionType", "") not in ("MERGE", "NOTE"):
        return {}
    told = {"fork": False} if _within_one_project(environ) else _MAYBE_A_FORK
    branch, target = environ.get("gitlabSourceBranch", ""), environ.get("gitlabTargetBranch", "")
    return {"pull_request": number, "branch": branch, "base_ref": target, **told}


def _within_one_project(environ: Mapping[str, str]) -> bool:
    # A namespace is told by the name that its owner gave it, which another's may have as well.
    for name in ("Namespace", "RepoHttpUrl"):
        theirs, ours = (environ.get(f"gitlab{side}{name}", "") for side in ("Source", "Target"))
        if not theirs or theirs != ours:
            return False
    return True


def _gerrit(environ: Mapping[str, str]) -> dict[str, Any]:
    """A change that is not merged yet: anybody may upload one. GIT_BRANCH is the branch that it is for.

    https://plugins.jenkins.io/gerrit-trigger/
    """
    number = environ.get("GERRIT_CHANGE_NUMBER", "") or request_in(environ.get("GERRIT_REFSPEC", ""))
    if not number or environ.get("GERRIT_EVENT_TYPE") == "change-merged":
        return {}
    return {"pull_request": number, "base_ref": environ.get("GERRIT_BRANCH", ""), **_MAYBE_A_FORK}


def _multibranch(environ: Mapping[str, str]) -> dict[str, Any]:
    # On a multibranch job's tag or pull request BRANCH_NAME is `v1.4.2` or `PR-12`.
    if tag := environ.get("TAG_NAME", ""):
        return {"tag": tag}
    name, change = environ.get("BRANCH_NAME", ""), environ.get("CHANGE_ID", "")
    patch_set = _PATCH_SET.fullmatch(name)
    if number := "" if change else patch_set[1] if patch_set else request_in(name):
        return {"pull_request": number, **_MAYBE_A_FORK}
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
    if number := request_in(ref):
        return {"pull_request": number, **_MAYBE_A_FORK}
    if ref in ("", "detached", "HEAD", "FETCH_HEAD") or is_commit(ref):
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
