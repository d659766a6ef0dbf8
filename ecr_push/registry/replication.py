"""How far ECR is with copying an image to other registries.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageReplicationStatus.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.place import Place
from ecr_push.base.reference import Digest, Tag
from ecr_push.base.shape import each, optional_text, text
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.replication_status import ReplicationStatus


def read_replication_statuses(
    api: RepositoryApi, digest: Digest, tag: Tag | None
) -> tuple[ReplicationStatus, ...]:
    """The status of each destination; none where no rule names the repository. Raises RegistryError."""
    tagged = {"imageTag": tag.name} if tag else {}
    return tuple(
        api.read(
            "describe_image_replication_status",
            lambda answer: each(_status, answer, "replicationStatuses"),
            imageId={"imageDigest": digest.value, **tagged},
        )
    )


def _status(one: Mapping[str, Any]) -> ReplicationStatus:
    place = Place(text(one, "region"), text(one, "registryId"))
    return ReplicationStatus(place, text(one, "status"), optional_text(one, "failureCode"))
