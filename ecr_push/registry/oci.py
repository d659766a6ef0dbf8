"""A manifest's text -> its entries, its configuration, and whether it is an image. Pure.

https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.base.shape import (
    OddValueError,
    count,
    each,
    inside,
    mapping,
    member,
    optional_text,
    parsed,
    quoted,
)
from ecr_push.registry.layer_api import Blob

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
# Of `{}`: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor
_EMPTY_CONFIG = Digest("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
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
        return tuple(each(_child, self._document, "manifests"))

    @property
    def is_image(self) -> bool:
        """Whether a container could run it, which is what ECR scans.

        A cosign signature has the configuration of an image, but other layers; an SBOM has another
        configuration. A runtime ignores the artifactType where configuration and layers are an image's.
        """
        document = self._document
        config = optional_text(document, "config", "mediaType") or optional_text(document, "artifactType")
        return not self.is_index and config in ("", *_IMAGE_CONFIG_TYPES) and self._has_image_layers

    @property
    def may_be_run(self) -> bool:
        """Whether a runtime that finds the manifest in an index might run it: an image, or one in disguise.

        containerd takes an entry by its platform, or by that in its configuration, and does not ask for the
        media type of the configuration. An artifact of `oras` has an image's layers too, and a configuration
        that says nothing:
        https://github.com/containerd/containerd/blob/v2.1.0/core/images/image.go (Manifest, ConfigPlatform)
        """
        disguised = self.layers and self._has_image_layers and self.config_digest not in (None, _EMPTY_CONFIG)
        return self.is_image or (not self.is_index and bool(disguised))

    @property
    def _has_image_layers(self) -> bool:
        return all(layer.startswith(_IMAGE_LAYER_TYPES) for layer in self.layer_types)

    @property
    def layers(self) -> tuple[str, ...]:
        """The digests of the layers, the base image's first; none for an index."""
        return tuple(each(lambda layer: optional_text(layer, "digest"), self._document, "layers"))

    @property
    def blobs(self) -> Mapping[str, int]:
        """The bytes of the layers and of the configuration, by digest; those of unknown size are 0."""
        entries = each(dict, self._document, "layers")
        if config := mapping(self._document, "config"):
            entries.append(dict(config))
        sizes = ((optional_text(one, "digest"), member(one, "size")) for one in entries)
        return {digest: size if type(size) is int and size > 0 else 0 for digest, size in sizes}

    @property
    def layer_types(self) -> tuple[str, ...]:
        """The media types of the layers, "" where one is not stated; none for an index."""
        return tuple(each(lambda layer: optional_text(layer, "mediaType"), self._document, "layers"))

    @property
    def predicates(self) -> tuple[str, ...]:
        """What kind of statement each layer is, "" for one that is not an in-toto statement of BuildKit's.

        https://github.com/moby/buildkit/blob/v0.25.0/docs/attestations/attestation-storage.md
        """
        key = "in-toto.io/predicate-type"
        return tuple(each(lambda layer: optional_text(layer, "annotations", key), self._document, "layers"))

    @property
    def layer_bytes(self) -> int:
        """The bytes of all layers as they are stored, compressed as a rule; those of unknown size are 0."""
        sizes = each(lambda layer: member(layer, "size"), self._document, "layers")
        return sum(size for size in sizes if type(size) is int and size > 0)

    @property
    def subject(self) -> Digest | None:
        """The manifest that this one is about, as a signature is about an image."""
        there = member(self._document, "subject") is not None
        return parsed(Digest, self._document, "subject", "digest") if there else None

    @property
    def needed_blobs(self) -> tuple[Blob, ...]:
        """The configuration and the layers; none for an index. Without layers that are kept elsewhere.

        Raises OddValueError for a digest or a size that is not valid.
        """
        config = member(self._document, "config")
        found = [inside(_blob, self._document, "config")] if config is not None else []
        layers = each(lambda layer: _blob(layer) if _is_kept(layer) else None, self._document, "layers")
        return (*found, *(one for one in layers if one))

    @property
    def config_digest(self) -> Digest | None:
        document = self._document
        there = member(document, "config", "digest") is not None
        return parsed(Digest, document, "config", "digest") if there else None

    @cached_property
    def _document(self) -> Mapping[str, Any]:
        document = json.loads(self.body)
        if not isinstance(document, dict):
            raise OddValueError("", f"is {quoted(document)}, expected an object")
        return document


def read_manifest(digest: Digest, media_type: str, body: str) -> Manifest:
    """Return a manifest that is what its digest says, and of which everything can be read.

    Raises OddValueError for another content, for a type that was not asked for, and for odd members.
    """
    try:
        content = body.encode()
    except UnicodeEncodeError as error:
        raise OddValueError("imageManifest", "is not Unicode text") from error
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest.value:
        raise OddValueError("imageManifest", f"has other bytes than its digest {digest.short} says")
    if media_type not in MANIFEST_TYPES:
        raise OddValueError("imageManifestMediaType", f"is {quoted(media_type)}, which was not asked for")
    manifest = Manifest(digest, media_type, body)
    try:
        stated = optional_text(manifest._document, "mediaType")
        manifest.children(), manifest.is_image, manifest.layers, manifest.config_digest
    except OddValueError as odd:
        odd.under("imageManifest")
        raise
    except (ValueError, RecursionError) as error:
        raise OddValueError("imageManifest", "is not valid JSON") from error
    if stated not in ("", media_type):
        raise OddValueError("imageManifest.mediaType", f"is {quoted(stated)}, but {media_type} outside")
    return manifest


def _blob(entry: Mapping[str, Any]) -> Blob:
    return Blob(parsed(Digest, entry, "digest"), count(entry, "size"))


def _is_kept(layer: Mapping[str, Any]) -> bool:
    """Whether a registry has the layer: that of a base image of Windows may be fetched from its vendor.

    https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#non-distributable-layers
    """
    kind = optional_text(layer, "mediaType")
    return "nondistributable" not in kind and ".foreign." not in kind


def _child(entry: Mapping[str, Any]) -> Child:
    parts = tuple(optional_text(entry, "platform", one) for one in ("os", "architecture", "variant"))
    annotations = mapping(entry, "annotations")
    annotated = annotations.get("vnd.docker.reference.type") == "attestation-manifest"
    typed = optional_text(entry, "artifactType") not in ("", *_IMAGE_CONFIG_TYPES)
    unknown = parts[:2] == ("unknown", "unknown")
    can_be_run = (optional_text(entry, "mediaType") or MANIFEST_TYPES[0]) in MANIFEST_TYPES
    return Child(
        parsed(Digest, entry, "digest"),
        "/".join(part for part in parts if part),
        is_attestation=annotated or unknown,
        is_artifact=typed or not can_be_run,
        is_claimed=(annotated or typed) and not unknown and can_be_run,
    )
