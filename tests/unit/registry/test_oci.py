"""A manifest and the entries of an index. What counts as an image is in test_image."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.registry.oci import INDEX_TYPES, MANIFEST_TYPES, Child, Manifest
from tests.support.fakes import OCI_INDEX, OCI_MANIFEST, digest, index, manifest

ONE = digest("one")
ATTESTATION = {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
AMD64 = {"platform": {"os": "linux", "architecture": "amd64"}}
UNKNOWN = {"platform": {"os": "unknown", "architecture": "unknown"}}
ARM = {"platform": {"os": "linux", "architecture": "arm", "variant": "v7"}}
SIGNATURE = {"artifactType": "application/vnd.example.signature"}
TYPED_IMAGE = {"artifactType": "application/vnd.oci.image.config.v1+json"}
LAYER = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"}


@pytest.mark.parametrize(
    ("entry", "platform", "attestation", "artifact", "claimed"),
    [
        ({}, "", False, False, False),
        (AMD64, "linux/amd64", False, False, False),
        (ARM, "linux/arm/v7", False, False, False),
        (AMD64 | TYPED_IMAGE, "linux/amd64", False, False, False),
        (UNKNOWN, "unknown/unknown", True, False, False),
        (UNKNOWN | ATTESTATION, "unknown/unknown", True, False, False),
        (AMD64 | ATTESTATION, "linux/amd64", True, False, True),
        (AMD64 | SIGNATURE, "linux/amd64", False, True, True),
        (SIGNATURE, "", False, True, True),
        (AMD64 | LAYER, "linux/amd64", False, True, False),
        (AMD64 | SIGNATURE | LAYER, "linux/amd64", False, True, False),
    ],
)  # fmt: skip
def test_what_an_entry_of_an_index_shows(
    entry: dict[str, Any], platform: str, attestation: bool, artifact: bool, claimed: bool
) -> None:
    [child] = index([{"digest": ONE.value, "mediaType": OCI_MANIFEST, **entry}]).children()
    assert child == Child(ONE, platform, attestation, artifact, claimed)


@pytest.mark.parametrize("media_type", sorted({*MANIFEST_TYPES, "application/vnd.example+json"}))
def test_an_index_is_known_by_its_media_type(media_type: str) -> None:
    one = Manifest(ONE, media_type, json.dumps({"manifests": [{"digest": ONE.value}]}))
    assert one.is_index == (media_type in INDEX_TYPES)
    assert len(one.children()) == (1 if one.is_index else 0)


def test_the_configuration_of_a_manifest() -> None:
    assert manifest("one").config_digest == ONE
    assert Manifest(ONE, OCI_MANIFEST, "{}").config_digest is None
    assert Manifest(ONE, OCI_INDEX, '{"manifests": []}').config_digest is None
