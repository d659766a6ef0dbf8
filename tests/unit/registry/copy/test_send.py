from __future__ import annotations

import threading

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Repository
from ecr_push.registry.copy.pace import Pace
from ecr_push.registry.copy.send import Received, StoppedError, put_manifests, send_blobs
from ecr_push.registry.copy.tree import Tree, read_tree
from ecr_push.registry.layer_api import Blob, OpenBlob, Sent
from ecr_push.registry.layers import DryLayers
from ecr_push.registry.oci import Manifest
from tests.support.fakes import REPOSITORY, FakeClock, FakeLayers, FakeRepository, digest, index, manifest

BLOBS = tuple(Blob(digest(name), 1_000_000) for name in ("a", "b", "c"))


def source() -> FakeRepository:
    found = FakeRepository()
    found.blobs = {blob.digest for blob in BLOBS}
    return found


def send(to: FakeLayers, mount_from: Repository | None = None, stop: bool = False) -> Received:
    stopped = threading.Event()
    if stop:
        stopped.set()
    return send_blobs(BLOBS, source().layers, to, Pace(FakeClock()), stopped, mount_from)


def test_only_what_is_missing_is_sent() -> None:
    to = FakeRepository()
    to.blobs = {BLOBS[0].digest}
    received = send(to.layers)
    assert received == Received(there=1, sent=2, sent_bytes=2_000_000)
    assert str(received) == "2 sent (2.0 MB), 1 there already"
    assert to.blobs == {blob.digest for blob in BLOBS}
    assert str(send(to.layers)) == "3 there already"
    assert str(send_blobs((), source().layers, to.layers, Pace(FakeClock()), threading.Event())) == "none"


def test_within_a_registry_they_are_mounted() -> None:
    to = FakeRepository()
    assert send(to.layers, mount_from=REPOSITORY) == Received(mounted=3)
    assert to.log == ["mounted"] * 3


def test_a_run_that_ended_begins_nothing_more() -> None:
    to = FakeRepository()
    with pytest.raises(StoppedError):
        send(to.layers, stop=True)
    tree = read_tree(manifest(), FakeRepository())
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(StoppedError):
        put_manifests(tree, to, (), stopped)
    assert to.log == []


def test_an_error_ends_it_and_names_its_cause() -> None:
    class Broken(FakeLayers):
        def put(self, blob: Blob, open_blob: OpenBlob, mount_from: Repository | None = None) -> Sent:
            raise RegistryError("the disk is full")

    with pytest.raises(RegistryError, match="the disk is full"):
        send(Broken(FakeRepository()))


def test_a_dry_run_sends_nothing() -> None:
    to = FakeRepository()
    assert DryLayers(to.layers).put(BLOBS[0], lambda: source().layers.open(BLOBS[0])) == "no"
    assert DryLayers(to.layers).missing([BLOBS[0].digest]) == {BLOBS[0].digest}
    assert to.log == []


def test_manifests_are_put_after_what_they_name_and_only_once() -> None:
    """The stand-in refuses a manifest before what it names, as ECR does."""
    one, two = manifest("one"), manifest("two")
    root = index({"digest": it.digest.value, "mediaType": it.media_type} for it in (one, two))
    tree = read_tree(root, FakeRepository(manifests=[one, two]))
    to = FakeRepository()
    to.blobs = {blob.digest for blob in tree.blobs}
    assert put_manifests(tree, to, (), threading.Event()) == 3
    assert to.log[-1] == f"+{root.digest.short}"
    assert put_manifests(tree, to, to.manifests(tree.digests), threading.Event()) == 0
    assert len(to.log) == 3


def test_a_manifest_that_is_about_another_waits_for_it() -> None:
    image = manifest("image")
    body = f'{{"subject": {{"digest": "{image.digest}"}}}}'
    signature = Manifest(digest(body), image.media_type, body)
    to = FakeRepository()
    to.blobs = {blob.digest for blob in image.needed_blobs}
    put_manifests(Tree((signature, image)), to, (), threading.Event())
    assert to.log == [f"+{image.digest.short}", f"+{signature.digest.short}"]
