"""CodeBuild: its variables -> CiFacts.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
"""

from __future__ import annotations

from dataclasses import replace

from ecr_push.base.regex import lazy_regex
from ecr_push.ci.facts import CiFacts, CiProvider, CiRun, CloneAdvice, Environ, ReadText, Ref
from ecr_push.ci.facts_text import is_commit, tag_safe

# The source versions of a start by hand that are unambiguous: a branch, a tag and a commit look alike.
# https://docs.aws.amazon.com/codebuild/latest/userguide/sample-source-version.html
_PULL_REQUEST = lazy_regex(r"(?:pr/([0-9]+)|refs/pull/([0-9]+)/head(?:\^\{[0-9a-f]+\})?)")
_REF = lazy_regex(r"refs/(?P<kind>heads|tags)/(?P<name>[^^]+)(?:\^\{[0-9a-f]+\})?")


def is_codebuild(environ: Environ) -> bool:
    return bool(environ.get("CODEBUILD_BUILD_ID"))


def read_codebuild(environ: Environ, _: ReadText) -> CiFacts:
    # Of a source in S3 it is the version of an object.
    version = environ.get("CODEBUILD_RESOLVED_SOURCE_VERSION", "")
    commit = version if is_commit(version) else ""
    ref = _webhook(environ) or _started_by_hand(environ.get("CODEBUILD_SOURCE_VERSION", ""))
    base = environ.get("CODEBUILD_WEBHOOK_BASE_REF", "").removeprefix("refs/heads/")
    return CiFacts(
        CiRun(
            # `PROJECT:UUID`: a retried build gets an identifier of its own.
            id=tag_safe(environ["CODEBUILD_BUILD_ID"].rpartition(":")[2]),
            url=environ.get("CODEBUILD_BUILD_URL", ""),
            actor=environ.get("CODEBUILD_INITIATOR", ""),
            interactive=False,
        ),
        replace(ref, commit=commit, run_commit=commit, base=base),
    )


def _webhook(environ: Environ) -> Ref | None:
    """The ref and the event; None where no webhook started the build."""
    # `branch/x`, `tag/x` or `pr/N`.
    trigger, _, subject = environ.get("CODEBUILD_WEBHOOK_TRIGGER", "").partition("/")
    head = environ.get("CODEBUILD_WEBHOOK_HEAD_REF", "")
    branch = head.removeprefix("refs/heads/") if head.startswith("refs/heads/") else ""
    if trigger == "tag":
        return Ref(tag=subject, event="tag")
    if trigger == "pr":
        return Ref(branch, pull_request=subject, event="pull_request")
    if trigger == "branch":
        return Ref(branch or subject, event="push")
    return Ref(branch) if branch else None


def _started_by_hand(version: str) -> Ref:
    """The ref of a build that a person, a schedule or another service started; which of them is unknown."""
    if request := _PULL_REQUEST.fullmatch(version):
        return Ref(pull_request=request[1] or request[2])
    if ref := _REF.fullmatch(version):
        return Ref(branch=ref["name"]) if ref["kind"] == "heads" else Ref(tag=ref["name"])
    return Ref()


CODEBUILD = CiProvider(
    "codebuild",
    is_codebuild,
    read_codebuild,
    CloneAdvice(
        full="set the source's `Git clone depth` to Full",
        checkout="run in the folder of the project's source (CODEBUILD_SRC_DIR); in CodePipeline choose the "
        "source action's output artifact format `Full clone`",
    ),
)
