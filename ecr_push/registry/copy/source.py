"""What a copy asks of the repository that an image comes from: less than a `Reader` can be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Protocol

from ecr_push.base import background
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.registry.layer_api import LayerReader
from ecr_push.registry.oci import Manifest


class Source(Protocol):
    """Every method may raise RegistryError. See `Reader`."""

    @property
    def layers(self) -> LayerReader: ...

    def locate(self) -> Repository: ...

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]: ...

    def tag_names(self) -> frozenset[str]: ...

    def manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]: ...

    def labels(self, manifest: Manifest) -> Mapping[str, str]: ...

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]: ...


class OpenSource(Protocol):
    """Reaches a repository of any registry. hurried: one that does not answer is soon given up."""

    def __call__(self, repository: Repository, /, *, hurried: bool = False) -> Source: ...


class KnownManifests:
    """Manifests, of which some are known from elsewhere: their digests say what is in them.

    holders: what is asked before the source, such as the destinations.
    """

    def __init__(
        self,
        source: Source,
        known: Mapping[Digest, Manifest],
        holders: Sequence[Callable[[Sequence[Digest]], Mapping[Digest, Manifest]]] = (),
    ) -> None:
        self._source = source
        self._known = dict(known)
        self._holders = holders
        self._early: tuple[frozenset[Digest], Future[frozenset[Digest]]] | None = None

    def ask_for_referrers(self, digests: Sequence[Digest]) -> None:
        """Starts to ask what is attached to these, before it is known what else they name."""
        asked = background.start(lambda: self._source.all_referrers(digests), "look up referrers")
        self._early = frozenset(digests), asked

    def manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]:
        for ask in (*self._holders, self._source.manifests):
            if lacking := [one for one in digests if one not in self._known]:
                self._known.update(ask(lacking))
        return {one: self._known[one] for one in digests if one in self._known}

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        if self._early is None or not self._early[0] <= set(digests):
            return self._source.all_referrers(digests)
        (early, asked), self._early = self._early, None
        others = [one for one in digests if one not in early]
        return asked.result() | (self._source.all_referrers(others) if others else frozenset())
