"""Release tags onto the judged digest, from the most specific to the most floating.

The order is a promise: whenever this is interrupted, `latest` never stands ahead of its version. All
of it is idempotent, so that a second run completes what a first one began. Whether a tag may move at all,
`moves.py` answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.oci import Manifest
from ecr_push.release import candidate
from ecr_push.release.moves import MovesTo
from ecr_push.tags.kinds import ReleaseTag, TagKind


@dataclass(frozen=True)
class PromotedTag:
    """What became of one release tag.

    moved:   it points to the judged image now.
    already: it did before.
    kept:    it stays where it is, for the reason given, which is not an error.
    planned: a dry run would have moved it.
    """

    tag: Tag
    result: Literal["moved", "already", "kept", "planned"]
    reason: str = ""


class PromotionRecord(Protocol):
    """Keeps what was done, as soon as it is done, so that a report has it if the rest fails."""

    def tag_done(self, tag: PromotedTag) -> None:
        """A release tag is done, or was corrected after it was."""
        ...

    def candidate_retired(self, removed: bool) -> None:
        """The image has a release tag; its candidate tags are gone if removed."""
        ...


def promote(
    moves: MovesTo,
    manifest: Manifest,
    client: RepositoryClient,
    record: PromotionRecord,
    narrator: Narrator,
) -> tuple[PromotedTag, ...]:
    """Moves the tags that may move to the image.

    moves: what the registry said after the verdict: another pipeline may have released in the meantime.

    As soon as one of them points to it, its candidate tags are removed, while the others are still moved;
    if none does, they stay: an image without a tag is deleted.

    Raises RegistryError when ECR refuses.
    """
    promoted: dict[Tag, PromotedTag] = {}

    def done(tag: PromotedTag) -> None:
        promoted[tag.tag] = tag
        record.tag_done(tag)
        narrator.say(_text(tag, manifest.digest))

    def retire_candidates() -> None:
        record.candidate_retired(candidate.retire(manifest.digest, client, narrator))

    retired: Future[None] | None = None
    try:
        for tier in _tiers(moves.tags):
            started = [
                background.start(partial(_move, tag, moves, manifest, client), f"promote {tag}")
                for tag in tier
            ]
            for one in started:
                done(one.result())
            if retired is None and any(one.result != "kept" for one in promoted.values()):
                retired = background.start(retire_candidates, "retire candidates")
        moved = [tag for tag in moves.tags if tag.line and promoted[tag.tag].result == "moved"]
        for overtaken in _give_back(moved, client):
            done(overtaken)
    except EcrPushError:
        wait([retired] if retired else [])  # so that the report knows what became of the candidate
        raise
    if retired:
        retired.result()
    return tuple(promoted.values())


def _move(tag: ReleaseTag, moves: MovesTo, manifest: Manifest, client: RepositoryClient) -> PromotedTag:
    answer = moves.may_move(tag)
    if answer.verdict == "already":
        return PromotedTag(tag.tag, "already")
    if answer.verdict == "keep":
        return PromotedTag(tag.tag, "kept", answer.reason)
    written = client.put_tag(manifest, tag.tag)
    return PromotedTag(tag.tag, "moved" if written else "planned", answer.reason)


def _give_back(tags: Sequence[ReleaseTag], client: RepositoryClient) -> Iterable[PromotedTag]:
    """Gives a tag to a higher version that was released between our look and our move.

    ECR has no compare-and-set for tags. But every pipeline sets its version's tag before the floating
    ones, and looks again after them: so the one that moved a floating tag last finds a higher version
    there, and gives the tag to it. If two race, both end with the higher one.
    """
    lined = [(tag, tag.line) for tag in tags if tag.line and tag.line.version]
    names = client.tag_names() if lined else frozenset[str]()
    for tag, line in lined:
        given = ""
        while higher := line.higher(names, than=line.bare(given)):
            digest = client.digests([Tag(higher)]).get(Tag(higher))
            if digest is None:  # removed again in the meantime
                break
            client.put_tag(client.manifest(digest), tag.tag)
            given, names = higher, client.tag_names()
        if given:
            yield PromotedTag(tag.tag, "kept", f"{given} is higher, and was released meanwhile")


def _tiers(tags: Sequence[ReleaseTag]) -> Iterable[list[ReleaseTag]]:
    """The tags that may be moved at the same time: protected ones first, `latest` last, tier after tier."""
    yield [tag for tag in tags if tag.protected]
    yield [tag for tag in tags if tag.floating and tag.kind is not TagKind.LATEST]
    yield [tag for tag in tags if tag.kind is TagKind.LATEST]


def _text(promoted: PromotedTag, digest: Digest) -> str:
    if promoted.result == "moved":
        return f"{promoted.tag} -> {digest.short}" + (f" ({promoted.reason})" if promoted.reason else "")
    if promoted.result == "planned":
        return f"{promoted.tag} would be pointed to {digest.short}"
    if promoted.result == "already":
        return f"{promoted.tag} already points to {digest.short}"
    return f"{promoted.tag} stays where it is: {promoted.reason}"
