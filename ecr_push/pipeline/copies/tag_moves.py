"""Which tags of a destination may point to the images that are copied there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ecr_push.base.errors import ConflictError
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.copies.model import Moves
from ecr_push.pipeline.copy_result import CopiedTag
from ecr_push.registry.interface import Reader, RepositoryState
from ecr_push.release.moves import MovesTo
from ecr_push.release.mutability import mutability_text
from ecr_push.tags.kinds import ReleaseTag, claimed
from ecr_push.tags.labels import VERSION_LABEL
from ecr_push.versions.schemes.scheme import Scheme


def decide(
    wanted: Mapping[Tag, Digest],
    state: RepositoryState,
    client: Reader,
    moves: Moves,
    scheme: Scheme,
    version_of: Callable[[Digest], str],
) -> tuple[CopiedTag, ...]:
    """What becomes of each tag, by where it points now. None is put yet.

    version_of: an image's version, which decides whether a floating tag moves forward.

    Raises ConflictError for everything that cannot be: a version's or a commit's tag that names another
    image, and a tag that the repository does not let move.
    """
    points_to = client.digests(list(wanted))
    differ = [tag for tag in wanted if points_to.get(tag, wanted[tag]) != wanted[tag]]
    names = client.tag_names() if moves == "forward" and differ else frozenset()
    found, taken, frozen = [], [], []
    for tag, digest in wanted.items():
        now = points_to.get(tag)
        if now is None:
            found.append(CopiedTag(tag, digest, "set"))
            continue
        if now == digest:
            found.append(CopiedTag(tag, digest, "already", before=now))
            continue
        known = claimed(tag, version_of(digest) if moves == "forward" else "", scheme)
        reason = _reason_to_stay(known, digest, moves, points_to, names, state, client)
        if known.protected and moves == "forward":
            taken.append(f"{tag} ({now.short})")
        elif reason:
            found.append(CopiedTag(tag, digest, "kept", reason, now))
        elif state.freezes(tag):
            frozen.append(f"{tag} ({now.short})")
        else:
            found.append(CopiedTag(tag, digest, "moved", f"was {now.short}", now))
    _raise_for(taken, frozen, state)
    return tuple(found)


def _reason_to_stay(
    tag: ReleaseTag,
    digest: Digest,
    moves: Moves,
    points_to: Mapping[Tag, Digest],
    names: frozenset[str],
    state: RepositoryState,
    client: Reader,
) -> str:
    """Why a tag stays with the image that it points to; "" where it may move."""
    if moves == "any":
        return ""
    if moves == "never":
        return f"{points_to[tag.tag].short} has it"
    answer = MovesTo(digest, (tag,), points_to, names, state=state).may_move(tag)
    if answer.verdict == "keep" or tag.line is None:
        return answer.reason if answer.verdict == "keep" else ""
    present = points_to[tag.tag]
    found = client.manifests([present]).get(present)
    version = client.labels(found).get(VERSION_LABEL, "").partition("+")[0] if found else ""
    rank, ours = tag.line.scheme.rank(version), tag.line.scheme.rank(tag.line.version)
    if ours is None and (rank is not None or tag.line.versions(names)):
        return "the image that is copied says no version, so that the two cannot be compared"
    return (
        f"it is {version}, which is higher" if ours is not None and rank is not None and rank > ours else ""
    )


def _raise_for(taken: Iterable[str], frozen: Iterable[str], state: RepositoryState) -> None:
    problems, remedies = [], []
    if names := ", ".join(taken):
        problems.append(f"taken by another image: {names}")
        remedies.append("remove those images, or give --move any, which moves versions, too")
    if names := ", ".join(frozen):
        problems.append(f"the repository does not let these tags move: {names}")
        remedies.append("exclude them from its immutability, or give --move never")
    if problems:
        raise ConflictError(
            "; ".join(problems),
            why=f"a version's or a commit's tag never moves, and {mutability_text(state)}",
            remedy="; ".join(remedies),
        )


def planned(tags: Iterable[CopiedTag]) -> tuple[CopiedTag, ...]:
    """The tags as a dry run leaves them."""
    return tuple(replace(one, result="planned") if one.result in ("set", "moved") else one for one in tags)


def refused(tags: Iterable[CopiedTag], images: frozenset[Digest]) -> tuple[CopiedTag, ...]:
    """The tags, of which those of refused images are left where they are."""
    return tuple(
        replace(one, result="refused", reason="the policy refuses the image")
        if one.digest in images and one.result in ("set", "moved")
        else one
        for one in tags
    )
