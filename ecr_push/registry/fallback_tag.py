"""What is attached to an image in a registry that does not list its referrers: an index under a tag.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecr_push.base.reference import Digest, Tag
from ecr_push.base.shape import items, optional_text
from ecr_push.registry.oci import Manifest, read_manifest

OCI_INDEX = "application/vnd.oci.image.index.v1+json"


def fallback_tag(subject: Digest) -> Tag:
    """The tag of the index that lists what is attached to an image."""
    return Tag(subject.value.replace(":", "-"))


def with_referrers_listed(listed: Manifest | None, referrers: Iterable[Manifest]) -> Manifest | None:
    """The index with these added; None if it has all of them already. listed: the one that is there.

    Raises OddValueError for an index whose entries are odd.
    """
    entries: Sequence[Any] = items(json.loads(listed.body), "manifests") if listed else ()
    known = {child.digest for child in listed.children()} if listed else set()
    new = [one for one in referrers if one.digest not in known]
    if not new:
        return None
    manifests = [*entries, *map(_described, sorted(new, key=lambda one: one.digest.value))]
    body = json.dumps(
        {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}, separators=(",", ":")
    )
    return read_manifest(Digest(f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"), OCI_INDEX, body)


def _described(manifest: Manifest) -> Mapping[str, object]:
    """The descriptor of a manifest, as a list of referrers has it."""
    document = json.loads(manifest.body)
    kind = optional_text(document, "artifactType") or optional_text(document, "config", "mediaType")
    annotations = document.get("annotations")
    return {
        "mediaType": manifest.media_type,
        "digest": manifest.digest.value,
        "size": len(manifest.body.encode()),
        **({"artifactType": kind} if kind else {}),
        **({"annotations": annotations} if annotations else {}),
    }
