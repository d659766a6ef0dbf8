from __future__ import annotations

import json

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.registry.copy.platforms import only_platforms
from tests.support.fakes import FakeRepository, index, manifest

AMD, ARM, ARM7, ABOUT = (manifest(name) for name in ("amd", "arm", "arm7", "about"))


def entry(one: object, platform: str, **more: object) -> dict[str, object]:
    names = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
    return {"digest": one.digest.value, "platform": names, **more}  # type: ignore[attr-defined]


ROOT = index(
    [
        entry(AMD, "linux/amd64"),
        entry(ARM, "linux/arm64/v8"),
        entry(ARM7, "linux/arm/v7"),
        entry(ABOUT, "unknown/unknown", annotations={"vnd.docker.reference.digest": ARM.digest.value}),
    ]
)
SOURCE = FakeRepository(manifests=[AMD, ARM, ARM7, ABOUT])


def test_one_platform_is_its_image() -> None:
    assert only_platforms(ROOT, ["linux/amd64"], SOURCE) == AMD
    assert only_platforms(ROOT, ["linux/arm64"], SOURCE) == ARM, "the usual variant"


def test_several_are_an_index_of_the_same_entries_with_their_attestations() -> None:
    made = only_platforms(ROOT, ["linux/arm64", "linux/amd64"], SOURCE)
    assert [one.digest for one in made.children()] == [AMD.digest, ARM.digest, ABOUT.digest]
    whole = json.loads(ROOT.body)["manifests"]
    assert json.loads(made.body)["manifests"] == [whole[0], whole[1], whole[3]]
    assert made == only_platforms(ROOT, ["linux/amd64", "linux/arm64"], SOURCE)


def test_all_of_them_are_the_index_itself() -> None:
    assert only_platforms(ROOT, ["linux/amd64", "linux/arm64", "linux/arm/v7"], SOURCE) == ROOT


def test_an_image_without_an_index_is_taken_as_it_is() -> None:
    assert only_platforms(AMD, ["linux/arm64"], SOURCE) == AMD


def test_a_platform_that_it_lacks() -> None:
    with pytest.raises(RegistryError) as raised:
        only_platforms(ROOT, ["linux/amd46"], SOURCE)
    assert "has no image for linux/amd46" in raised.value.what
    assert "linux/arm64/v8" in raised.value.why
    assert "did you mean 'linux/amd64'?" in raised.value.remedy
