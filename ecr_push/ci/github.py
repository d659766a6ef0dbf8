"""What GitHub Actions says about the run.

Variables: https://docs.github.com/actions/reference/workflows-and-actions/variables
Events:    https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ecr_push.ci.facts import CiFacts
from ecr_push.ci.facts_text import joined_url, tag_safe
from ecr_push.ci.github_event import committed_at, licenses, load_event, text

_PULL_REQUEST_REF = re.compile(r"refs/pull/([0-9]+)/")
# The branch of a merge queue's entry, which is pushed as well:
# https://github.blog/changelog/2022-08-18-merge-group-webhook-event-and-github-actions-workflow-trigger/
_QUEUE = "gh-readonly-queue/"
# Events that only who may push to the repository starts, and that are about its own code.
_OURS = frozenset(
    {
        *("push", "create", "release", "merge_group", "schedule", "workflow_dispatch", "repository_dispatch"),
        "registry_package",
    }
)
# Their run's commit is what is deployed: a branch or a tag of ours, or by its id any commit, a fork's too.
_DEPLOYMENTS = frozenset({"deployment", "deployment_status"})
# Those that name whose code they are about. Everything else is as `issue_comment` is: anybody may comment,
# GITHUB_SHA is the default branch's, and what the job checks out is for the workflow to say.
_TOLD = frozenset({"pull_request", "pull_request_target"})


def is_github(environ: Mapping[str, str]) -> bool:
    return environ.get("GITHUB_ACTIONS") == "true"


def read_github(environ: Mapping[str, str], read_text: Callable[[str], str]) -> CiFacts:
    """The run's facts; read_text is asked for the event file, which may have any shape."""
    event = load_event(environ.get("GITHUB_EVENT_PATH", ""), read_text)
    repository_url = joined_url(environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", ""))
    run, attempt = environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_RUN_ATTEMPT", "1")
    found = CiFacts(
        provider="github",
        default_branch=text(event, "repository", "default_branch"),
        run_id=tag_safe(f"{run}-{attempt}") if run else "",
        run_url=joined_url(repository_url, "actions/runs", run),
        actor=environ.get("GITHUB_ACTOR", ""),
        repository_url=repository_url,
        interactive=False,
        event=environ.get("GITHUB_EVENT_NAME", ""),
        run_sha=environ.get("GITHUB_SHA", ""),
        title=text(event, "repository", "name"),
        description=text(event, "repository", "description"),
        licenses=licenses(event),
        **_origin(environ, event),
        **_ref(environ, event),
    )
    return replace(found, committed_at=committed_at(event, found.commit))


def _ref(environ: Mapping[str, str], event: Mapping[str, Any]) -> dict[str, Any]:
    """branch, tag or pull request, and its commit."""
    number = _number(environ, event)
    if number and not _is_merged(event):
        return {
            "branch": environ.get("GITHUB_HEAD_REF", ""),
            "pull_request": number,
            "commit": text(event, "pull_request", "head", "sha") or environ.get("GITHUB_SHA", ""),
            "base_ref": environ.get("GITHUB_BASE_REF", ""),
        }
    kind, name = _named_ref(environ)
    queued = name.startswith(_QUEUE)
    base_ref = text(event, "merge_group", "base_ref") if queued else text(event, "base_ref")
    return {
        "branch": name if kind == "branch" and not queued else "",
        "tag": name if kind == "tag" else "",
        "commit": environ.get("GITHUB_SHA", ""),
        "base_ref": base_ref.removeprefix("refs/heads/"),
        "queued": queued,
    }


def _number(environ: Mapping[str, str], event: Mapping[str, Any]) -> str:
    if isinstance(event.get("pull_request"), dict):
        return text(event, "pull_request", "number") or text(event, "number")
    # On a pull request GITHUB_REF_NAME is `12/merge` and its type is "branch".
    request = _PULL_REQUEST_REF.match(environ.get("GITHUB_REF", ""))
    return request[1] if request else ""


def _is_merged(event: Mapping[str, Any]) -> bool:
    """Whether the pull request was merged just now: GITHUB_REF and GITHUB_SHA are its target's then.

    https://github.blog/changelog/2023-09-13-github-actions-updates-to-github_ref-and-github-ref/
    """
    request = event.get("pull_request")
    return event.get("action") == "closed" and isinstance(request, dict) and request.get("merged") is True


def _named_ref(environ: Mapping[str, str]) -> tuple[str, str]:
    # GITHUB_REF_TYPE and _NAME are younger, and not everybody who stands in for GitHub sets them.
    refs = {"refs/heads/": "branch", "refs/tags/": "tag"}
    ref = environ.get("GITHUB_REF", "")
    lead = next((lead for lead in refs if ref.startswith(lead)), "")
    kind = environ.get("GITHUB_REF_TYPE", "") or refs.get(lead, "")
    return kind, environ.get("GITHUB_REF_NAME", "") or ref.removeprefix(lead)


def _origin(environ: Mapping[str, str], event: Mapping[str, Any]) -> dict[str, Any]:
    """Whether it is a fork's code, and what anybody may have started."""
    name, sha = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_SHA", "")
    fork = _fork(environ, event)
    # The run's commit is the target's: it has what the fork's author proposed and somebody of ours accepted.
    if _is_merged(event):
        return {"fork_told": True, **({"by_anybody": True, "own_sha": sha} if fork["fork"] else {})}
    if name in _DEPLOYMENTS:
        of_ref = environ.get("GITHUB_REF", "").startswith(("refs/heads/", "refs/tags/"))
        return {"fork_told": True, **fork, "by_anybody": not of_ref}
    by_anybody = _by_anybody(name, event)
    return {"fork_told": True, **fork, "by_anybody": by_anybody, "own_sha": sha if by_anybody else ""}


def _fork(environ: Mapping[str, str], event: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a pull request, and of a run that follows another, names whose code it is about.

    A fork that was deleted since is null, and an event that could not be read is empty: neither is ours.
    https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run
    """
    if isinstance(event.get("workflow_run"), dict) or environ.get("GITHUB_EVENT_NAME") == "workflow_run":
        theirs = text(event, "workflow_run", "head_repository", "full_name")
    elif "pull_request" in event or _number(environ, event) or environ.get("GITHUB_HEAD_REF"):
        theirs = text(event, "pull_request", "head", "repo", "full_name")
    else:
        return {}
    ours = text(event, "repository", "full_name") or environ.get("GITHUB_REPOSITORY", "")
    return {"fork": theirs.lower() != ours.lower() or not theirs, "fork_told": bool(theirs)}


def _by_anybody(name: str, event: Mapping[str, Any]) -> bool:
    if name == "workflow_run":
        return not _follows_ours(event)
    # A review comes with its pull request.
    return name not in _OURS | _TOLD and not isinstance(event.get("pull_request"), dict)


def _follows_ours(event: Mapping[str, Any]) -> bool:
    """Whether the run that a `workflow_run` follows tells its origin: it may be a comment's itself.

    Its head_repository is ours then, whatever it built. So it is after another `workflow_run`.
    """
    return text(event, "workflow_run", "event") in _OURS | {"pull_request"}
