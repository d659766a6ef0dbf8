"""An image from one registry to another over HTTP, through what a network and a registry do to it."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecr_push.base.clock import SystemClock
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.aws.session import Access, Aws, Endpoint
from ecr_push.registry.copy.pace import ATTEMPTS, Pace
from ecr_push.registry.copy.send import Received, put_manifests, send_blobs
from ecr_push.registry.copy.tree import Tree, read_tree, with_referrers
from ecr_push.registry.layer_api import TransferError
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.public import PublicRepository
from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support.registry import client_of
from tests.support.sandbox import content

LAYER = os.urandom(3_000_000)  # more than fits into the buffers of a connection
NAME = "team/app"


class Place:
    """A sandbox with one repository, and the client under test."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        keys = sandbox.environment
        endpoint = Endpoint(sandbox.url, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
        self.aws = Aws(Access(region=keys["AWS_REGION"], endpoint=endpoint))
        sandbox.state.repositories.create("private", NAME)
        self.client = PrivateRepository(self.aws, NAME, "", SystemClock())

    def play(self, *faults: str) -> None:
        self.sandbox.faults.play(parse_scenario(f"faults: [{', '.join(faults)}]"))

    def asked(self, operation: str) -> int:
        return sum(plane.get(operation, 0) for plane in self.sandbox.faults.requests().values())


@pytest.fixture(scope="module")
def source() -> Iterator[Place]:
    """An image of one layer, with a statement about it that is attached to it."""
    with Sandbox(SandboxOptions(scan_delay=0.0)) as sandbox:
        made = Place(sandbox)
        image = content.image(LAYER)
        content.add_blobs(sandbox.state, NAME, LAYER, b"statement")
        root = sandbox.state.images.put("private", NAME, image, tag="1.0")
        subject = {"mediaType": content.OCI_MANIFEST, "digest": root.digest, "size": len(image)}
        about = content.image(b"statement", subject=subject, artifactType="text/plain")
        sandbox.state.images.put("private", NAME, about)
        yield made


@pytest.fixture
def to() -> Iterator[Place]:
    with Sandbox(SandboxOptions(scan_delay=0.0, account="222222222222")) as sandbox:
        yield Place(sandbox)


@pytest.fixture
def tree(source: Place) -> Iterator[Tree]:
    source.sandbox.faults.forget()
    tag = Tag("1.0")
    root = source.client.manifest(source.client.digests([tag])[tag])
    yield with_referrers(read_tree(root, source.client), source.client)
    source.play()


def copy(
    tree: Tree, source: Place, to: PrivateRepository | PublicRepository, attempts: int = ATTEMPTS
) -> Received:
    stop = threading.Event()
    pace = Pace(SystemClock(), attempts=attempts)
    received = send_blobs(tree.blobs, source.client.layers, to.layers, pace, stop)
    put_manifests(tree, to, to.manifests(tree.digests), stop)
    return received


def holds_all(tree: Tree, to: Place, folder: Path, client_path: str) -> bool:
    """Whether crane finds each manifest there, and the layer's own bytes."""
    client = client_of(to.sandbox, folder / "clients", client_path)
    uri = f"{to.sandbox.host}/{NAME}"
    for one in tree.manifests:
        assert client.ask("crane", "digest", f"{uri}@{one.digest}") == one.digest.value
    blob = f"crane blob {uri}@{content.digest_of(LAYER)} | sha256sum"
    return client.ask("sh", "-c", blob).split()[0] == hashlib.sha256(LAYER).hexdigest()


def test_an_image_with_what_is_attached_to_it(
    tree: Tree, source: Place, to: Place, tmp_path: Path, client_path: str
) -> None:
    assert len(tree.manifests) == 2
    assert copy(tree, source, to.client).sent == 3
    assert holds_all(tree, to, tmp_path, client_path)
    # A second time nothing is sent; two questions show that.
    to.sandbox.faults.forget()
    assert copy(tree, source, to.client) == Received(there=3)
    assert to.sandbox.faults.requests() == {
        "api": {"BatchCheckLayerAvailability": 1, "BatchGetImage": 1},
        "v2": {},
    }


FAULTS = {
    "an error of the server": (["{plane: v2, operation: PutUpload, status: 500}"], []),
    "too many requests": (["{plane: v2, operation: StartUpload, status: 429, retry-after: 2, times: 3}"], []),
    "a connection that ends while a layer is sent": (["{plane: v2, operation: PutUpload, drop: before}"], []),
    "an answer that is cut off": (["{plane: v2, operation: PutUpload, drop: during, times: 3}"], []),
    "a layer that is cut off": ([], ["{plane: v2, operation: GetBlob, drop: during, times: 3}"]),
    "a source that asks for less": ([], ["{plane: v2, operation: GetBlob, status: 429, retry-after: 1}"]),
    "throttled manifests": (["{operation: PutImage, error: ThrottlingException, times: 2}"], []),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_arrives_whole_in_spite_of(
    fault: str, tree: Tree, source: Place, to: Place, tmp_path: Path, client_path: str
) -> None:
    there, here = FAULTS[fault]
    to.play(*there)
    source.play(*here)
    began = time.monotonic()
    copy(tree, source, to.client)
    waited = time.monotonic() - began
    assert "retry-after: 2" not in str(there) or waited >= 2
    source.play()
    assert holds_all(tree, to, tmp_path, client_path)


def test_a_token_that_ends_is_replaced(tree: Tree, source: Place, to: Place) -> None:
    """Of both registries; their clocks are ahead of ours, so that no one can foresee it."""
    for one in (source, to):
        one.client.login()
        one.sandbox.clock.advance(13 * 3600)
        one.sandbox.faults.forget()
    assert copy(tree, source, to.client).sent == 3
    assert (source.asked("GetAuthorizationToken"), to.asked("GetAuthorizationToken")) == (1, 1)


def test_what_is_not_allowed_is_an_error_and_leaves_no_image(tree: Tree, source: Place, to: Place) -> None:
    to.play("{plane: v2, operation: StartUpload, status: 403, times: always}")
    with pytest.raises(TransferError) as raised:
        copy(tree, source, to.client)
    assert (raised.value.status, raised.value.exit_code) == (403, 4)
    assert "allow what a push needs" in raised.value.remedy
    assert to.client.manifests(tree.digests) == {}


def test_other_bytes_than_the_digest_says_are_not_taken(
    tree: Tree, source: Place, to: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = content.digest_of(LAYER)
    other = source.sandbox.state.layers.path(digest).with_name("other")
    other.write_bytes(LAYER[:-1] + b"\0")
    path = source.sandbox.state.layers.path
    monkeypatch.setattr(
        source.sandbox.state.layers, "path", lambda one: other if one == digest else path(one)
    )
    with pytest.raises(TransferError, match="other bytes than its digest says"):
        copy(tree, source, to.client, attempts=2)
    assert Digest(digest) in to.client.layers.missing([Digest(digest)])
    assert to.client.manifests(tree.digests) == {}


def test_a_public_repository(tree: Tree, source: Place, to: Place) -> None:
    to.sandbox.state.repositories.create("public", "app")
    client = PublicRepository(to.aws, f"{to.sandbox.state.alias}/app", SystemClock())
    assert copy(tree, source, client).sent == 3
    assert client.manifests(tree.digests).keys() == set(tree.digests)


def test_within_a_registry_nothing_crosses_the_wire(tree: Tree, source: Place) -> None:
    source.sandbox.state.repositories.create("private", "team/copy")
    to = PrivateRepository(source.aws, "team/copy", "", SystemClock())
    stop = threading.Event()
    own = source.client.locate()
    send = (tree.blobs, source.client.layers, to.layers, Pace(SystemClock()), stop, own)
    assert send_blobs(*send) == Received(mounted=3)
    assert (source.asked("GetBlob"), source.asked("PutUpload")) == (0, 0)
    # Where the registry does not mount, as is ECR's default, they are sent.
    source.sandbox.state.change_settings(blob_mounting=False)
    source.sandbox.state.repositories.create("private", "team/third")
    third = PrivateRepository(source.aws, "team/third", "", SystemClock())
    send = (tree.blobs, source.client.layers, third.layers, Pace(SystemClock()), stop, own)
    assert send_blobs(*send).sent == 3
    source.sandbox.state.change_settings(blob_mounting=True)


def test_a_large_layer_is_not_kept_in_memory(source: Place, to: Place) -> None:
    layer = os.urandom(40_000_000)
    source.sandbox.state.repositories.create("private", "team/large")
    content.add_blobs(source.sandbox.state, "team/large", layer)
    image = source.sandbox.state.images.put("private", "team/large", content.image(layer))
    del layer
    client = PrivateRepository(source.aws, "team/large", "", SystemClock())
    tree = read_tree(client.manifest(Digest(image.digest)), client)
    tracemalloc.start()
    send_blobs(tree.blobs, client.layers, to.client.layers, Pace(SystemClock()), threading.Event())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000, "of both sandboxes, which are in this process, too"
