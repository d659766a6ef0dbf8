"""What of a manifest is an image that ECR scans, and what is not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from ecr_push.base.reference import Digest
from ecr_push.registry.image import PlatformImage, describe_pushed
from ecr_push.registry.oci import Manifest
from tests.support.fakes import OCI_MANIFEST, REPOSITORY, digest, index

IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def written(document: Mapping[str, Any]) -> Manifest:
    body = json.dumps(document)
    return Manifest(digest(body), OCI_MANIFEST, body)


def image(config: str = IMAGE_CONFIG, *layers: str, **more: Any) -> Manifest:
    return written(
        {
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": config, "digest": digest("config").value},
            "layers": [{"mediaType": layer, "digest": digest(layer).value} for layer in layers],
            **more,
        }
    )


def child(name: str, platform: str = "", **more: Any) -> dict[str, Any]:
    parts = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
    found = {"digest": digest(name).value, "mediaType": OCI_MANIFEST, **more}
    return found | ({"platform": parts} if platform else {})


def refuse(digest: Digest) -> Manifest:
    raise AssertionError(f"{digest} need not be looked up")


IMAGES = [
    image(IMAGE_CONFIG, LAYER, LAYER),
    image(DOCKER_CONFIG, "application/vnd.docker.image.rootfs.diff.tar.gzip"),
    image(DOCKER_CONFIG, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
    image(IMAGE_CONFIG),  # FROM scratch, nothing in it
    image(IMAGE_CONFIG, LAYER, artifactType=IMAGE_CONFIG),
    written({"config": {"digest": digest("config").value}}),
]
OTHERS = {
    "cosign's signature": image(IMAGE_CONFIG, "application/vnd.dev.cosign.simplesigning.v1+json"),
    "cosign's attestation": image(IMAGE_CONFIG, "application/vnd.dsse.envelope.v1+json"),
    "an SBOM": image(EMPTY, "application/spdx+json", artifactType="application/spdx+json"),
    "a Helm chart": image("application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart"),
    "a cache of BuildKit": image("application/vnd.buildkit.cacheconfig.v0", LAYER),
}  # fmt: skip


@pytest.mark.parametrize("manifest", IMAGES)
def test_an_image(manifest: Manifest) -> None:
    pushed = describe_pushed(REPOSITORY, manifest, refuse)
    assert (pushed.images, pushed.is_index) == ((PlatformImage(manifest.digest),), False)


@pytest.mark.parametrize("name", OTHERS)
def test_an_artifact_is_not_scanned(name: str) -> None:
    assert describe_pushed(REPOSITORY, OTHERS[name], refuse).images == ()


def test_of_an_index_every_platform_is_an_image_and_nothing_else_is() -> None:
    reference = {"vnd.docker.reference.type": "attestation-manifest"}
    manifest = index(
        [
            child("amd64", "linux/amd64"),
            child("arm", "linux/arm/v7"),
            child("provenance", "unknown/unknown", annotations=reference),
            child("unmarked provenance", "unknown/unknown"),
            child("marked provenance", "unknown/unknown", artifactType="application/vnd.example.proof"),
            child("cached layer", "linux/amd64", mediaType=LAYER),
            child("cache", mediaType="application/vnd.buildkit.cacheconfig.v0"),
        ]
    )
    pushed = describe_pushed(REPOSITORY, manifest, refuse, reused=True)
    assert pushed.images == (
        PlatformImage(digest("amd64"), "linux/amd64"),
        PlatformImage(digest("arm"), "linux/arm/v7"),
    )
    assert (pushed.is_index, pushed.reused) == (True, True)


@pytest.mark.parametrize(
    "claim",
    [
        {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
        {"artifactType": "application/vnd.example.signature"},
    ],
)
@pytest.mark.parametrize("platform", ["linux/amd64", ""])
def test_a_runnable_image_is_an_image_with_any_media_type(claim: dict[str, Any], platform: str) -> None:
    hidden = image(IMAGE_CONFIG, LAYER, artifactType="application/vnd.example.signature")
    others = [one for name, one in OTHERS.items() if name != "a cache of BuildKit"]
    known = {one.digest: one for one in (hidden, *others)}
    entries = [child("clean", "linux/arm64")]
    entries += [child("", platform, **claim) | {"digest": one.value} for one in known]
    assert describe_pushed(REPOSITORY, index(entries), known.__getitem__).images == (
        PlatformImage(digest("clean"), "linux/arm64"),
        PlatformImage(hidden.digest, platform),
    )


@pytest.mark.parametrize("claim", [{}, {"artifactType": "application/vnd.example.signature"}])
def test_in_an_index_the_type_of_a_configuration_hides_no_image(claim: dict[str, Any]) -> None:
    hidden = image("application/vnd.example.config", LAYER)
    empty = {"mediaType": EMPTY, "digest": f"sha256:{hashlib.sha256(b'{}').hexdigest()}"}
    # As `oras push` makes it of files.
    files = written({"config": empty, "layers": [{"mediaType": LAYER, "digest": digest("file").value}]})
    known = {one.digest: one for one in (hidden, files, OTHERS["an SBOM"])}
    entries = [child("", **claim) | {"digest": one.value} for one in known]
    found = describe_pushed(REPOSITORY, index(entries), known.__getitem__)
    assert found.images == (PlatformImage(hidden.digest),)


def test_entries_that_an_index_does_not_describe_are_looked_up() -> None:
    inner = index([child("arm64", "linux/arm64"), child("amd64", "linux/amd64")])
    plain, signature = IMAGES[0], OTHERS["cosign's signature"]
    known = {one.digest: one for one in (inner, plain, signature)}
    outer = index(
        [
            child("amd64", "linux/amd64"),
            *({"digest": one.digest.value, "mediaType": one.media_type} for one in known.values()),
        ]
    )
    assert describe_pushed(REPOSITORY, outer, known.__getitem__).images == (
        PlatformImage(digest("amd64"), "linux/amd64"),
        PlatformImage(digest("arm64"), "linux/arm64"),
        PlatformImage(plain.digest),
    )
