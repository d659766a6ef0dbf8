"""A repository that images are copied to: asked, given what it lacks, then the tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.base.sizes import megabytes
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.copies.attached import tags_of_attached
from ecr_push.pipeline.copies.load import Load, lacks
from ecr_push.pipeline.copies.model import CopyJob
from ecr_push.pipeline.copies.tag_moves import decide, planned, refused
from ecr_push.pipeline.copy_result import CopiedTag, CopyResult
from ecr_push.pipeline.other_repository import OtherRepository
from ecr_push.registry.copy.pace import Paces
from ecr_push.registry.copy.send import Progress, StoppedError, put_manifests, send_blobs
from ecr_push.registry.copy.source import Source
from ecr_push.registry.copy.tree import Tree
from ecr_push.registry.destination import Destination
from ecr_push.registry.interface import RepositoryState, WantedRepository
from ecr_push.registry.oci import Manifest
from ecr_push.registry.target import RepositoryTarget
from ecr_push.versions.schemes.scheme import Scheme

# The actions of ECR whose quotas are kept apart, and how often each is under way at the most. PutImage has 10
# a second in an account and region, InitiateLayerUpload 100.
PUTS = "PutImage"
PUTS_AT_ONCE = 8
LAYERS_AT_ONCE = 16
FIFTHS, MUCH = 5, 50_000_000  # bytes
LAYERS = "InitiateLayerUpload"
READS = "GetDownloadUrlForLayer"


@dataclass(frozen=True)
class Terms:
    """What applies to every target. wanted: what a missing repository is created as; None to create none."""

    scheme: Scheme
    dry_run: bool
    wanted: WantedRepository | None
    kms_in: RepositoryTarget | None


class Target(OtherRepository):
    """What becomes of a job in one destination is in `result`; what stops it, in `error`, stops no other."""

    def __init__(
        self,
        job: CopyJob,
        wanted: Destination,
        own: RepositoryTarget,
        terms: Terms,
        tools: Tools,
        number: int,
    ) -> None:
        """Starts to ask, and raises nothing. own: what the keys that wanted leaves out stand for."""
        target = wanted.target(own)
        super().__init__(wanted, target, tools)
        self.client.look_up_archive()
        self.job = job
        self.result = CopyResult(str(job.source), str(wanted), wanted.required, number, target.name)
        self._terms = terms
        self._state: RepositoryState | None = None
        self._tags: tuple[CopiedTag, ...] = ()
        self._later: set[Digest] = set()  # images that are put with their tags alone
        self._lacks = False

    @property
    def shown_name(self) -> str:
        return self.result.destination

    def note(self, **changes: Any) -> None:
        self.result = replace(self.result, **changes)

    @property
    def repository(self) -> Repository:
        assert self.result.repository  # noqa: S101 - `find` has set it
        return self.result.repository

    @property
    def host(self) -> str:
        return self.repository.registry.host

    def find(self) -> None:
        """Takes the answers. Raises RegistryError, also for a repository that is missing."""
        repository, self._state = self._found(self._terms.wanted)
        self._login.result()
        self.note(destination=repository.uri, repository=repository)

    def check(
        self,
        images: Sequence[Digest],
        wanted: Mapping[Tag, Digest],
        version_of: Callable[[Digest], str],
    ) -> None:
        """Finds out whether the tags may point to the images. Raises RegistryError, ConflictError."""
        if self._state is None:
            self._tags = tuple(CopiedTag(tag, digest, "set") for tag, digest in wanted.items())
        else:
            self._tags = self._decide(wanted, self._state, version_of)
        self.note(images=tuple(images))

    def _decide(
        self, wanted: Mapping[Tag, Digest], state: RepositoryState, version_of: Callable[[Digest], str]
    ) -> tuple[CopiedTag, ...]:
        return decide(wanted, state, self.client, self.job.moves, self._terms.scheme, version_of)

    def held(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]:
        """Those that it has; none in a repository that is still to be created."""
        return self.client.manifests(digests) if self._state and digests else {}

    def foresee(self) -> None:
        """A dry run ends here."""
        self.note(result="planned", tags=planned(self._tags), created=self._state is None)

    def foresee_change(self, load: Load, there: Future[Mapping[Digest, Manifest]]) -> None:
        """Whether anything is about to change here, which only a publisher asks. Raises RegistryError."""
        if self._tools.publisher:
            exists = self._state is not None
            self._lacks = lacks(load, there.result(), self._tags, self.client, exists=exists)

    def announce(self) -> None:
        """Before the first change an audit hears of it. Raises RegistryError where it has to and cannot."""
        publisher = self._tools.publisher
        if publisher and self._lacks:
            if publisher.keeps_audit:
                publisher.copying(replace(self.result, tags=planned(self._tags)))
            self.note(began=True)

    def end(self, seconds: float) -> None:
        """After `announce`, however it went on."""
        self.note(seconds=seconds)
        if self._tools.publisher and self.result.began:
            self._tools.publisher.copied(self.result)

    def take(
        self,
        load: Load,
        there: Future[Mapping[Digest, Manifest]],
        source: Source,
        paces: Paces,
        stop: Event,
        mount_from: Repository | None,
        tag_later: bool,
    ) -> None:
        """Brings the images and all that belongs to them. Those that only wait for their tag are left, unless
        tag_later: then they are put without it.

        Raises RegistryError.
        """
        self._create_missing()
        host = source.locate().registry.host
        received = send_blobs(
            load.tree.blobs,
            source.layers,
            self.client.layers,
            paces.of(self.host, LAYERS, LAYERS_AT_ONCE),
            stop,
            mount_from,
            paces.of(host, READS, LAYERS_AT_ONCE),
            self._progress(),
        )
        self.note(received=received)
        held = there.result()
        tagged = set() if tag_later else {one.digest for one in self._tags if one.result in ("set", "moved")}
        self._later = later = tagged - _named_in(load.tree) - held.keys()
        pace = paces.of(self.host, PUTS, PUTS_AT_ONCE)
        number = put_manifests(load.tree, self.client, held, stop, pace, later)
        self.note(manifests=number + len(later))

    def _progress(self) -> Progress:
        """Says how far it is, at every fifth, of what takes longer than a moment."""
        said = -1

        def say(done: int, whole: int) -> None:
            nonlocal said
            part = done * FIFTHS // whole if whole > MUCH else said
            if part > said:
                said = part
                self.narrator.say(f"layers: {megabytes(done)} of {megabytes(whole)}")

        return say

    def tag(
        self,
        load: Load,
        paces: Paces,
        stop: Event,
        version_of: Callable[[Digest], str],
        refused_images: frozenset[Digest] = frozenset(),
    ) -> None:
        """Sets the tags, and looks whether each is where it was put. Raises RegistryError, ConflictError."""
        manifests = {one.digest: one for one in load.tree.manifests}
        if self._state and not self.result.created:  # it may have changed since `check`
            self._tags = self._decide(load.tags, self._state, version_of)
        self._tags = refused(self._tags, refused_images)
        due = {one.tag: manifests[one.digest] for one in self._tags if one.result in ("set", "moved")}
        due |= tags_of_attached(load.tree, load.beside, self.client, self.narrator, listing=self.is_public)
        pace = paces.of(self.host, PUTS, PUTS_AT_ONCE)
        # Those that would have been put with a tag which another program has set meanwhile.
        untagged = self._later - {one.digest for one in due.values()}
        put_manifests(_only(load.tree, untagged), self.client, (), stop, pace)

        def put(tag: Tag, manifest: Manifest) -> None:
            if stop.is_set():
                raise StoppedError
            pace.persist(lambda: self.client.put_tag(manifest, tag, patient=False))

        background.all_of([partial(put, *one) for one in due.items()], "put tag", PUTS_AT_ONCE)
        self._read_back({tag: one.digest for tag, one in due.items()})
        self.note(result="refused" if refused_images else "copied", tags=self._tags)

    def _read_back(self, put: Mapping[Tag, Digest]) -> None:
        found = self.client.digests(list(put)) if put else {}
        wrong = [f"{tag} ({found[tag].short if tag in found else 'nothing'})" for tag in put
                 if found.get(tag) != put[tag]]  # fmt: skip
        if wrong:
            raise RegistryError(
                f"not where they were put: {', '.join(wrong)}",
                why="another program moved or removed them meanwhile",
                remedy="run again",
            )

    def _create_missing(self) -> None:
        if self._state is None and self._terms.wanted is not None:
            self._state = self._create(self._terms.wanted, self._terms.kms_in)


def _only(tree: Tree, digests: set[Digest]) -> Tree:
    return Tree(tuple(one for one in tree.manifests if one.digest in digests))


def _named_in(tree: Tree) -> set[Digest]:
    """What another manifest names, which therefore has to be there before that one."""
    children = {child.digest for one in tree.manifests for child in one.children()}
    return children | {one.subject for one in tree.manifests if one.subject}
