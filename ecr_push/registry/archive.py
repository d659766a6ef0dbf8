"""Images in ECR's archive: they keep their tags, and cannot be pulled.

A list leaves them out unless it asks for them (shapes ListImagesFilter and DescribeImagesFilter), and a pull
of one is a 404. So "not found" does not say that a tag is free.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.base.shape import each, member, parsed
from ecr_push.registry.api import RepositoryApi

# The longest page of ListImages.
_PAGE = 1000


@dataclass(frozen=True)
class Archive:
    """The images that are there and cannot be pulled. statuses: ARCHIVED or ACTIVATING."""

    tags: Mapping[str, Digest] = field(default_factory=dict)
    statuses: Mapping[Digest, str] = field(default_factory=dict)


class ArchivedImageError(RegistryError):
    """The image is in the archive, or on its way back. status is ARCHIVED or ACTIVATING."""

    def __init__(self, api: RepositoryApi, digest: Digest, status: str) -> None:
        of = f" --registry-id {api.registry_id}" if api.registry_id else ""
        comes_back = status == "ACTIVATING"
        super().__init__(
            f"{api.name}@{digest} is {'being restored from the archive' if comes_back else 'archived'}",
            why="an archived image keeps its tags, and cannot be pulled before it is restored",
            remedy="wait until it is restored, which takes up to 20 minutes, and run again"
            if comes_back
            else f"restore it, which takes up to 20 minutes, and run again: aws ecr "
            f"update-image-storage-class{of} --repository-name {api.name} --image-id imageDigest={digest} "
            "--target-storage-class STANDARD",
        )


def any_status(api: RepositoryApi, operation: str) -> dict[str, str]:
    """The part of a list's filter that asks for archived images too; empty with an SDK that lacks it."""
    return {"imageStatus": "ANY"} if api.takes(operation, "filter", "imageStatus") else {}


def read_archive(api: RepositoryApi) -> Archive:
    """Asks which images are archived, or are being restored; empty where we may not ask.

    Raises RegistryError.
    """
    if not any_status(api, "list_images"):
        return Archive()
    asked = {
        status: background.start(partial(_images, api, status), f"list {status.lower()} images")
        for status in ("ARCHIVED", "ACTIVATING")
    }
    tags: dict[str, Digest] = {}
    statuses: dict[Digest, str] = {}
    for status, found in asked.items():
        try:
            listed = found.result()
        except AuthenticationError:
            return Archive()
        for digest, tag in listed:
            statuses[digest] = status
            if tag:
                tags[tag.name] = digest
    return Archive(tags, statuses)


def _images(api: RepositoryApi, status: str) -> list[tuple[Digest, Tag | None]]:
    pages = api.read_pages(
        "list_images",
        lambda page: each(_named, page, "imageIds", required=True),
        filter={"imageStatus": status},
        maxResults=_PAGE,
    )
    return [one for page in pages for one in page]


def _named(one: Mapping[str, Any]) -> tuple[Digest, Tag | None]:
    tag = parsed(Tag, one, "imageTag") if member(one, "imageTag") is not None else None
    return parsed(Digest, one, "imageDigest"), tag
