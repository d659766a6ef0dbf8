from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError
from ecr_push.base.reference import Digest
from ecr_push.registry.referrers import list_all_referrers, list_referrers

IMAGE = Digest("sha256:" + "00" * 32)


def listed(number: int, **annotations: str) -> dict[str, Any]:
    found: dict[str, Any] = {"digest": f"sha256:{number:064x}", "mediaType": "x", "size": 1}
    return {**found, "annotations": annotations} if annotations else found


class Api:
    """Answers page by page. The last one repeats its token, which must not be asked for for ever."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages = pages
        self.asked: list[Mapping[str, Any]] = []

    def needs(self, operation: str, version: str) -> None: ...

    def read(self, operation: str, read: Any, **given: Any) -> Any:
        self.asked.append(given)
        at = int(given.get("nextToken") or 0)
        return read({"referrers": self.pages[at], "nextToken": str(min(at + 1, len(self.pages) - 1))})


def test_every_page_is_read_and_the_annotations_decide() -> None:
    pages = [listed(1, kind="signature"), listed(2)], [listed(3, kind="other"), listed(4, kind="signature")]
    api: Any = Api(*pages)
    found = list_referrers(api, IMAGE, "application/bundle", {"kind": "signature"})
    assert found == {Digest(f"sha256:{number:064x}") for number in (1, 4)}
    assert len(api.asked) == 2
    assert api.asked[0] == {
        "subjectId": {"imageDigest": IMAGE.value},
        "filter": {"artifactTypes": ["application/bundle"]},
        "maxResults": 50,
    }


class Described(Api):
    """Answers DescribeImages with what each artifact is about."""

    def __init__(self, subjects: Mapping[int, int], *, more: str = "", denied: bool = False) -> None:
        super().__init__([])
        self.subjects, self.more, self.denied = subjects, more, denied
        self.operations: list[str] = []

    def read(self, operation: str, read: Any, **given: Any) -> Any:
        self.operations.append(operation)
        if operation == "describe_images":
            if self.denied:
                raise AuthenticationError("denied")
            details = [
                {"imageDigest": of(one), "subjectManifestDigest": of(about)}
                for one, about in self.subjects.items()
            ]
            return read({"imageDetails": [{"imageDigest": of(1)}, *details], "nextToken": self.more})
        asked = given["subjectId"]["imageDigest"]
        return read(
            {"referrers": [listed(one) for one, about in self.subjects.items() if of(about) == asked]}
        )


def of(number: int) -> str:
    return f"sha256:{number:064x}"


IMAGES = [Digest(of(number)) for number in (1, 2, 3)]
# 11 is about an image, 12 about 11, and 13 about one that is not asked for.
SUBJECTS = {11: 1, 12: 11, 13: 9}
FOUND = {Digest(of(11)), Digest(of(12))}


def test_of_many_images_one_page_tells_all() -> None:
    api: Any = Described(SUBJECTS)
    assert list_all_referrers(api, IMAGES) == FOUND
    assert api.operations == ["describe_images"]


@pytest.mark.parametrize("more", [{"more": "page 2"}, {"denied": True}])
def test_where_one_page_does_not_each_is_asked(more: dict[str, Any]) -> None:
    api: Any = Described(SUBJECTS, **more)
    assert list_all_referrers(api, IMAGES) == FOUND
    assert api.operations == ["describe_images", *["list_image_referrers"] * 5]


def test_of_one_image_no_page_is_read() -> None:
    api: Any = Described(SUBJECTS)
    assert list_all_referrers(api, IMAGES[:1]) == FOUND
    assert set(api.operations) == {"list_image_referrers"}
