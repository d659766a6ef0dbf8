"""The image that a moving tag points to now, and whether it has the better claim to it.

`feature/a` and `feature-a` are both `feature-a`, and a clone of one of them knows nothing of the other. And
a pipeline that was slow, or is run again, must not put its branch's tag back to where the branch was then.
Both are told by the labels that our images carry; where they cannot be read, the tag moves. A branch that was
reset is told from a late pipeline by the remote, which is asked in that case alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import Reader
from ecr_push.source.git.remote import read_remote, remote_commits
from ecr_push.source.model import Source
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import BRANCH_LABEL, COMMIT_LABEL, CREATED_LABEL

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Incumbents:
    """The images that our branch's tags pointed to before the build, with their labels.

    branch: ours, as the image's labels name it. is_release: of our version.
    """

    source: Source
    branch: str
    is_release: bool
    client: Reader
    labels: Mapping[Digest, Future[Labels]]

    @classmethod
    def look_up(
        cls,
        tags: Sequence[ReleaseTag],
        source: Source,
        branch: str,
        client: Reader,
        points_to: Mapping[Tag, Digest],
        *,
        is_release: bool,
    ) -> Incumbents:
        """Begins to read the labels; they are wanted when the image is promoted, and not before."""
        images = {points_to[tag.tag] for tag in tags if _is_held(tag, is_release) and tag.tag in points_to}
        reads = {one: background.start(partial(_read, client, one), "read labels") for one in images}
        return cls(source, branch, is_release, client, reads)

    def claim(self, tag: ReleaseTag, now: Digest) -> str:
        """Why the tag stays with the image that it points to now, in words; "" where it may move."""
        if not _is_held(tag, self.is_release):
            return ""
        known = self.labels.get(now)
        labels = known.result() if known else _read(self.client, now)
        if tag.kind is TagKind.BRANCH and (branch := self._other_branch(tag, labels)):
            return f"which was built from {branch}"
        if _seems_later(labels, self.source) and not _is_head(self.source, self.branch):
            return f"which was built from the later commit {labels[COMMIT_LABEL][:12]}"
        return ""

    def _other_branch(self, tag: ReleaseTag, labels: Labels) -> str:
        """The other branch, where the tag could be its own.

        `main` never is the tag of `feature`, whose image it points to after a fast-forward: one commit, and
        the branch that was built first has labelled the image of both.
        """
        theirs, ours = labels.get(BRANCH_LABEL, ""), self.branch
        if theirs in ("", ours) or not ours or _plain(theirs) not in (_plain(ours), str(tag)):
            return ""
        request = theirs.removeprefix("refs/pull/")
        return f"the branch {theirs}" if request == theirs else f"pull request {request}"


def _plain(branch: str) -> str:
    """What a tag has of a branch's name, before affixes and hashes."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", branch.replace("refs/pull/", "pr-"))


def _is_held(tag: ReleaseTag, is_release: bool) -> bool:
    """Tags that follow a branch; `latest` too, where it is no release's (`Line` sees to those)."""
    return tag.kind is TagKind.BRANCH or (tag.kind is TagKind.LATEST and not is_release)


def _read(client: Reader, digest: Digest) -> Labels:
    try:
        return client.labels(client.manifest(digest))
    except RegistryError:  # a tag is guarded as far as we may read, and a run needs no such permission
        return {}


def _seems_later(labels: Labels, source: Source) -> bool:
    """Whether an image's commit comes after ours: ours is part of its history, or it is younger and unknown.

    Unknown are commits that were not fetched with ours, as in a clone that is made for an old commit.
    """
    revision = labels.get(COMMIT_LABEL, "")
    if not revision or revision == source.commit:
        return False
    if source.has_git:
        try:
            contains = source.git.ask("merge-base", "--is-ancestor", source.commit, revision).status
        except EcrPushError:
            return False
        if contains in (0, 1):
            return contains == 0
    return labels.get(CREATED_LABEL, "") > source.committed_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_head(source: Source, branch: str) -> bool:
    """Whether the branch, or the pull request, stands at our commit: a later one was taken off it again."""
    if not source.has_git or not branch:
        return False
    pattern = f"{branch}/*" if branch.startswith("refs/pull/") else f"refs/heads/{branch}"
    try:
        remote = read_remote(source.git)
        return bool(remote.name) and source.commit in remote_commits(source.git, remote, pattern)
    except EcrPushError:
        return False
