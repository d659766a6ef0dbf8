"""One job of a copy, from its source to all of its destinations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import groupby
from threading import Event

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError, RegistryError, SettingsError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.copies.judging import CopyJudge
from ecr_push.pipeline.copies.load import Load
from ecr_push.pipeline.copies.model import CopyJob
from ecr_push.pipeline.copies.selection import (
    ATTACHED_ENDINGS,
    Selected,
    check_is_accepted,
    open_source,
    own_target,
    select,
)
from ecr_push.pipeline.copies.target import Target, Terms
from ecr_push.registry.copy.pace import Paces
from ecr_push.registry.copy.platforms import only_platforms
from ecr_push.registry.copy.source import KnownManifests
from ecr_push.registry.copy.tree import read_trees, with_referrers
from ecr_push.registry.fallback_tag import fallback_tag
from ecr_push.registry.oci import Manifest
from ecr_push.settings.declare import Settings
from ecr_push.tags.labels import VERSION_LABEL
from ecr_push.versions.schemes.scheme import highest

# What each destination has of the images, and what belongs to them.
Loaded = tuple[Mapping[Target, Future[Mapping[Digest, Manifest]]], Load]


class Copy:
    """One job. What becomes of it is in its targets."""

    def __init__(
        self,
        job: CopyJob,
        settings: Settings,
        terms: Terms,
        tools: Tools,
        paces: Paces,
        stop: Event,
        judging: CopyJudge | None,
        number: int,
    ) -> None:
        """Starts to ask the destinations. number: of the first one, among those of all jobs."""
        self.job = job
        own = own_target(job.source, settings.registry)
        self.targets = [Target(job, to, own, terms, tools, at) for at, to in enumerate(job.to, number)]
        self._opened = open_source(job.source, settings.registry, tools)
        self._source = self._opened.source
        if self._opened.own:
            self._opened.own.look_up_archive()
            background.start(partial(tools.login, self._opened.own), "login to source")
        self._tools = tools
        self._paces = paces
        self._stop = stop
        self._judging = judging
        self._scheme = terms.scheme
        self._selected = Selected((), {})
        self._roots: Mapping[Digest, Manifest] = {}
        self._versions: dict[Digest, str] = {}
        self._is_dry = terms.dry_run
        self._loading: Future[Loaded] | None = None

    @property
    def left(self) -> list[Target]:
        return [one for one in self.targets if not one.error]

    @property
    def wanted(self) -> Mapping[Tag, Digest]:
        return self._selected.tags

    def find(self) -> None:
        """Which images are meant, and where they go."""
        finding = [partial(one.attempt, "registry", one.find) for one in self.targets]
        if self._judging:
            self._fail_public()
        asked = background.start(lambda: background.all_of(finding, "find destination"), "find destinations")
        try:
            self._selected = select(self.job, self._source)
            if not self._judging:
                check_is_accepted(self.job.source, self._selected, self._opened.own)
            if self.job.platforms:
                self._choose_platforms()
        except EcrPushError as error:
            asked.result()
            for target in self.left:
                target.fail(error, "source")
        else:
            asked.result()
            if self._opened.own and not self._is_dry and self.left:  # beside the look at the tags
                self._loading = background.start(self._load, "read images")

    def _fail_public(self) -> None:
        problem = "--judge: ECR Public has no scanning"
        remedy = "judge the image in a private repository, and copy it from there"
        for one in self.targets:
            if one.is_public:
                one.fail(SettingsError([problem], remedy=remedy), "settings")

    def check(self) -> None:
        for one in self.left:
            selected = self._selected
            check = partial(one.check, selected.digests, selected.tags, self._version_of)
            one.attempt("registry", check)

    def give(self) -> None:
        if not self.left:
            return
        try:
            held, load = self._loading.result() if self._loading else self._load()
        except EcrPushError as error:
            for target in self.left:
                target.fail(error, "source")
            return
        by_host = groupby(sorted(self.left, key=lambda one: one.host), key=lambda one: one.host)
        groups = [list(group) for _, group in by_host]
        background.all_of([partial(self._give_to_registry, one, load, held) for one in groups], "copy images")

    def _give_to_registry(
        self, group: Sequence[Target], load: Load, held: Mapping[Target, Future[Mapping[Digest, Manifest]]]
    ) -> None:
        """Layers cross the wire once: the others mount them from the first repository that has the images."""

        def give(one: Target, mount_from: Repository | None) -> bool:
            there, clock = held[one], self._tools.clock
            if not (
                one.attempt("copy", partial(one.foresee_change, load, there))
                and one.attempt("audit", one.announce)
            ):
                return False
            began = clock.monotonic()
            is_given = one.attempt("copy", partial(self._give, one, load, there, mount_from))
            one.end(clock.monotonic() - began)
            return is_given

        own = self._source.locate()
        holder = own if own.registry == group[0].repository.registry else None
        rest = list(group)
        while rest and not holder:
            first = rest.pop(0)
            holder = first.repository if give(first, None) else None
        background.all_of([partial(give, one, holder) for one in rest], "copy images")

    def _give(
        self,
        one: Target,
        load: Load,
        there: Future[Mapping[Digest, Manifest]],
        mount_from: Repository | None,
    ) -> None:
        judging = self._judging
        one.take(load, there, self._source, self._paces, self._stop, mount_from, bool(judging))
        refused = judging.refused(one, load) if judging else frozenset()
        one.tag(load, self._paces, self._stop, self._version_of, refused)
        result = one.result
        what = f"{len(load.roots)} images" if len(load.roots) > 1 else load.roots[0].short
        one.narrator.say(f"has {what}; layers: {result.received}; manifests: {result.manifests} put")

    def _load(self) -> Loaded:
        """What belongs to the images, and what of it each destination has."""
        digests = self._selected.digests
        beside = background.start(partial(self._attached_by_tag, digests), "look up signatures")
        first = [background.start(partial(one.held, digests), "look up images") for one in self.left]
        known = dict(self._roots)
        # A destination's copy is as good as the source's, where Docker Hub counts each read as a pull.
        holders = () if self._opened.own else tuple(one.held for one in self.left)
        if holders:
            known |= {digest: one for there in first for digest, one in there.result().items()}
        reader = KnownManifests(self._source, known, holders)
        if self.job.referrers:
            reader.ask_for_referrers(digests)
        found = reader.manifests(digests)
        _check_all_read(digests, found, self.job)
        more = reader.manifests(list(beside.result().values()))
        tree = read_trees([*found.values(), *more.values()], reader)
        tree = with_referrers(tree, reader) if self.job.referrers else tree
        others = [one for one in tree.digests if one not in digests]
        held = {
            target: background.start(partial(_together, there, target, others), "look up manifests")
            for target, there in zip(self.left, first, strict=True)
        }
        here = {tag: digest for tag, digest in beside.result().items() if digest in more}
        return held, Load(tree, tuple(digests), self._selected.tags, here)

    def _attached_by_tag(self, digests: Sequence[Digest]) -> Mapping[Tag, Digest]:
        """What cosign attaches to an image under a tag that is made of the image's digest."""
        tags = [Tag(f"{fallback_tag(one)}{ending}") for one in digests for ending in ATTACHED_ENDINGS]
        return self._source.digests(tags) if self.job.referrers else {}

    def _choose_platforms(self) -> None:
        """In place of each index, what it has for the platforms."""
        read = self._source.manifests(self._selected.digests)
        _check_all_read(self._selected.digests, read, self.job)
        chosen = {
            digest: only_platforms(read[digest], self.job.platforms, self._source)
            for digest in self._selected.digests
        }
        self._roots = {one.digest: one for one in chosen.values()}
        tags = {tag: chosen[digest].digest for tag, digest in self._selected.tags.items()}
        self._selected = Selected(tuple(self._roots), tags)

    def _version_of(self, digest: Digest) -> str:
        """The image's highest version among its tags, or the one in its label; "" if it has neither."""
        if digest not in self._versions:
            names = [tag.name for tag, one in self._selected.tags.items() if one == digest]
            self._versions[digest] = highest(self._scheme, names) or self._labelled(digest)
        return self._versions[digest]

    def _labelled(self, digest: Digest) -> str:
        root = self._roots.get(digest) or self._source.manifests([digest]).get(digest)
        return self._source.labels(root).get(VERSION_LABEL, "").partition("+")[0] if root else ""


def _together(
    first: Future[Mapping[Digest, Manifest]], target: Target, others: Sequence[Digest]
) -> Mapping[Digest, Manifest]:
    return {**target.held(others), **first.result()}


def _check_all_read(digests: Sequence[Digest], found: Mapping[Digest, Manifest], job: CopyJob) -> None:
    if lacking := [one.short for one in digests if one not in found]:
        raise RegistryError(
            f"{job.source.repository} does not give {', '.join(lacking)}",
            why="the image was removed meanwhile, or is archived",
            remedy="check the digest, and restore what is archived",
        )
