"""The keys of repositories: what says whether ECR may use one."""

from __future__ import annotations

import json
from typing import Any

from tests.support.sandbox.api import ACCOUNT, REGION, Api

KEY = "1a2b3c4d-0000-4000-8000-000000000000"
ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY}"


def kms(api: Api, operation: str, **given: Any) -> Any:
    return api.call(operation, service="kms", **{"KeyId": KEY, **given})


def create(api: Api, name: str, key: str = KEY) -> None:
    encryption = {"encryptionType": "KMS", **({"kmsKey": key} if key else {})}
    api.call("CreateRepository", repositoryName=name, encryptionConfiguration=encryption)


def test_a_key_that_a_repository_names_is_there_with_two_grants_for_each(api: Api) -> None:
    assert api.refused("DescribeKey", service="kms", KeyId=KEY)[0] == "NotFoundException"
    create(api, "team/app")
    create(api, "team/web")
    found = kms(api, "DescribeKey")["KeyMetadata"]
    assert (found["Arn"], found["KeyState"], found["KeyManager"]) == (ARN, "Enabled", "CUSTOMER")
    assert kms(api, "DescribeKey", KeyId=ARN)["KeyMetadata"]["KeyId"] == KEY
    grants = kms(api, "ListGrants")["Grants"]
    meant = [one["Constraints"]["EncryptionContextSubset"]["aws:ecr:arn"] for one in grants]
    assert sorted(one.rpartition("/")[2] for one in meant) == ["app", "app", "web", "web"]


def test_a_disabled_key_ends_pushes_and_pulls(api: Api) -> None:
    create(api, "team/shop", KEY)
    name = {"repositoryName": "team/shop"}
    manifest, image = api.manifest("team/shop", "one"), {"imageTag": "1.0"}
    api.call("PutImage", **name, imageManifest=manifest, **image)
    kms(api, "DisableKey")
    why = ("KmsException", f"{ARN} is disabled.")
    assert api.refused("PutImage", **name, imageManifest=manifest, imageTag="1.1") == why
    assert api.refused("InitiateLayerUpload", **name) == why
    found = api.call("BatchGetImage", **name, imageIds=[image])
    assert [(one["failureCode"], one["failureReason"]) for one in found["failures"]] == [("KmsError", why[1])]
    assert api.call("DescribeImages", **name)["imageDetails"]
    kms(api, "EnableKey")
    assert api.call("BatchGetImage", **name, imageIds=[image])["images"]


def test_it_is_disabled_and_its_grants_and_policy_change(api: Api) -> None:
    create(api, "team/app")
    kms(api, "DisableKey")
    assert kms(api, "DescribeKey")["KeyMetadata"]["KeyState"] == "Disabled"
    kms(api, "EnableKey")
    assert kms(api, "DescribeKey")["KeyMetadata"]["Enabled"] is True
    first, second = (one["GrantId"] for one in kms(api, "ListGrants")["Grants"])
    kms(api, "RevokeGrant", GrantId=first)
    assert [one["GrantId"] for one in kms(api, "ListGrants")["Grants"]] == [second]
    assert f"{ACCOUNT}:root" in kms(api, "GetKeyPolicy")["Policy"]
    kms(api, "PutKeyPolicy", Policy=json.dumps({"Statement": []}))
    assert kms(api, "GetKeyPolicy")["Policy"] == '{"Statement": []}'


def test_without_a_name_it_is_aws_s_own(api: Api) -> None:
    create(api, "team/app", "")
    [found] = api.call("DescribeRepositories")["repositories"]
    key = found["encryptionConfiguration"]["kmsKey"]
    assert kms(api, "DescribeKey", KeyId=key)["KeyMetadata"]["KeyManager"] == "AWS"


def test_quotas_of_ecr_alone(api: Api) -> None:
    found = api.call("ListServiceQuotas", service="service-quotas", ServiceCode="ecr")["Quotas"]
    assert {one["QuotaName"]: one["Value"] for one in found}["Images per repository"] == 100_000
    refused = api.refused("ListServiceQuotas", service="service-quotas", ServiceCode="ec2")
    assert refused[0] == "NoSuchResourceException"
