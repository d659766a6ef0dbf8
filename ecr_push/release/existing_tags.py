"""The protected tags that exist before a run: the images that they name, and whether one is this run's own.

A re-run finds the image here that an interrupted run had already released. A run whose version names another
image finds out before it builds anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ecr_push.base.errors import ConflictError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import Reader, RepositoryState
from ecr_push.release.own_image import Labels, OwnImage
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import COMMIT_LABEL


@dataclass(frozen=True)
class ExistingTags:
    """The images that our protected tags point to already, with their labels."""

    image: OwnImage
    points_to: Mapping[Tag, Digest]
    labels: Mapping[Digest, Labels]

    @classmethod
    def read(
        cls,
        tags: Sequence[ReleaseTag],
        image: OwnImage,
        points_to: Mapping[Tag, Digest],
        client: Reader,
    ) -> ExistingTags:
        # An image that was built elsewhere has none of our labels, but it keeps its digest however often
        # it is pushed: promotion compares that.
        if image.built_elsewhere:
            return cls(image, {}, {})
        # The first of several images keeps a snapshot's tag; that can be ours only if this commit was built.
        protected = [tag for tag in tags if tag.protected and tag.tag in points_to]
        built_before = any(tag.kind is not TagKind.SNAPSHOT for tag in protected)
        images = {points_to[tag.tag] for tag in protected if built_before}
        return cls(image, points_to, {one: client.labels(client.manifest(one)) for one in images})

    def resolve(self, tag: ReleaseTag, state: RepositoryState | None) -> ReleaseTag:
        """The tag as this run may set it.

        A commit's tag is taken from a pull request's image of that commit, which was built from its merge.
        If the repository lets no tag move, the pull request's image keeps it.
        """
        taken_by = self.points_to.get(tag.tag)
        if tag.kind is not TagKind.COMMIT or not taken_by:
            return tag
        if not self.image.is_merge_of_commit(self.labels[taken_by]):
            return tag
        if state is None or state.freezes(tag.tag):
            return replace(tag, kind=TagKind.MERGE)
        return replace(tag, replaces=taken_by)

    def reusable(self, tags: Sequence[ReleaseTag]) -> Digest | None:
        """The image that an earlier run built from the same commit with the same inputs, and released.

        tags are resolved. Raises ConflictError for a tag that names another image for good.
        """
        points_to = self.points_to
        there = [tag for tag in tags if tag.tag in points_to and not tag.replaces]
        taken = [tag for tag in there if tag.protected and not tag.may_be_taken]
        if not taken:
            known = [points_to[tag.tag] for tag in there if points_to[tag.tag] in self.labels]
            return next((one for one in known if self.image.is_same_build(self.labels[one])), None)
        if len({points_to[tag.tag] for tag in taken}) > 1:
            why = "they point to different images, so one of them was moved by hand"
            raise _conflict(taken, points_to, why)
        digest = points_to[taken[0].tag]
        if not self.image.is_same_build(self.labels[digest]):
            raise _conflict(taken, points_to, self._difference(self.labels[digest]))
        return digest

    def _difference(self, labels: Labels) -> str:
        """How an image with these labels differs from ours, in words."""
        commit = labels.get(COMMIT_LABEL, "")
        if not commit:
            return f"its label names no commit, and this is {self.image.source.short}"
        if not self.image.is_same_commit(labels):
            return f"it was built from commit {commit[:12]}, and this is {self.image.source.short}"
        return (
            "it was built from this commit, but with another Dockerfile, target, platforms or build arguments"
        )


def _conflict(taken: Sequence[ReleaseTag], points_to: Mapping[Tag, Digest], why: str) -> ConflictError:
    names = ", ".join(f"{tag} ({points_to[tag.tag].short})" for tag in taken)
    remedy = (
        "a version is released once: tag this commit with the next one"
        if any(tag.kind is TagKind.VERSION for tag in taken)
        else "use one repository for each of the images that differ, or tags of their own with --tag "
        "and another commit"
    )
    return ConflictError(f"taken by another image: {names}", why=why, remedy=remedy)
