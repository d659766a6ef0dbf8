"""May a release tag move from the image that it points to now to ours, and if not, why not?

The one place that answers. It is asked twice: before the build, when a run learns that it cannot end well or
that its image exists already, and after the verdict, when other pipelines may have released.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property, partial
from typing import Literal

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import ConflictError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import Reader, RepositoryState
from ecr_push.release.existing_tags import ExistingTags
from ecr_push.release.lost import lost_to
from ecr_push.release.mutability import mutability_text
from ecr_push.release.own_image import OwnImage
from ecr_push.release.tag_owner import CurrentOwners, read_labels
from ecr_push.tags.kinds import ReleaseTag, TagKind


@dataclass(frozen=True)
class Answer:
    """Whether a tag may move to our image.

    move:    it may.
    already: it points to our image.
    keep:    it stays with the other image, for the reason given, which is not an error.
    """

    verdict: Literal["move", "already", "keep"]
    reason: str = ""


@dataclass(frozen=True)
class Look:
    """The registry at one moment.

    points_to: where the release tags point; a tag that does not exist is left out.
    existing:  every tag name of the repository, if a tag goes by versions.
    """

    points_to: Mapping[Tag, Digest]
    existing: frozenset[str]


@dataclass(frozen=True)
class BeforeBuild:
    """What a run knew of its tags before it built its image."""

    image: OwnImage
    owners: CurrentOwners


@dataclass(frozen=True)
class TagMoves:
    """The tags that an image is to get, and what decides on each.

    before: None for tags of an image that exists already, as `ecr-push promote` sets them.
    reuse:  the image that an earlier run built from this very commit, with the same inputs, and accepted: it
            is judged again and its tags completed, instead of building another one that could not get them.
    state:  None if the repository did not exist yet.
    known:  where the tags pointed before the build.
    """

    tags: tuple[ReleaseTag, ...]
    before: BeforeBuild | None = None
    reuse: Digest | None = None
    state: RepositoryState | None = None
    known: Mapping[Tag, Digest] = field(default_factory=dict)

    @classmethod
    def before_build(
        cls,
        tags: Sequence[ReleaseTag],
        image: OwnImage,
        state: RepositoryState | None,
        points_to: Mapping[Tag, Digest],
        client: Reader,
    ) -> TagMoves:
        """The answer before there is an image. Raises ConflictError if a tag could not move to any.

        points_to: of the tags and of the claims on them.
        """
        owners = CurrentOwners.look_up(tags, image, points_to, client)
        existing = ExistingTags.read(tags, image, points_to, client, state)
        resolved = tuple(existing.resolve(tag, state) for tag in tags)
        reuse = existing.reusable(resolved)
        if reuse and (rebuilt := existing.for_rebuild(resolved, reuse)):
            resolved, reuse = rebuilt, existing.reusable(rebuilt)
        elif reuse:
            resolved = existing.kept_by_rebuilds(resolved, reuse, partial(read_labels, client))
        if state is not None:
            check_mutability(resolved, state, points_to, reuse)
        return cls(resolved, BeforeBuild(image, owners), reuse, state, points_to)

    def beside(self, own: TagMoves) -> TagMoves:
        """These of another repository that the same image is for. own: of the run's own one.

        Of another build of the commit, no tag is to name it here that names the first build there.
        """
        rebuild = [tag for tag in own.tags if tag.kind is TagKind.REBUILD]
        if not rebuild or any(tag.kind is TagKind.REBUILD for tag in self.tags):
            return self
        of_the_first = {tag.tag for tag in own.tags if tag.protected and tag.kept_by}
        return replace(self, tags=(*rebuild, *(tag for tag in self.tags if tag.tag not in of_the_first)))

    def look(self, client: Reader) -> Look:
        """What decides now on the tags."""
        by_version = any(tag.line and tag.line.version for tag in self.tags)
        names = background.start(client.tag_names, "list tags") if by_version else None
        points_to = client.digests([tag.tag for tag in self.tags])
        return Look(points_to, names.result() if names else frozenset())

    def to(
        self, digest: Digest, look: Look, client: Reader, claimed: Mapping[Tag, Digest] | None = None
    ) -> MovesTo:
        """The answers for this image, by what the registry said at that look.

        claimed: tags that other images have claimed, by `claims.py`.

        Raises LostError for a tag that never moves and names another image, or is claimed by one.
        """
        elsewhere = {tag: one for tag, one in (claimed or {}).items() if tag not in look.points_to}
        tags = self._kept_since(digest, look, client)
        seen = MovesTo(digest, tags, look.points_to, look.existing, self.before, self.state)
        return seen.knowing({}, client).knowing(elsewhere, client, claimed=True)

    def _kept_since(self, digest: Digest, look: Look, client: Reader) -> tuple[ReleaseTag, ...]:
        """The tags, of which another build of our commit may have got floating ones since this run began."""
        before = {tag.tag: self.known.get(tag.tag) for tag in self.tags if tag.floating}
        have_moved = any(look.points_to.get(tag) not in (digest, was) for tag, was in before.items())
        if self.before is None or self.reuse != digest or not have_moved:
            return self.tags
        existing = ExistingTags(self.before.image, look.points_to, {digest: read_labels(client, digest)})
        return existing.kept_by_rebuilds(self.tags, digest, partial(read_labels, client))


@dataclass(frozen=True)
class MovesTo:
    """The same question for one image, and what the registry said when it was asked.

    existing: every tag name of the repository, if a tag goes by versions.
    """

    digest: Digest
    tags: tuple[ReleaseTag, ...]
    points_to: Mapping[Tag, Digest]
    existing: frozenset[str]
    before: BeforeBuild | None = None
    state: RepositoryState | None = None

    def may_move(self, tag: ReleaseTag) -> Answer:
        """The answer for one of the tags. May wait for labels of the image that it points to now."""
        now = self.points_to.get(tag.tag)
        if now == self.digest:
            return Answer("already")
        if now is not None and tag.may_be_taken:
            which = ", another build of this commit" if tag.kept_by == now else ""
            return Answer("keep", f"{now.short} has it{which}")
        if tag.line and (higher := tag.line.higher(self.existing - self._own_names)):
            return Answer("keep", f"{higher} is higher")
        if now is not None and self.before and (why := self.before.owners.reason_to_keep(tag, now)):
            return Answer("keep", f"{now.short} has it, {why}")
        return Answer("move", f"was {now.short}" if now else "")

    @cached_property
    def _own_names(self) -> frozenset[str]:
        """The tags that our image has already: a version among them, of whatever line, holds nothing back."""
        ours = (one.tag for one in self.tags if self.points_to.get(one.tag) == self.digest)
        return frozenset(tag.name for tag in ours)

    def kept_by(self, tag: ReleaseTag, digest: Digest, client: Reader) -> Answer:
        """The answer for a protected tag that ECR does not let move, because this other image has it.

        Raises LostError as `knowing` does.
        """
        seen = self.knowing({tag.tag: digest}, client)
        return Answer("keep", f"{seen.points_to[tag.tag].short} has it")

    def knowing(self, found: Mapping[Tag, Digest], client: Reader, *, claimed: bool = False) -> MovesTo:
        """The answers with what was learnt since: where these tags point, or who has claimed them.

        Raises LostError as `TagMoves.to` does.
        """
        points_to = {**self.points_to, **found}
        tags = tuple(self._resolve_taken(tag, points_to, client) for tag in self.tags)
        if taken := [tag for tag in tags if is_taken(tag, self.digest, points_to)]:
            raise lost_to(
                taken,
                points_to,
                self.digest,
                client,
                own=self.before.image.source.commit if self.before else "",
                built_here=self.before is not None and not self.before.image.built_elsewhere,
                run=self.before is not None,
                claimed=self.state if claimed else None,
            )
        return replace(self, tags=tags, points_to=points_to)

    def _resolve_taken(self, tag: ReleaseTag, points_to: Mapping[Tag, Digest], client: Reader) -> ReleaseTag:
        """A tag that was taken since the run began, maybe by a pull request's image of our commit.

        A push and its pull request are built side by side, and neither may fail because the other was faster.
        """
        before = self.before
        if before is None or before.image.built_elsewhere or tag.kind is not TagKind.COMMIT:
            return tag
        if not is_taken(tag, self.digest, points_to):
            return tag
        now = points_to[tag.tag]
        labels = client.labels(client.manifest(now))
        return ExistingTags(before.image, {tag.tag: now}, {now: labels}).resolve(tag, self.state)


def is_taken(tag: ReleaseTag, digest: Digest | None, points_to: Mapping[Tag, Digest]) -> bool:
    """Whether a tag that never moves names another image than ours, and than the one that it may replace.

    digest: of ours; None where it is still to be built.
    """
    found = points_to.get(tag.tag, digest)
    return tag.protected and not tag.may_be_taken and found not in (digest, tag.replaces)


def _left_out(stuck: Sequence[ReleaseTag]) -> str:
    if any(tag.kind is TagKind.UNRELEASED for tag in stuck):
        return "give --untagged-versions keep"
    return "leave them out with --floating-tags latest or none"


def check_mutability(
    tags: Sequence[ReleaseTag],
    state: RepositoryState,
    points_to: Mapping[Tag, Digest],
    reuse: Digest | None,
) -> None:
    """Raises ConflictError for tags that the run would move, and the repository does not let move."""
    stuck = [
        tag
        for tag in tags
        if tag.floating and state.freezes(tag.tag) and points_to.get(tag.tag, reuse) != reuse
    ]
    if stuck:
        names = ", ".join(str(tag) for tag in stuck)
        raise ConflictError(
            f"the repository does not let these tags move: {names}",
            why=mutability_text(state),
            remedy=f"{_left_out(stuck)}, or exclude them from the repository's immutability "
            "(ecr:PutImageTagMutability)",
        )
