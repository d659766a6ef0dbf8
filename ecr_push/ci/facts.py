"""What a CI says about the run: environ -> CiFacts.

The only place that knows the CIs' variable names. Nothing here decides anything: git is asked for
what git knows, and `source.py` weighs the two.

GitHub:    https://docs.github.com/actions/reference/workflows-and-actions/variables
Jenkins:   https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
CodeBuild: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Provider = Literal["", "github", "jenkins", "codebuild"]
ReadText = Callable[[str], str]

_LONGEST_RUN_ID = 64
_PULL_REQUEST_REF = re.compile(r"refs/pull/([0-9]+)/")


@dataclass(frozen=True)
class CiFacts:
    """One run of a CI. Every field is empty where the CI does not tell, or where there is no CI.

    commit:         the commit that triggered the run; on a pull request its head, not the merge commit.
    branch:         on a pull request the branch it comes from, maybe in a fork.
    run_id:         differs between the attempts of a run, and may be a part of an image tag.
    repository_url: where people read the source, without credentials.
    interactive:    a person may be looking on: no CI was found.
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


def read_event(path: str) -> str:
    """The text of GitHub's event file."""
    return Path(path).read_text(encoding="utf-8")


def read_facts(environ: Mapping[str, str], read_text: ReadText = read_event) -> CiFacts:
    """What the environment says about the run.

    read_text is asked for the file that GITHUB_EVENT_PATH names, and for nothing else; a file that
    cannot be read leaves fields empty. GitHub is asked first: a GitHub runner that CodeBuild hosts
    carries both markers.
    """
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ, read_text)
    if environ.get("JENKINS_URL"):
        return _jenkins(environ)
    if environ.get("CODEBUILD_BUILD_ID"):
        return _codebuild(environ)
    return CiFacts(interactive=environ.get("CI", "").lower() in ("", "0", "false"))


def _github(environ: Mapping[str, str], read_text: ReadText) -> CiFacts:
    event = _event(environ.get("GITHUB_EVENT_PATH", ""), read_text)
    pull_request = event.get("pull_request")
    number = head_commit = ""
    if isinstance(pull_request, dict):
        number = _text(pull_request, "number") or _text(event, "number")
        head_commit = _text(pull_request, "head", "sha")
    if not number and (ref := _PULL_REQUEST_REF.match(environ.get("GITHUB_REF", ""))):
        number = ref[1]
    kind, name = environ.get("GITHUB_REF_TYPE", ""), environ.get("GITHUB_REF_NAME", "")
    repository_url = _url(environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", ""))
    run, attempt = environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_RUN_ATTEMPT", "1")
    return CiFacts(
        provider="github",
        # On a pull request GITHUB_REF_NAME is `12/merge` and its type is "branch".
        branch=environ.get("GITHUB_HEAD_REF", "") or (name if kind == "branch" and not number else ""),
        tag=name if kind == "tag" else "",
        commit=head_commit or environ.get("GITHUB_SHA", ""),
        pull_request=number,
        default_branch=_text(event, "repository", "default_branch"),
        run_id=_tag_safe(f"{run}-{attempt}") if run else "",
        run_url=_url(repository_url, "actions/runs", run),
        actor=environ.get("GITHUB_ACTOR", ""),
        repository_url=repository_url,
        interactive=False,
    )


def _event(path: str, read_text: ReadText) -> Mapping[str, Any]:
    if not path:
        return {}
    try:
        event = json.loads(read_text(path))
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def _text(value: object, *keys: str) -> str:
    """The text or number behind a path of keys, or "": another CI's event may have any shape."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return str(value) if isinstance(value, (str, int)) else ""


def _jenkins(environ: Mapping[str, str]) -> CiFacts:
    name = environ.get("BRANCH_NAME", "")
    tag = environ.get("TAG_NAME", "")
    # On a multibranch job's tag or pull request BRANCH_NAME is `v1.4.2` or `PR-12`.
    branch = "" if tag else environ.get("CHANGE_BRANCH", "") or name
    if not tag and not branch and (remote := environ.get("GIT_BRANCH", "")) != "detached":
        branch = remote.removeprefix("refs/heads/").removeprefix("origin/")
    return CiFacts(
        provider="jenkins",
        branch=branch,
        tag=tag,
        commit=environ.get("GIT_COMMIT", ""),
        pull_request=environ.get("CHANGE_ID", ""),
        default_branch=name if environ.get("BRANCH_IS_PRIMARY") == "true" else "",
        run_id=_tag_safe(environ.get("BUILD_TAG", "") or environ.get("BUILD_NUMBER", "")),
        run_url=environ.get("BUILD_URL", ""),
        actor=environ.get("CHANGE_AUTHOR", "") or environ.get("BUILD_USER_ID", ""),
        interactive=False,
    )


def _codebuild(environ: Mapping[str, str]) -> CiFacts:
    # `branch/x`, `tag/x` or `pr/N`; absent where no webhook started the build.
    trigger, _, subject = environ.get("CODEBUILD_WEBHOOK_TRIGGER", "").partition("/")
    head = environ.get("CODEBUILD_WEBHOOK_HEAD_REF", "")
    branch = head.removeprefix("refs/heads/") if head.startswith("refs/heads/") else ""
    if trigger == "branch":
        branch = branch or subject
    return CiFacts(
        provider="codebuild",
        branch="" if trigger == "tag" else branch,
        tag=subject if trigger == "tag" else "",
        commit=environ.get("CODEBUILD_RESOLVED_SOURCE_VERSION", ""),
        pull_request=subject if trigger == "pr" else "",
        # `PROJECT:UUID`: a retried build gets an identifier of its own.
        run_id=_tag_safe(environ["CODEBUILD_BUILD_ID"].rpartition(":")[2]),
        run_url=environ.get("CODEBUILD_BUILD_URL", ""),
        actor=environ.get("CODEBUILD_INITIATOR", ""),
        interactive=False,
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
