"""Reads the status of repositories: their tags, the statements of verdicts, and the scans of today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, RegistryError, ScanError
from ecr_push.base.reference import Repository, parse_repository
from ecr_push.base.severity import Severity
from ecr_push.base.shape import parsed
from ecr_push.base.wildcard import matches
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.status.judge import Limits, judged
from ecr_push.pipeline.status.model import ImageStatus, RepositoryStatus, StatedVerdict, Status
from ecr_push.pipeline.status.statement import newest_verdict
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.image import PlatformImage, describe_pushed
from ecr_push.registry.interface import Reader, RegistryImage
from ecr_push.registry.options import target_of
from ecr_push.release.images import name_of, rebuilt_version, release_tags
from ecr_push.scan.answers import read_answer
from ecr_push.scan.findings import Finding, PlatformScan
from ecr_push.settings.declare import Settings, changed
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.upkeep.found import describe_named
from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.schemes.scheme import Scheme

AT_ONCE = 12  # repositories, of each of which some five calls are made for each image
# What Inspector first saw so soon after the judged scan ended, that scan found: a statement has whole
# seconds, and no documentation says which of the two times comes first. What is new all the same, the counts
# show.
_OF_THE_SAME_SCAN = timedelta(minutes=1)
_KINDS = (TagKind.LATEST, TagKind.LINE, TagKind.EXTRA)


@dataclass(frozen=True)
class StatusQuestion:
    """What is asked.

    names: and patterns of repositories; all of them without any.
    tags:  patterns of the floating tags; all of them without any.
    most:  images of a repository, those that were pushed last but for what `latest` and lines point to.
    """

    names: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    most: int = 10
    limits: Limits = Limits()


def read_status(question: StatusQuestion, settings: Settings, tools: Tools) -> Status:
    """Raises SettingsError for names of no repository, and RegistryError where nothing can be read."""
    tools.narrator.phase("status")
    registry = tools.open_repositories(settings.registry)
    described = describe_named(question.names, registry)
    scheme = parse_scheme(settings.versions.version_scheme)
    now = tools.clock.now()
    with answer_to("ecr:DescribeRepositories"):
        uris = {name: parsed(parse_repository, one, "repositoryUri") for name, one in described.items()}
    reads = [partial(_repository, uri, question, settings, tools, scheme, now) for uri in uris.values()]
    found = background.all_of(reads, "read repository", AT_ONCE)
    if found and all(one.unread for one in found):
        raise RegistryError("no repository could be read", why=found[0].unread)
    return Status(registry.account(), registry.region, now, tuple(found))


def _repository(
    repository: Repository,
    question: StatusQuestion,
    settings: Settings,
    tools: Tools,
    scheme: Scheme,
    now: datetime,
) -> RepositoryStatus:
    name = repository.name
    client: Reader = tools.open_repository(target_of(changed(settings, repository=name).registry))
    try:
        images = floating_images(client.images(), question.tags, scheme)
        shown = [
            _image(one, tags, repository, client, scheme, question.limits, now)
            for one, tags in images[: question.most]
        ]
    except EcrPushError as error:
        return RepositoryStatus(name, unread=": ".join(filter(None, (error.what, error.why))))
    tools.narrator.say(name)
    return RepositoryStatus(name, tuple(shown), max(0, len(images) - question.most))


def floating_images(
    images: Sequence[RegistryImage], patterns: Sequence[str], scheme: Scheme
) -> list[tuple[RegistryImage, tuple[str, ...]]]:
    """The images that floating tags point to, with those: `latest` first, then lines, then others by age."""
    found = []
    for image in images:
        tags = sorted((one for one in release_tags(image, scheme) if one.kind in _KINDS), key=_order)
        names = [one.tag.name for one in tags if _is_asked(one, patterns)]
        if names:
            first = next(one for one in tags if one.tag.name == names[0])
            place = (_KINDS.index(first.kind), -image.pushed_at.timestamp(), image.digest.value)
            found.append((place, image, tuple(names)))
    return [(image, names) for _, image, names in sorted(found, key=lambda one: one[0])]


def _is_asked(tag: ReleaseTag, patterns: Sequence[str]) -> bool:
    return not patterns or any(matches(tag.tag.name, one) for one in patterns)


def _order(tag: ReleaseTag) -> tuple[Any, ...]:
    numbers = tag.line.numbers if tag.line else ()
    return _KINDS.index(tag.kind), len(numbers), tag.tag.name


def _image(
    image: RegistryImage,
    tags: tuple[str, ...],
    repository: Repository,
    client: Reader,
    scheme: Scheme,
    limits: Limits,
    now: datetime,
) -> ImageStatus:
    status = ImageStatus(image.digest, tags, name_of(image, scheme), image.pushed_at)
    if not image.can_be_pulled:
        return judged(status, limits, now, "it is archived: restore it to read its verdict")
    manifest = client.manifest(image.digest)
    rebuilt = rebuilt_version(image, lambda digest: client.labels(manifest), scheme)
    status = replace(status, rebuilt=rebuilt)
    platforms = describe_pushed(repository, manifest, client.manifest).images
    if not platforms:
        return judged(status, limits, now, "it is not an image")
    scans, unread, unscannable = _scans(platforms, client)
    verdict = newest_verdict(image.digest, repository, client)
    return judged(_with(status, verdict, scans), limits, now, unread, unscannable)


def _with(status: ImageStatus, verdict: StatedVerdict | None, scans: Sequence[PlatformScan]) -> ImageStatus:
    counts: Counter[Severity] = Counter()
    for one in scans:
        counts.update(one.counts)
    since: dict[Any, Finding] = {}
    new: Mapping[Severity, int] = {}
    if verdict and scans:
        at = verdict.scanned_at
        for finding in (one for scan in scans for one in scan.findings):
            if at and (seen := _time(finding.first_seen)) and seen - at > _OF_THE_SAME_SCAN:
                since.setdefault((finding.id, finding.package), finding)
        named = Counter(one.severity for one in since.values())
        grown = {one: max(counts[one] - verdict.counts.get(one, 0), named[one]) for one in counts}
        new = {one: number for one, number in grown.items() if number > 0}
    worst = sorted(since.values(), key=lambda one: (-one.severity, one.id, one.package))
    return replace(
        status, verdict=verdict, counts=dict(counts) if scans else None, new=new, since=tuple(worst)
    )


def _scans(platforms: Sequence[PlatformImage], client: Reader) -> tuple[list[PlatformScan], str, str]:
    """The results that there are; why others are not there, and why some never will be."""
    found, missing, unscannable = [], [], []
    for one in platforms:
        try:
            scan = read_answer(client.scans.answer(one.digest), one.digest, one.platform)
        except ScanError as error:
            missing.append(": ".join(filter(None, (error.what, error.why))))
            continue
        if scan.unscannable:
            unscannable.append(f"{one.platform or 'it'} cannot be scanned: {scan.unscannable}")
        else:
            found.append(scan)
    return found, "; ".join(missing), "; ".join(unscannable)


def _time(word: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(word.replace("Z", "+00:00")) if word else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
