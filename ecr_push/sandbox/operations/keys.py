"""KMS, as far as ECR has to do with it: the keys of repositories, with the grants by which ECR uses them.

Nothing is encrypted, and every key that a repository names is there.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ecr_push.base.partition import partition_of
from ecr_push.sandbox.encryption import KEYS, kept_of_key
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result

_DEFAULT = "sandbox-default"


def describe_key(context: Context, parameters: Parameters) -> Result:
    arn = _arn(context, parameters)
    return {
        "KeyMetadata": {
            "AWSAccountId": arn.split(":")[4],
            "Arn": arn,
            "Enabled": not _kept(context, arn).get("disabled"),
            "KeyId": arn.partition("/")[2],
            "KeyManager": "AWS" if arn.endswith(_DEFAULT) else "CUSTOMER",
            "KeyState": "Disabled" if _kept(context, arn).get("disabled") else "Enabled",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
        }
    }


def disable_key(context: Context, parameters: Parameters) -> Result:
    return _change(context, parameters, disabled=True)


def enable_key(context: Context, parameters: Parameters) -> Result:
    return _change(context, parameters, disabled=False)


def list_grants(context: Context, parameters: Parameters) -> Result:
    """Two for each repository."""
    arn = _arn(context, parameters)
    service = f"ecr.{context.state.region}.amazonaws.com"
    grants = [
        {
            "KeyId": arn,
            "GrantId": grant,
            "GranteePrincipal": service,
            "RetiringPrincipal": service,
            "IssuingAccount": f"arn:{partition_of(context.state.region)}:iam::{context.state.account}:root",
            "Operations": ["Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"],
            "Constraints": {"EncryptionContextSubset": {"aws:ecr:arn": repository.arn}},
            "CreationDate": repository.created_at,
        }
        for repository in context.state.repositories.all("private")
        if repository.kms_key == arn
        for grant in _grants_of(repository.arn)
        if grant not in _kept(context, arn).get("revoked", ())
    ]
    return {"Grants": grants, "Truncated": False}


def revoke_grant(context: Context, parameters: Parameters) -> Result:
    revoked = _kept(context, _arn(context, parameters)).get("revoked", [])
    return _change(context, parameters, revoked=[*revoked, parameters["GrantId"]])


def get_key_policy(context: Context, parameters: Parameters) -> Result:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"""
    arn = _arn(context, parameters)
    root = f"arn:{partition_of(context.state.region)}:iam::{context.state.account}:root"
    statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    default = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Policy": _kept(context, arn).get("policy") or json.dumps(default), "PolicyName": "default"}


def put_key_policy(context: Context, parameters: Parameters) -> Result:
    return _change(context, parameters, policy=parameters["Policy"])


def _arn(context: Context, parameters: Parameters) -> str:
    """The key of a repository that is meant. Raises EcrError."""
    key = parameters["KeyId"]
    for repository in context.state.repositories.all("private"):
        arn = repository.kms_key
        if arn and key in (arn, arn.partition(":key/")[2], arn.rpartition(":")[2]):
            return arn
    raise EcrError(
        "NotFoundException", f"Key '{key}' does not exist: the sandbox has those of its repositories"
    )


def _grants_of(repository: str) -> list[str]:
    return [hashlib.sha256(f"{repository} {number}".encode()).hexdigest() for number in range(2)]


def _kept(context: Context, arn: str) -> Mapping[str, Any]:
    return kept_of_key(context.state, arn)


def _change(context: Context, parameters: Parameters, **changed: Any) -> Result:
    arn = _arn(context, parameters)
    extra = context.state.settings.extra
    keys = {**extra.get(KEYS, {}), arn: {**_kept(context, arn), **changed}}
    context.state.change_settings(extra={**extra, KEYS: keys})
    return {}
