"""Release tags onto the judged digest: those that stay first, those that float last.

The order is a promise: whenever this is interrupted, `latest` never stands ahead of its version. All
of it is idempotent, so that a second run completes what a first one began. Whether a tag may move at all,
`moves.py` answers; who decides between two runs that set one version, `claims.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import field, replace
from functools import partial
from itertools import pairwise
from typing import Protocol

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import RepositoryClient, TagTakenError
from ecr_push.registry.oci import Manifest
from ecr_push.release.candidate import Retirement, stays
from ecr_push.release.claims import claim, decider, give_back
from ecr_push.release.early_look import EarlyLook
from ecr_push.release.lock import StillHeld
from ecr_push.release.lost import LostError
from ecr_push.release.moves import Look, MovesTo, TagMoves
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.release.read_back import ReadBack
from ecr_push.tags.kinds import ReleaseTag, TagKind

# How long an error or a signal waits for moves that are under way: ECR may carry out what it was sent.
UNDER_WAY_SECONDS = 5.0


class PromotionRecord(Protocol):
    """Keeps what was done, as soon as it is done, so that a report has it if the rest fails."""

    def tag_done(self, tag: PromotedTag) -> None:
        """A release tag is done, or was corrected after it was."""
        ...

    def tag_given_back(self, tag: Tag) -> None:
        """A release tag that was done is no longer: the image lost it."""
        ...

    def candidate_retired(self, removed: bool) -> None:
        """The image has a release tag; its candidate tags are gone if removed."""
        ...


def promote(
    moves: TagMoves,
    manifest: Manifest,
    client: RepositoryClient,
    record: PromotionRecord,
    narrator: Narrator,
    clock: Clock,
    still_held: StillHeld = lambda: None,
    early: EarlyLook[Look] | None = None,
) -> tuple[PromotedTag, ...]:
    """Moves the tags that may move to the image, and looks at them again when all are moved.

    still_held: called before each tier is moved; raises where the lock on the repository was lost.
    early: a look at the tags that began before. It does not count if a claim was put since: who claims looks
    after claiming.

    When the tags that stay point to it, its candidate tags are removed, while the others are still moved. If
    none does, they stay: ECR deletes an image with its last tag.

    Raises LostError if another image has a tag that never moves, after giving back what this one got; and
    RegistryError when ECR refuses, or a tag is not where ECR said that it put it.
    """
    moves = replace(moves, state=moves.state or client.describe())
    work = _Promotion(manifest, client, record, narrator)
    still_held()
    unreleased = [tag for tag in moves.tags if moves.known.get(tag.tag) != manifest.digest]
    claims = claim(unreleased, moves.state, manifest, client)
    if early is None or claims.held or claims.lost:
        early = EarlyLook.start(partial(moves.look, client), clock)
    try:
        seen = moves.to(manifest.digest, early.result(), client, claims.lost)
        for tier, following in pairwise(((), *_tiers_that_stay(seen.tags), ())):
            if tier:
                still_held()
            again = _begin_look(following, seen, client, clock)
            work.move(tier, seen)
            if again:
                seen = seen.knowing(again.result(), client)
    except LostError:
        work.give_back(moves.tags)
        claims.give_up(manifest, client, narrator)
        raise
    read_back = ReadBack(seen, manifest, client, clock)
    undecided = any(_is_undecided(tag, seen) for tag in seen.tags)
    try:
        if not undecided and any(stays(tag) and work.got(tag) for tag in seen.tags):
            work.begin_to_retire(seen.tags)
        if floating := [tag for tag in seen.tags if tag.floating]:
            still_held()
            work.move(floating, seen)
        found = work.find_candidates(seen.tags) if undecided else None
        work.settle(read_back)
    except EcrPushError as error:
        work.wait_for_candidates()  # so that the report knows what became of them
        if isinstance(error, LostError) and undecided:
            work.give_back(moves.tags)
        raise
    if found and work.got_any(seen.tags):
        # The later the last look, the fewer races are missed.
        work.retire(found.result(), beside=lambda: work.settle(read_back, again=True))
    else:
        work.begin_to_retire(seen.tags)
    if work.retired:
        work.retired.result()
    return tuple(work.promoted.values())


@dataclass()
class _Promotion:
    """What was done so far."""

    manifest: Manifest
    client: RepositoryClient
    record: PromotionRecord
    narrator: Narrator
    promoted: dict[Tag, PromotedTag] = field(default_factory=dict)
    retired: Future[None] | None = None

    def done(self, tag: PromotedTag) -> None:
        if self.promoted.get(tag.tag) == tag:
            return
        self.promoted[tag.tag] = tag
        self.record.tag_done(tag)
        self.narrator.say(_text(tag, self.manifest.digest))

    def move(self, tier: Sequence[ReleaseTag], seen: MovesTo) -> None:
        """Moves tags at the same time. Raises what the first of them raises, when all have ended."""
        started = [
            background.start(partial(_move, tag, seen, self.manifest, self.client), f"promote {tag}")
            for tag in tier
        ]
        try:
            for one in started:
                self.done(one.result())
        finally:
            # A run that waits for the lock must not be overtaken by these, nor what is given back.
            ended, _ = wait(started, UNDER_WAY_SECONDS)
            for one in started:
                if one in ended and not one.exception():
                    self.done(one.result())

    def settle(self, read_back: ReadBack, *, again: bool = False) -> None:
        for corrected in read_back.settle(self.promoted, again=again):
            self.done(corrected)

    def give_back(self, tags: Sequence[ReleaseTag]) -> None:
        """Gives back the tags that never move and that the image got before it lost one of them."""
        mine = [tag for tag in tags if tag.protected and self._was_moved(tag)]
        for tag in mine:
            if tag.replaces:
                self.client.put_tag(self.client.manifest(tag.replaces), tag.tag)
        new = [tag.tag for tag in mine if not tag.replaces]
        if give_back(new, self.manifest, self.client, self.narrator):
            for tag in mine:
                self.record.tag_given_back(tag.tag)

    def _was_moved(self, tag: ReleaseTag) -> bool:
        return tag.tag in self.promoted and self.promoted[tag.tag].result == "moved"

    def got(self, tag: ReleaseTag) -> bool:
        return tag.tag in self.promoted and self.promoted[tag.tag].result != "kept"

    def got_any(self, tags: Sequence[ReleaseTag]) -> bool:
        return any(self.got(tag) for tag in tags)

    def begin_to_retire(self, tags: Sequence[ReleaseTag]) -> None:
        """Begins to remove the candidate tags, once, if the image has a release tag."""
        if self.retired is None and self.got_any(tags):
            found = self.find_candidates(tags)
            self.retired = background.start(lambda: self.retire(found.result()), "retire candidates")

    def wait_for_candidates(self) -> None:
        if self.retired:
            wait([self.retired])

    def find_candidates(self, tags: Sequence[ReleaseTag]) -> Future[Retirement]:
        """Looks up the candidate tags in the background."""
        retirement = Retirement(self.manifest, tags, self.client, self.narrator)
        return background.start(retirement.look, "look up candidates")

    def retire(self, found: Retirement, beside: Callable[[], None] = lambda: None) -> None:
        """Removes the candidate tags. beside: done while it is looked whether the image is still there."""
        found.remove([one.tag for one in self.promoted.values() if one.result == "planned"])
        verified = background.start(found.verify, "verify image")
        try:
            beside()
        finally:
            self.record.candidate_retired(verified.result())


def _move(tag: ReleaseTag, seen: MovesTo, manifest: Manifest, client: RepositoryClient) -> PromotedTag:
    answer = seen.may_move(tag)
    before = seen.points_to.get(tag.tag)
    if answer.verdict == "move":
        try:
            written = client.put_tag(manifest, tag.tag)
            return PromotedTag(tag.tag, "moved" if written else "planned", answer.reason, before)
        except TagTakenError as taken:
            if tag.floating:
                raise
            answer = seen.kept_by(tag, taken.points_to, client)
    return PromotedTag(tag.tag, "already" if answer.verdict == "already" else "kept", answer.reason, before)


def _is_undecided(tag: ReleaseTag, seen: MovesTo) -> bool:
    """Whether nothing decides between two runs that set this tag of a version at the same time."""
    return tag.kind is TagKind.VERSION and decider(tag.tag, seen.state) == "none"


def _begin_look(
    tier: Sequence[ReleaseTag], seen: MovesTo, client: RepositoryClient, clock: Clock
) -> EarlyLook[Mapping[Tag, Digest]] | None:
    """Where nothing decides, a look right before the move finds what another run set since the last one."""
    tags = [tag.tag for tag in tier if _is_undecided(tag, seen) and seen.may_move(tag).verdict == "move"]
    return EarlyLook.start(partial(client.digests, tags), clock) if tags else None


def _tiers_that_stay(tags: Sequence[ReleaseTag]) -> Iterable[list[ReleaseTag]]:
    """The protected tags that may be set at the same time, tier after tier.

    A version comes after its commit, so that an interrupted promotion shows which commit it was built from,
    and so that a version is never set and given back because the commit's tag went elsewhere. Several
    versions are set in one order by all, so that of two runs one gets them all.
    """
    if others := [tag for tag in tags if tag.protected and tag.kind is not TagKind.VERSION]:
        yield others
    for tag in sorted((tag for tag in tags if tag.kind is TagKind.VERSION), key=str):
        yield [tag]


def _text(promoted: PromotedTag, digest: Digest) -> str:
    if promoted.result == "moved":
        return f"{promoted.tag} -> {digest.short}" + (f" ({promoted.reason})" if promoted.reason else "")
    if promoted.result == "planned":
        return f"{promoted.tag} would be pointed to {digest.short}"
    if promoted.result == "already":
        return f"{promoted.tag} already points to {digest.short}"
    return f"{promoted.tag} stays where it is: {promoted.reason}"
