"""Moves a floating tag back to an image that was accepted: what was asked for, and the move itself.

If the user names no image, `tag_history.py` finds it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import ConflictError, RegistryError, SettingsError
from ecr_push.base.reference import Digest, Repository, Tag, not_a_tag_alone
from ecr_push.base.regex import lazy_regex
from ecr_push.registry.interface import Reader, RegistryImage, RepositoryState, Writer
from ecr_push.registry.oci import Manifest
from ecr_push.release.images import find_tagged, release_tags
from ecr_push.release.mutability import mutability_text
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.tags.kinds import ReleaseTag, TagKind, classify
from ecr_push.tags.temporary import CANDIDATE_PREFIX, is_attached, is_temporary, reserved
from ecr_push.versions.schemes.scheme import Scheme

_SHORT_DIGEST = lazy_regex(r"sha256:[0-9a-f]{12,63}")


@dataclass(frozen=True)
class Named:
    """An image and its name: its version or its commit's tag; empty if it has neither."""

    digest: Digest
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.digest.short})" if self.name else str(self.digest)


@dataclass(frozen=True)
class Rollback:
    """The move of a tag. judged: the image is not known to be accepted, so it is judged first."""

    tag: ReleaseTag
    before: Named
    after: Named
    judged: bool = False

    def __str__(self) -> str:
        return f"{self.tag}: {self.before} -> {self.after}"


def floating_tag(name: str, scheme: Scheme) -> ReleaseTag:
    """The tag to roll back. Raises SettingsError for one that never moves, and for an invalid tag."""
    if is_temporary(name):
        whose = "a candidate's tag" if name.startswith(CANDIDATE_PREFIX) else "a claim"
        raise SettingsError(
            [f"TAG: {name!r} is {whose}: it names the image of one run, and is never rolled back"]
        )
    if is_attached(name):
        raise SettingsError([f"TAG: {reserved(name)}"])
    try:
        tag = (
            ReleaseTag(Tag(name), TagKind.DIRTY)
            if name.startswith("dirty-")
            else classify([name], "", scheme)[0]
        )
    except (SettingsError, ValueError) as error:
        why = not_a_tag_alone(name) or f"{name!r} is not a valid image tag"
        raise SettingsError([f"TAG: {why}"]) from error
    if tag.protected or tag.kind is TagKind.DIRTY:
        raise SettingsError(
            [f"TAG: {name!r} never moves: only a floating tag, such as latest, can be rolled back"]
        )
    return tag


def find_named(
    to: str, images: Sequence[RegistryImage], repository: Repository | None = None
) -> tuple[Digest, RegistryImage | None]:
    """The image that --to names by a tag, a digest, or the first digits of a digest as reports show them.

    None stands for an image without tags. Raises SettingsError for a tag that does not exist, and for an
    image that was refused or never judged.
    """
    try:
        digest, image = _find(to, images, repository)
    except ValueError as error:
        raise SettingsError([f"--to: {error}"]) from error
    if image and all(is_temporary(name) for name in image.tags):
        raise SettingsError(
            [f"--to: {to} is a candidate that was not released: it was refused, or never judged"],
            remedy="promote it first, which judges it and gives it a release tag: ecr-push promote",
        )
    return digest, image


def _find(
    to: str, images: Sequence[RegistryImage], repository: Repository | None
) -> tuple[Digest, RegistryImage | None]:
    if _SHORT_DIGEST.fullmatch(to):
        found = [image for image in images if image.digest.value.startswith(to)]
        if len(found) != 1:
            raise ValueError(f"{len(found) or 'no'} images have a digest that begins with {to}")
        return found[0].digest, found[0]
    if to.startswith("sha256:"):
        digest = Digest(to)
        return digest, next((image for image in images if image.digest == digest), None)
    image = find_tagged(Tag(to), images, "--to", repository)
    return image.digest, image


def check_movable(tag: ReleaseTag, state: RepositoryState) -> None:
    """Raises ConflictError if the repository does not let the tag move."""
    if state.freezes(tag.tag):
        raise ConflictError(
            f"the repository does not let this tag move: {tag}",
            why=mutability_text(state),
            remedy=f"exclude {tag} from the repository's immutability (ecr:PutImageTagMutability), or "
            "deploy by version instead",
        )


def other_tags(tag: Tag, current: RegistryImage, scheme: Scheme) -> list[str]:
    """The other floating tags of the image that a tag is removed from."""
    return [one.tag.name for one in release_tags(current, scheme) if one.floating and one.tag != tag]


def verify_unchanged(rollback: Rollback, client: Reader) -> bool:
    """Whether the tag is still to be moved; False if another process has moved it to the same image.

    Raises RegistryError if it was moved to any other image. ECR has no compare-and-set for tags: what
    happens between this check and the move, `overtaken.py` finds after it.
    """
    tag, before, after = rollback.tag.tag, rollback.before, rollback.after
    now = client.digests([tag]).get(tag)
    if now not in (before.digest, after.digest):
        raise moved_meanwhile(rollback, now)
    return now == before.digest


def moved_meanwhile(rollback: Rollback, now: Digest | None) -> RegistryError:
    """The error about another process that moved the tag, or removed it."""
    where = f"points to {now}" if now else "it is gone"
    if now == rollback.before.digest:
        where = "points there again: the run that releases it had not ended yet"
    return RegistryError(
        f"{rollback.tag} was moved by another process in the meantime",
        why=f"it pointed to {rollback.before}, and now {where}",
        remedy="check what was released, and run this again",
    )


def put_back(rollback: Rollback, manifest: Manifest, client: Writer) -> PromotedTag:
    """Points the tag to the image. Raises RegistryError."""
    written = client.put_tag(manifest, rollback.tag.tag)
    was = f"was {rollback.before.name or rollback.before.digest.short}"
    return PromotedTag(rollback.tag.tag, "moved" if written else "planned", was)
