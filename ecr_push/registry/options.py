"""The options that say which registry and repository, and with which AWS identity."""

from __future__ import annotations

from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import (
    BUILDING,
    COPYING,
    IN_REGISTRY,
    OF_AN_IMAGE,
    PLANNING,
    UPKEEP,
    WHERE_IT_GOES,
    Parsed,
    option,
)
from ecr_push.registry.destination import Destination, parse_destination
from ecr_push.registry.option_types import AccountId, Region, RepositoryText, RoleArn
from ecr_push.registry.target import RepositoryTarget, find_target

DestinationText = Annotated[Destination, Parsed(parse_destination)]


@dataclass(frozen=True, eq=False, repr=False)
class RegistryOptions:
    """Where the image goes."""

    repository: RepositoryText = option(
        "",
        WHERE_IT_GOES,
        BUILDING | OF_AN_IMAGE | UPKEEP | {"rollback", "policy test", "repository may"},
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
    to: tuple[DestinationText, ...] = option(
        (),
        WHERE_IT_GOES,
        PLANNING | COPYING | {"promote"},
        "Another repository that gets the accepted image and its tags; may be repeated. A URI, a name, or "
        "KEY=VALUE,… of repository, region, account, role, profile, kms-key and required; what is left out "
        "is that of --repository, or of the image that is copied.",
        metavar="DESTINATION",
        separator="\n",
        by_caller=True,
    )
    gate_in: RepositoryText = option(
        "",
        WHERE_IT_GOES,
        PLANNING,
        "Private repository in which an image for ECR Public is built, scanned and judged. The public "
        "repository of --repository gets it, and its tags, only when it is accepted.",
        metavar="NAME",
    )
    create_repository: bool = option(
        False,
        WHERE_IT_GOES,
        BUILDING | COPYING | {"promote"},
        "Create the repository, and those of --to, when they are missing: scan on push, "
        "encryption at rest, and a tag mutability that protects what it can.",
    )
    repositories: str = option(
        "",
        WHERE_IT_GOES,
        BUILDING,
        "File that says what a repository made by --create-repository is: ecr-repositories.yml, as "
        "`ecr-push repository apply` takes it.",
        metavar="FILE",
        by_caller=True,
    )
    kms_key: str = option(
        "",
        WHERE_IT_GOES,
        BUILDING | COPYING | {"promote"},
        "KMS key that encrypts a repository made by --create-repository.",
        metavar="KEY",
        default_text="AES256, ECR's own key",
    )


def target_of(options: RegistryOptions) -> RepositoryTarget:
    """The repository in which an image is judged."""
    return find_target(options.repository, options.region, options.registry_id)
