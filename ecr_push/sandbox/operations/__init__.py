"""The API's operations: one table, one function for each operation, in modules by topic.

To add an operation, write `name(context, parameters) -> result` in the module that it belongs to and add it
to the table. Parameters are checked against botocore's service model before; the result has its shape, with
None for absent members; errors are EcrError. The tests compare every entry with the model.
"""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.sandbox.operations import (
    iam,
    images,
    inspector,
    layers,
    lifecycle,
    named_rules,
    policies,
    public,
    pull_times,
    registry,
    replication,
    repositories,
    resource_tags,
    scanning,
    signing,
    sts,
)
from ecr_push.sandbox.operations.context import Operation

# Operations that private and public registries share, shapes included.
_SHARED: Mapping[str, Operation] = {
    "BatchCheckLayerAvailability": layers.batch_check_layer_availability,
    "BatchDeleteImage": images.batch_delete_image,
    "CompleteLayerUpload": layers.complete_layer_upload,
    "DeleteRepositoryPolicy": policies.delete_repository_policy,
    "DescribeImages": images.describe_images,
    "GetAuthorizationToken": registry.get_authorization_token,
    "GetRepositoryPolicy": policies.get_repository_policy,
    "InitiateLayerUpload": layers.initiate_layer_upload,
    "ListTagsForResource": resource_tags.list_tags_for_resource,
    "PutImage": images.put_image,
    "SetRepositoryPolicy": policies.set_repository_policy,
    "TagResource": resource_tags.tag_resource,
    "UntagResource": resource_tags.untag_resource,
    "UploadLayerPart": layers.upload_layer_part,
}

OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    "ecr": {
        **_SHARED,
        "BatchGetImage": images.batch_get_image,
        "BatchGetRepositoryScanningConfiguration": registry.batch_get_repository_scanning_configuration,
        "CreatePullThroughCacheRule": named_rules.create_pull_through_cache_rule,
        "CreateRepository": repositories.create_repository,
        "CreateRepositoryCreationTemplate": named_rules.create_repository_creation_template,
        "DeleteLifecyclePolicy": lifecycle.delete_lifecycle_policy,
        "DeletePullThroughCacheRule": named_rules.delete_pull_through_cache_rule,
        "DeleteRegistryPolicy": policies.delete_registry_policy,
        "DeleteRepository": repositories.delete_repository,
        "DeleteSigningConfiguration": signing.delete_signing_configuration,
        "DeleteRepositoryCreationTemplate": named_rules.delete_repository_creation_template,
        "DescribeImageReplicationStatus": replication.describe_image_replication_status,
        "DeregisterPullTimeUpdateExclusion": pull_times.deregister_pull_time_update_exclusion,
        "DescribeImageSigningStatus": signing.describe_image_signing_status,
        "DescribeImageScanFindings": scanning.describe_image_scan_findings,
        "DescribePullThroughCacheRules": named_rules.describe_pull_through_cache_rules,
        "DescribeRegistry": registry.describe_registry,
        "DescribeRepositories": repositories.describe_repositories,
        "DescribeRepositoryCreationTemplates": named_rules.describe_repository_creation_templates,
        "DescribeReplicationBackfillResults": replication.describe_replication_backfill_results,
        "GetAccountSetting": registry.get_account_setting,
        "GetDownloadUrlForLayer": layers.get_download_url_for_layer,
        "GetLifecyclePolicy": lifecycle.get_lifecycle_policy,
        "GetLifecyclePolicyPreview": lifecycle.get_lifecycle_policy_preview,
        "GetRegistryPolicy": policies.get_registry_policy,
        "GetSigningConfiguration": signing.get_signing_configuration,
        "GetRegistryScanningConfiguration": registry.get_registry_scanning_configuration,
        "ListImageReferrers": images.list_image_referrers,
        "ListImages": images.list_images,
        "ListPullTimeUpdateExclusions": pull_times.list_pull_time_update_exclusions,
        "ListReplicationBackfills": replication.list_replication_backfills,
        "PutAccountSetting": registry.put_account_setting,
        "PutImageScanningConfiguration": repositories.put_image_scanning_configuration,
        "PutImageTagMutability": repositories.put_image_tag_mutability,
        "PutLifecyclePolicy": lifecycle.put_lifecycle_policy,
        "PutRegistryPolicy": policies.put_registry_policy,
        "PutRegistryScanningConfiguration": registry.put_registry_scanning_configuration,
        "PutReplicationConfiguration": replication.put_replication_configuration,
        "PutSigningConfiguration": signing.put_signing_configuration,
        "RegisterPullTimeUpdateExclusion": pull_times.register_pull_time_update_exclusion,
        "StartLifecyclePolicyPreview": lifecycle.start_lifecycle_policy_preview,
        "StartImageScan": scanning.start_image_scan,
        "StartReplicationBackfill": replication.start_replication_backfill,
        "StopReplicationBackfill": replication.stop_replication_backfill,
        "UpdateImageStorageClass": images.update_image_storage_class,
        "UpdatePullThroughCacheRule": named_rules.update_pull_through_cache_rule,
        "UpdateRepositoryCreationTemplate": named_rules.update_repository_creation_template,
        "ValidatePullThroughCacheRule": named_rules.validate_pull_through_cache_rule,
    },
    "ecr-public": {
        **_SHARED,
        "CreateRepository": public.create_repository,
        "DeleteRepository": public.delete_repository,
        "DescribeImageTags": public.describe_image_tags,
        "DescribeRegistries": public.describe_registries,
        "DescribeRepositories": public.describe_repositories,
        "GetRegistryCatalogData": public.get_registry_catalog_data,
        "GetRepositoryCatalogData": public.get_repository_catalog_data,
        "PutRegistryCatalogData": public.put_registry_catalog_data,
        "PutRepositoryCatalogData": public.put_repository_catalog_data,
    },
    "inspector2": {
        "BatchGetAccountStatus": inspector.batch_get_account_status,
        "ListCoverage": inspector.list_coverage,
        "ListFindings": inspector.list_findings,
    },
    "iam": {"SimulatePrincipalPolicy": iam.simulate_principal_policy},
    "sts": {
        "AssumeRole": sts.assume_role,
        "AssumeRoleWithWebIdentity": sts.assume_role_with_web_identity,
        "GetCallerIdentity": sts.get_caller_identity,
        "GetSessionToken": sts.get_session_token,
    },
}
