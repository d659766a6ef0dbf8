"""What CodeBuild says about the run.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ecr_push.ci.facts import CiFacts
from ecr_push.ci.facts_text import is_commit, tag_safe

# What a person may give for a start by hand, of the forms that can be nothing else: a branch, a tag and a
# commit look alike. https://docs.aws.amazon.com/codebuild/latest/userguide/sample-source-version.html
_PULL_REQUEST = re.compile(r"(?:pr/([0-9]+)|refs/pull/([0-9]+)/head(?:\^\{[0-9a-f]+\})?)")
_REF = re.compile(r"refs/(?P<kind>heads|tags)/(?P<name>[^^]+)(?:\^\{[0-9a-f]+\})?")


def is_codebuild(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("CODEBUILD_BUILD_ID"))


def read_codebuild(environ: Mapping[str, str]) -> CiFacts:
    # Of a source in S3 it is the version of an object.
    version = environ.get("CODEBUILD_RESOLVED_SOURCE_VERSION", "")
    commit = version if is_commit(version) else ""
    return CiFacts(
        provider="codebuild",
        commit=commit,
        # `PROJECT:UUID`: a retried build gets an identifier of its own.
        run_id=tag_safe(environ["CODEBUILD_BUILD_ID"].rpartition(":")[2]),
        run_url=environ.get("CODEBUILD_BUILD_URL", ""),
        actor=environ.get("CODEBUILD_INITIATOR", ""),
        interactive=False,
        base_ref=environ.get("CODEBUILD_WEBHOOK_BASE_REF", "").removeprefix("refs/heads/"),
        run_sha=commit,
        **(_webhook(environ) or _started_by_hand(environ.get("CODEBUILD_SOURCE_VERSION", ""))),
    )


def _webhook(environ: Mapping[str, str]) -> dict[str, Any]:
    """The ref and the event; empty where no webhook started the build."""
    # `branch/x`, `tag/x` or `pr/N`.
    trigger, _, subject = environ.get("CODEBUILD_WEBHOOK_TRIGGER", "").partition("/")
    head = environ.get("CODEBUILD_WEBHOOK_HEAD_REF", "")
    branch = head.removeprefix("refs/heads/") if head.startswith("refs/heads/") else ""
    if trigger == "tag":
        return {"tag": subject, "event": "tag"}
    if trigger == "pr":
        return {"branch": branch, "pull_request": subject, "event": "pull_request"}
    if trigger == "branch":
        return {"branch": branch or subject, "event": "push"}
    return {"branch": branch} if branch else {}


def _started_by_hand(version: str) -> dict[str, Any]:
    """The ref of a build that a person, a schedule or another service started; nothing says which of them."""
    if request := _PULL_REQUEST.fullmatch(version):
        return {"pull_request": request[1] or request[2]}
    if ref := _REF.fullmatch(version):
        return {{"heads": "branch", "tags": "tag"}[ref["kind"]]: ref["name"]}
    return {}
