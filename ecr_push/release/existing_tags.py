"""The protected tags that exist before a run: the images that they name, and whether one is this run's own.

A re-run finds the image here that an interrupted run had already released. A run whose version names another
image finds out before it builds anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import ConflictError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.archive import ArchivedImageError
from ecr_push.registry.interface import Reader, RepositoryState
from ecr_push.release.claims import decider
from ecr_push.release.lost import claim_remedy
from ecr_push.release.own_image import Labels, OwnImage
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import COMMIT_LABEL, bases_in, other_bases
from ecr_push.tags.temporary import claim_on


@dataclass(frozen=True)
class ExistingTags:
    """The images that our protected tags point to already, with their labels.

    claims: the images that have claimed such tags, which do not exist yet, in the repository `state`.
    """

    image: OwnImage
    points_to: Mapping[Tag, Digest]
    labels: Mapping[Digest, Labels]
    claims: Mapping[Tag, Digest] = field(default_factory=dict)
    state: RepositoryState | None = None

    @classmethod
    def read(
        cls,
        tags: Sequence[ReleaseTag],
        image: OwnImage,
        points_to: Mapping[Tag, Digest],
        client: Reader,
        state: RepositoryState | None = None,
    ) -> ExistingTags:
        # An image that was built elsewhere has none of our labels, but it keeps its digest however often
        # it is pushed: promotion compares that, where it is not known yet.
        if image.built_elsewhere:
            versions = [tag.tag for tag in tags if tag.kind is TagKind.VERSION and tag.tag in points_to]
            there = {tag: points_to[tag] for tag in versions} if image.digest else {}
            return cls(image, there, {one: {} for one in there.values()})
        own = [*tags, *([ReleaseTag(image.rebuild, TagKind.REBUILD)] if image.rebuild else ())]
        claims = {
            tag.tag: points_to[claim_on(tag.tag)]
            for tag in own
            if tag.protected and not tag.may_be_taken and tag.tag not in points_to
            if claim_on(tag.tag) in points_to and decider(tag.tag, state) == "claim"
        }
        # The first of several images keeps a snapshot's tag; that can be ours only if this commit was built.
        protected = [tag for tag in own if tag.protected and tag.tag in points_to]
        built_before = any(tag.kind is not TagKind.SNAPSHOT for tag in protected)
        images = {points_to[tag.tag] for tag in protected if built_before} | set(claims.values())
        try:
            labels = {one: client.labels(client.manifest(one)) for one in images}
        except ArchivedImageError as archived:
            raise _taken_by_archived(archived, protected, points_to) from archived
        return cls(image, points_to, labels, claims, state)

    def resolve(self, tag: ReleaseTag, state: RepositoryState | None) -> ReleaseTag:
        """The tag as this run may set it.

        A commit's tag is taken from a pull request's image of that commit, which was built from its merge.
        If the repository lets no tag move, the pull request's image keeps it.

        Of images that were built elsewhere the first one keeps it: a second build of the same commit differs
        in its digest, and nothing in it says whether it is another one.
        """
        if tag.kind is TagKind.COMMIT and self.image.built_elsewhere:
            return replace(tag, kind=TagKind.MERGE)
        taken_by = self.points_to.get(tag.tag)
        if tag.kind is not TagKind.COMMIT or not taken_by:
            return tag
        if not self.image.is_merge_of_commit(self.labels[taken_by]):
            return tag
        if state is None or state.freezes(tag.tag):
            return replace(tag, kind=TagKind.MERGE)
        return replace(tag, replaces=taken_by)

    def for_rebuild(self, tags: Sequence[ReleaseTag], first: Digest) -> tuple[ReleaseTag, ...] | None:
        """The tags of another build of our commit, where the base images of the first one have moved since.

        The first image keeps the tags that never move, and ours has one of its own in their place. None where
        they have not moved, and for a release that is not whole yet: its own image completes that first. A
        version that the commit got since is that of the other build, where that is there.

        tags are resolved. first: the image that could be reused.
        """
        if self.image.rebuild is None or any(tag.replaces for tag in tags):
            return None
        at_first = [tag for tag in tags if tag.protected and self.points_to.get(tag.tag) == first]
        left = [tag.tag for tag in tags if tag.protected and not tag.may_be_taken and tag not in at_first]
        is_there = self.image.rebuild in self.points_to
        if left and (not is_there or any(tag in self.points_to or tag in self.claims for tag in left)):
            return None
        if not self.image.is_on_other_bases(self.labels[first]):
            return None
        kept = (replace(tag, kept_by=first) if tag in at_first else tag for tag in tags)
        return (ReleaseTag(self.image.rebuild, TagKind.REBUILD), *kept)

    def reusable(self, tags: Sequence[ReleaseTag]) -> Digest | None:
        """The image that an earlier run built from the same commit with the same inputs, and accepted.

        tags are resolved. Raises ConflictError for a tag that names another image for good, or is claimed by
        one.
        """
        rebuilt = any(tag.kept_by for tag in tags)
        points_to = self.points_to
        there = [tag for tag in tags if tag.tag in points_to and not tag.replaces]
        taken = [tag for tag in there if tag.protected and not tag.may_be_taken]
        others = [tag for tag in taken if not self._is_ours(points_to[tag.tag])]
        if others:
            raise _conflict(others, points_to, self._differences(others))
        if len({points_to[tag.tag] for tag in taken}) > 1:
            raise _two_builds(taken, points_to)
        digest = points_to[taken[0].tag] if taken else None
        wanted = {tag.tag for tag in tags}
        for tag, holder in self.claims.items():
            if tag not in wanted:
                continue
            if self.image.is_merge_of_commit(self.labels[holder]):
                continue  # a pull request's image of our commit, beside which ours may be built
            digest = digest or holder
            if holder != digest or not self._is_ours(holder):
                raise self._claimed(tag, holder)
        if digest:
            return digest
        if rebuilt:
            return None
        known = [points_to[tag.tag] for tag in there if points_to[tag.tag] in self.labels]
        return next(filter(self._is_ours, known), None)

    def kept_by_rebuilds(
        self, tags: Sequence[ReleaseTag], reuse: Digest, read: Callable[[Digest], Labels]
    ) -> tuple[ReleaseTag, ...]:
        """The tags for an image of our commit that is there: floating ones stay with another build of it.

        That is one from base images of which this run does not know where they are now, such as one that does
        not follow them: it would move the tags back.
        """
        known, ours = bases_in(self.image.labels), bases_in(self.labels.get(reuse, {}))
        if not ours:  # then no build is known to be from others
            return tuple(tags)
        elsewhere = {
            now for tag in tags if tag.floating and (now := self.points_to.get(tag.tag)) not in (None, reuse)
        }
        rebuilds = {
            now
            for now in elsewhere
            if now and self.image.is_same_build(labels := read(now))
            if any(name not in known for name in other_bases(ours, bases_in(labels)))
        }
        return tuple(
            replace(tag, kept_by=now)
            if tag.floating and (now := self.points_to.get(tag.tag)) in rebuilds
            else tag
            for tag in tags
        )

    def _is_ours(self, digest: Digest) -> bool:
        return digest == self.image.digest or self.image.is_same_build(self.labels[digest])

    def _claimed(self, tag: Tag, holder: Digest) -> ConflictError:
        why = (
            f"{self._difference(self.labels[holder])}; its run is about to release it, or died before it did"
        )
        return ConflictError(
            f"claimed by another image: {tag} ({holder.short})",
            why=why,
            remedy=claim_remedy(tag, self.labels[holder].get(COMMIT_LABEL, ""), self.state),
        )

    def _differences(self, tags: Sequence[ReleaseTag]) -> str:
        """How the images of these tags differ from ours, each once, in words."""
        images = dict.fromkeys(self.points_to[tag.tag] for tag in tags)
        if len(images) == 1:
            return self._difference(self.labels[next(iter(images))])
        return "; ".join(
            f"{', '.join(str(tag) for tag in tags if self.points_to[tag.tag] == one)}: "
            f"{self._difference(self.labels[one])}"
            for one in images
        )

    def _difference(self, labels: Labels) -> str:
        """How an image with these labels differs from ours, in words."""
        if self.image.built_elsewhere:
            return f"it is not the image of --image, {self.image.digest}"
        commit = labels.get(COMMIT_LABEL, "")
        if not commit:
            return f"its label names no commit, and this is {self.image.source.short}"
        if not self.image.is_same_commit(labels):
            return f"it was built from commit {commit[:12]}, and this is {self.image.source.short}"
        return (
            "it was built from this commit, but with another Dockerfile, target, platforms, build arguments, "
            "contexts, secrets, network, compression or attestations"
        )


def _taken_by_archived(
    archived: ArchivedImageError, tags: Sequence[ReleaseTag], points_to: Mapping[Tag, Digest]
) -> ConflictError:
    there = ", ".join(f"{tag} ({points_to[tag.tag].short})" for tag in tags)
    return ConflictError(
        f"taken by an image whose labels cannot be read: {there}" if there else archived.what,
        why=f"{archived.what}: {archived.why}" if there else archived.why,
        remedy=archived.remedy,
    )


def _two_builds(taken: Sequence[ReleaseTag], points_to: Mapping[Tag, Digest]) -> ConflictError:
    names = ", ".join(f"{tag} ({points_to[tag.tag].short})" for tag in taken)
    return ConflictError(
        f"taken by two images of this commit: {names}",
        why="both were built from this commit with the same inputs, and none of these tags ever moves",
        remedy="decide which image is meant, and remove the other one's tag (`aws ecr batch-delete-image "
        "--image-ids imageTag=…`, which deletes an image with its last tag); or tag the next version",
    )


def _conflict(taken: Sequence[ReleaseTag], points_to: Mapping[Tag, Digest], why: str) -> ConflictError:
    names = ", ".join(f"{tag} ({points_to[tag.tag].short})" for tag in taken)
    remedy = (
        "a version is released once: tag this commit with the next one"
        if any(tag.kind is TagKind.VERSION for tag in taken)
        else "push what differs to a repository of its own (-r), or commit the change"
    )
    return ConflictError(f"taken by another image: {names}", why=why, remedy=remedy)
