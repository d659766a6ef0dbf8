"""The image that a moving tag points to now, and whether it has the better claim to it.

`feature/a` and `feature-a` are both `feature-a`, and a clone of one of them knows nothing of the other. And
a pipeline that was slow, or is run again, must not move its branch's tag back to where the branch was then.
The labels of our images say which is which; if they cannot be read, the tag moves. Whether a branch was reset
or a pipeline is late, the git remote decides, which is asked in that case alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from functools import partial

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.base.regex import lazy_regex
from ecr_push.registry.interface import Reader
from ecr_push.release.own_image import Labels, OwnImage
from ecr_push.source.git.remote import read_remote, remote_commits
from ecr_push.source.model import Source
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import BRANCH_LABEL, BUILT_FROM_LABEL, COMMIT_LABEL, CREATED_LABEL

_COMMIT_TAG = lazy_regex(r"sha-([0-9a-f]{7,64})")


@dataclass(frozen=True)
class CurrentOwners:
    """The images that our branch's tags pointed to before the build, with their labels."""

    image: OwnImage
    client: Reader
    labels: Mapping[Digest, Future[Labels]]

    @classmethod
    def look_up(
        cls,
        tags: Iterable[ReleaseTag],
        image: OwnImage,
        points_to: Mapping[Tag, Digest],
        client: Reader,
    ) -> CurrentOwners:
        """Starts to read the labels, which are needed when the image is promoted, and not before."""
        others = {points_to[tag.tag] for tag in tags if _follows_branch(tag, image) and tag.tag in points_to}
        reads = {one: background.start(partial(read_labels, client, one), "read labels") for one in others}
        return cls(image, client, reads)

    def reason_to_keep(self, tag: ReleaseTag, now: Digest) -> str:
        """Why the tag stays with the image that it points to now, in words; "" if it may move."""
        if not _follows_branch(tag, self.image):
            return ""
        known = self.labels.get(now)
        labels = known.result() if known else read_labels(self.client, now)
        why = self._claim(tag, labels)
        return "" if why and are_inherited(labels, self.client, now) else why

    def _claim(self, tag: ReleaseTag, labels: Labels) -> str:
        """Why an image with these labels keeps the tag, in words; "" if it does not."""
        if tag.kind is TagKind.BRANCH and (branch := self._other_branch(tag, labels)):
            return f"which was built from {branch}"
        if _is_later(labels, self.image.source) and not _is_head(self.image):
            return f"which was built from the later commit {labels[COMMIT_LABEL][:12]}"
        return ""

    def _other_branch(self, tag: ReleaseTag, labels: Labels) -> str:
        """The other branch, if the tag could be its own.

        `main` never is the tag of `feature`, whose image it points to after a fast-forward: one commit, and
        the branch that was built first has labelled the image of both.
        """
        theirs, ours = labels.get(BRANCH_LABEL, ""), self.image.branch
        if theirs in ("", ours) or not ours or _plain(theirs) not in (_plain(ours), str(tag)):
            return ""
        request = theirs.removeprefix("refs/pull/")
        return f"the branch {theirs}" if request == theirs else f"pull request {request}"


def _plain(branch: str) -> str:
    """The part of a branch's name that its tag keeps, before affixes and hashes."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", branch.replace("refs/pull/", "pr-"))


def _follows_branch(tag: ReleaseTag, image: OwnImage) -> bool:
    """Whether the tag moves with a branch. `latest` does unless it is a release's, which goes by `Line`."""
    return tag.kind in (TagKind.BRANCH, TagKind.UNRELEASED) or (
        tag.kind is TagKind.LATEST and not image.is_release
    )


def read_labels(client: Reader, digest: Digest) -> Labels:
    """The labels of an image; empty if they cannot be read."""
    try:
        return client.labels(client.manifest(digest))
    except RegistryError:  # guards a tag as far as we may read; a run does not need that permission
        return {}


def are_inherited(labels: Labels, client: Reader, digest: Digest) -> bool:
    """Whether an image's labels are its base image's: they name another commit than its own tag `sha-…`.

    An image that another tool built on one of ours, as `run --image` pushes it, has our labels of its base.
    """
    commits = [labels.get(key, "") for key in (COMMIT_LABEL, BUILT_FROM_LABEL)]
    if not any(commits):
        return False
    try:
        tags = [tag.name for tag in client.tags_of(digest)]
    except RegistryError:
        return False
    named = [match[1] for name in tags if (match := _COMMIT_TAG.fullmatch(name))]
    return bool(named) and not any(commit.startswith(one) for commit in commits for one in named)


def _is_later(labels: Labels, source: Source) -> bool:
    """Whether an image's commit comes after ours: ours is part of its history, or it is unknown and younger.

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


def _is_head(image: OwnImage) -> bool:
    """Whether our commit is the head of its branch or pull request: a later commit was removed from it."""
    source, branch = image.source, image.branch
    if not source.has_git or not branch:
        return False
    pattern = f"{branch}/*" if branch.startswith("refs/pull/") else f"refs/heads/{branch}"
    try:
        remote = read_remote(source.git)
        return bool(remote.name) and source.commit in remote_commits(source.git, remote, pattern)
    except EcrPushError:
        return False
