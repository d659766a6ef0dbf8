"""Repositories -> a template of CloudFormation. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecr_push.base.yaml_text import write_yaml
from ecr_push.upkeep.compare import as_data
from ecr_push.upkeep.export.model import Exported, as_identifiers, words_of
from ecr_push.upkeep.model import Wanted

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MOST_RESOURCES = 500

# An existing resource is imported if it has a name of its own and stays when the stack goes:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
_ABOUT_IMPORT = """\
# These repositories exist: {names}
# A change set takes them into the stack, and creates the other ones:
#   aws cloudformation create-change-set --import-existing-resources --stack-name STACK \\
#     --change-set-name import --change-set-type CREATE --template-body file://TEMPLATE
"""


def as_cloudformation(repositories: Sequence[Exported]) -> str:
    """A template in YAML. Raises ValueError for more repositories than a template may have."""
    if len(repositories) > MOST_RESOURCES:
        raise ValueError(
            f"there are {len(repositories):,} repositories, and a template may have {MOST_RESOURCES}: "
            "export them in parts, by names and patterns"
        )
    names = as_identifiers((one.name for one in repositories), _identifier)
    resources = {names[one.name]: _resource(one.name, one.wanted) for one in repositories}
    there = ", ".join(one.name for one in repositories if one.found)
    about = _ABOUT_IMPORT.format(names=there) if there else ""
    return about + write_yaml({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})


def _identifier(name: str) -> str:
    return "".join(word.capitalize() for word in words_of(name))


def _resource(name: str, wanted: Wanted) -> dict[str, Any]:
    return {
        "Type": "AWS::ECR::Repository",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"RepositoryName": name, **_properties(wanted)},
    }


def _properties(wanted: Wanted) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if wanted.mutability:
        found["ImageTagMutability"] = wanted.mutability + ("_WITH_EXCLUSION" if wanted.exceptions else "")
    if wanted.exceptions:
        kind = "ImageTagMutabilityExclusionFilter"
        found[f"{kind}s"] = [{f"{kind}Type": "WILDCARD", f"{kind}Value": one} for one in wanted.exceptions]
    if wanted.scan_on_push is not None:
        found["ImageScanningConfiguration"] = {"ScanOnPush": wanted.scan_on_push}
    if wanted.encryption:
        key = {"KmsKey": wanted.kms_key} if wanted.kms_key else {}
        found["EncryptionConfiguration"] = {"EncryptionType": wanted.encryption, **key}
    if wanted.lifecycle:
        found["LifecyclePolicy"] = {"LifecyclePolicyText": wanted.lifecycle}
    if wanted.policy:
        found["RepositoryPolicyText"] = as_data(wanted.policy)
    if wanted.tags:
        found["Tags"] = [{"Key": key, "Value": value} for key, value in wanted.tags.items()]
    return found
