"""The KMS key of a repository: ECR stores and returns nothing with a disabled one. Nothing is encrypted.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.state import State

KEYS = "kmsKeys"  # in RegistrySettings.extra: what was changed of a key, by its ARN
# That answer with KmsException in ECR's service model. BatchGetImage has a failure for each image, KmsError.
_OF_API = ("InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage")
# What these answer over the registry's API is not documented: here it is a refusal.
_OF_REGISTRY = (
    "StartUpload",
    "PatchUpload",
    "PutUpload",
    "PutManifest",
    "GetManifest",
    "HeadManifest",
    "GetBlob",
)
OPERATIONS = frozenset({*_OF_API, *_OF_REGISTRY})


def kept_of_key(state: State, arn: str) -> Mapping[str, Any]:
    """What was changed of a key: disabled, revoked (grants), policy."""
    found: Mapping[str, Any] = state.settings.extra.get(KEYS, {}).get(arn, {})
    return found


def check_key(state: State, name: str) -> None:
    """Raises EcrError KmsException while the key of a private repository is disabled."""
    key = next((one.kms_key for one in state.repositories.all("private") if one.name == name), "")
    if key and kept_of_key(state, key).get("disabled"):
        raise EcrError("KmsException", f"{key} is disabled.")
