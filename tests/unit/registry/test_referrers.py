from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.registry.referrers import list_referrers

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
