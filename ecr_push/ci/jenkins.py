"""Jenkins: its variables -> CiFacts.

https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
Multibranch jobs: https://plugins.jenkins.io/branch-api/
GIT_…:            https://plugins.jenkins.io/git/#plugin-content-environment-variables
"""

from __future__ import annotations

import re
from dataclasses import replace

from ecr_push.base.regex import lazy_regex
from ecr_push.ci.facts import (
    CiFacts,
    CiProvider,
    CiRun,
    CloneAdvice,
    Environ,
    Origin,
    ReadText,
    Ref,
    Trust,
)
from ecr_push.ci.facts_text import is_commit, request_in, tag_safe

# What a multibranch job calls a change of Gerrit: https://plugins.jenkins.io/gerrit-code-review/
_PATCH_SET = lazy_regex(r"[0-9]{2}/([0-9]+)/[0-9]+")
_TAG = lazy_regex(r"(?:refs/|[^/]+/)?tags/(.+)")


def is_jenkins(environ: Environ) -> bool:
    """Whether Jenkins runs us. JENKINS_URL is set if Jenkins knows its own address, JENKINS_HOME and
    BUILD_TAG in every build. JENKINS_HOME alone may be a laptop's.

    https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/jenkins/model/CoreEnvironmentContributor.java
    """
    return bool(environ.get("JENKINS_URL") or (environ.get("JENKINS_HOME") and environ.get("BUILD_TAG")))


def read_jenkins(environ: Environ, _: ReadText) -> CiFacts:
    name, commit = environ.get("BRANCH_NAME", ""), environ.get("GIT_COMMIT", "")
    multibranch = name or environ.get("CHANGE_ID") or environ.get("TAG_NAME")
    # The plugins that start jobs know more than the names that the job's clone has.
    proposal = _proposal(environ)
    ref, origin = proposal or (_multibranch(environ) if multibranch else _git_branch(environ))
    return CiFacts(
        CiRun(
            id=tag_safe(environ.get("BUILD_TAG", "") or environ.get("BUILD_NUMBER", "")),
            url=environ.get("BUILD_URL", ""),
            actor=environ.get("CHANGE_AUTHOR", "") or environ.get("BUILD_USER_ID", ""),
            interactive=False,
        ),
        replace(
            ref,
            commit=commit,
            run_commit=commit,
            event=_event(environ, ref),
            base=ref.base if proposal else environ.get("CHANGE_TARGET", ""),
            default_branch=name if environ.get("BRANCH_IS_PRIMARY") == "true" else "",
        ),
        trust=Trust(origin),
    )


def _proposal(environ: Environ) -> tuple[Ref, Origin] | None:
    """What the plugin that started the build says that it is for; None where that is not a pull request."""
    if environ.get("CHANGE_ID"):
        return None
    return _gitlab(environ) or _gerrit(environ)


def _gitlab(environ: Environ) -> tuple[Ref, Origin] | None:
    """A merge request, or a comment on one: https://plugins.jenkins.io/gitlab-plugin/#plugin-content-defined-variables

    The clone may have the fork as a remote of its own, and GIT_BRANCH is `mallory/main` then.
    """
    number = environ.get("gitlabMergeRequestIid", "")
    if not number and environ.get("gitlabActionType", "") not in ("MERGE", "NOTE"):
        return None
    branch, target = environ.get("gitlabSourceBranch", ""), environ.get("gitlabTargetBranch", "")
    ref = Ref(branch, pull_request=number, base=target)
    return ref, "own" if _within_one_project(environ) else "maybe fork"


def _within_one_project(environ: Environ) -> bool:
    # A namespace is known by the name that its owner gave it, which someone else's may have as well.
    for name in ("Namespace", "RepoHttpUrl"):
        theirs, ours = (environ.get(f"gitlab{side}{name}", "") for side in ("Source", "Target"))
        if not theirs or theirs != ours:
            return False
    return True


def _gerrit(environ: Environ) -> tuple[Ref, Origin] | None:
    """A change that is not merged yet: anyone may upload one. GIT_BRANCH is the branch that it is for.

    https://plugins.jenkins.io/gerrit-trigger/
    """
    number = environ.get("GERRIT_CHANGE_NUMBER", "") or request_in(environ.get("GERRIT_REFSPEC", ""))
    if not number or environ.get("GERRIT_EVENT_TYPE") == "change-merged":
        return None
    return Ref(pull_request=number, base=environ.get("GERRIT_BRANCH", "")), "maybe fork"


def _multibranch(environ: Environ) -> tuple[Ref, Origin]:
    # On a multibranch job's tag or pull request BRANCH_NAME is `v1.4.2` or `PR-12`.
    if tag := environ.get("TAG_NAME", ""):
        return Ref(tag=tag), "own"
    name, change = environ.get("BRANCH_NAME", ""), environ.get("CHANGE_ID", "")
    patch_set = _PATCH_SET.fullmatch(name)
    if number := "" if change else patch_set[1] if patch_set else request_in(name):
        return Ref(pull_request=number), "maybe fork"
    if not change:
        return Ref(name), "own"
    # CHANGE_FORK is the fork's name. A branch source that says where a change is from sets CHANGE_BRANCH
    # too: one that does not may leave out CHANGE_FORK as well.
    branch, fork = environ.get("CHANGE_BRANCH", ""), environ.get("CHANGE_FORK", "")
    ref = Ref(branch or name, pull_request=change)
    return ref, "fork" if fork else "own" if branch else "maybe fork"


def _git_branch(environ: Environ) -> tuple[Ref, Origin]:
    """GIT_BRANCH is what was asked for and found: a remote's branch, but also a tag, a commit, any ref."""
    ref, local = environ.get("GIT_BRANCH", ""), environ.get("GIT_LOCAL_BRANCH", "")
    # Nothing says reliably that such a pull request is not from a fork.
    if number := environ.get("ghprbPullId", ""):
        return Ref(environ.get("ghprbSourceBranch", ""), pull_request=number), "maybe fork"
    if number := request_in(ref):
        return Ref(pull_request=number), "maybe fork"
    if ref in ("", "detached", "HEAD", "FETCH_HEAD") or is_commit(ref):
        return Ref(local), "own"
    if tag := _TAG.fullmatch(ref):
        return Ref(tag=tag[1]), "own"
    if local:
        return Ref(local), "own"
    if ref.startswith(("refs/heads/", "origin/", "refs/remotes/origin/")):
        return Ref(re.sub(r"^refs/heads/|^(?:refs/remotes/)?origin/", "", ref)), "own"
    branch = ref.removeprefix("refs/remotes/")
    return Ref(branch, of_remote="/" in branch), "own"


def _event(environ: Environ, ref: Ref) -> str:
    """What started the build; one that a person started by hand looks like a push."""
    # The cause is known where the EnvInject plugin is: https://plugins.jenkins.io/envinject/
    if environ.get("BUILD_CAUSE_TIMERTRIGGER") == "true":
        return "schedule"
    if ref.pull_request:
        return "pull_request"
    return "tag" if ref.tag else "push" if environ.get("BRANCH_NAME") else ""


JENKINS = CiProvider(
    "jenkins",
    is_jenkins,
    read_jenkins,
    CloneAdvice(
        full="switch off `Shallow clone` and switch on `Fetch tags` under the Git source's advanced clone "
        "behaviours",
        checkout="run `checkout scm` before this step, in the same folder",
        tags="switch on `Fetch tags` under the Git source's advanced clone behaviours",
    ),
)
