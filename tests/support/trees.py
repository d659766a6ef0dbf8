"""Images that name each other: of two platforms, an index of both, and what is attached to one."""

from __future__ import annotations

import json
from typing import Any

from ecr_push.registry.oci import Manifest
from tests.support.fakes import OCI_MANIFEST, digest, index


def image(name: str, *layers: tuple[str, int], **more: Any) -> Manifest:
    body = json.dumps(
        {
            "mediaType": OCI_MANIFEST,
            "config": {"digest": digest(f"config of {name}").value, "size": 2},
            "layers": [{"digest": digest(layer).value, "size": size} for layer, size in layers],
            **more,
        }
    )
    return Manifest(digest(body), OCI_MANIFEST, body)


def about(subject: Manifest, name: str) -> Manifest:
    """What is attached to an image."""
    return image(name, (f"content of {name}", 5), subject={"digest": subject.digest.value})


def index_of(*manifests: Manifest) -> Manifest:
    return index({"digest": one.digest.value, "mediaType": one.media_type} for one in manifests)


BASE = ("base layer", 1000)
AMD, ARM = image("amd", BASE, ("own layer", 9)), image("arm", BASE)
