"""Repositories for Terraform and CloudFormation; in tests/integration other programs read them."""

from __future__ import annotations

import json

import pytest
import yaml

from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.export.cloudformation import as_cloudformation
from ecr_push.upkeep.export.model import Exported, as_identifiers
from ecr_push.upkeep.export.terraform import as_terraform
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.lifecycle.text import read_policy_text
from ecr_push.upkeep.model import Wanted

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
LIFECYCLE = as_json(read_policy_text("expire untagged after 1 day"))
POLICY = '{"Statement": [{"Condition": {"StringLike": {"aws:PrincipalArn": "*/${aws:username}"}}}]}'
FOUND = RepositorySettings(
    "team/shop", "arn", "IMMUTABLE", ("latest",), True, "KMS", KEY, LIFECYCLE, "", {"team": 'a "b" ${c}'}
)

TERRAFORM = """\
resource "aws_ecr_repository" "team_shop" {
  name                 = "team/shop"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "WILDCARD"
  }

  image_scanning_configuration {
    scan_on_push = false
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "arn:aws:kms:eu-west-1:123456789012:key/1"
  }

  tags = {
    "team" = "a \\"b\\" $${c}"
  }
}

import {
  to = aws_ecr_repository.team_shop
  id = "team/shop"
}

resource "aws_ecr_lifecycle_policy" "team_shop" {
  repository = aws_ecr_repository.team_shop.name

  policy = <<-JSON
    {
"""


def test_what_the_file_leaves_open_is_as_it_is() -> None:
    one = Exported.of("team/shop", Wanted(scan_on_push=False, encryption="AES256", policy=POLICY), FOUND)
    text = as_terraform([one])
    assert text.startswith(TERRAFORM)
    assert text.count("import {") == 2  # there is no policy to import
    assert '"aws:PrincipalArn": "*/$${aws:username}"' in text


def test_mutability_without_exceptions_means_none() -> None:
    assert Exported.of("a", Wanted(mutability="MUTABLE"), FOUND).wanted.exceptions is None


def test_one_that_is_still_to_be_created() -> None:
    assert as_terraform([Exported.of("team/new", Wanted(), None)]) == (
        'resource "aws_ecr_repository" "team_new" {\n  name = "team/new"\n}\n'
    )
    assert as_terraform([]) == ""


def test_an_alias_of_a_key_is_looked_up() -> None:
    text = as_terraform([Exported.of("a1", Wanted(encryption="KMS", kms_key="alias/shop"), None)])
    assert text.startswith('data "aws_kms_key" "a1" {\n  key_id = "alias/shop"\n}\n')
    assert "kms_key         = data.aws_kms_key.a1.arn\n" in text


def test_a_template() -> None:
    template = as_cloudformation([Exported.of("team/shop", Wanted(policy=POLICY), FOUND)])
    assert template.startswith("# These repositories exist: team/shop\n")
    [(name, resource)] = yaml.safe_load(template)["Resources"].items()
    properties = resource.pop("Properties")
    assert (name, resource) == (
        "TeamShop",
        {"Type": "AWS::ECR::Repository", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"},
    )
    assert properties.pop("RepositoryPolicyText") == json.loads(POLICY)
    assert properties.pop("LifecyclePolicy") == {"LifecyclePolicyText": LIFECYCLE}
    assert properties == {
        "RepositoryName": "team/shop",
        "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "ImageTagMutabilityExclusionFilters": [
            {
                "ImageTagMutabilityExclusionFilterType": "WILDCARD",
                "ImageTagMutabilityExclusionFilterValue": "latest",
            }
        ],
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": KEY},
        "Tags": [{"Key": "team", "Value": 'a "b" ${c}'}],
    }


def test_more_than_a_template_may_have() -> None:
    many = [Exported.of(f"team/{number}", Wanted(), None) for number in range(501)]
    with pytest.raises(ValueError, match="there are 501 repositories, and a template may have 500"):
        as_cloudformation(many)


def test_names_that_would_be_the_same() -> None:
    found = as_identifiers(["a/b", "a-b", "a.b"], lambda name: "a_b")
    assert list(found.values()) == ["a_b", "a_b2", "a_b3"]
    assert 'resource "aws_ecr_repository" "_1st"' in as_terraform([Exported.of("1st", Wanted(), None)])
