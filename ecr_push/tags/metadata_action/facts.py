"""The facts that tag rules can use: the ref of the run, its event, its commit and its dates."""

from __future__ import annotations

from datetime import datetime

from ecr_push.base.dataclass import dataclass

SHORT_SHA_LENGTH = 7


@dataclass(frozen=True)
class RuleFacts:
    """The facts of one run. At most one of branch, tag and pull_request is given: the ref of the run.

    now, committed_at: aware datetimes; `{{date}}` and `{{commit_date}}`.
    event:             "push", "schedule", "pull_request", … as GitHub names it; "" if not known.
    branch:            the X of refs/heads/X; tag: the X of refs/tags/X.
    pull_request:      the N of refs/pull/N/merge.
    released:          the git tag of the version that the run releases, where it is not on the commit yet:
                       rules that read versions read it in place of tag.
    version:           the version, a snapshot's too; `{{version}}`.
    base_ref:          the branch that a pull request targets, or that a tag was pushed from, if known.
    short_sha_length:  of `{{sha}}` and `type=sha`.

    Raises ValueError for a naive datetime, or for two refs.
    """

    now: datetime
    committed_at: datetime
    event: str = ""
    branch: str = ""
    tag: str = ""
    pull_request: str = ""
    released: str = ""
    version: str = ""
    sha: str = ""
    base_ref: str = ""
    default_branch: str = ""
    short_sha_length: int = SHORT_SHA_LENGTH

    def __post_init__(self) -> None:
        if self.now.utcoffset() is None or self.committed_at.utcoffset() is None:
            raise ValueError("now and committed_at need a time zone")
        if sum(map(bool, (self.branch, self.tag, self.pull_request))) > 1:
            raise ValueError("a run has one ref: a branch, a tag or a pull request")

    @property
    def ref(self) -> str:
        """The kind of ref, for messages."""
        if self.branch:
            return "a branch"
        if self.tag:
            return "a tag"
        return "a pull request" if self.pull_request else "unknown"

    @property
    def version_tag(self) -> str:
        """The git tag that rules read a version from."""
        return self.released or self.tag

    @property
    def short_sha(self) -> str:
        return self.sha[: max(self.short_sha_length, 0)]
