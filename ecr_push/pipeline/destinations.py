"""The other repositories that a run's image is for: `--to`.

They are asked beside the run's own repository, before anything is built. Layers go to private ones while the
scan goes on: without a manifest no one can pull them. When the image is accepted, signed and attested, each
gets it whole. No tag moves anywhere until every required one has it. Then the run's own repository gets its
tags, and after it all others at the same time: its version's tag is what a later run finds this image by, and
so what lets an interrupted run be completed instead of built again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import groupby
from threading import Event, Lock
from typing import TYPE_CHECKING

from ecr_push.base import background
from ecr_push.base.errors import ConflictError, EcrPushError
from ecr_push.base.reference import Digest, Repository
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.together import together
from ecr_push.registry.destination import Destination
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader, WantedRepository
from ecr_push.registry.oci import Manifest
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.lock import NO_LOCK, PromotionLock
from ecr_push.release.promote import UNDER_WAY_SECONDS
from ecr_push.tags.kinds import ReleaseTag

if TYPE_CHECKING:  # most runs have no destinations, and load nothing of them
    from ecr_push.pipeline.receiver import Receiver
    from ecr_push.registry.copy.pace import Pace
    from ecr_push.registry.copy.tree import Tree

_AGAIN = "no release tag has moved, in any repository; fix that, and run again"
_COMPLETE = "the image is there; run again, which completes the tags"


class Destinations:
    """All of them; there may be none. An error of one is in its result, and hides no other one's."""

    def __init__(
        self,
        wanted: Sequence[Destination],
        own: RepositoryTarget,
        tools: Tools,
        record: Record,
        lock: PromotionLock = NO_LOCK,
    ) -> None:
        """Starts to ask, and raises nothing. own: the run's own repository. lock: of promotions, in any."""
        self._record = record
        self._tools = tools
        self._lock = lock
        self._stop = Event()
        self._noting = Lock()
        self._layers: Future[Tree] | None = None
        self._paces: dict[str, Pace] = {}
        self._warned: set[Receiver] = set()
        self._all: list[Receiver] = []
        if wanted:
            from ecr_push.pipeline.receiver import Receiver

            self._all = [Receiver(one, one.target(own), own, tools, self._stop, self._note) for one in wanted]
        self._note()

    def check(self, plan: Plan, own: Preflight | None) -> None:
        """Takes the answers. own: what was found of the run's own repository; None where that was refused.

        Raises RegistryError, ConflictError, for everything that is wrong with required ones.
        """
        check = [
            partial(one.attempt, "registry", partial(one.check, plan, own, self._lock)) for one in self._all
        ]
        background.all_of(check, "check destination")
        self._raise_for_required("take the image")
        self._check_distinct(own.locked if own else None)

    def check_promotion(
        self, tags: Sequence[ReleaseTag], image: Digest, own: Repository, wanted: WantedRepository | None
    ) -> None:
        """Takes the answers for an image that is in own. wanted: as which a missing repository is created.

        Raises as `check` does.
        """
        check = [
            partial(one.attempt, "registry", partial(one.check_promotion, tags, image, wanted, self._lock))
            for one in self._all
        ]
        background.all_of(check, "check destination")
        self._raise_for_required("take the image")
        self._check_distinct(own)

    def foresee(self) -> None:
        """A dry run ends after the check."""
        for one in self._left:
            one.foresee()

    @contextlib.contextmanager
    def sending(self, pushed: PushedImage, read: Future[Manifest], source: Reader) -> Iterator[None]:
        """Layers go to the private ones meanwhile, as far as they come. Where this stops, they stop too."""
        private = [one for one in self._left if not one.is_public]
        if private:
            send = partial(self._send_layers, private, pushed.repository, read, source)
            self._layers = background.start(self._record.timed("layers", send), "send layers")
        with self._stopping():
            yield

    def stop(self) -> None:
        """Begins nothing more: the image was refused, or the run has ended."""
        self._stop.set()

    def give(self, image: Manifest, own: Repository, source: Reader) -> None:
        """Gives the image to each, with its signatures and attestations.

        Raises RegistryError for a required one that did not get it: no tag has moved then, anywhere.
        """
        if not self._left:
            return
        from ecr_push.registry.copy.tree import with_referrers

        with self._record.phase("copy"), self._stopping():
            tree = with_referrers(self._known(image, source), source)
            groups = [list(group) for _, group in groupby(sorted(self._left, key=_host), key=_host)]
            give = [partial(self._give_to_registry, group, tree, image, own, source) for group in groups]
            background.all_of(give, "copy image")
            self._raise_for_required("get the image", _AGAIN)

    def promote(self, image: Manifest) -> None:
        """Moves the tags of all at the same time. Raises RegistryError if those of a required one did not."""
        if not self._left:
            return
        with self._record.phase("promote"), self._stopping():
            promote = [
                partial(one.attempt, "promote", partial(one.promote, image, self._lock)) for one in self._left
            ]
            background.all_of(promote, "promote destination", under_way_seconds=UNDER_WAY_SECONDS)
            self._raise_for_required("get all tags", _COMPLETE)

    @property
    def _left(self) -> list[Receiver]:
        """Those that nothing has stopped yet."""
        return [one for one in self._all if not one.error]

    def _send_layers(
        self, private: Sequence[Receiver], own: Repository, read: Future[Manifest], source: Reader
    ) -> Tree:
        """To one repository of each registry: the others mount them, once that has the image."""
        from ecr_push.registry.copy.tree import read_tree

        tree = read_tree(read.result(), source)
        firsts = {_host(one): one for one in reversed(private)}.values()
        send = [partial(self._try_to_send, one, tree, own, source) for one in firsts]
        background.all_of(send, "send layers")
        return tree

    def _try_to_send(self, one: Receiver, tree: Tree, own: Repository, source: Reader) -> None:
        with contextlib.suppress(EcrPushError):  # it comes again when the image is given
            one.send(tree, source, self._pace(one), _mountable(one, own))

    def _known(self, image: Manifest, source: Reader) -> Tree:
        from ecr_push.registry.copy.tree import read_tree

        if self._layers:
            with contextlib.suppress(EcrPushError):
                return self._layers.result()
        return read_tree(image, source)

    def _give_to_registry(
        self, group: Sequence[Receiver], tree: Tree, image: Manifest, own: Repository, source: Reader
    ) -> None:
        """Layers cross the wire once: the others mount them from the first repository that has the image."""

        def give(one: Receiver, mount_from: Repository | None) -> bool:
            return one.attempt("copy", partial(one.take, tree, image, source, self._pace(one), mount_from))

        holder = _mountable(group[0], own)
        rest = list(group)
        while rest and not holder:
            first = rest.pop(0)
            holder = first.repository if give(first, None) else None
        background.all_of([partial(give, one, holder) for one in rest], "copy image")

    def _pace(self, one: Receiver) -> Pace:
        from ecr_push.registry.copy.pace import Pace

        return self._paces.setdefault(_host(one), Pace(self._tools.clock))

    def _check_distinct(self, own: Repository | None) -> None:
        """Two names may mean one repository, which only its URI shows."""
        seen = {own} if own else set()
        for one in self._left:
            if one.repository in seen:
                raise ConflictError(
                    f"{one.repository} is named twice",
                    why="each --to is another repository than --repository, and than any other --to",
                    remedy="leave one of them out",
                )
            seen.add(one.repository)

    def _errors(self) -> dict[str, EcrPushError]:
        return {one.result.name: one.error for one in self._all if one.error and one.result.required}

    def _raise_for_required(self, cannot: str, remedy: str = "") -> None:
        """Warns of the others, once: the run succeeds without them."""
        for one in self._all:
            if one.error and not one.result.required and one not in self._warned:
                self._warned.add(one)
                self._tools.narrator.warn(
                    f"{one.result.name}, which is not required, does not {cannot}: "
                    f"{': '.join(filter(None, (one.error.what, one.error.why)))}"
                )
        if errors := self._errors():
            raise together(errors, cannot, remedy)

    @contextlib.contextmanager
    def _stopping(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def _note(self) -> None:
        with self._noting:  # else one that read the others before they changed could be the last to write
            self._record.note(destinations=tuple(one.result for one in self._all))


def _host(one: Receiver) -> str:
    return one.repository.registry.host


def _mountable(one: Receiver, own: Repository) -> Repository | None:
    """The run's own repository, for one in the same registry: it has the image."""
    return own if own.registry == one.repository.registry else None
