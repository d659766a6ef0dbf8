"""Cloud Custodian: the policies that its documentation has for ECR, found and carried out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import yaml

from ecr_push.sandbox.server import Sandbox
from tests.support.independent_clients import Program
from tests.support.registry import Client, Registry

FOREIGN = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "foreign",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
            "Action": ["ecr:BatchGetImage"],
        }
    ],
}
OLD_UNTAGGED = {
    "rulePriority": 1,
    "selection": {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    },
    "action": {"type": "expire"},
}
POLICIES = {
    "without-lifecycle": {
        "filters": [{"type": "lifecycle-rule", "state": False}],
        "actions": [{"type": "set-lifecycle", "rules": [OLD_UNTAGGED]}],
    },
    "mutable": {
        "filters": [{"imageTagMutability": "MUTABLE"}],
        "actions": [{"type": "set-immutability", "state": True}],
    },
    "never-scanned": {
        "filters": [{"imageScanningConfiguration.scanOnPush": False}],
        "actions": [{"type": "set-scanning", "state": True}],
    },
    "foreign": {
        "filters": [{"type": "cross-account"}],
        "actions": [{"type": "remove-statements", "statement_ids": "matched"}],
    },
    "untagged": {
        "filters": [{"tag:team": "absent"}],
        "actions": [{"type": "tag", "tags": {"team": "unknown"}}],
    },
    "short-lifecycle": {
        "filters": [
            {
                "type": "lifecycle-rule",
                "state": True,
                "match": [{"selection.tagStatus": "untagged"}, {"action.type": "expire"}],
            }
        ],
    },
}


def test_policies_find_repositories_and_change_them(
    program: Callable[..., Program], sandbox: Sandbox, client: Client, registry: Registry
) -> None:
    registry.create("team/plain", scan_on_push=False)
    registry.create("team/kept", resource_tags={"team": "a"})
    named = ("--repository-name", "team/kept")
    client.ask("aws", "ecr", "set-repository-policy", *named, "--policy-text", json.dumps(FOREIGN))
    custodian = program("c7n")
    document = [{"name": name, "resource": "aws.ecr", **policy} for name, policy in POLICIES.items()]
    document.append({"name": "images", "resource": "aws.ecr-image"})
    (custodian.folder / "policies.yml").write_text(yaml.safe_dump({"policies": document}))
    for _ in range(2):
        custodian.ask(
            "custodian", "run", "-s", "out", "--region", "us-east-1", "--cache-period", "0", "policies.yml"
        )

    def found(policy: str) -> list[str]:
        resources: list[dict[str, Any]] = json.loads(
            (custodian.folder / "out" / policy / "resources.json").read_text()
        )
        return sorted(one["repositoryName"] for one in resources)

    # The second round: what the first one has changed is found no more.
    assert {name: found(name) for name in POLICIES} == {
        "without-lifecycle": [],
        "mutable": [],
        "never-scanned": [],
        "foreign": [],
        "untagged": [],
        "short-lifecycle": ["team/kept", "team/plain"],
    }
    ask = ("aws", "ecr", "--output", "json")
    for one in json.loads(client.ask(*ask, "describe-repositories"))["repositories"]:
        assert (one["imageTagMutability"], one["imageScanningConfiguration"]) == (
            "IMMUTABLE",
            {"scanOnPush": True},
        )
        name = ("--repository-name", one["repositoryName"])
        text = json.loads(client.ask(*ask, "get-lifecycle-policy", *name))["lifecyclePolicyText"]
        assert json.loads(text)["rules"] == [OLD_UNTAGGED]
        [tag] = json.loads(
            client.ask(*ask, "list-tags-for-resource", "--resource-arn", one["repositoryArn"])
        )["tags"]
        assert tag == {"Key": "team", "Value": "unknown" if name[1] == "team/plain" else "a"}
    assert sandbox.state.repositories.get("private", "team/kept").policy_text == ""
