"""One index of the images of several builders, whatever their order."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.registry.joined_index import INDEX_TYPE, Part, join
from ecr_push.registry.oci import Manifest, read_manifest
from tests.support.fakes import digest, manifest

AMD, ARM = manifest("amd"), manifest("arm")
PARTS = (Part(ARM, "linux/arm64/v8"), Part(AMD, "linux/amd64"))


def index(*entries: Any) -> Manifest:
    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": entries})
    return Manifest(digest(body), INDEX_TYPE, body)


def entry(of: Digest, architecture: str, **more: Any) -> dict[str, Any]:
    system = "unknown" if architecture == "unknown" else "linux"
    return {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": of.value,
        "size": 7,
        "platform": {"os": system, "architecture": architecture},
        **more,
    }


def test_each_image_is_named_by_its_platform_and_size() -> None:
    found = join(PARTS)
    document = json.loads(found.body)
    assert document["schemaVersion"] == 2 and document["mediaType"] == found.media_type == INDEX_TYPE
    assert document["manifests"] == [
        {
            "mediaType": AMD.media_type,
            "digest": AMD.digest.value,
            "size": len(AMD.body),
            "platform": {"os": "linux", "architecture": "amd64"},
        },
        {
            "mediaType": ARM.media_type,
            "digest": ARM.digest.value,
            "size": len(ARM.body),
            "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"},
        },
    ]
    assert "annotations" not in document
    assert read_manifest(found.digest, found.media_type, found.body) == found


def test_the_order_of_the_parts_is_nothing_to_it() -> None:
    three = (*PARTS, Part(manifest("s390x"), "linux/s390x"))
    assert len({join(parts, ["index:a=b"]).digest for parts in permutations(three)}) == 1


def test_a_part_that_is_an_index_keeps_its_entries_and_their_attestations() -> None:
    proof = entry(
        digest("proof"), "unknown", annotations={"vnd.docker.reference.type": "attestation-manifest"}
    )
    own = index(proof, entry(digest("image"), "amd64", annotations={"key": "value"}))
    found = join((Part(own, "linux/amd64"), Part(ARM, "linux/arm64")))
    entries = json.loads(found.body)["manifests"]
    assert [one["digest"] for one in entries] == [
        digest("image").value,
        ARM.digest.value,
        digest("proof").value,
    ]
    assert entries[0]["annotations"] == {"key": "value"} and entries[2] == proof
    assert [child.is_attestation for child in found.children()] == [False, False, True]


def test_annotations_go_onto_the_index_and_onto_its_entries() -> None:
    """Those of manifests are the builder's, and those of the index's own descriptor have no place."""
    given = (
        "manifest,index:a=1",
        "index:b=x=y",
        "manifest:c=3",
        "d=4",
        "index-descriptor:e=5",
        "manifest-descriptor:f=6",
        "manifest-descriptor[linux/arm64]:g=7",
    )
    document = json.loads(join(PARTS, given).body)
    assert document["annotations"] == {"a": "1", "b": "x=y"}
    assert [one["annotations"] for one in document["manifests"]] == [{"f": "6"}, {"f": "6", "g": "7"}]
