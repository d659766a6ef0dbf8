"""What a run says that lost a tag which never moves to another image: which image has it, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import Reader, RepositoryState
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import COMMIT_LABEL
from ecr_push.tags.temporary import claim_on

_SHORT = 12  # digits of a commit


class LostError(RegistryError):
    """Another image has a tag that this run's image was to get, and that never moves.

    same_commit: it was built from the commit that the run builds, as by the pipeline of a git tag beside that
    of its branch.
    """

    kind = "taken"

    def __init__(self, what: str, *, why: str, remedy: str, same_commit: bool = False) -> None:
        super().__init__(what, why=why, remedy=remedy)
        self.same_commit = same_commit


def lost_to(
    taken: Sequence[ReleaseTag],
    holders: Mapping[Tag, Digest],
    ours: Digest,
    client: Reader,
    *,
    own: str = "",
    built_here: bool = True,
    run: bool = True,
    claimed: RepositoryState | None = None,
) -> LostError:
    """The error that names both images, and their commits as far as their labels tell.

    own:        our image's commit; read from its label if it is not given.
    built_here: whether this run built the image, or may have: `promote` did not, and `run --image` neither.
    run:        whether it is a run, whose tags follow from its commit.
    claimed:    the repository, if the holders have claimed the tags and did not release them yet.
    """
    holder = holders[taken[0].tag]
    theirs, own = commit_of(holder, client), own or commit_of(ours, client)
    names = ", ".join(f"{tag} ({holders[tag.tag].short})" for tag in taken)
    if built_here:
        what = f"taken by another image since this run began: {names}"
    else:
        what = "; ".join(
            f"{tag} is claimed by {holders[tag.tag].short}"
            if claimed
            else f"{tag} already names {holders[tag.tag].short}"
            for tag in taken
        )
    why = (
        f"{_described(holder, theirs)} was first, and this image is {_described(ours, own)}: "
        "a version's or a commit's tag never moves to another image"
    )
    remedy = _remedy(taken, theirs, own, built_here, run, claimed)
    return LostError(what, why=why, remedy=remedy, same_commit=built_here and bool(theirs) and theirs == own)


def claim_remedy(tag: Tag, commit: str, state: RepositoryState | None) -> str:
    """What to do about a claim whose run may have died. commit: of the image that has it, if it is known."""
    name = state.repository.name if state else "NAME"
    again = f"run commit {commit[:_SHORT]} again, which releases it" if commit else "run its commit again"
    return (
        f"wait for the run of that image; if it died, {again}, or give its claim up: "
        f"aws ecr batch-delete-image --repository-name {name} --image-ids imageTag={claim_on(tag)} "
        "(not if that is the image's last tag: ECR deletes an image with its last tag)"
    )


def commit_of(digest: Digest, client: Reader) -> str:
    """The commit that an image was built from; "" where its label does not tell or cannot be read."""
    try:
        return client.labels(client.manifest(digest)).get(COMMIT_LABEL, "")
    except EcrPushError:
        return ""


def _described(digest: Digest, commit: str) -> str:
    return f"{digest.short} (of commit {commit[:_SHORT]})" if commit else digest.short


def _remedy(
    taken: Sequence[ReleaseTag],
    theirs: str,
    own: str,
    built_here: bool,
    run: bool,
    state: RepositoryState | None,
) -> str:
    if state:
        return claim_remedy(taken[0].tag, theirs, state)
    next_one = "a version is released once: tag this commit with the next one"
    if not built_here:
        again = (
            "; an image that was built again is another one, so run again with the image that was released"
        )
        return next_one + again if run else "give the image another tag"
    found = "run again: the image that the other pipeline released is then found, and judged"
    if theirs and theirs == own:
        return found
    version = any(tag.kind is TagKind.VERSION for tag in taken)
    if theirs and version:
        return next_one
    return f"{found}, if it was built from this commit" + (f"; otherwise {next_one}" if version else "")
