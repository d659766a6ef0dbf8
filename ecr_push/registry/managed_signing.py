"""How far ECR is with signing an image by itself.

ECR signs what is pushed, once for each signing profile whose rule names the repository, after the push:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.base.shape import each, optional_text, text
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.signing_status import SigningStatus


def read_signing_statuses(api: RepositoryApi, digest: Digest) -> tuple[SigningStatus, ...]:
    """The status of each profile; none where no rule names the repository, or not yet.

    Raises RegistryError.
    """
    api.needs("describe_image_signing_status", "1.41.2")
    return tuple(
        api.read(
            "describe_image_signing_status",
            lambda answer: each(_status, answer, "signingStatuses"),
            imageId={"imageDigest": digest.value},
        )
    )


def _status(one: Mapping[str, Any]) -> SigningStatus:
    why = [optional_text(one, name) for name in ("failureCode", "failureReason")]
    return SigningStatus(text(one, "signingProfileArn"), text(one, "status"), ": ".join(filter(None, why)))
