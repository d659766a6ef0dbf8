"""A manifest's bytes -> Image. The digest is the sha256 of exactly these bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ecr_push.sandbox.model import Descriptor, EcrError, Image

MAX_MANIFEST_BYTES = 4 * 1024 * 1024

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_INDEXES = frozenset({OCI_INDEX, DOCKER_LIST})
_IMAGES = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def parse_manifest(content: bytes, media_type: str, pushed_at: float) -> Image:
    """The image that these bytes describe, without tags.

    media_type may be empty: then the manifest's own `mediaType` is used, or else its structure.
    Raises EcrError InvalidParameterException for content that is neither an image nor an index.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        raise _invalid(f"the manifest has {len(content)} bytes, {MAX_MANIFEST_BYTES} are allowed")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise _invalid("Invalid JSON syntax") from None
    if not isinstance(document, dict):
        raise _invalid("Invalid JSON syntax")
    media_type = media_type or _media_type_of(document)
    if document.get("mediaType", media_type) != media_type:
        raise _invalid(
            f"mediaType is {document['mediaType']!r} in the manifest and {media_type!r} in the request"
        )
    if document.get("schemaVersion") != 2:
        raise _invalid("schemaVersion must be 2")
    if null := [name for name in ("config", "layers", "manifests") if document.get(name, "") is None]:
        # `buildx build --check --push` sends such a manifest.
        raise _invalid(f"the manifest is not a valid {media_type}: {' and '.join(null)} must not be null")
    try:
        return _image(document, content, media_type, pushed_at)
    except KeyError as error:
        raise _invalid(f"the manifest is not a valid {media_type}: it lacks {error}") from None
    except (TypeError, ValueError, OverflowError, AttributeError):
        raise _invalid(f"the manifest is not a valid {media_type}") from None


def states_its_type(content: str) -> bool:
    """Whether a manifest has a mediaType of its own."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return True  # what is wrong with it is found when it is put
    return not isinstance(document, dict) or bool(document.get("mediaType"))


def _media_type_of(document: Mapping[str, Any]) -> str:
    if declared := document.get("mediaType"):
        return str(declared)
    return OCI_INDEX if "manifests" in document else OCI_MANIFEST


def _image(document: Mapping[str, Any], content: bytes, media_type: str, pushed_at: float) -> Image:
    if media_type not in _INDEXES | _IMAGES:
        raise ValueError("unsupported media type")
    is_index = media_type in _INDEXES
    config = None if is_index else _descriptor(document["config"])
    artifact_type = document.get("artifactType", "")
    if config and not artifact_type:
        artifact_type = config.media_type
    return Image(
        digest=digest_of(content),
        media_type=media_type,
        manifest_size=len(content),
        pushed_at=pushed_at,
        config=config,
        layers=() if is_index else tuple(map(_descriptor, document["layers"])),
        children=tuple(map(_descriptor, document["manifests"])) if is_index else (),
        artifact_type=str(artifact_type),
        subject=_descriptor(document["subject"]).digest if document.get("subject") else "",
        annotations=dict(document.get("annotations") or {}),
    )


def _descriptor(entry: Mapping[str, Any]) -> Descriptor:
    platform = entry.get("platform") or {}
    parts = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
    return Descriptor(
        digest=str(entry["digest"]),
        media_type=str(entry["mediaType"]),
        size=int(entry["size"]),
        platform="/".join(part for part in parts if part),
        annotations=dict(entry.get("annotations") or {}),
        urls=tuple(entry.get("urls") or ()),
    )


def _invalid(reason: str) -> EcrError:
    return EcrError(
        "InvalidParameterException",
        f"Invalid parameter at 'ImageManifest' failed to satisfy constraint: '{reason}'",
    )
