"""Who decides between two pipelines that set one version's tag at the same time: the registry, where it can.

ECR compares and sets immutable tags alone: it refuses PutImage of one that names another image. So a
version's tag decides itself where the repository freezes it. Where it cannot be frozen, because `1.4` must
move and no filter tells the two apart, a claim decides: the tag `claim-1.4.2`, which the filter `claim-*`
freezes. It is put before anything moves, and a run that is refused moves nothing.

A claim outlives a run that died, so that a re-run of the same image takes it over. It goes with the
candidate's tag as soon as the claimed tag is there: who claims reads that tag after claiming, so a late
one finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import RepositoryClient, RepositoryState, TagTakenError
from ecr_push.registry.oci import Manifest
from ecr_push.release.removal import remove, tags_or_none
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.temporary import claim_on

Decider = Literal["tag", "claim", "none"]


@dataclass(frozen=True)
class Claims:
    """The claims that our image has; and of those that it did not get, the claimed tag and the image."""

    held: tuple[Tag, ...] = ()
    lost: Mapping[Tag, Digest] | None = None

    def give_up(self, manifest: Manifest, client: RepositoryClient, narrator: Narrator) -> None:
        """Removes the claims of a run that lost, so that they do not block others; never the last tag."""
        give_back(self.held, manifest, client, narrator)


def decider(tag: Tag, state: RepositoryState | None) -> Decider:
    """Who decides which image gets a tag that never moves, if two runs set it at the same time."""
    if state is None:
        return "none"
    if state.freezes(tag):
        return "tag"
    return "claim" if state.freezes(claim_on(tag)) else "none"


def to_be_claimed(tags: Iterable[ReleaseTag], state: RepositoryState | None) -> list[ReleaseTag]:
    """The protected tags on which a claim decides."""
    return [tag for tag in tags if tag.protected and not tag.kept_by and decider(tag.tag, state) == "claim"]


def claim(
    tags: Iterable[ReleaseTag], state: RepositoryState | None, manifest: Manifest, client: RepositoryClient
) -> Claims:
    """Claims every protected tag on which a claim decides.

    One after the other and in one order for all, the versions first: of two runs that want the same tags, one
    gets them all. It stops at the first one that another image has, unless it may lose that.
    """
    held: list[Tag] = []
    lost: dict[Tag, Digest] = {}
    for tag in sorted(
        to_be_claimed(tags, state), key=lambda tag: (tag.kind is not TagKind.VERSION, tag.tag.name)
    ):
        try:
            if client.put_tag(manifest, claim_on(tag.tag)):
                held.append(claim_on(tag.tag))
        except TagTakenError as taken:
            lost[tag.tag] = taken.points_to
            if not tag.may_be_taken:
                break
    return Claims(tuple(held), lost)


def give_back(tags: Iterable[Tag], manifest: Manifest, client: RepositoryClient, narrator: Narrator) -> bool:
    """Removes tags that our image got before the run lost. False, with a warning, where they stay."""
    given = sorted(tags, key=str)
    if not given:
        return True
    names, digest = ", ".join(map(str, given)), manifest.digest.short
    try:
        found = tags_or_none(manifest.digest, client) or frozenset()
        given = [tag for tag in given if tag in found]  # another image may have the others by now
        if not given:
            return True
        if found <= set(given):
            narrator.warn(f"{digest} keeps {names}: ECR deletes an image with its last tag")
            return False
        removal = remove(given, found, manifest, client)
    except RegistryError as error:
        narrator.warn(f"{digest} keeps {names}: {error.what}: {error.why}")
        return False
    if left := sorted(removal.left & set(given), key=str):
        narrator.warn(f"{digest} keeps {', '.join(map(str, left))}: {removal.refused or 'its last tag'}")
    return not left
