"""Another repository that an image is for: asked before the build, given the image, then its tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import Any

from ecr_push.base import background
from ecr_push.base.errors import ConflictError, RegistryError
from ecr_push.base.log import QuietNarrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.destination_result import DestinationResult
from ecr_push.pipeline.other_repository import OtherRepository
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight, look_up_tags, own_image
from ecr_push.registry.copy.pace import Pace
from ecr_push.registry.copy.send import StoppedError, put_manifests, send_blobs
from ecr_push.registry.copy.tree import Tree
from ecr_push.registry.destination import Destination
from ecr_push.registry.interface import Reader, RepositoryState, WantedRepository
from ecr_push.registry.oci import Manifest
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.lock import PromotionLock
from ecr_push.release.moves import TagMoves, check_mutability, is_taken
from ecr_push.release.promote import promote
from ecr_push.release.promoted_tag import PromotedTag, tags_text
from ecr_push.tags.kinds import ReleaseTag


class Receiver(OtherRepository):
    """One destination. What becomes of it is in `result`; what stops it, in `error`, stops no other one.

    own:  the run's own repository.
    stop: set when the run ends: nothing is begun after that.
    noted: called after each change of the result.
    """

    def __init__(
        self,
        wanted: Destination,
        target: RepositoryTarget,
        own: RepositoryTarget,
        tools: Tools,
        stop: Event,
        noted: Callable[[], None],
    ) -> None:
        super().__init__(wanted, target, tools)
        self.result = DestinationResult(str(wanted), wanted.required)
        self._own = own
        self._stop = stop
        self._noted = noted
        self._wanted: WantedRepository | None = None  # as which a missing repository is created
        self._moves: TagMoves | None = None
        self._repository: Repository | None = None

    @property
    def shown_name(self) -> str:
        return self.result.name

    def note(self, **changes: Any) -> None:
        self.result = replace(self.result, **changes)
        self._noted()

    @property
    def repository(self) -> Repository:
        assert self._repository  # noqa: S101 - `check` has found it
        return self._repository

    def check(self, plan: Plan, own: Preflight | None, lock: PromotionLock) -> None:
        """Finds out whether the plan's image could get its tags here, before it is built.

        own: what was found of the run's own repository; None where that could not be asked.
        Raises RegistryError, ConflictError.
        """
        state = self._find(plan.wanted_repository if plan.create_repository else None)
        points_to = look_up_tags(self.client, plan) if state else {}
        self.note(before=points_to)
        image = own_image(plan, own.index if own else None)
        moves = TagMoves.before_build(plan.tags, image, state, points_to, self.client)
        if own:
            moves = moves.beside(own.moves)
        if own and not plan.build.image:
            self._check_same_image(moves, own, points_to)
        self._may_get_tags(moves, lock)

    def check_promotion(
        self,
        tags: Sequence[ReleaseTag],
        image: Digest,
        wanted: WantedRepository | None,
        lock: PromotionLock,
    ) -> None:
        """Finds out whether an image that exists could get these tags here.

        wanted: as which the repository is created if it is missing; None if it is not to be.
        Raises RegistryError, ConflictError, LostError.
        """
        state = self._find(wanted)
        moves = TagMoves(tuple(tags), state=state)
        if state:
            look = moves.look(self.client)
            self.note(before=look.points_to)
            moves.to(image, look, self.client)
            check_mutability(tags, state, look.points_to, image)
        self._may_get_tags(moves, lock)

    def _find(self, wanted: WantedRepository | None) -> RepositoryState | None:
        """The repository; None for one that is to be created."""
        self._repository, state = self._found(wanted)
        self._wanted = wanted
        self.note(name=self._repository.uri, exists=state is not None)
        return state

    def _may_get_tags(self, moves: TagMoves, lock: PromotionLock) -> None:
        self._moves = moves
        self._login.result()
        if lock.exists:
            lock.check(self.repository)

    def _check_same_image(self, moves: TagMoves, own: Preflight, points_to: Mapping[Tag, Digest]) -> None:
        """A tag that never moves may name the image here that the run will release, and no other one."""
        ours = own.reuse or (own.index.digest if own.index else None)
        taken = [tag for tag in moves.tags if is_taken(tag, ours, points_to)]
        if taken:
            names = ", ".join(f"{tag} ({points_to[tag.tag].short})" for tag in taken)
            has = f"has {ours.short}" if ours else "does not have that image"
            raise ConflictError(
                f"taken by another image: {names}",
                why=f"a version's or a commit's tag never moves, and {own.repository} {has}",
                remedy="tag this commit with the next version, or remove that image from the destination",
            )

    def send(self, tree: Tree, source: Reader, pace: Pace, mount_from: Repository | None = None) -> None:
        """Brings the blobs, into a repository that is created if it is missing. Raises RegistryError."""
        self._create_missing()
        received = send_blobs(tree.blobs, source.layers, self.client.layers, pace, self._stop, mount_from)
        if received.sent or received.mounted:
            self.narrator.say(f"layers: {received}")

    def take(
        self, tree: Tree, root: Manifest, source: Reader, pace: Pace, mount_from: Repository | None
    ) -> None:
        """Brings the image and all that belongs to it, and makes sure that it is there, and may get its tags.

        Raises RegistryError, LostError.
        """
        there = background.start(lambda: frozenset(self._manifests_of(tree)), "look up manifests")
        self.send(tree, source, pace, mount_from)
        put_manifests(tree, self.client, there.result(), self._stop)
        look = background.start(lambda: self.moves.look(self.client), "look at tags")
        if root.digest not in self.client.manifests([root.digest]):
            raise RegistryError(
                f"the image was copied, and is not there: {root.digest}",
                why="the registry took its manifest, and does not give it back",
                remedy="check whether a lifecycle rule expires images without tags at once, and run again",
            )
        self.moves.to(root.digest, look.result(), self.client)
        self.note(result="held", reference=self.repository.pinned(root.digest))
        self.narrator.say(f"has {root.digest.short}")

    def _manifests_of(self, tree: Tree) -> Mapping[Digest, Manifest]:
        """Those that are there; none in a repository that is still to be created."""
        return self.client.manifests(tree.digests) if self.result.exists else {}

    @property
    def moves(self) -> TagMoves:
        assert self._moves  # noqa: S101 - `check` has found them
        return self._moves

    def promote(self, image: Manifest, lock: PromotionLock) -> None:
        """Moves the tags that may move. Raises as `release.promote` does."""
        with lock.hold(self.repository, image.digest) as held:

            def still_held() -> None:
                if self._stop.is_set():
                    raise StoppedError
                held()

            quiet = QuietNarrator(self.narrator)  # one line for all its tags
            promote(self.moves, image, self.client, self, quiet, self._tools.clock, still_held)
        self.note(result="released")
        self.narrator.say(tags_text(self.result.promoted, image.digest))

    def tag_done(self, tag: PromotedTag) -> None:
        """See `PromotionRecord`."""
        others = tuple(one for one in self.result.promoted if one.tag != tag.tag)
        self.note(promoted=(*others, tag))

    def tag_given_back(self, tag: Tag) -> None:
        """See `PromotionRecord`."""
        self.note(promoted=tuple(one for one in self.result.promoted if one.tag != tag))

    def candidate_retired(self, removed: bool) -> None:
        """See `PromotionRecord`. No candidate is pushed here."""

    def foresee(self) -> None:
        """A dry run ends here."""
        self.note(result="planned")

    def _create_missing(self) -> None:
        if not (self.result.exists or self.result.created or self._wanted is None):
            self._create(self._wanted, self._own)
