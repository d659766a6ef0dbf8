"""The artifacts whose subject is an image, as ECR lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.base.errors import AuthenticationError
from ecr_push.base.reference import Digest
from ecr_push.base.shape import each, mapping, member, optional_text, parsed
from ecr_push.registry.api import RepositoryApi

PAGE = 50  # at most: shape FiftyMaxResults
# The most images that are asked for one by one. For more, one page of DescribeImages may tell of all.
_ONE_BY_ONE = 2
_IMAGES = 1000  # the longest page of DescribeImages


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


def list_all_referrers(api: RepositoryApi, digests: Sequence[Digest]) -> frozenset[Digest]:
    """See `Reader.all_referrers`: with as few requests as may be. Raises RegistryError."""
    if len(digests) > _ONE_BY_ONE:
        api.needs("list_image_referrers", "1.41.0")  # so that DescribeImages' answer has the subjects, too
        if (subjects := _subjects(api)) is not None:
            return followed(digests, lambda some: [one for one in subjects if subjects[one] in some])

    def ask(some: Sequence[Digest]) -> frozenset[Digest]:
        lists = [partial(list_referrers, api, one, "", {}) for one in some]
        return frozenset().union(*background.all_of(lists, "list referrers"))

    return followed(digests, ask)


def followed(
    digests: Sequence[Digest], ask: Callable[[Sequence[Digest]], Iterable[Digest]]
) -> frozenset[Digest]:
    """What ask says is attached to these, and to what was found, until nothing is new."""
    seen, new = set(digests), list(digests)
    while new:
        new = sorted(set(ask(new)) - seen, key=str)
        seen.update(new)
    return frozenset(seen.difference(digests))


def _subjects(api: RepositoryApi) -> Mapping[Digest, Digest] | None:
    """What each artifact of the repository is about, by DescribeImages' `subjectManifestDigest`; None where
    that takes more than a page, or may not be asked."""

    def read(one: Mapping[str, Any]) -> tuple[Digest, Digest] | None:
        if member(one, "subjectManifestDigest") is None:
            return None
        return parsed(Digest, one, "imageDigest"), parsed(Digest, one, "subjectManifestDigest")

    def page(answer: Mapping[str, Any]) -> tuple[list[tuple[Digest, Digest] | None], str]:
        return each(read, answer, "imageDetails", required=True), optional_text(answer, "nextToken")

    try:
        found, more = api.read("describe_images", page, maxResults=_IMAGES)
    except AuthenticationError:
        return None
    return None if more else dict(one for one in found if one)
