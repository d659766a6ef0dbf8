"""Which images are due although nothing of theirs changed in git: an image that they are built from moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.base.source_name import SourceName
from ecr_push.builder.base_images import image_of
from ecr_push.pipeline.base_images import Answer, bases_of
from ecr_push.pipeline.images.last_image import OpenRepository
from ecr_push.pipeline.images.wanted import Wanted
from ecr_push.registry.options import target_of
from ecr_push.settings.images.needs import in_order
from ecr_push.tags.labels import bases_in

Outside = Mapping[str, Mapping[str, SourceName]]
LookUp = Callable[[Iterable[SourceName]], Mapping[SourceName, Answer]]
_AT_ONCE = 32


@dataclass(frozen=True)
class LastBuilds:
    """The last image of one that did not change, as far as git says.

    builds: a tag of it, and its digest; several of them where it is open which of them is the last.
    """

    of: Wanted
    builds: Sequence[tuple[str, Digest]]


@dataclass(frozen=True)
class _Build:
    """One of them. uri: its name without a tag. bases: the images that it was built from."""

    tag: str
    digest: Digest
    uri: str
    bases: Mapping[str, Digest]


def outside_bases(wanted: Sequence[Wanted]) -> Outside:
    """The images from elsewhere that each of these is built from, by the names in its Dockerfile.

    One that does not follow them is left out.
    """
    found = {}
    for one in wanted:
        if one.settings.builder.follow_bases:
            named = {name: image_of(name) for name in bases_of(one.settings, one.needs)}
            found[one.name] = {name: image for name, image in named.items() if image}
    return found


def moved_bases(
    unchanged: Sequence[LastBuilds],
    outside: Outside,
    open_repository: OpenRepository,
    look_up: LookUp,
    warn: Callable[[str], None],
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Why images that git says did not change have to run, in words, by their names; and the tags of those
    builds that are from the base images of now.

    One whose Dockerfile names base images by digest alone, or none from elsewhere, costs no request. A base
    that the last image does not name, or that cannot be asked for, is not held against it.

    Raises RegistryError.
    """
    lasts = {last.of.name: last for last in unchanged}
    moving: list[str] = []
    for name in in_order(
        lasts, {name: [need for need in last.of.needs if need in lasts] for name, last in lasts.items()}
    ):
        if name in outside and (outside[name] or not lasts[name].of.needs.keys().isdisjoint(moving)):
            moving.append(name)
    if not moving:
        return {}, {}
    needed = dict.fromkeys(image for name in moving for image in outside[name].values())
    asked = background.start(partial(look_up, needed), "look up base images")
    calls = [partial(_read, lasts[name], open_repository) for name in moving]
    read = dict(zip(moving, background.all_of(calls, "read base images", _AT_ONCE), strict=True))
    now = asked.result()
    for image, said in now.items():
        if not isinstance(said, Digest):
            warn(f"base image {image} is not compared: {said}")
    due: dict[str, str] = {}
    current: dict[str, _Build] = {}
    for name in moving:
        one, bases = lasts[name].of, outside[name]
        reasons = [next(_reasons(one, bases, now, build, current, due), "") for build in read[name]]
        at = next((at for at, why in enumerate(reasons) if not why), None)
        if at is None:
            due[name] = reasons[0]
        else:
            current[name] = read[name][at]
    return due, {name: build.tag for name, build in current.items()}


def _reasons(
    one: Wanted,
    outside: Mapping[str, SourceName],
    now: Mapping[SourceName, Answer],
    build: _Build,
    current: Mapping[str, _Build],
    due: Mapping[str, str],
) -> Iterator[str]:
    """current and due: of the images that this one needs."""
    for name, image in outside.items():
        said, before = now[image], build.bases.get(str(image))
        if before and isinstance(said, Digest) and said != before:
            yield f"its base image {name} moved since {build.tag}"
    for need in one.needs:
        if need in due:
            yield f"{need}, which it needs, is built again: {due[need]}"
        elif (base := current.get(need)) and build.bases.get(base.uri, base.digest) != base.digest:
            yield f"{need}, which it needs, was built again since {build.tag}"


def _read(last: LastBuilds, open_repository: OpenRepository) -> list[_Build]:
    client = open_repository(target_of(last.of.settings.registry))
    uri = client.locate().uri
    return [
        _Build(tag, digest, uri, bases_in(client.labels(client.manifest(digest))))
        for tag, digest in last.builds
    ]
