from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest
from ecr_push.registry.aws.odd import OddAnswerError
from ecr_push.registry.copy.tree import read_tree, with_referrers
from ecr_push.registry.layer_api import Blob
from ecr_push.registry.oci import Manifest
from tests.support.fakes import OCI_INDEX, OCI_MANIFEST, FakeRepository, digest
from tests.support.trees import AMD, ARM, about, image, index_of


def places(*wanted: Manifest, found: tuple[Manifest, ...]) -> list[int]:
    return [found.index(one) for one in wanted]


def test_an_image_is_itself_with_its_blobs_the_largest_first() -> None:
    tree = read_tree(AMD, FakeRepository())
    assert tree.manifests == (AMD,)
    assert tree.blobs == (
        Blob(digest("base layer"), 1000),
        Blob(digest("own layer"), 9),
        Blob(digest("config of amd"), 2),
    )


def test_an_index_comes_after_its_images_and_a_shared_layer_once() -> None:
    root = index_of(AMD, ARM)
    tree = read_tree(root, FakeRepository(manifests=[AMD, ARM]))
    assert set(tree.manifests) == {AMD, ARM, root}
    assert tree.manifests[-1] == root
    assert [blob.digest for blob in tree.blobs].count(digest("base layer")) == 1


def test_what_is_named_twice_comes_before_both() -> None:
    """An image in an index within the index, and in the index itself."""
    inner = index_of(AMD)
    root = index_of(AMD, inner, ARM)
    tree = read_tree(root, FakeRepository(manifests=[AMD, ARM, inner]))
    amd, within, outer = places(AMD, inner, root, found=tree.manifests)
    assert amd < within < outer == 3


def test_what_is_attached_to_any_of_them_comes_after_them() -> None:
    root = index_of(AMD, ARM)
    signature, statement = about(root, "signature"), about(AMD, "sbom")
    deeper = about(signature, "timestamp")
    source = FakeRepository(
        manifests=[AMD, ARM, signature, statement, deeper],
        referrers={
            root.digest: [signature.digest],
            AMD.digest: [statement.digest],
            signature.digest: [deeper.digest],
        },
    )
    tree = with_referrers(read_tree(root, source), source)
    assert len(tree.manifests) == 6
    at_root, first, second, third = places(root, signature, statement, deeper, found=tree.manifests)
    assert at_root < min(first, second)
    assert max(first, second) < third
    assert digest("content of timestamp") in {blob.digest for blob in tree.blobs}


def test_what_is_not_there_is_named() -> None:
    root = index_of(AMD, ARM)
    with pytest.raises(RegistryError, match=f"can be read: {ARM.digest.short}"):
        read_tree(root, FakeRepository(manifests=[AMD]))
    source = FakeRepository(referrers={AMD.digest: [digest("gone")]})
    with pytest.raises(RegistryError, match=digest("gone").short):
        with_referrers(read_tree(AMD, source), source)


@pytest.mark.parametrize("size", [-1, None, "7", 1.5])
def test_a_size_that_is_not_one_is_an_odd_answer(size: Any) -> None:
    body = json.dumps({"config": {"digest": digest("x").value, "size": size}})
    with pytest.raises(OddAnswerError, match="manifests/sha256"):
        read_tree(Manifest(digest(body), OCI_MANIFEST, body), FakeRepository())


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    ],
)
def test_a_layer_that_is_kept_elsewhere_is_not_copied(media_type: str) -> None:
    layers = [{"digest": digest("windows").value, "size": 9, "mediaType": media_type}]
    found = read_tree(image("windows", layers=layers), FakeRepository())
    assert [one.digest for one in found.blobs] == [digest("config of windows")]


def test_an_index_has_no_blobs_of_its_own() -> None:
    assert Manifest(digest("x"), OCI_INDEX, "{}").needed_blobs == ()
    assert isinstance(about(AMD, "x").subject, Digest)
    assert AMD.subject is None
