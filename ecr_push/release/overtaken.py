"""A rollback and a release of the same tag at the same time: the newer release has the tag.

ECR has no compare-and-set for a tag that moves: a rollback may overwrite a release that came between its
look and its move. So both look again after they moved the tag. A release sets the tag of its version or its
commit before the floating ones: a rollback that overwrote it finds a release that was not there before, and
gives the tag to it. A release that finds its tag on an older image puts it back (`read_back.py`). Neither
moves the tag down again after that, so they end in agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Tag
from ecr_push.registry.interface import RegistryImage, RepositoryClient
from ecr_push.release.images import LabelReader, accepted, find_tagged, is_released, name_of
from ecr_push.release.rollback import Named, Rollback, moved_meanwhile
from ecr_push.release.tag_history import is_slug, line_of
from ecr_push.tags.labels import BRANCH_LABEL, CREATED_LABEL
from ecr_push.versions.schemes.scheme import Scheme

# Seconds between looks at a tag that is not where it was put: an answer may be older than the last move.
PAUSES = (0.2, 0.4, 0.8, 1.6)
# How many releases a rollback gives way to: each of them looks again itself.
ROUNDS = 5
# A run that released an image of this age may still be about to look again, and put its tag back; it does so
# within seconds of our move.
FRESH = timedelta(hours=1)
LAST_LOOK_SECONDS = 3.0


def give_way(
    rollback: Rollback,
    before: Sequence[RegistryImage],
    client: RepositoryClient,
    labels_of: LabelReader,
    scheme: Scheme,
    clock: Clock,
    *,
    alone: bool,
) -> Named | None:
    """Gives a tag that was rolled back to a newer release that came meanwhile. None if there was none.

    before: the repository's images when the rollback began.
    alone:  no release can be under way, because we hold the lock.

    Raises RegistryError if the tag points to neither: another process moved it.
    """
    tag = rollback.tag.tag
    given: Named | None = None
    pauses = iter(PAUSES)
    rounds = 0
    while rounds < ROUNDS:
        now = client.digests([tag]).get(tag)
        newer = newer_release(tag, before, client.images(), labels_of, scheme)
        if newer:
            given = Named(newer.digest, name_of(newer, scheme))
            if now == newer.digest:
                return given
            client.put_tag(client.manifest(newer.digest), tag)
            rounds += 1
        elif now == rollback.after.digest:
            if alone or find_tagged(tag, before).pushed_at < clock.now() - FRESH:
                return None
            clock.sleep(LAST_LOOK_SECONDS)
            alone = True
        elif (pause := next(pauses, None)) is not None:
            clock.sleep(pause)
        else:
            raise moved_meanwhile(rollback, now)
    return given


def newer_release(
    tag: Tag,
    before: Sequence[RegistryImage],
    now: Sequence[RegistryImage],
    labels_of: LabelReader,
    scheme: Scheme,
) -> RegistryImage | None:
    """The image that was released since `before` and that the tag belongs to; None if there is none.

    For a line, such as `latest` or `1.4`: the highest version of all, if it is new. For a branch's own tag:
    the image of the branch's latest commit, if it is newer than the one that the tag pointed to. An image
    that is not known to be accepted gets no tag, here as elsewhere.
    """
    current = find_tagged(tag, before)
    if line := line_of(tag, current, scheme):
        ranked = [(rank, name, image) for image in now for rank, name in line.versions(image.tags).items()]
        known = {name for image in before for name in image.tags}
        _, name, top = max(ranked, key=lambda one: one[0], default=((), "", None))
        new = top is not None and top.can_be_pulled and name not in known
        return top if top and new and accepted(top, labels_of(top.digest), scheme) else None
    labels = labels_of(current.digest)
    branch = labels.get(BRANCH_LABEL, "")
    if not branch or not is_slug(tag, branch, scheme):
        return None
    released = {image.digest for image in before if is_released(image, scheme)}
    built = [
        (created, image)
        for image in now
        if image.digest not in released
        and image.can_be_pulled
        and is_released(image, scheme)
        and labels_of(image.digest).get(BRANCH_LABEL) == branch
        and (created := labels_of(image.digest).get(CREATED_LABEL, "")) > labels.get(CREATED_LABEL, "")
        and accepted(image, labels_of(image.digest), scheme)
    ]
    return max(built, key=lambda one: one[0], default=("", None))[1]


def overtaken(rollback: Rollback, newer: Named) -> RegistryError:
    """The error of a rollback that gave way."""
    tag, to = rollback.tag, rollback.after.name or rollback.after.digest
    return RegistryError(
        f"{tag} was not rolled back: {newer} was released meanwhile, and has the tag",
        why=f"{tag} pointed to {rollback.before} when this began; a newer release takes precedence",
        remedy=f"if {newer.name or 'the new image'} is bad too, go back from it: "
        f"ecr-push rollback {tag} --to {to}",
    )
