"""Which actions of ECR each of our uses of a repository needs: what `ecr-push iam policy` is made of.

The names are those of the operations that this room calls and of those that a push by docker stands for;
tests hold them against both, and run every command with nothing else allowed.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.allow_statement import ALL, AllowStatement
from ecr_push.base.iam.arn import arn_of, global_arn_of
from ecr_push.base.place import Place
from ecr_push.registry.target import RepositoryTarget

# What ECR Public's API has in place of another operation; what is missing here has the same name in both.
# Its images are read without permissions.
_IN_PUBLIC = {
    "ListImages": "DescribeImageTags",
    "BatchGetImage": "",
    "GetDownloadUrlForLayer": "",
    "BatchGetRepositoryScanningConfiguration": "",
    "PutLifecyclePolicy": "",
}

LOOK = ("DescribeRepositories", "BatchGetImage", "ListImages")
READ = ("BatchGetImage", "GetDownloadUrlForLayer")
UPLOAD = ("InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage")
PUSH = ("BatchCheckLayerAvailability", *UPLOAD)
MOVE_TAGS = ("BatchGetImage", "PutImage")
REMOVE_TAGS = ("BatchDeleteImage", "DescribeImages")
LISTED = ("DescribeRepositories", "DescribeImages", "BatchGetImage")
LIFECYCLE = ("GetLifecyclePolicy",)
PREVIEW = ("GetLifecyclePolicyPreview", "StartLifecyclePolicyPreview")
SETTINGS = ("GetLifecyclePolicy", "GetRepositoryPolicy", "ListTagsForResource")
# Without them DescribeImageScanFindings is denied under enhanced scanning.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-enabling.html
INSPECTOR = ("inspector2:ListCoverage", "inspector2:ListFindings")
# What reads and what changes each kind of a registry's settings, by its key in ecr-registry.yml. None of them
# knows a resource.
REGISTRY_READS: Mapping[str, tuple[str, ...]] = {
    "settings": ("GetAccountSetting",),
    "scanning": ("GetRegistryScanningConfiguration",),
    "replication": ("DescribeRegistry",),
    "templates": ("DescribeRepositoryCreationTemplates",),
    "pull-through": ("DescribePullThroughCacheRules",),
    "signing": ("GetSigningConfiguration",),
    "pull-time-exclusions": ("ListPullTimeUpdateExclusions",),
    "policy": ("GetRegistryPolicy",),
}
REGISTRY_WRITES: Mapping[str, tuple[str, ...]] = {
    "settings": ("PutAccountSetting",),
    "scanning": ("PutRegistryScanningConfiguration",),
    "replication": ("PutReplicationConfiguration",),
    "templates": (
        *("CreateRepositoryCreationTemplate", "UpdateRepositoryCreationTemplate"),
        "DeleteRepositoryCreationTemplate",
    ),
    "pull-through": (
        *("CreatePullThroughCacheRule", "UpdatePullThroughCacheRule", "DeletePullThroughCacheRule"),
    ),
    "signing": ("PutSigningConfiguration", "DeleteSigningConfiguration"),
    "pull-time-exclusions": ("RegisterPullTimeUpdateExclusion", "DeregisterPullTimeUpdateExclusion"),
    "policy": ("PutRegistryPolicy", "DeleteRegistryPolicy"),
}
# The role that ECR makes for itself where the account has none of it yet, and which service's it is.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/slr-rct.html, and slr-replication.html,
# slr-pullthroughcache.html beside it
LINKED_ROLES: Mapping[str, tuple[str, str]] = {
    "replication": ("replication.ecr.amazonaws.com", "AWSServiceRoleForECRReplication"),
    "templates": ("ecr.amazonaws.com", "AWSServiceRoleForECRTemplate"),
    "pull-through": ("pullthroughcache.ecr.amazonaws.com", "AWSServiceRoleForECRPullThroughCache"),
}
# Who is given the roles of these settings, as the trust policies of such roles name it.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create-iam.html, and
# pull-through-cache-private.html beside it
PASSED_TO: Mapping[str, str] = {
    "templates": "ecr.amazonaws.com",
    "pull-through": "pullthroughcache.ecr.amazonaws.com",
}
# What ECR does by a template, the caller has to be allowed to do.
BY_TEMPLATE = ("CreateRepository", "PutLifecyclePolicy", "SetRepositoryPolicy")
BACKFILL = (
    *("DescribeRegistry", "ListReplicationBackfills", "StartReplicationBackfill"),
    "DescribeReplicationBackfillResults",
)
TRAIL = ("cloudtrail:LookupEvents",)
LOCK = ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem")


@dataclass(frozen=True)
class RepositoryArn:
    """A repository for which permissions are listed. name: with `*` for several. place: of its registry."""

    name: str
    place: Place
    public: bool = False

    @classmethod
    def of(cls, target: RepositoryTarget, region: str) -> RepositoryArn:
        """region: where the target says none."""
        if target.public:
            # The ARN has the repository's name without the registry's alias.
            name = target.name.partition("/")[2] or target.name
            return cls(name, Place(target.region or "us-east-1", target.registry_id), public=True)
        return cls(target.name, Place(target.region or region, target.registry_id))

    def named(self, name: str) -> RepositoryArn:
        """Another repository of the same registry."""
        return RepositoryArn(name, self.place, self.public)

    @property
    def text(self) -> str:
        if self.public:
            return global_arn_of(self.place, "ecr-public", f"repository/{self.name}")
        return arn_of(self.place, "ecr", f"repository/{self.name}")

    def may(self, sid: str, *actions: str) -> AllowStatement:
        """A statement for this repository. actions: as they are named in a private registry."""
        return AllowStatement(sid, _actions(actions, self.public), (self.text,))

    def registry_may(self, sid: str, *actions: str) -> AllowStatement:
        """A statement for actions that know no resource."""
        return AllowStatement(sid, _actions(actions, self.public), ALL)

    def may_log_in(self) -> tuple[AllowStatement, ...]:
        """A token for docker, and in ECR Public the registry's alias."""
        if not self.public:
            return (AllowStatement("Login", ("ecr:GetAuthorizationToken",), ALL),)
        registries = global_arn_of(self.place, "ecr-public", "registry/*")
        return (
            AllowStatement("Login", ("ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"), ALL),
            AllowStatement("Login", ("ecr-public:DescribeRegistries",), (registries,)),
        )


def _actions(actions: Sequence[str], public: bool) -> tuple[str, ...]:
    if not public:
        return tuple(f"ecr:{one}" for one in actions)
    names = (_IN_PUBLIC.get(one, one) for one in actions)
    return tuple(f"ecr-public:{one}" for one in names if one)
