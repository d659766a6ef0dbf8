"""Images of several builders -> one index that names them, the same bytes whatever their order. Pure.

https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.registry.oci import Manifest

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True)
class Part:
    """What one builder pushed: an image for one platform, OS/ARCH[/VARIANT], or an index, with its own."""

    manifest: Manifest
    platform: str


def join(parts: Iterable[Part], annotations: Mapping[str, str]) -> Manifest:
    """The index of all images and attestations of the parts; nothing is copied, it names them as they are."""
    entries = sorted((entry for part in parts for entry in _entries(part)), key=_order)
    document: dict[str, Any] = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": entries}
    if annotations:
        document["annotations"] = dict(annotations)
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return Manifest(Digest(f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"), INDEX_TYPE, body)


def index_annotations(annotations: Sequence[str]) -> dict[str, str]:
    """Those of `[LEVEL[,LEVEL…]:]KEY=VALUE` that are for an index; a builder has put the others already.

    https://docs.docker.com/build/metadata/annotations/#specify-annotation-level
    """
    found = {}
    for annotation in annotations:
        key, _, value = annotation.partition("=")
        levels, colon, name = key.rpartition(":")
        if colon and "index" in levels.split(","):
            found[name] = value
    return found


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


def _order(entry: Mapping[str, Any]) -> tuple[bool, str, str]:
    """Images by their platform, and attestations, which have none that exists, after them."""
    platform = entry.get("platform") or {}
    text = "/".join(str(platform.get(name, "")) for name in ("os", "architecture", "variant"))
    return "unknown" in text, text, str(entry.get("digest"))
