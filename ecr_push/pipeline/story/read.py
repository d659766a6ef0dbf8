"""Reads the story of an image: its tags, the statements about it, and what CloudTrail has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.reference import Digest, ImageName, Repository
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.named_image import locate
from ecr_push.pipeline.status.model import StatedVerdict
from ecr_push.pipeline.status.statement import stated_verdicts
from ecr_push.pipeline.story.join import join
from ecr_push.pipeline.story.model import Story
from ecr_push.registry.interface import RegistryImage
from ecr_push.registry.trail import TrailEvent
from ecr_push.settings.declare import Settings
from ecr_push.tags.labels import COMMIT_LABEL, VERSION_LABEL

T = TypeVar("T")
# Of each operation; a page has 50 events of the whole account, and two are read a second.
MOST_PAGES = 40


def read_story(named: str, days: int, settings: Settings, tools: Tools) -> Story:
    """What could not be read is in the story, and not an error.

    named: [REGISTRY/]REPOSITORY:TAG or @DIGEST; by its digest also an image that is no longer there.

    Raises RegistryError where there is nothing to tell.
    """
    tools.narrator.phase("audit")
    image = ImageName.parse(named)
    target = locate(image, settings.registry)
    client = tools.open_repository(target)
    repository = client.locate()
    unread: list[str] = []
    none: tuple[RegistryImage, ...] = ()
    images = _try(client.images, unread, "the images of the repository", none)
    now = tools.clock.now()
    since = now - timedelta(days=days)
    tools.narrator.say("asking CloudTrail, two pages a second")
    events = _events(repository, since, unread, tools)
    digest = image.digest or _by_tag(image, images, events)
    if digest is None:
        raise RegistryError(
            f"there is no image {named}, and no event of it in {days} days",
            why="\n".join(f"not read: {one}" for one in unread),
            remedy="check the name and the tag",
        )
    stored = next((one for one in images if one.digest == digest), None)
    verdicts: Sequence[StatedVerdict] = ()
    labels: Mapping[str, str] = {}
    attached: dict[str, str] = {}
    if stored is None:
        unread.append("the image is not there any more, and with it its statements and labels are gone")
    else:
        if stored.pushed_at < since:
            pushed = f"{stored.pushed_at:%Y-%m-%d}"
            unread.append(f"what happened before {since:%Y-%m-%d}: it was pushed on {pushed}")
        labels = _try(lambda: client.labels(client.manifest(digest)), unread, "its labels", labels)
        verdicts = _try(
            lambda: stated_verdicts(digest, repository, client), unread, "its statements", verdicts
        )
        known = {one.reference.partition("@")[2]: "the statement of its verdict" for one in verdicts}
        no_others: frozenset[Digest] = frozenset()
        others = _try(lambda: client.referrers(digest, "", {}), unread, "what is attached to it", no_others)
        attached = {one.value: "an artifact about it" for one in others} | known
    return Story(
        repository.pinned(digest),
        labels.get(VERSION_LABEL, ""),
        labels.get(COMMIT_LABEL, ""),
        tuple(sorted(stored.tags)) if stored else (),
        stored.pushed_at if stored else None,
        join(digest, events, verdicts, attached, stored.pushed_at if stored else None),
        tuple(unread),
    )


def _events(repository: Repository, since: datetime, unread: list[str], tools: Tools) -> Sequence[TrailEvent]:
    try:
        found = tools.open_trail(repository).events(repository.name, since, MOST_PAGES)
    except EcrPushError as error:
        unread.append(_reason("CloudTrail", error))
        return ()
    for name in found.cut:
        unread.append(f"older events of {name}: the account has more than {MOST_PAGES * 50:,} of them")
    return found.events


def _by_tag(image: ImageName, images: Sequence[RegistryImage], events: Sequence[TrailEvent]) -> Digest | None:
    """The image that the tag points to; else that to which it was pointed last."""
    name = image.tag.name if image.tag else ""
    for one in images:
        if name in one.tags:
            return one.digest
    put = [one for event in events if event.name == "PutImage" and not event.error for one in event.images]
    last = next((one.digest for one in reversed(put) if one.tag == name and one.digest), "")
    try:
        return Digest(last) if last else None
    except ValueError:
        return None


def _try(ask: Callable[[], T], unread: list[str], what: str, nothing: T) -> T:
    try:
        return ask()
    except EcrPushError as error:
        unread.append(_reason(what, error))
        return nothing


def _reason(what: str, error: EcrPushError) -> str:
    return f"{what}: {': '.join(filter(None, (error.what, error.why)))}" + (
        f". To do: {error.remedy}" if error.remedy else ""
    )
