"""GitHub Actions: its variables and its event file -> CiFacts.

Variables: https://docs.github.com/actions/reference/workflows-and-actions/variables
Events:    https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
Payloads:  https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ecr_push.base.parse import read_json
from ecr_push.base.regex import lazy_regex
from ecr_push.ci.facts import (
    CiFacts,
    CiProvider,
    CiRun,
    CloneAdvice,
    Environ,
    HttpGet,
    Origin,
    ReadText,
    Ref,
    RepositoryFacts,
    Trust,
)
from ecr_push.ci.facts_text import joined_url, moment, tag_safe

_PULL_REQUEST_REF = lazy_regex(r"refs/pull/([0-9]+)/")
# The branch of a merge queue's entry, which is pushed as well:
# https://github.blog/changelog/2022-08-18-merge-group-webhook-event-and-github-actions-workflow-trigger/
_QUEUE = "gh-readonly-queue/"
# Events that only those who may push to the repository start, and that are about its own code.
_OWN_EVENTS = frozenset(
    {
        *("push", "create", "release", "merge_group", "schedule", "workflow_dispatch", "repository_dispatch"),
        "registry_package",
    }
)
# Their run's commit is what is deployed: a branch or a tag of the repository, or by its id any commit, a
# fork's too.
_DEPLOYMENTS = frozenset({"deployment", "deployment_status"})
# Those that name whose code they are about. Everything else is as `issue_comment` is: anyone may comment,
# GITHUB_SHA is the default branch's, and what the job checks out is for the workflow to say.
_PULL_REQUESTS = frozenset({"pull_request", "pull_request_target"})

Event = Mapping[str, Any]


def is_github(environ: Environ) -> bool:
    return environ.get("GITHUB_ACTIONS") == "true"


def read_github(environ: Environ, read_text: ReadText) -> CiFacts:
    """The run's facts; read_text is asked for the event file, which may have any shape."""
    event = _load_event(environ.get("GITHUB_EVENT_PATH", ""), read_text)
    repository_url = joined_url(environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", ""))
    run, attempt = environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_RUN_ATTEMPT", "1")
    ref = _ref(environ, event)
    return CiFacts(
        CiRun(
            id=tag_safe(f"{run}-{attempt}") if run else "",
            url=joined_url(repository_url, "actions/runs", run),
            actor=environ.get("GITHUB_ACTOR", ""),
            interactive=False,
        ),
        replace(
            ref,
            run_commit=environ.get("GITHUB_SHA", ""),
            event=environ.get("GITHUB_EVENT_NAME", ""),
            default_branch=_text(event, "repository", "default_branch"),
            committed_at=_committed_at(event, ref.commit),
        ),
        RepositoryFacts(
            url=repository_url,
            title=_text(event, "repository", "name"),
            description=_text(event, "repository", "description"),
            licenses=_licenses(event),
        ),
        _trust(environ, event),
    )


def _ref(environ: Environ, event: Event) -> Ref:
    """branch, tag or pull request, and its commit."""
    number = _number(environ, event)
    if number and not _is_merged(event):
        return Ref(
            branch=environ.get("GITHUB_HEAD_REF", ""),
            pull_request=number,
            commit=_text(event, "pull_request", "head", "sha") or environ.get("GITHUB_SHA", ""),
            base=environ.get("GITHUB_BASE_REF", ""),
        )
    kind, name = _named_ref(environ)
    queued = name.startswith(_QUEUE)
    base = _text(event, "merge_group", "base_ref") if queued else _text(event, "base_ref")
    return Ref(
        branch=name if kind == "branch" and not queued else "",
        tag=name if kind == "tag" else "",
        commit=environ.get("GITHUB_SHA", ""),
        base=base.removeprefix("refs/heads/"),
        queued=queued,
    )


def _number(environ: Environ, event: Event) -> str:
    if isinstance(event.get("pull_request"), dict):
        return _text(event, "pull_request", "number") or _text(event, "number")
    # On a pull request GITHUB_REF_NAME is `12/merge` and its type is "branch".
    request = _PULL_REQUEST_REF.match(environ.get("GITHUB_REF", ""))
    return request[1] if request else ""


def _is_merged(event: Event) -> bool:
    """Whether the pull request was merged just now: GITHUB_REF and GITHUB_SHA are its target's then.

    https://github.blog/changelog/2023-09-13-github-actions-updates-to-github_ref-and-github-ref/
    """
    request = event.get("pull_request")
    return event.get("action") == "closed" and isinstance(request, dict) and request.get("merged") is True


def _named_ref(environ: Environ) -> tuple[str, str]:
    # GITHUB_REF_TYPE and _NAME are younger, and not every stand-in for GitHub sets them.
    refs = {"refs/heads/": "branch", "refs/tags/": "tag"}
    ref = environ.get("GITHUB_REF", "")
    lead = next((lead for lead in refs if ref.startswith(lead)), "")
    kind = environ.get("GITHUB_REF_TYPE", "") or refs.get(lead, "")
    return kind, environ.get("GITHUB_REF_NAME", "") or ref.removeprefix(lead)


def _trust(environ: Environ, event: Event) -> Trust:
    """Whether it is a fork's code, and what anyone may have started."""
    name, sha = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_SHA", "")
    origin = _origin(environ, event)
    # The run's commit is the target's: it has what the fork's author proposed and a maintainer accepted.
    if _is_merged(event):
        return Trust("own") if origin == "own" else Trust("own", anyone_can_start=True, trusted_commit=sha)
    if name in _DEPLOYMENTS:
        of_ref = environ.get("GITHUB_REF", "").startswith(("refs/heads/", "refs/tags/"))
        return Trust(origin, anyone_can_start=not of_ref)
    anyone_can_start = _anyone_can_start(name, event)
    return Trust(origin, anyone_can_start, sha if anyone_can_start else "")


def _origin(environ: Environ, event: Event) -> Origin:
    """The event of a pull request, and of a run that follows another, names whose code it is about.

    A fork that was deleted since is null, and an event that could not be read is empty: neither is the
    repository's own. https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run
    """
    if isinstance(event.get("workflow_run"), dict) or environ.get("GITHUB_EVENT_NAME") == "workflow_run":
        theirs = _text(event, "workflow_run", "head_repository", "full_name")
    elif "pull_request" in event or _number(environ, event) or environ.get("GITHUB_HEAD_REF"):
        theirs = _text(event, "pull_request", "head", "repo", "full_name")
    else:
        return "own"
    ours = _text(event, "repository", "full_name") or environ.get("GITHUB_REPOSITORY", "")
    if not theirs:
        return "maybe fork"
    return "own" if theirs.lower() == ours.lower() else "fork"


def _anyone_can_start(name: str, event: Event) -> bool:
    if name == "workflow_run":
        return not _follows_own(event)
    # A review comes with its pull request.
    return name not in _OWN_EVENTS | _PULL_REQUESTS and not isinstance(event.get("pull_request"), dict)


def _follows_own(event: Event) -> bool:
    """Whether the origin is known of the run that a `workflow_run` follows: it may be a comment's itself.

    Its head_repository is ours then, whatever it built. So it is after another `workflow_run`.
    """
    return _text(event, "workflow_run", "event") in _OWN_EVENTS | {"pull_request"}


def _load_event(path: str, read_text: ReadText) -> Event:
    """The event; empty where no file is named, or where it cannot be read."""
    if not path:
        return {}
    try:
        event = read_json(read_text(path))
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def _text(value: object, *keys: str) -> str:
    """The text or number behind a path of keys, or ""."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return str(value) if isinstance(value, (str, int)) else ""


def _licenses(event: Event) -> str:
    """The repository's licence as an SPDX expression."""
    # A licence that GitHub does not recognise has the identifier NOASSERTION.
    found = _text(event, "repository", "license", "spdx_id")
    return "" if found == "NOASSERTION" else found


def _committed_at(event: Event, commit: str) -> datetime | None:
    """The commit's time from a push event, which lists commits and names the last one apart."""
    commits = event.get("commits")
    for one in (event.get("head_commit"), *(commits if isinstance(commits, list) else ())):
        if commit and _text(one, "id") == commit:
            return moment(_text(one, "timestamp"))
    return None


def _oidc_token(environ: Environ, get: HttpGet, sleep: Callable[[float], None], audience: str) -> str:
    from ecr_push.ci.github_oidc import request_token  # only --role-to-assume needs it

    return request_token(environ, get, sleep, audience)


GITHUB = CiProvider(
    "github",
    is_github,
    read_github,
    CloneAdvice(
        full="give actions/checkout `fetch-depth: 0`",
        checkout="begin the job's steps with actions/checkout",
    ),
    _oidc_token,
)
