"""A manifest's text -> its entries, its configuration, and whether it is an image. Pure.

https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecr_push.base.reference import Digest

INDEX_TYPES = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    *sorted(INDEX_TYPES),
)
_IMAGE_CONFIG_TYPES = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)
_IMAGE_LAYER_TYPES = ("application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.")


@dataclass(frozen=True)
class Child:
    """One entry of an index. platform is `os/arch[/variant]`, empty where the index has none.

    is_artifact: its media type or artifactType is not that of an image: for example a layer of a build cache.
    is_claimed:  only an annotation or the artifactType says that it is one of the two. A runtime ignores
                 both, looks at the platform, and may run it.
    """

    digest: Digest
    platform: str
    is_attestation: bool
    is_artifact: bool = False
    is_claimed: bool = False


@dataclass(frozen=True)
class Manifest:
    """A manifest or an index, with its exact bytes as text: the digest is of these bytes."""

    digest: Digest
    media_type: str
    body: str

    @property
    def is_index(self) -> bool:
        return self.media_type in INDEX_TYPES

    def children(self) -> tuple[Child, ...]:
        """Return the entries of an index; none for a manifest."""
        if not self.is_index:
            return ()
        return tuple(_child(entry) for entry in json.loads(self.body).get("manifests", ()))

    @property
    def is_image(self) -> bool:
        """Whether a container could run it, which is what ECR scans.

        A cosign signature has the configuration of an image, but other layers; an SBOM has another
        configuration. A runtime ignores the artifactType where configuration and layers are an image's.
        """
        document = json.loads(self.body)
        config = document.get("config") or {}
        layers = [str(layer.get("mediaType", "")) for layer in document.get("layers") or ()]
        return (
            not self.is_index
            and (config.get("mediaType") or document.get("artifactType") or "") in ("", *_IMAGE_CONFIG_TYPES)
            and all(layer.startswith(_IMAGE_LAYER_TYPES) for layer in layers)
        )

    @property
    def config_digest(self) -> Digest | None:
        config = json.loads(self.body).get("config") or {}
        return Digest(config["digest"]) if "digest" in config else None


def _child(entry: Mapping[str, Any]) -> Child:
    platform = entry.get("platform") or {}
    parts = (platform.get("os", ""), platform.get("architecture", ""), platform.get("variant", ""))
    annotated = (entry.get("annotations") or {}).get("vnd.docker.reference.type") == "attestation-manifest"
    typed = entry.get("artifactType", "") not in ("", *_IMAGE_CONFIG_TYPES)
    unknown = parts[:2] == ("unknown", "unknown")
    can_be_run = entry.get("mediaType", MANIFEST_TYPES[0]) in MANIFEST_TYPES
    return Child(
        Digest(entry["digest"]),
        "/".join(part for part in parts if part),
        is_attestation=annotated or unknown,
        is_artifact=typed or not can_be_run,
        is_claimed=(annotated or typed) and not unknown and can_be_run,
    )
