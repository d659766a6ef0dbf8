"""Release tags onto the judged digest, from the most specific to the most floating.

The order is a promise: whenever this is interrupted, `latest` never stands ahead of its version. All
of it is idempotent, so that a second run completes what a first one began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Literal

from ecr_push import background
from ecr_push.ecr import Manifest, RepositoryClient
from ecr_push.errors import EcrPushError, RegistryError
from ecr_push.narration import Narrator
from ecr_push.reference import Digest, Tag
from ecr_push.tags import ReleaseTag, TagKind, blocking_version


@dataclass(frozen=True)
class PromotedTag:
    """What became of one release tag.

    moved:   it points to the judged image now.
    already: it did before.
    kept:    it stays where it is, for the reason given; that is no failure.
    """

    tag: Tag
    result: Literal["moved", "already", "kept"]
    reason: str = ""


def promote(
    tags: Sequence[ReleaseTag],
    version: str,
    manifest: Manifest,
    client: RepositoryClient,
    narrator: Narrator,
    once_named: Callable[[], None] = lambda: None,
) -> tuple[PromotedTag, ...]:
    """Moves what may move. version is the image's; where it is empty, no tag has a line to keep.

    once_named is called as soon as a release tag points to the image, beside what is still to be
    moved, and never when none does: from then on the image does without its candidate tag.

    Raises RegistryError when a protected tag turns out to be another image's, and when ECR refuses.
    """
    # What is read here is read after the scan, not before the build: another pipeline may have
    # released in the meantime.
    names = background.start(client.tag_names, "list tags") if _has_lines(tags, version) else None
    points_to = client.digests([tag.tag for tag in tags])
    _check_protected(tags, manifest.digest, points_to)

    def settle(tag: ReleaseTag) -> PromotedTag:
        now = points_to.get(tag.tag)
        if now == manifest.digest:
            return PromotedTag(tag.tag, "already")
        if now is not None and tag.yields:
            return PromotedTag(tag.tag, "kept", f"{now.short} has it")
        if names and (higher := blocking_version(tag, version, names.result())):
            return PromotedTag(tag.tag, "kept", f"{higher} is higher")
        client.put_tag(manifest, tag.tag)
        return PromotedTag(tag.tag, "moved", f"was {now.short}" if now else "")

    promoted: list[PromotedTag] = []
    named: Future[None] | None = None
    try:
        for tier in _tiers(tags):
            for settled in [background.start(partial(settle, tag), f"promote {tag}") for tag in tier]:
                promoted.append(settled.result())
                narrator.say(_tell(promoted[-1], manifest.digest))
            if named is None and any(tag.result != "kept" for tag in promoted):
                named = background.start(once_named, "once named")
    except EcrPushError:
        wait([named] if named else [])  # so that the report knows what became of the candidate
        raise
    if named:
        named.result()
    return tuple(promoted)


def _tiers(tags: Sequence[ReleaseTag]) -> Iterable[list[ReleaseTag]]:
    """What may be moved at the same time: fixed tags first, `latest` last; each tier after the one before."""
    yield [tag for tag in tags if tag.protected]
    yield [tag for tag in tags if tag.floating and tag.kind is not TagKind.LATEST]
    yield [tag for tag in tags if tag.kind is TagKind.LATEST]


def _tell(promoted: PromotedTag, digest: Digest) -> str:
    if promoted.result == "moved":
        return f"{promoted.tag} -> {digest.short}" + (f" ({promoted.reason})" if promoted.reason else "")
    if promoted.result == "already":
        return f"{promoted.tag} already points to {digest.short}"
    return f"{promoted.tag} stays where it is: {promoted.reason}"


def _has_lines(tags: Sequence[ReleaseTag], version: str) -> bool:
    return bool(version) and any(tag.kind in (TagKind.LINE, TagKind.LATEST) for tag in tags)


def _check_protected(tags: Sequence[ReleaseTag], digest: Digest, points_to: Mapping[Tag, Digest]) -> None:
    taken = [
        tag for tag in tags if tag.protected and not tag.yields and points_to.get(tag.tag, digest) != digest
    ]
    if taken:
        names = ", ".join(f"{tag} ({points_to[tag.tag].short})" for tag in taken)
        raise RegistryError(
            f"taken by another image since this run began: {names}",
            why="a version or a commit's tag never moves to another image",
            remedy="run again: what the other pipeline released is then found, and judged",
        )
