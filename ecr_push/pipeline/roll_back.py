"""The story of a rollback: a floating tag goes back to its previous image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, Interrupted, RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import ImageName
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.judge_image import judge_image
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.turn import turn
from ecr_push.registry.image import describe_pushed
from ecr_push.registry.interface import Reader, RegistryImage, RepositoryState
from ecr_push.registry.options import target_of
from ecr_push.release.images import LabelReader, accepted, find_tagged, name_of
from ecr_push.release.overtaken import give_way, overtaken
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.release.rollback import (
    Named,
    Rollback,
    check_movable,
    find_named,
    floating_tag,
    other_tags,
    put_back,
    verify_unchanged,
)
from ecr_push.release.tag_history import choose_target, is_in_line, next_mover
from ecr_push.scan.answers import read_scan
from ecr_push.scan.findings import ScanReport
from ecr_push.scan.wait import counts_text
from ecr_push.settings.declare import Settings
from ecr_push.tags.kinds import ReleaseTag
from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.schemes.scheme import Scheme

# The scan is only for information, and a rollback is urgent.
SCAN_SECONDS = 10.0


def roll_back(name: str, to: str, settings: Settings, tools: Tools, record: Record) -> Outcome:
    """Points the tag to the image that it pointed to before, or to the one that `to` names.

    An image that is known to be accepted is not judged again: a vulnerability that was published since
    must not keep the last release from coming back. Any other is judged first, as `promote` does.

    Raises SettingsError, UndecidedError or ConflictError if nothing can be done, RegistryError if
    ECR refuses or the tag was moved in the meantime, ScanError if an image to judge has no scan.
    """
    with record.phase("plan"):
        scheme = parse_scheme(settings.versions.version_scheme)
        tag = floating_tag(name, scheme)
    target = target_of(settings.registry)
    client, lock = tools.open_repository(target), tools.open_lock(target)
    with record.phase("registry"):
        seen = _read_repository(settings.registry.repository, tag, client)
        lock.check(seen.state.repository)
        rollback, outlook = _decide(tag, to, seen, scheme, tools.narrator)
        manifest = client.manifest(rollback.after.digest)
        pushed = describe_pushed(seen.state.repository, manifest, client.manifest, reused=True)
        record.note(pushed=pushed, rollback=rollback)
    if rollback.before.digest == rollback.after.digest:
        record.tag_done(PromotedTag(tag.tag, "already"))
        tools.narrator.say(f"{tag} already points to {rollback.after}: nothing was moved")
        return record.outcome
    scan: Future[ScanReport | None] | None = None
    if rollback.judged:
        tools.narrator.say(f"{rollback.after} is not known to be accepted: judging it first")
        image = ImageName.parse(f"{settings.registry.repository}@{rollback.after.digest}")
        outcome = judge_image(image, (), settings, tools, record)
        if outcome.verdict is None or not outcome.verdict.releases:
            return outcome
    else:
        scan = background.start(lambda: read_scan(pushed.images, client), "read scan")
    if not settings.run.dry_run:
        tools.note_release([tag.tag], record.outcome, record.phase)
    with turn(lock, seen.state.repository, rollback.after.digest, record):
        with record.phase("registry"):
            still = verify_unchanged(rollback, client)
        with _safe_to_repeat(rollback, record), record.phase("rollback"):
            moved = put_back(rollback, manifest, client) if still else PromotedTag(tag.tag, "already")
            record.tag_done(moved)
            newer = (
                give_way(
                    rollback, seen.images, client, seen.labels_of, scheme, tools.clock, alone=lock.exists
                )
                if moved.result == "moved"
                else None
            )
        if newer:
            with record.phase("rollback"):
                record.tag_done(PromotedTag(tag.tag, "kept", f"{newer} was released meanwhile"))
                raise overtaken(rollback, newer)
    with _safe_to_repeat(rollback, record):
        others = other_tags(tag.tag, seen.current, scheme)
        _say_moved(rollback, moved, seen.current, others, outlook, tools.narrator)
        if scan:
            with record.phase("scan"):
                record.note(scan=_warn_of_findings(scan, rollback, tools.narrator))
    return record.outcome


@dataclass(frozen=True)
class _Seen:
    """The repository when the rollback began. current is the image that the tag points to."""

    state: RepositoryState
    images: Sequence[RegistryImage]
    current: RegistryImage
    labels_of: LabelReader


def _read_repository(name: str, tag: ReleaseTag, client: Reader) -> _Seen:
    listed = background.start(client.images, "list images")
    state = client.describe()
    if state is None:
        raise RegistryError(
            f"there is no repository {name}", remedy="check --repository, --region and --registry-id"
        )
    images = listed.result()
    labels_of = cache(lambda digest: client.labels(client.manifest(digest)))
    return _Seen(state, images, find_tagged(tag.tag, images, repository=state.repository), labels_of)


def _decide(
    tag: ReleaseTag, to: str, seen: _Seen, scheme: Scheme, narrator: Narrator
) -> tuple[Rollback, str]:
    """Where the tag moves, and what will move it forward again."""
    image: RegistryImage | None
    known = True
    if to:
        digest, image = find_named(to, seen.images, seen.state.repository)
        known = image is not None and accepted(image, seen.labels_of(digest), scheme)
        if image and not is_in_line(tag.tag, image, scheme):
            narrator.warn(f"{name_of(image, scheme)} is not a version of the line {tag}")
        if image != seen.current:
            check_movable(tag, seen.state)
    else:
        check_movable(tag, seen.state)
        choice = choose_target(tag.tag, seen.images, seen.labels_of, scheme)
        digest, image = choice.image.digest, choice.image
        for note in choice.notes:
            narrator.warn(note)
    before = Named(seen.current.digest, name_of(seen.current, scheme))
    after = Named(digest, name_of(image, scheme) if image else "")
    outlook = next_mover(tag.tag, image, seen.images, seen.labels_of, scheme)
    return Rollback(tag, before, after, judged=not known), outlook


@contextmanager
def _safe_to_repeat(rollback: Rollback, record: Record) -> Iterator[None]:
    """Adds to an error which command is safe to repeat.

    After an error it is unknown whether ECR moved the tag, and a second run without --to would go back one
    version more.
    """
    try:
        yield
    except (EcrPushError, Interrupted) as error:
        failure = record.outcome.failure or Failure.of(error, "rollback")
        safe = f"--to {rollback.after.name or rollback.after.digest} is safe to repeat, moved or not"
        remedy = "" if isinstance(error, Interrupted) else failure.remedy
        record.note(failure=replace(failure, remedy="; ".join(filter(None, (remedy, safe)))))
        raise


def _say_moved(
    rollback: Rollback,
    moved: PromotedTag,
    current: RegistryImage,
    others: Sequence[str],
    outlook: str,
    narrator: Narrator,
) -> None:
    tag, before = rollback.tag, rollback.before
    if moved.result == "planned":
        narrator.say(f"would move {rollback}")
    elif moved.result == "already":
        narrator.say(f"{rollback}: another process has moved it already")
    else:
        narrator.say(str(rollback))
        narrator.say(f"  {outlook}")
        narrator.say(f"  --to {before.name or before.digest} undoes it; a run without --to goes back further")
    if others:
        narrator.say(f"  still at {before}: {', '.join(others)}")
    if current.tags == {tag.tag.name}:
        narrator.warn(
            f"{before.digest} has no other tag: note its digest, and mind lifecycle rules for untagged images"
        )


def _warn_of_findings(
    asked: Future[ScanReport | None], rollback: Rollback, narrator: Narrator
) -> ScanReport | None:
    """Warns of what ECR counts by now. A scan that cannot be read does not stop the rollback."""
    try:
        scan = asked.result(SCAN_SECONDS)
    except FutureTimeoutError:
        narrator.say(f"the scan result of {rollback.after} was not available in time")
        return None
    except EcrPushError as error:
        narrator.say(f"could not read the scan of {rollback.after}: {error.what}: {error.why}")
        return None
    for platform in scan.platforms if scan else ():
        if any(platform.counts.values()):
            where = f" on {platform.platform}" if platform.platform else ""
            narrator.warn(
                f"{rollback.after} has {counts_text(platform.counts)}{where} by now; it was released "
                "before, and is not judged again"
            )
    return scan
