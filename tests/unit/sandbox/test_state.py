"""What both planes rely on: ECR's rules for images, tags and layers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecr_push.sandbox.manifest import DOCKER_MANIFEST, OCI_INDEX
from ecr_push.sandbox.model import EcrError, Image, Mutability, StoredRepository
from ecr_push.sandbox.state import State
from tests.support.sandbox.content import (
    ABSENT,
    CONFIG,
    CONFIG_TYPE,
    add_blob,
    add_blobs,
    descriptor,
    digest_of,
    image,
    index,
)

FIRST, SECOND = image(b"first"), image(b"second")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "state", account="123456789012", region="eu-west-1")
    state.repositories.create("private", "app")
    add_blobs(state, "app", b"first", b"second")
    yield state
    state.close()


def put(state: State, content: bytes, tag: str = "", **more: str) -> Image:
    return state.images.put("private", "app", content, tag=tag, **more)


def tags(state: State) -> dict[str, str]:
    return dict(state.images.tags("private", "app"))


def test_a_digest_is_the_hash_of_the_manifests_bytes(state: State) -> None:
    spaced = FIRST.replace(b'": ', b'" :  ')
    stored = put(state, spaced, "1.0")
    assert stored.digest == digest_of(spaced) != digest_of(FIRST)
    assert state.images.manifest(stored) == spaced


def test_overwriting_a_mutable_tag_leaves_the_old_image_untagged(state: State) -> None:
    put(state, FIRST, "latest")
    put(state, SECOND, "latest")
    assert {it.digest: it.tags for it in state.images.all("private", "app")} == {
        digest_of(FIRST): (),
        digest_of(SECOND): ("latest",),
    }


def test_deleting_a_tag_deletes_the_image_only_with_its_last_tag(state: State) -> None:
    put(state, FIRST, "candidate")
    put(state, FIRST, "1.0")
    digest = digest_of(FIRST)
    assert state.images.delete("private", "app", tag="candidate") == ((digest, "candidate"),)
    assert state.images.find("private", "app", digest=digest).tags == ("1.0",)
    assert state.images.delete("private", "app", tag="1.0") == ((digest, "1.0"),)
    assert state.images.all("private", "app") == ()


def test_deleting_a_digest_deletes_all_its_tags(state: State) -> None:
    for tag in ("b", "a"):
        put(state, FIRST, tag)
    digest = digest_of(FIRST)
    assert state.images.delete("private", "app", digest=digest) == ((digest, "a"), (digest, "b"))
    assert tags(state) == {}


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        ({}, "MissingDigestAndTag"),
        ({"tag": "none"}, "ImageNotFound"),
        ({"digest": ABSENT}, "ImageNotFound"),
        ({"digest": digest_of(SECOND), "tag": "1.0"}, "ImageTagDoesNotMatchDigest"),
        ({"digest": digest_of(FIRST)}, "ImageReferencedByManifestList"),
        ({"tag": "1.0"}, "ImageReferencedByManifestList"),
    ],
)
def test_deletions_that_are_refused(state: State, identity: dict[str, str], code: str) -> None:
    put(state, FIRST, "1.0")
    put(state, SECOND)
    put(state, index(FIRST), "multi")
    with pytest.raises(EcrError) as caught:
        state.images.delete("private", "app", **identity)
    assert caught.value.code == code
    assert len(state.images.all("private", "app")) == 3


@pytest.mark.parametrize(
    ("setting", "filters", "protected", "free"),
    [
        ("MUTABLE", (), "", "1.0 latest"),
        ("IMMUTABLE", (), "1.0 latest", ""),
        (
            "IMMUTABLE_WITH_EXCLUSION",
            ("latest", "candidate-*"),
            "1.0 latest2 acandidate-1",
            "latest candidate-1",
        ),
        ("MUTABLE_WITH_EXCLUSION", ("sha-*",), "sha-1 sha-", "1.0 latest xsha-1"),
        ("MUTABLE_WITH_EXCLUSION", ("*.*",), "1.0 1.0.0", "latest 1"),
        ("IMMUTABLE_WITH_EXCLUSION", ("1.*",), "1x0 10", "1.0 1."),  # a dot is a dot
    ],
)
def test_mutability(setting: Any, filters: tuple[str, ...], protected: str, free: str) -> None:
    mutability = Mutability(setting, filters)
    assert all(mutability.protects(tag) for tag in protected.split())
    assert not any(mutability.protects(tag) for tag in free.split())


@pytest.mark.parametrize(
    ("setting", "filters"),
    [
        ("IMMUTABLE", ("latest",)),
        ("IMMUTABLE_WITH_EXCLUSION", ()),
        ("IMMUTABLE_WITH_EXCLUSION", ("a", "b", "c", "d", "e", "f")),
        ("MUTABLE_WITH_EXCLUSION", ("*a*b*",)),
        ("MUTABLE_WITH_EXCLUSION", ("a b",)),
        ("MUTABLE_WITH_EXCLUSION", ("a" * 129,)),
    ],
)
def test_exclusion_filters_that_ecr_refuses(setting: Any, filters: tuple[str, ...]) -> None:
    with pytest.raises(EcrError, match="InvalidParameterException"):
        Mutability(setting, filters)


@pytest.mark.parametrize("content", [FIRST, SECOND], ids=["identical", "another"])
def test_an_immutable_tag_is_never_set_again(state: State, content: bytes) -> None:
    state.repositories.change("private", "app", mutability=Mutability("IMMUTABLE"))
    put(state, FIRST, "1.0")
    with pytest.raises(EcrError, match=r"ImageTagAlreadyExistsException.*'1.0'.*'app'.*immutable"):
        put(state, content, "1.0")
    assert tags(state) == {"1.0": digest_of(FIRST)}


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (FIRST, {"tag": "1.0"}, "ImageAlreadyExistsException"),
        (FIRST, {}, "ImageAlreadyExistsException"),
        (SECOND, {"digest": digest_of(FIRST)}, "ImageDigestDoesNotMatchException"),
        (SECOND, {"tag": "-bad"}, "InvalidParameterException"),
        (SECOND, {"media_type": DOCKER_MANIFEST}, "InvalidParameterException"),
        (image(b"elsewhere"), {"tag": "2"}, "LayersNotFoundException"),
        (index(FIRST, SECOND), {"tag": "2"}, "ReferencedImagesNotFoundException"),
        (b"{", {}, "InvalidParameterException"),
        (b"[]", {}, "InvalidParameterException"),
        (b"[" * 100_000 + b"]" * 100_000, {}, "InvalidParameterException"),
        (FIRST.replace(b'"size":', b'"size":1e999,"was":'), {}, "InvalidParameterException"),
        (b'{"schemaVersion": 1}', {}, "InvalidParameterException"),
        (b'{"schemaVersion": 2}', {}, "InvalidParameterException"),
        (FIRST + b" " * 4 * 1024 * 1024, {}, "InvalidParameterException"),
    ],
)
def test_manifests_that_ecr_refuses(state: State, content: bytes, options: dict[str, str], code: str) -> None:
    put(state, FIRST, "1.0")
    state.repositories.create("private", "other")
    add_blobs(state, "other", b"elsewhere")  # in this registry, but not in this repository
    with pytest.raises(EcrError) as caught:
        put(state, content, **options)
    assert caught.value.code == code
    assert tags(state) == {"1.0": digest_of(FIRST)}


def test_an_image_has_at_most_a_thousand_tags(state: State) -> None:
    put(state, FIRST, "latest")
    shelf = state._shelves.get("private", "app")  # a thousand puts would save a thousand times
    shelf.tags.update({f"t{number}": digest_of(FIRST) for number in range(999)})
    with pytest.raises(EcrError, match="LimitExceededException"):
        put(state, FIRST, "one-more")
    put(state, SECOND, "one-more")


def test_an_index_knows_its_children_and_their_platforms(state: State) -> None:
    put(state, FIRST)
    child = descriptor(FIRST, "application/vnd.oci.image.manifest.v1+json")
    child["platform"] = {"os": "linux", "architecture": "arm", "variant": "v7"}
    stored = put(state, json.dumps({"schemaVersion": 2, "manifests": [child]}).encode(), "multi")
    assert stored.is_index
    assert stored.media_type == OCI_INDEX
    assert [it.platform for it in stored.children] == ["linux/arm/v7"]


def test_referrers_are_the_images_with_this_subject(state: State) -> None:
    put(state, FIRST, "1.0")
    signature = image(
        b"first", subject=descriptor(FIRST, CONFIG_TYPE), artifactType="application/x.signature"
    )
    put(state, signature)
    [referrer] = state.images.referrers("private", "app", digest_of(FIRST))
    assert referrer.digest == digest_of(signature)
    assert referrer.artifact_type == "application/x.signature"


@pytest.mark.parametrize(
    ("mounting", "encryption", "mounted"),
    [(True, "AES256", True), (False, "AES256", False), (True, "KMS", False)],
)
def test_a_layer_is_in_its_own_repository_until_it_is_mounted(
    state: State, mounting: bool, encryption: str, mounted: bool
) -> None:
    state.repositories.create("private", "other", encryption_type=encryption)
    state.change_settings(blob_mounting=mounting)
    digest = digest_of(CONFIG)
    assert state.layers.size("private", "other", digest) is None
    assert state.layers.mount("private", "other", digest, "app") is mounted
    assert (state.layers.size("private", "other", digest) == len(CONFIG)) is mounted


def test_private_and_public_repositories_of_one_name_are_two(state: State) -> None:
    public = state.repositories.create("public", "app")
    put(state, FIRST, "1.0")
    assert state.images.all("public", "app") == ()
    assert public.path == "sandbox/app"
    assert public.arn == "arn:aws:ecr-public::123456789012:repository/app"
    assert state.repositories.get("private", "app").arn == (
        "arn:aws:ecr:eu-west-1:123456789012:repository/app"
    )


def test_a_repository_with_images_is_deleted_by_force_alone(state: State) -> None:
    put(state, FIRST, "1.0")
    with pytest.raises(EcrError, match="RepositoryNotEmptyException"):
        state.repositories.delete("private", "app")
    state.repositories.delete("private", "app", force=True)
    with pytest.raises(EcrError, match="RepositoryNotFoundException"):
        state.images.all("private", "app")


def test_listeners_hear_of_each_put_with_all_tags(state: State) -> None:
    heard: list[tuple[StoredRepository, Image]] = []
    state.images.on_push.append(lambda repository, pushed, tag: heard.append((repository, pushed)))
    put(state, FIRST, "1.0")
    put(state, FIRST, "latest")
    assert [(repository.name, pushed.tags) for repository, pushed in heard] == [
        ("app", ("1.0",)),
        ("app", ("1.0", "latest")),
    ]


def test_puts_from_many_threads_all_count(state: State) -> None:
    add_blob(state, "app", b"shared")
    threads = [
        threading.Thread(target=put, args=(state, image(b"shared", annotations={"n": str(n)}), f"t{n}"))
        for n in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tags(state)) == len(state.images.all("private", "app")) == 16
