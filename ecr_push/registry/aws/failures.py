"""What a batch call could not do for some of its items: the list `failures` in an answer that is a success.

Shapes ImageFailure, LayerFailure and RepositoryScanningConfigurationFailure of ECR's service model: what the
item was called, failureCode and failureReason. Shape Failure of ECS's: its ARN, the code as `reason`, and
detail. Some codes say that the item is not there, which is an answer.
Any other is an error: an image that could not be decrypted is not absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError

# Of the enumerations ImageFailureCode and ScanningConfigurationFailureCode. LayerFailureCode has none. ECS's:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
NOT_FOUND = frozenset({"ImageNotFound", "REPOSITORY_NOT_FOUND", "MISSING"})
_REMEDIES = {
    "KmsError": "check that the KMS key of the repository is enabled, and that its policy lets ECR use it",
    "ImageInaccessible": "check the image's status: an archived image has to be restored first "
    "(`aws ecr update-image-storage-class`)",
    "ImageReferencedByManifestList": "an index names the image: it can only be deleted after the index",
    "UpstreamAccessDenied": "check the credentials of the pull-through cache rule",
}
_SHOWN = 3


@dataclass(frozen=True)
class ItemFailure:
    """item: the tag, digest or repository as it was asked for."""

    item: str
    code: str
    reason: str = ""

    def __str__(self) -> str:
        why = f"{self.code} ({self.reason})" if self.reason else self.code
        return f"{self.item}: {why}" if self.item else why


class ItemsRefusedError(RegistryError):
    """AWS answered, but refused some of the items. The others were done."""

    def __init__(self, action: str, failures: tuple[ItemFailure, ...]) -> None:
        shown = [str(one) for one in failures[:_SHOWN]]
        if len(failures) > _SHOWN:
            shown.append(f"and {len(failures) - _SHOWN} more")
        remedies = dict.fromkeys(_REMEDIES[one.code] for one in failures if one.code in _REMEDIES)
        super().__init__(f"AWS refused a part of {action}", why="; ".join(shown), remedy="; ".join(remedies))
        self.failures = failures


def refused_items(answer: Mapping[str, Any]) -> tuple[ItemFailure, ...]:
    """The failures of an answer but for those of items that are not there."""
    failures = (_read(one or {}) for one in answer.get("failures") or ())
    return tuple(one for one in failures if one.code not in NOT_FOUND)


def _read(failure: Mapping[str, Any]) -> ItemFailure:
    image = failure.get("imageId") or {}
    item = image.get("imageTag") or image.get("imageDigest")
    item = item or failure.get("layerDigest") or failure.get("repositoryName") or failure.get("arn") or ""
    code = failure.get("failureCode") or failure.get("reason") or "Unknown"
    return ItemFailure(str(item), str(code), str(failure.get("failureReason") or failure.get("detail") or ""))
