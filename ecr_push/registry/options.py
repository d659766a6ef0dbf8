"""The options that say which registry and repository, and with which AWS identity."""

from __future__ import annotations

import re
from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import (
    BUILDING,
    IN_REGISTRY,
    QUOTE_IT,
    UPKEEP,
    WHERE_IT_GOES,
    Parsed,
    matching,
    option,
)
from ecr_push.base.reference import check_repository_name, has_registry, parse_repository


def _repository(text: str) -> str:
    if scheme := re.match("https?://", text):
        raise ValueError(f"{text!r}: leave out {scheme[0]}")
    if "@" in text or re.search(":[^/]*$", text):
        raise ValueError(f"{text!r}: give the repository without a tag; tags are given with --tag")
    if has_registry(text):
        parse_repository(text)
        return text
    return check_repository_name(text)


def _account(text: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", text):
        # As a number 012345678901 has 11 digits, and where YAML 1.1 is read it is an octal one.
        fewer = re.fullmatch(r"[0-9]{1,11}", text)
        hint = f"{QUOTE_IT}, which drops a leading 0" if fewer else ""
        raise ValueError(f"{text!r} is not a valid registry id: expected the account's 12 digits{hint}")
    return text


RepositoryText = Annotated[str, Parsed(_repository)]
AccountId = Annotated[str, Parsed(_account, r"^\d{12}$")]
Region = Annotated[str, matching(r"[a-z]{2,}(?:-[a-z0-9]+)+-\d+", "AWS region", "a name such as eu-west-1")]
RoleArn = Annotated[
    str,
    matching(
        r"arn:[a-z0-9-]+:iam::\d{12}:role/[\w+=,.@/-]+",
        "role ARN",
        "arn:PARTITION:iam::ACCOUNT:role/NAME",
    ),
]


@dataclass(frozen=True, eq=False, repr=False)
class RegistryOptions:
    """Where the image goes."""

    repository: RepositoryText = option(
        "",
        WHERE_IT_GOES,
        BUILDING | {"rollback", "policy test"} | UPKEEP,
        "Repository's name, or its whole URI (which then settles region and registry id). "
        "public.ecr.aws/ALIAS/NAME is ECR Public.",
        short="-r",
        metavar="NAME",
    )
    region: Region = option(
        "",
        WHERE_IT_GOES,
        IN_REGISTRY,
        "AWS region of the registry.",
        metavar="REGION",
        default_text="AWS_REGION, AWS_DEFAULT_REGION or the profile's",
    )
    registry_id: AccountId = option(
        "",
        WHERE_IT_GOES,
        IN_REGISTRY,
        "AWS account that owns the registry.",
        metavar="ACCOUNT",
        default_text="the caller's",
    )
    profile: str = option(
        "", WHERE_IT_GOES, IN_REGISTRY, "Profile of the AWS configuration.", metavar="NAME", by_caller=True
    )
    role: RoleArn = option(
        "", WHERE_IT_GOES, IN_REGISTRY, "IAM role to assume first.", metavar="ARN", by_caller=True
    )
    role_to_assume: RoleArn = option(
        "",
        WHERE_IT_GOES,
        IN_REGISTRY,
        "IAM role to assume with the OIDC token of a GitHub job, without any other credentials; --role is "
        "assumed from there. The job needs the permission id-token: write.",
        metavar="ARN",
        by_caller=True,
    )
    create_repository: bool = option(
        False,
        WHERE_IT_GOES,
        BUILDING,
        "Create the repository when it is missing: scan on push, "
        "encryption at rest, and a tag mutability that protects what it can.",
    )
    kms_key: str = option(
        "",
        WHERE_IT_GOES,
        BUILDING,
        "KMS key that encrypts a repository made by --create-repository.",
        metavar="KEY",
        default_text="AES256, ECR's own key",
    )
