"""Images of several builders -> one index that names them, the same bytes whatever their order. Pure.

https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecr_push.base.annotation import INDEX, MANIFEST_DESCRIPTOR, Annotation, parse_annotation
from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.registry.oci import Manifest

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True)
class Part:
    """What one builder pushed: an image for one platform, OS/ARCH[/VARIANT], or an index, with its own."""

    manifest: Manifest
    platform: str


def join(parts: Iterable[Part], annotations: Sequence[str] = ()) -> Manifest:
    """The index of all images and attestations of the parts; nothing is copied, it names them as they are.

    annotations: as docker takes them. A builder has put those of manifests already; here are the others.
    """
    given = [parse_annotation(one) for one in annotations]
    entries = sorted((_annotated(entry, given) for part in parts for entry in _entries(part)), key=_order)
    document: dict[str, Any] = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": entries}
    if own := {one.key: one.value for one in given if one.on(INDEX)}:
        document["annotations"] = own
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return Manifest(Digest(f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"), INDEX_TYPE, body)


def _entries(part: Part) -> Iterator[Mapping[str, Any]]:
    manifest = part.manifest
    if manifest.is_index:
        yield from json.loads(manifest.body)["manifests"]
        return
    names = ("os", "architecture", "variant")
    yield {
        "mediaType": manifest.media_type,
        "digest": manifest.digest.value,
        "size": len(manifest.body.encode()),
        "platform": dict(zip(names, part.platform.split("/"), strict=False)),
    }


def _annotated(entry: Mapping[str, Any], given: Iterable[Annotation]) -> Mapping[str, Any]:
    """The entry of an image with the annotations of its descriptor; an attestation has its own."""
    platform = _platform(entry)
    own = {one.key: one.value for one in given if one.on(MANIFEST_DESCRIPTOR, platform)}
    if not own or "unknown" in platform:
        return entry
    return {**entry, "annotations": {**(entry.get("annotations") or {}), **own}}


def _platform(entry: Mapping[str, Any]) -> str:
    platform = entry.get("platform") or {}
    names = (platform.get(name, "") for name in ("os", "architecture", "variant"))
    return "/".join(str(name) for name in names if name)


def _order(entry: Mapping[str, Any]) -> tuple[bool, str, str]:
    """Images by their platform, and attestations, which have none that exists, after them."""
    platform = entry.get("platform") or {}
    text = "/".join(str(platform.get(name, "")) for name in ("os", "architecture", "variant"))
    return "unknown" in text, text, str(entry.get("digest"))
