"""What a CI says about the run: environ -> CiFacts.

The only place that knows the CIs' variable names. Nothing here decides anything: git is asked for
what git knows, and `source.py` weighs the two.

GitHub:    https://docs.github.com/actions/reference/workflows-and-actions/variables
Jenkins:   https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
CodeBuild: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
GitLab:    https://docs.gitlab.com/ci/variables/predefined_variables/
Bitbucket: https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ecr_push.ci.github_event import committed_at, licenses, load_event, moment, text
from ecr_push.errors import SettingsError

Provider = Literal["", "github", "jenkins", "codebuild", "gitlab", "bitbucket"]
ReadText = Callable[[str], str]

_LONGEST_RUN_ID = 64
_SHORTEST_SHA = 4  # as git's own --abbrev has it
_PULL_REQUEST_REF = re.compile(r"refs/pull/([0-9]+)/")


@dataclass(frozen=True)
class CiFacts:
    """One run of a CI. Every field is empty where the CI does not tell, or where there is no CI.

    commit:         the commit that triggered the run; on a pull request its head as far as the CI tells.
    run_sha:        the commit that the CI itself names as the run's: on a pull request the merge commit
                    of its head and its base, or under GitHub's `pull_request_target` the base.
    branch:         on a pull request the branch it comes from, maybe in a fork.
    base_ref:       the branch that a pull request goes to; on a tag's push the branch that it was set on.
    event:          what started the run: "push", "tag", "pull_request", "schedule"; GitHub's own word there,
                    and elsewhere "" for what we cannot tell.
    run_id:         differs between the attempts of a run, and may be a part of an image tag.
    repository_url: where people read the source, without credentials.
    title, description, licenses: the repository's, as its host shows them; licenses is an SPDX expression.
    committed_at:   when commit was made, in UTC.
    interactive:    a person may be looking on: no CI was found.
    fork:           a pull request from another repository, whose author may not push to this one.
    short_sha_length, head_is_meant: what docker/metadata-action's own variables say, for who moves over.
    asserted:       the fields that the user gave by options: see `override.py`.
    """

    provider: Provider = ""
    branch: str = ""
    tag: str = ""
    commit: str = ""
    pull_request: str = ""
    default_branch: str = ""
    run_id: str = ""
    run_url: str = ""
    actor: str = ""
    repository_url: str = ""
    interactive: bool = True
    event: str = ""
    base_ref: str = ""
    run_sha: str = ""
    title: str = ""
    description: str = ""
    licenses: str = ""
    committed_at: datetime | None = None
    short_sha_length: int = 7
    head_is_meant: bool = False
    fork: bool = False
    asserted: frozenset[str] = frozenset()

    @property
    def said(self) -> CiFacts:
        """What the user said alone. It holds for what is checked out, whatever commit the CI speaks of."""
        return CiFacts(**{name: getattr(self, name) for name in self.asserted}, asserted=self.asserted)

    @property
    def unattended(self) -> bool:
        """A CI runs us, and not a person."""
        return bool(self.provider) or not self.interactive


def read_event(path: str) -> str:
    """The text of GitHub's event file."""
    return Path(path).read_text(encoding="utf-8")


def read_facts(environ: Mapping[str, str], read_text: ReadText = read_event) -> CiFacts:
    """What the environment says about the run.

    read_text is asked for the file that GITHUB_EVENT_PATH names, and for nothing else; a file that
    cannot be read leaves fields empty. GitHub is asked first: a GitHub runner that CodeBuild hosts
    carries both markers. Raises SettingsError for a DOCKER_METADATA_SHORT_SHA_LENGTH that is no number.
    """
    return replace(_read(environ, read_text), **_peer_variables(environ))


def _read(environ: Mapping[str, str], read_text: ReadText) -> CiFacts:
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ, read_text)
    if environ.get("JENKINS_URL"):
        return _jenkins(environ)
    if environ.get("CODEBUILD_BUILD_ID"):
        return _codebuild(environ)
    if environ.get("GITLAB_CI") == "true":
        return _gitlab(environ)
    if environ.get("BITBUCKET_BUILD_NUMBER"):
        return _bitbucket(environ)
    return CiFacts(interactive=environ.get("CI", "").lower() in ("", "0", "false"))


def _peer_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    """https://github.com/docker/metadata-action#environment-variables"""
    length = environ.get("DOCKER_METADATA_SHORT_SHA_LENGTH", "") or "7"
    if not (length.isascii() and length.isdigit() and int(length) >= _SHORTEST_SHA):
        problem = f"DOCKER_METADATA_SHORT_SHA_LENGTH: {length!r} is no number of at least {_SHORTEST_SHA}"
        raise SettingsError([problem])
    head_is_meant = "true" in environ.get("DOCKER_METADATA_PR_HEAD_SHA", "").lower()
    return {"short_sha_length": int(length), "head_is_meant": head_is_meant}


