"""Blobs and manifests for tests, small and valid."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ecr_push.sandbox.manifest import OCI_INDEX, OCI_MANIFEST
from ecr_push.sandbox.model import Kind
from ecr_push.sandbox.state import State

CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = b"{}"
ABSENT = "sha256:" + "0" * 64


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def descriptor(content: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content), **more}


def image(layer: bytes = b"layer", **more: Any) -> bytes:
    """An image of one layer; more goes into the manifest."""
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor(CONFIG, CONFIG_TYPE),
            "layers": [descriptor(layer, LAYER_TYPE)],
            **more,
        }
    ).encode()


def index(*children: bytes) -> bytes:
    entries = [descriptor(child, OCI_MANIFEST) for child in children]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).encode()


def add_blob(state: State, name: str, content: bytes, kind: Kind = "private") -> str:
    upload = state.layers.begin(kind, name)
    upload.append([content])
    state.layers.complete(kind, name, upload.id, digest_of(content))
    return digest_of(content)


def add_blobs(state: State, name: str, *layers: bytes, kind: Kind = "private") -> None:
    """Everything that `image(layer)` of these layers refers to."""
    for content in (CONFIG, *layers):
        add_blob(state, name, content, kind)
