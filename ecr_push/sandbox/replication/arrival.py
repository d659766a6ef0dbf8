"""An image arrives in another registry: its repository, its blobs, its manifest, its tags."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from ecr_push.sandbox.creation import settings_by_template
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.replication.model import Registry


def arrive(source: Registry, there: Registry, repository: str, digest: str, tags: Sequence[str]) -> None:
    """Copies an image with what it lists. One that the source no longer has does not arrive.

    A tag that is immutable there, and taken, stays where it is: the image arrives without it.
    """
    try:
        image = source.images.find("private", repository, digest=digest)
    except EcrError:
        return
    _make_repository(there, repository)
    for child in image.children:
        arrive(source, there, repository, child.digest, ())
    for blob in image.blobs:
        if (size := source.layers.size("private", repository, blob.digest)) is not None:
            there.layers.receive(repository, blob.digest, source.layers.path(blob.digest), size)
    content = source.images.manifest(image)
    for tag in ("", *tags):
        with contextlib.suppress(EcrError):  # it is there already, or the tag is immutable
            there.images.put("private", repository, content, tag=tag, media_type=image.media_type)


def depart(there: Registry, repository: str, digest: str, tags: Sequence[str], *, gone: bool) -> None:
    """A deletion arrives: of tags, or of an image with all of its tags."""
    with contextlib.suppress(EcrError):  # it is not there
        if gone:
            there.images.delete("private", repository, digest=digest)
            return
        for tag in tags:
            there.images.delete("private", repository, digest=digest, tag=tag)


def _make_repository(there: Registry, repository: str) -> None:
    given = settings_by_template(there.settings, repository, "REPLICATION") or {}
    with contextlib.suppress(EcrError):
        there.repositories.create("private", repository, **given)
