"""The artifacts whose subject is an image, as ECR lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.base.shape import each, mapping, optional_text, parsed
from ecr_push.registry.api import RepositoryApi

PAGE = 50  # at most: shape FiftyMaxResults


def list_referrers(
    api: RepositoryApi, digest: Digest, artifact_type: str, annotations: Mapping[str, str]
) -> frozenset[Digest]:
    """The active referrers of an image with this type, "" for any, and at least these annotations.

    ListImageReferrers needs ecr:BatchGetImage, and boto3 has no paginator for it:
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
    Raises RegistryError.
    """

    def read(one: Mapping[str, Any]) -> Digest | None:
        found = mapping(one, "annotations") if "annotations" in one else {}
        is_meant = all(found.get(name) == value for name, value in annotations.items())
        return parsed(Digest, one, "digest") if is_meant else None

    def page(answer: Mapping[str, Any]) -> tuple[list[Digest | None], str]:
        return each(read, answer, "referrers"), optional_text(answer, "nextToken")

    api.needs("list_image_referrers", "1.41.0")
    asked: dict[str, Any] = {"subjectId": {"imageDigest": digest.value}}
    if artifact_type:
        asked["filter"] = {"artifactTypes": [artifact_type]}
    listed: set[Digest] = set()
    token, seen = "", {""}
    while True:
        more = {"nextToken": token} if token else {}
        found, token = api.read("list_image_referrers", page, **asked, **more, maxResults=PAGE)
        listed |= {one for one in found if one}
        if token in seen:  # also one that comes again, which would never end
            return frozenset(listed)
        seen.add(token)