def _github(environ: Mapping[str, str], read_text: ReadText) -> CiFacts:
    event = load_event(environ.get("GITHUB_EVENT_PATH", ""), read_text)
    pull_request = event.get("pull_request")
    number = head_commit = ""
    fork = False
    if isinstance(pull_request, dict):
        fork = _from_fork(event, environ.get("GITHUB_REPOSITORY", ""))
        number = text(pull_request, "number") or text(event, "number")
        head_commit = text(pull_request, "head", "sha")
    if not number and (request := _PULL_REQUEST_REF.match(environ.get("GITHUB_REF", ""))):
        number = request[1]
    # GITHUB_REF_TYPE and _NAME are younger, and not everybody who stands in for GitHub sets them.
    refs = {"refs/heads/": "branch", "refs/tags/": "tag"}
    ref = environ.get("GITHUB_REF", "")
    lead = next((lead for lead in refs if ref.startswith(lead)), "")
    kind = environ.get("GITHUB_REF_TYPE", "") or refs.get(lead, "")
    name = environ.get("GITHUB_REF_NAME", "") or ref.removeprefix(lead)
    repository_url = _url(environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", ""))
    run, attempt = environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_RUN_ATTEMPT", "1")
    commit = head_commit or environ.get("GITHUB_SHA", "")
    return CiFacts(
        provider="github",
        # On a pull request GITHUB_REF_NAME is `12/merge` and its type is "branch".
        branch=environ.get("GITHUB_HEAD_REF", "") or (name if kind == "branch" and not number else ""),
        tag=name if kind == "tag" else "",
        commit=commit,
        pull_request=number,
        default_branch=text(event, "repository", "default_branch"),
        run_id=_tag_safe(f"{run}-{attempt}") if run else "",
        run_url=_url(repository_url, "actions/runs", run),
        actor=environ.get("GITHUB_ACTOR", ""),
        repository_url=repository_url,
        interactive=False,
        event=environ.get("GITHUB_EVENT_NAME", ""),
        base_ref=environ.get("GITHUB_BASE_REF", "") or text(event, "base_ref").removeprefix("refs/heads/"),
        run_sha=environ.get("GITHUB_SHA", ""),
        title=text(event, "repository", "name"),
        description=text(event, "repository", "description"),
        licenses=licenses(event),
        committed_at=committed_at(event, commit),
        fork=fork,
    )


def _from_fork(event: Mapping[str, Any], here: str) -> bool:
    """A pull request's event names both repositories; a fork that was deleted since is null."""
    head = event["pull_request"].get("head")
    if not isinstance(head, dict) or "repo" not in head:
        return False
    here = text(event, "repository", "full_name") or here
    return text(head, "repo", "full_name").lower() != here.lower()


def _jenkins(environ: Mapping[str, str]) -> CiFacts:
    name = environ.get("BRANCH_NAME", "")
    tag = environ.get("TAG_NAME", "")
    # On a multibranch job's tag or pull request BRANCH_NAME is `v1.4.2` or `PR-12`.
    branch = "" if tag else environ.get("CHANGE_BRANCH", "") or name
    if not tag and not branch and (remote := environ.get("GIT_BRANCH", "")) != "detached":
        branch = remote.removeprefix("refs/heads/").removeprefix("origin/")
    change = environ.get("CHANGE_ID", "")
    return CiFacts(
        provider="jenkins",
        branch=branch,
        tag=tag,
        commit=environ.get("GIT_COMMIT", ""),
        pull_request=change,
        default_branch=name if environ.get("BRANCH_IS_PRIMARY") == "true" else "",
        run_id=_tag_safe(environ.get("BUILD_TAG", "") or environ.get("BUILD_NUMBER", "")),
        run_url=environ.get("BUILD_URL", ""),
        actor=environ.get("CHANGE_AUTHOR", "") or environ.get("BUILD_USER_ID", ""),
        interactive=False,
        event=_jenkins_event(environ, tag, change),
        base_ref=environ.get("CHANGE_TARGET", ""),
        run_sha=environ.get("GIT_COMMIT", ""),
        # The name of the fork: https://plugins.jenkins.io/branch-api/
        fork=bool(environ.get("CHANGE_FORK")),
    )


def _jenkins_event(environ: Mapping[str, str], tag: str, change: str) -> str:
    """A build that a person started by hand cannot be told from a push."""
    # The cause is told where the EnvInject plugin is: https://plugins.jenkins.io/envinject/
    if environ.get("BUILD_CAUSE_TIMERTRIGGER") == "true":
        return "schedule"
    if change:
        return "pull_request"
    return "tag" if tag else "push" if environ.get("BRANCH_NAME") else ""


def _codebuild(environ: Mapping[str, str]) -> CiFacts:
    # `branch/x`, `tag/x` or `pr/N`; absent where no webhook started the build.
    trigger, _, subject = environ.get("CODEBUILD_WEBHOOK_TRIGGER", "").partition("/")
    head = environ.get("CODEBUILD_WEBHOOK_HEAD_REF", "")
    branch = head.removeprefix("refs/heads/") if head.startswith("refs/heads/") else ""
    if trigger == "branch":
        branch = branch or subject
    # Not CODEBUILD_SOURCE_VERSION: a branch, a tag, a commit, an ARN or `pr/N`, as the build was started.
    commit = environ.get("CODEBUILD_RESOLVED_SOURCE_VERSION", "")
    return CiFacts(
        provider="codebuild",
        branch="" if trigger == "tag" else branch,
        tag=subject if trigger == "tag" else "",
        commit=commit,
        pull_request=subject if trigger == "pr" else "",
        # `PROJECT:UUID`: a retried build gets an identifier of its own.
        run_id=_tag_safe(environ["CODEBUILD_BUILD_ID"].rpartition(":")[2]),
        run_url=environ.get("CODEBUILD_BUILD_URL", ""),
        actor=environ.get("CODEBUILD_INITIATOR", ""),
        interactive=False,
        # No webhook: started by a person, a schedule or another service, and nothing says which.
        event={"branch": "push", "tag": "tag", "pr": "pull_request"}.get(trigger, ""),
        base_ref=environ.get("CODEBUILD_WEBHOOK_BASE_REF", "").removeprefix("refs/heads/"),
        run_sha=commit,
    )


# https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable
_GITLAB_EVENTS = {"push": "push", "merge_request_event": "pull_request", "schedule": "schedule"}


def _gitlab(environ: Mapping[str, str]) -> CiFacts:
    tag, request = environ.get("CI_COMMIT_TAG", ""), environ.get("CI_MERGE_REQUEST_IID", "")
    run_sha = environ.get("CI_COMMIT_SHA", "")
    # Set where the run is for a merge commit that GitLab made; CI_COMMIT_SHA is that commit then.
    head = environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "") if request else ""
    event = _GITLAB_EVENTS.get(environ.get("CI_PIPELINE_SOURCE", ""), "")
    return CiFacts(
        provider="gitlab",
        branch=environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "")
        if request
        else environ.get("CI_COMMIT_BRANCH", ""),
        tag=tag,
        commit=head or run_sha,
        pull_request=request,
        default_branch=environ.get("CI_DEFAULT_BRANCH", ""),
        # A pipeline keeps its number when a job is retried, the job does not.
        run_id=_tag_safe(environ.get("CI_JOB_ID", "")),
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
        # Not CI_PROJECT_ID, which is the fork's where the pipeline runs there.
        fork=environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "")
        != environ.get("CI_MERGE_REQUEST_PROJECT_ID", ""),
    )


