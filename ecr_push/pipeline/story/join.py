"""Events of CloudTrail and statements in the registry -> the story of one image. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.pipeline.status.model import StatedVerdict
from ecr_push.pipeline.story.model import Entry, Kind
from ecr_push.registry.trail import LIFECYCLE, TrailEvent, TrailImage
from ecr_push.tags.temporary import is_temporary

UNTAGGED = "without a tag"


def join(
    digest: Digest,
    events: Sequence[TrailEvent],
    verdicts: Sequence[StatedVerdict],
    attached: Mapping[str, str],
    pushed_at: datetime | None = None,
) -> tuple[Entry, ...]:
    """All that concerns the image, in the order of time.

    A verdict is at the end of its scan; of an image that ECR cannot scan, when its statement was attached,
    and else when the image was pushed.

    events: of the whole repository, in the order of time: another image's may take a tag away.
    pushed_at: of an image that is there; None for one that is gone.
    attached: digests of artifacts about the image, with what each is.
    """
    put = {
        image.digest: event.at
        for event in reversed(events)
        for image in event.images
        if event.name == "PutImage"
    }
    judged = [one for one in (_judged(verdict, put, pushed_at) for verdict in verdicts) if one]
    first = min((one.scanned_at for one in verdicts if one.scanned_at), default=None)
    found = [
        _noted(one, first) for one in _of_events(digest.value, events, attached, is_gone=pushed_at is None)
    ]
    return tuple(sorted([*found, *judged], key=lambda one: one.at))


def _noted(entry: Entry, judged_at: datetime | None) -> Entry:
    """A release's tag that was set before the image was judged is worth a look."""
    is_early = entry.kind in ("pushed", "tagged") and judged_at is not None and entry.at < judged_at
    if not is_early or entry.what == UNTAGGED or is_temporary(entry.what):
        return entry
    return replace(entry, note="set before the scan ended by which it was judged")


def _judged(verdict: StatedVerdict, put: Mapping[str, datetime], pushed_at: datetime | None) -> Entry | None:
    at = verdict.scanned_at or put.get(verdict.reference.partition("@")[2]) or pushed_at
    if at is None:
        return None
    counts = ", ".join(
        f"{number} {one.name.lower()}"
        for one, number in sorted(verdict.counts.items(), reverse=True)
        if number and one >= Severity.LOW
    )
    exceptions = len(verdict.exceptions)
    parts = [
        f"{verdict.word} by the policy {verdict.policy[: len('sha256:') + 12]}",
        counts or ("not scanned" if verdict.unscannable else "no findings"),
        f"{exceptions} {'exception' if exceptions == 1 else 'exceptions'}" if exceptions else "",
    ]
    return Entry(at, "judged", ", ".join(filter(None, parts)), source=verdict.reference)


def _of_events(
    digest: str, events: Sequence[TrailEvent], attached: Mapping[str, str], *, is_gone: bool
) -> Iterator[Entry]:
    ours: set[str] = set()  # the tags that point to the image, as far as the events say
    is_there = False
    for event in events:
        if event.error:
            continue
        if event.name == "PutImage":
            for image in event.images:
                if image.digest == digest:
                    if not is_there or not image.tag:
                        is_there = True
                        yield _entry(event, "pushed", image.tag or UNTAGGED)
                    elif image.tag not in ours:
                        yield _entry(event, "tagged", image.tag)
                    ours |= {image.tag} - {""}
                elif image.digest in attached:
                    yield _entry(event, "attached", attached[image.digest])
                elif image.tag in ours:
                    ours.discard(image.tag)
                    short = image.digest[: len("sha256:") + 12]
                    yield _entry(event, "left", f"{image.tag} went to {short}")
        elif event.name in ("CreateRepository", "DeleteRepository", "PutImageTagMutability"):
            words = {
                "CreateRepository": "it was created",
                "DeleteRepository": "it was deleted, with all images",
                "PutImageTagMutability": f"its tags were made {event.detail or 'of another mutability'}",
            }
            yield _entry(event, "repository", words[event.name])
        else:
            yield from _removed(event, digest, ours, is_gone=is_gone)


def _removed(event: TrailEvent, digest: str, ours: set[str], *, is_gone: bool) -> Iterator[Entry]:
    images = [one for one in event.images if _is_meant(one, digest, ours)]
    if not images:
        return
    tags = [one.tag for one in images if one.tag]
    if event.name == LIFECYCLE:
        yield _entry(event, "expired", "by a lifecycle policy" + _with(tags))
        ours.clear()
    elif event.name == "UpdateImageStorageClass":
        yield _entry(event, "stored", event.detail.lower() or "in another class")
    elif not tags:
        yield _entry(event, "deleted", "by its digest" + _with(sorted(ours)))
        ours.clear()
    else:
        # Of an image that is there, it had others, which were set before the events begin.
        is_last = is_gone and not ours.difference(tags)
        last = ", its last tag: ECR deletes an image with that" if is_last else ""
        yield _entry(event, "deleted" if is_last else "untagged", ", ".join(tags) + last)
        ours.difference_update(tags)


def _is_meant(image: TrailImage, digest: str, ours: Collection[str]) -> bool:
    """By its digest, or by a tag that points to it where the event has no digest."""
    return image.digest == digest if image.digest else image.tag in ours


def _with(tags: Sequence[str]) -> str:
    return f", with its tags {', '.join(tags)}" if tags else ""


def _entry(event: TrailEvent, kind: Kind, what: str) -> Entry:
    agent = event.agent if len(event.agent) <= 60 else f"{event.agent[:59]}…"
    return Entry(event.at, kind, what, event.who, ", ".join(filter(None, (agent, event.source))))
