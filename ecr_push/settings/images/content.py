"""What ecr-push.yml says of an image's content: to be compared with what it said in an earlier commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ecr_push.base.fences import Fences
from ecr_push.builder.attestation_options import AttestationOptions
from ecr_push.builder.options import BuildOptions
from ecr_push.settings.file import UnreadError, entries_of, read_values
from ecr_push.settings.given import Given
from ecr_push.settings.images.entry import ImageEntry, read_images

# How it is built, but not what it is.
_HOW = {"builder", "cache_from", "cache_to", "no_cache", "no_cache_filter", "pull", "follow_bases"}
_CONTENT = {one.name for room in (BuildOptions, AttestationOptions) for one in fields(room)} - _HOW
_CONTENT |= {"context", "repository", "labels", "annotations", "annotate"}

Content = Mapping[str, Any]


def content_of(head: Mapping[str, Given], image: ImageEntry) -> Content:
    """By option name. head: what the file says for all images."""
    given = {**head, **image.given}
    found = {name: one.value for name, one in given.items() if name in _CONTENT}
    return {**found, "needs": dict(image.needs)}


def contents_in(text: str, path: Path) -> Mapping[str, Content]:
    """The same of every image in a text of the file; none where it is not valid. path: where the file is."""
    fences = Fences.of(path.parent)
    try:
        entries = entries_of(text, path)
    except UnreadError:
        return {}
    head = dict(read_values(entries, path, fences, []))
    return {one.name: content_of(head, one) for one in read_images(entries, path, fences, []).values()}
