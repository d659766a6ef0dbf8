"""A document about an image -> the OCI artifact that carries it, the same bytes each time. Pure.

https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.oci import Manifest

_OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_EMPTY = b"{}"
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"

# How an artifact was attached: as a referrer, under a tag of its own, or not, as in a dry run.
Attached = Literal["referrer", "tag", "no"]


@dataclass(frozen=True)
class Artifact:
    """An artifact about an image.

    manifest: has the image as its subject, so that the referrers API lists it.
    tagged:   the same without a subject, for a registry that refuses one, and tag, which names it then.
    blobs:    what both of them name.
    """

    manifest: Manifest
    tagged: Manifest
    tag: Tag
    blobs: tuple[bytes, ...]


def artifact_about(
    subject: Manifest, media_type: str, content: bytes, annotations: Mapping[str, str], word: str
) -> Artifact:
    """The artifact of content about subject. annotations: of its one layer. word: for the tag."""
    layer = {**_descriptor(media_type, content), "annotations": dict(annotations)}
    about = {"mediaType": subject.media_type, "digest": subject.digest.value, "size": _size(subject)}
    manifest = _manifest(
        {
            "artifactType": media_type,
            "config": _descriptor(_EMPTY_TYPE, _EMPTY),
            "layers": [layer],
            "subject": about,
        }
    )
    # A registry of before OCI 1.1 tells artifacts by their configuration's type.
    tagged = _manifest({"config": _descriptor(media_type, _EMPTY), "layers": [layer]})
    digest = layer["digest"].partition(":")[2]
    tag = Tag(f"sha256-{subject.digest.value.partition(':')[2]}.{word}-{digest[:12]}")
    return Artifact(manifest, tagged, tag, (_EMPTY, content))


def blob_digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _manifest(more: Mapping[str, Any]) -> Manifest:
    body = json.dumps({"schemaVersion": 2, "mediaType": _OCI_MANIFEST, **more}, separators=(",", ":"))
    return Manifest(Digest(blob_digest(body.encode())), _OCI_MANIFEST, body)


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": blob_digest(content), "size": len(content)}


def _size(manifest: Manifest) -> int:
    return len(manifest.body.encode())
