"""The images that a build begins with: what can move while the commit stays. Pure.

A name without a digest means another image next week. So the build gets it by the digest that its tag has
now, and the image says in a label which digests it was built from.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from ecr_push.base.reference import has_registry
from ecr_push.base.regex import lazy_regex
from ecr_push.base.source_name import DOCKER_HUB, SourceName
from ecr_push.builder.dockerfile import built, directives, place_of, stages_of
from ecr_push.builder.dockerfile_args import declared_args

# What most Dockerfiles that have no such base do not match: they need not be read line by line.
_MAY_MOVE = lazy_regex(
    r"^[ \t]*FROM\s+(?:--\S+\s+)*(?!scratch\s*(?:$|AS\s))[^\s@]+(?:\s|$)|from=", re.IGNORECASE | re.MULTILINE
)
# Docker's frontends that fail where a build has contexts: https://github.com/docker/buildx/issues/1124
_WITHOUT_CONTEXTS = lazy_regex(r".*:(?:experimental|1\.[0-3](?:[.-][^@]*)?)(?:@.*)?")


def outside_bases(
    text: str, target: str, args: Mapping[str, str], contexts: Collection[str] = ()
) -> tuple[str, ...]:
    """The images without a digest that a build of the Dockerfile needs, each by the name that it has there.

    contexts: the names of build contexts, which stand in place of images. None where another frontend than
    docker's reads the file, or docker's before 1.4, which takes no build contexts. Left out are names with an
    argument whose value only the builder knows, and `left_out_bases`.
    """
    return tuple(name for name, why in _bases(text, target, args, contexts) if not why)


def left_out_bases(
    text: str, target: str, args: Mapping[str, str], contexts: Collection[str] = ()
) -> Mapping[str, str]:
    """Those that must not be given by a digest, and why: it could be that of another image."""
    return {name: why for name, why in _bases(text, target, args, contexts) if why}


def _bases(
    text: str, target: str, args: Mapping[str, str], contexts: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Each name, and why it is left out; "" where it is not."""
    if not _MAY_MOVE.search(text) or "BUILDKIT_SYNTAX" in args or declared_args(text) is None:
        return
    if _WITHOUT_CONTEXTS.fullmatch(directives(text).get("syntax", "")):
        return
    stages = stages_of(text, args)
    needed = built(stages, target)
    named = {image_of(stage.name) for stage in needed if stage.name}
    replaced = {*contexts, *map(image_of, contexts)}
    found = {
        name: None
        for at, stage in enumerate(stages)
        if stage in needed
        for name in stage.sources
        if place_of(name, stages, at) is None and name not in replaced
    }
    for name in found:
        if (image := image_of(name)) and not image.digest and image not in replaced:
            yield name, _why_left_out(name, image, named)


def _why_left_out(name: str, image: SourceName, stages: Collection[SourceName | None]) -> str:
    """stages: the images that the names of stages would mean."""
    if image in stages:
        # A build context of that name stands in place of the stage, with all that it does:
        # https://docs.docker.com/build/ci/github-actions/named-contexts/
        return "a stage of the Dockerfile has its name"
    if "/" in name and not has_registry(name):
        # An earlier step may have built it on this machine, and anyone may have that name in Docker Hub. One
        # without a slash is Docker's: https://docs.docker.com/docker-hub/image-library/trusted-content/
        return f"it names no registry: write {DOCKER_HUB}/{name} if it is Docker Hub's"
    return ""


def image_of(name: str) -> SourceName | None:
    """The image that a Dockerfile means by a name; None for `scratch`, and for what is not a name.

    https://github.com/distribution/reference/blob/v0.6.0/normalize.go
    """
    if name == "scratch" or "$" in name:
        return None
    try:
        found = SourceName.parse(name)
        if found.registry is None:
            found = SourceName.parse(f"{DOCKER_HUB}/{name}")
    except ValueError:
        return None
    return found if found.tag or found.digest else SourceName.parse(f"{found}:latest")
