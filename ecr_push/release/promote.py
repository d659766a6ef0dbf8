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

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.oci import Manifest
from ecr_push.tags.kinds import CANDIDATE_PREFIX, ReleaseTag, TagKind


@dataclass(frozen=True)
class PromotedTag:
    """What became of one release tag.

    moved:   it points to the judged image now.
    already: it did before.
    kept:    it stays where it is, for the reason given; that is no failure.
    planned: a dry run would have moved it.
    """

    tag: Tag
    result: Literal["moved", "already", "kept", "planned"]
    reason: str = ""


def promote(
    tags: Sequence[ReleaseTag],
    manifest: Manifest,
    client: RepositoryClient,
    narrator: Narrator,
    *,
    on_settled: Callable[[PromotedTag], None] = lambda tag: None,
    once_named: Callable[[], None] = lambda: None,
    claim: Callable[[ReleaseTag, Digest], str] = lambda tag, digest: "",
    taken: Callable[[ReleaseTag, Digest], ReleaseTag] = lambda tag, digest: tag,
) -> tuple[PromotedTag, ...]:
    """Moves what may move.

    on_settled is told of each tag as soon as it is done, so that a report knows them if the rest fails.
    once_named is called as soon as a release tag points to the image, beside what is still to be
    moved, and never when none does: from then on the image does without its candidate tag.
    claim says why a tag stays with the image that it points to now, "" where it may move.
    taken settles a protected tag once more that points to digest now, another image than was expected.

    Raises RegistryError when a protected tag turns out to be another image's, and when ECR refuses.
    """
    # What is read here is read after the scan, not before the build: another pipeline may have
    # released in the meantime.
    lined = any(tag.line and tag.line.version for tag in tags)
    names = background.start(client.tag_names, "list tags") if lined else None
    points_to = client.digests([tag.tag for tag in tags])
    known = names.result() if names else frozenset[str]()  # before the first move: it may be refused
    tags = [
        taken(tag, points_to[tag.tag]) if _is_taken(tag, manifest.digest, points_to) else tag for tag in tags
    ]
    _check_protected(tags, manifest.digest, points_to)

    def settle(tag: ReleaseTag) -> PromotedTag:
        now = points_to.get(tag.tag)
        if now == manifest.digest:
            return PromotedTag(tag.tag, "already")
        if now is not None and tag.yields:
            return PromotedTag(tag.tag, "kept", f"{now.short} has it")
        if tag.line and (higher := tag.line.higher(known)):
            return PromotedTag(tag.tag, "kept", f"{higher} is higher")
        if now is not None and (better := claim(tag, now)):
            return PromotedTag(tag.tag, "kept", f"{now.short} has it, {better}")
        written = client.put_tag(manifest, tag.tag)
        return PromotedTag(tag.tag, "moved" if written else "planned", f"was {now.short}" if now else "")

    promoted: dict[Tag, PromotedTag] = {}

    def tell(became: PromotedTag) -> None:
        promoted[became.tag] = became
        on_settled(became)
        narrator.say(_tell(became, manifest.digest))

    named: Future[None] | None = None
    try:
        for tier in _tiers(tags):
            for settled in [background.start(partial(settle, tag), f"promote {tag}") for tag in tier]:
                tell(settled.result())
            if named is None and any(one.result != "kept" for one in promoted.values()):
                named = background.start(once_named, "once named")
        moved = [tag for tag in tags if tag.line and promoted[tag.tag].result == "moved"]
        for overtaken in _give_back(moved, client):
            tell(overtaken)
    except EcrPushError:
        wait([named] if named else [])  # so that the report knows what became of the candidate
        raise
    if named:
        named.result()
    return tuple(promoted.values())


def _give_back(tags: Sequence[ReleaseTag], client: RepositoryClient) -> Iterable[PromotedTag]:
    """Mends what a race has done: a higher version was released between our look and our move.

    ECR has no compare-and-set for tags. But every pipeline sets its version's tag before the floating
    ones, and looks again after them: so whoever moved a floating tag last finds a higher version
    there, and gives the tag to it. Where two race, both end with the higher one.
    """
    lined = [(tag, tag.line) for tag in tags if tag.line and tag.line.version]
    names = client.tag_names() if lined else frozenset[str]()
    for tag, line in lined:
        given = ""
        while higher := line.higher(names, than=line.bare(given)):
            digest = client.digests([Tag(higher)]).get(Tag(higher))
            if digest is None:  # taken away again in the meantime
                break
            client.put_tag(client.manifest(digest), tag.tag)
            given, names = higher, client.tag_names()
        if given:
            yield PromotedTag(tag.tag, "kept", f"{given} is higher, and was released meanwhile")


def retire_candidates(digest: Digest, client: RepositoryClient, narrator: Narrator) -> bool:
    """Takes the candidate tags off an image that carries a release tag. False where ECR did not let us.

    All of them, an earlier run's too: a lifecycle rule that expires candidates would expire the
    released image along with one. The image is released whether this works or not, so a refusal is a
    warning.
    """
    try:
        candidates = sorted(
            (tag for tag in client.tags_of(digest) if tag.name.startswith(CANDIDATE_PREFIX)), key=str
        )
        if candidates:
            client.remove_tags(candidates)
    except RegistryError as error:
        narrator.warn(f"the candidate's tag stays on the released image: {error.what}: {error.why}")
        return False
    return True


def _tiers(tags: Sequence[ReleaseTag]) -> Iterable[list[ReleaseTag]]:
    """What may be moved at the same time: fixed tags first, `latest` last; each tier after the one before."""
    yield [tag for tag in tags if tag.protected]
    yield [tag for tag in tags if tag.floating and tag.kind is not TagKind.LATEST]
    yield [tag for tag in tags if tag.kind is TagKind.LATEST]


def _tell(promoted: PromotedTag, digest: Digest) -> str:
    if promoted.result == "moved":
        return f"{promoted.tag} -> {digest.short}" + (f" ({promoted.reason})" if promoted.reason else "")
    if promoted.result == "planned":
        return f"{promoted.tag} would be pointed to {digest.short}"
    if promoted.result == "already":
        return f"{promoted.tag} already points to {digest.short}"
    return f"{promoted.tag} stays where it is: {promoted.reason}"


def _is_taken(tag: ReleaseTag, digest: Digest, points_to: Mapping[Tag, Digest]) -> bool:
    found = points_to.get(tag.tag, digest)
    return tag.protected and not tag.yields and found not in (digest, tag.replaces)


def _check_protected(tags: Sequence[ReleaseTag], digest: Digest, points_to: Mapping[Tag, Digest]) -> None:
    taken = [tag for tag in tags if _is_taken(tag, digest, points_to)]
    if taken:
        names = ", ".join(f"{tag} ({points_to[tag.tag].short})" for tag in taken)
        raise RegistryError(
            f"taken by another image since this run began: {names}",
            why="a version or a commit's tag never moves to another image",
            remedy="run again: what the other pipeline released is then found, and judged",
        )
