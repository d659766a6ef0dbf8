from __future__ import annotations

import json

from ecr_push.registry.fallback_tag import fallback_tag, with_referrers_listed
from ecr_push.registry.oci import Manifest
from tests.support.fakes import OCI_MANIFEST, digest


def artifact(kind: str, **more: object) -> Manifest:
    body = json.dumps({"mediaType": OCI_MANIFEST, "config": {"mediaType": kind}, **more})
    return Manifest(digest(body), OCI_MANIFEST, body)


SIGNATURE = artifact("application/a", artifactType="application/signature", annotations={"by": "me"})
SBOM = artifact("application/sbom")


def test_the_tag_is_the_digest_with_a_hyphen() -> None:
    assert str(fallback_tag(SBOM.digest)) == f"sha256-{SBOM.digest.value[7:]}"


def test_an_index_lists_each_with_its_type_and_annotations() -> None:
    made = with_referrers_listed(None, [SIGNATURE, SBOM])
    assert made
    entries = {one["digest"]: one for one in json.loads(made.body)["manifests"]}
    assert entries[SIGNATURE.digest.value] == {
        "mediaType": OCI_MANIFEST,
        "digest": SIGNATURE.digest.value,
        "size": len(SIGNATURE.body),
        "artifactType": "application/signature",
        "annotations": {"by": "me"},
    }
    assert entries[SBOM.digest.value]["artifactType"] == "application/sbom"


def test_what_is_listed_already_stays_and_is_not_listed_twice() -> None:
    first = with_referrers_listed(None, [SBOM])
    assert first and with_referrers_listed(first, [SBOM]) is None
    both = with_referrers_listed(first, [SBOM, SIGNATURE])
    assert both and [one.digest for one in both.children()] == [SBOM.digest, SIGNATURE.digest]


def test_it_is_the_same_in_any_order() -> None:
    assert with_referrers_listed(None, [SBOM, SIGNATURE]) == with_referrers_listed(None, [SIGNATURE, SBOM])
