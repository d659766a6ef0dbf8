"""Removing a candidate's tag from a repository of the sandbox, while others change the image's other tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import urllib3

from ecr_push.base.clock import SystemClock
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.aws.session import Access, Aws, Endpoint
from ecr_push.registry.private import PrivateRepository
from ecr_push.release import candidate
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from ecr_push.tags.kinds import ReleaseTag, TagKind
from tests.support.fakes import FakeNarrator
from tests.support.pusher import Pusher, rootfs

NAME = "team/app"
VERSION, CANDIDATE = Tag("1.4.2"), Tag("candidate-1")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Without an engine."""
    with Sandbox(SandboxOptions(scan_delay=0.0)) as sandbox:
        yield sandbox


@dataclass
class World:
    """A repository with an accepted image and another one. between: done right before our removal."""

    client: PrivateRepository
    api: Any
    image: Digest
    other: Digest
    narrator: FakeNarrator

    def retire(self, between: Callable[[], object] = lambda: None) -> bool:
        remove = self.client.remove_tags

        def removing(tags: Sequence[Tag]) -> frozenset[Tag]:
            between()
            return remove(tags)

        self.client.remove_tags = removing  # type: ignore[method-assign]
        tags = (ReleaseTag(VERSION, TagKind.VERSION),)
        manifest = self.client.manifest(self.image)
        retirement = candidate.Retirement(manifest, tags, self.client, self.narrator).look()
        retirement.remove()
        return retirement.verify()

    def put(self, digest: Digest, tag: Tag) -> None:
        found = self.api.batch_get_image(repositoryName=NAME, imageIds=[{"imageDigest": digest.value}])
        body = found["images"][0]["imageManifest"]
        self.api.put_image(repositoryName=NAME, imageManifest=body, imageTag=tag.name)

    def delete(self, **image: str) -> None:
        self.api.batch_delete_image(repositoryName=NAME, imageIds=[image])

    def tags(self) -> dict[str, str]:
        found = self.api.list_images(repositoryName=NAME)["imageIds"]
        return {one["imageTag"]: one["imageDigest"] for one in found if "imageTag" in one}


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    keys = sandbox.environment
    endpoint = Endpoint(sandbox.url, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    aws = Aws(Access(keys["AWS_REGION"], endpoint=endpoint))
    sandbox.state.repositories.create("private", NAME)
    client = PrivateRepository(aws, NAME, "", SystemClock())
    pusher = Pusher(sandbox.url, client.login().authorization, urllib3.PoolManager())
    image = pusher.push(NAME, CANDIDATE.name, rootfs("one"), {})
    made = World(
        client, aws.client("ecr"), image, pusher.push(NAME, "0.9", rootfs("other"), {}), FakeNarrator()
    )
    made.put(image, VERSION)
    return made


def test_the_candidate_goes_and_the_image_stays(world: World) -> None:
    assert world.retire()
    assert world.tags() == {"1.4.2": world.image.value, "0.9": world.other.value}
    assert world.narrator.warned == []


@pytest.mark.parametrize("way", ["moved", "removed"])
def test_an_image_whose_version_goes_in_the_same_moment_is_put_back(world: World, way: str) -> None:
    before = world.client.manifest(world.image)

    def between() -> None:
        if way == "moved":
            world.put(world.other, VERSION)
        else:
            world.delete(imageTag=VERSION.name)

    assert not world.retire(between)
    assert world.tags()[CANDIDATE.name] == world.image.value
    assert world.client.manifest(world.image) == before
    assert f"it is back as {CANDIDATE}" in world.narrator.warned[0]


def test_an_image_that_is_deleted_in_the_same_moment_stays_deleted(world: World) -> None:
    with pytest.raises(RegistryError, match="was deleted while it was released") as raised:
        world.retire(lambda: world.delete(imageDigest=world.image.value))
    assert raised.value.exit_code == 4
    assert world.image.value not in world.tags().values()


def test_the_tag_of_a_candidate_alone_is_not_removed(world: World) -> None:
    world.delete(imageTag=VERSION.name)
    assert not world.retire(lambda: pytest.fail("nothing is to be removed"))
    assert world.tags()[CANDIDATE.name] == world.image.value
    assert "it has no other tag" in world.narrator.warned[0]
