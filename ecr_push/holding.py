"""Whose a floating tag is, by its image's labels: another branch's, or a later build's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import Future

from ecr_push.ecr import RepositoryClient
from ecr_push.errors import RegistryError
from ecr_push.labels import BRANCH_LABEL, VERSION_LABEL
from ecr_push.reference import Digest
from ecr_push.tags import ReleaseTag, TagKind

Branches = Mapping[Digest, Future[str]]


def holds(ours: str, branches: Branches, client: RepositoryClient, tag: ReleaseTag, now: Digest) -> str:
    """Why the image that a floating tag points to now keeps it, in words that follow "which"; else "".

    ours:     our image's branch, as its label says. branches: those that are asked for already.
    """
    if whose := other_branch(ours, branches, client, tag, now):
        return f"was built from {whose}"
    higher = _later_build(client, tag, now)
    return f"is {higher}" if higher else ""


def built_branch(client: RepositoryClient, digest: Digest) -> str:
    """The branch that an image was built from, as its label says; "" where that cannot be read."""
    return _label(client, digest, BRANCH_LABEL)


def _label(client: RepositoryClient, digest: Digest, name: str) -> str:
    try:
        return client.labels(client.manifest(digest)).get(name, "")
    except RegistryError:  # a tag is guarded as far as we may read, and a run needs no such permission
        return ""


def other_branch(
    ours: str, branches: Branches, client: RepositoryClient, tag: ReleaseTag, now: Digest
) -> str:
    """The branch whose image a branch's tag points to now, in words, where the tag could be its own; else "".

    `feature/a` and `feature-a` are both `feature-a`, and a clone of one of them knows nothing of the other.
    But `main` never is the tag of `feature`, whose image it points to after a fast-forward: one commit, and
    the branch that was built first has labelled the image of both.
    """
    if tag.kind is not TagKind.BRANCH:
        return ""
    known = branches.get(now)
    branch = known.result() if known else built_branch(client, now)
    if branch in ("", ours) or not ours or _plain(branch) not in (_plain(ours), str(tag)):
        return ""
    request = branch.removeprefix("refs/pull/")
    return f"the branch {branch}" if request == branch else f"pull request {request}"


def _later_build(client: RepositoryClient, tag: ReleaseTag, now: Digest) -> str:
    """The version of the image on `latest`, where ours is a snapshot below it; "" where it may move.

    Of releases the registry's tags tell. Snapshots that rules put on `latest` need have no tag of their own.
    """
    ours = tag.line.scheme.read(tag.line.version) if tag.line else None
    if not tag.line or ours is None or ours.is_final:
        return ""
    version = _label(client, now, VERSION_LABEL).partition("+")[0]
    rank = tag.line.scheme.rank(version)
    return version if rank is not None and rank > ours.rank else ""


def _plain(branch: str) -> str:
    """What a tag has of a branch's name, before affixes and hashes."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", branch.replace("refs/pull/", "pr-"))