def _bitbucket(environ: Mapping[str, str]) -> CiFacts:
    tag, request = environ.get("BITBUCKET_TAG", ""), environ.get("BITBUCKET_PR_ID", "")
    # On a pull request the target branch is merged into the clone; this is the request's own commit.
    commit = environ.get("BITBUCKET_COMMIT", "")
    branch = environ.get("BITBUCKET_BRANCH", "")
    repository_url = _url("https://bitbucket.org", environ.get("BITBUCKET_REPO_FULL_NAME", ""))
    run = environ["BITBUCKET_BUILD_NUMBER"]
    return CiFacts(
        provider="bitbucket",
        branch=branch,
        tag=tag,
        commit=commit,
        pull_request=request,
        # Who runs a failed step again keeps the pipeline's number.
        run_id=_tag_safe(f"{run}-{environ.get('BITBUCKET_STEP_RUN_NUMBER', '1')}"),
        run_url=_url(repository_url, "pipelines/results", run),
        actor=environ.get("BITBUCKET_STEP_TRIGGERER_UUID", ""),
        repository_url=repository_url,
        interactive=False,
        # A schedule and a person by hand look like a push.
        event="pull_request" if request else "tag" if tag else "push" if branch else "",
        base_ref=environ.get("BITBUCKET_PR_DESTINATION_BRANCH", ""),
        run_sha=commit,
    )


def _url(*parts: str) -> str:
    """The parts joined with `/`, or "" where one is missing."""
    return "/".join(parts) if all(parts) else ""


def _tag_safe(text: str) -> str:
    """text in a tag's characters, at most 64; a hash keeps apart what that would make equal."""
    safe = re.sub(r"[^A-Za-z0-9_.-]+", "-", text)
    if safe == text and len(text) <= _LONGEST_RUN_ID:
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{safe[: _LONGEST_RUN_ID - len(mark) - 1]}-{mark}"
