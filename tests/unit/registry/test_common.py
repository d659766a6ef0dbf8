from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.common import read_images
from ecr_push.registry.interface import RegistryImage
from ecr_push.registry.private import PrivateRepository
from tests.support.aws import StubAws, refused
from tests.support.fakes import START, FakeClock, digest, manifest

JUDGED = manifest("judged")


def put(code: str, points_to: Digest) -> None:
    found = {"imageId": {"imageTag": "1.0", "imageDigest": points_to.value}}
    aws = StubAws({"PutImage": refused(code), "BatchGetImage": {"images": [found]}})
    assert PrivateRepository(aws, "team/app", "", FakeClock()).put_tag(JUDGED, Tag("1.0"))


@pytest.mark.parametrize("code", ["ImageAlreadyExistsException", "ImageTagAlreadyExistsException"])
def test_a_tag_that_is_there_already_is_a_success_if_it_is_the_same_image(code: str) -> None:
    put(code, JUDGED.digest)
    with pytest.raises(RegistryError, match=r"1\.0 cannot be moved"):
        put(code, digest("other"))


@pytest.mark.parametrize(
    "said", [{"imageDigest": digest("other").value}, {"imageTag": "1.1", "imageDigest": JUDGED.digest.value}]
)
def test_an_answer_that_names_another_image_or_tag_is_an_error(said: dict[str, str]) -> None:
    aws = StubAws({"PutImage": {"image": {"imageId": said}}})
    with pytest.raises(RegistryError, match=r"1\.0 was not put"):
        PrivateRepository(aws, "team/app", "", FakeClock()).put_tag(JUDGED, Tag("1.0"))


@pytest.mark.parametrize("said", [{"image": {}}, {"image": {"imageId": {"imageTag": "1.0"}}}])
def test_an_answer_that_names_nothing_else_is_fine(said: dict[str, Any]) -> None:
    assert PrivateRepository(StubAws({"PutImage": said}), "team/app", "", FakeClock()).put_tag(
        JUDGED, Tag("1.0")
    )


def test_any_other_refusal_is_one() -> None:
    with pytest.raises(AwsRefusedError):
        put("LayersNotFoundException", JUDGED.digest)


def test_images_are_the_tagged_ones_of_every_page() -> None:
    one, two = digest("one"), digest("two")
    pages = [
        {
            "imageDetails": [
                {"imageDigest": one.value, "imageTags": ["1.0", "latest"], "imagePushedAt": START}
            ]
        },
        {"imageDetails": [{"imageDigest": digest("untagged").value, "imagePushedAt": START}]},
        {"imageDetails": [{"imageDigest": two.value, "imageTags": ["0.9"], "imagePushedAt": START}]},
    ]
    assert read_images(pages) == (
        RegistryImage(one, frozenset({"1.0", "latest"}), START),
        RegistryImage(two, frozenset({"0.9"}), START),
    )
