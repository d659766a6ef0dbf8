"""A registry's own settings kept as a file says, in a sandbox, read back with the AWS CLI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.support.command_line import CommandLine
from tests.support.pusher import Pusher, rootfs
from tests.support.registry import Registry

POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": "210987654321"},
        "Action": "ecr:ReplicateImage",
        "Resource": "*",
    },
}


@pytest.fixture
def file(tmp_path: Path, registry: Registry) -> Path:
    options = registry.sandbox.options
    home, iam = f"{options.region}:{options.account}", f"arn:aws:iam::{options.account}"
    (tmp_path / "policy.json").write_text(json.dumps(POLICY))
    found = tmp_path / "ecr-registry.yml"
    found.write_text(f"""\
registry: {options.account}/{options.region}
scanning: {{type: enhanced, on-push: ["*"], continuous: [prod/*]}}
replication:
  - {{to: [eu-north-1, ap-south-1/210987654321], repositories: [prod/], delete: true}}
templates:
  prod:
    applied-for: [create-on-push, replication]
    mutability: immutable
    except: [latest]
    lifecycle: [expire untagged after 1 day]
    tags: {{team: shop}}
    role: {iam}:role/template
pull-through:
  hub: {{upstream: docker.io, credential: "arn:aws:secretsmanager:{home}:secret:ecr-pullthroughcache/hub"}}
signing: [{{profile: "arn:aws:signer:{home}:/signing-profiles/release", repositories: [prod/*]}}]
pull-time-exclusions: ["{iam}:role/scanner"]
settings: {{blob-mounting: false}}
policy: policy.json
""")
    return found


def asked(registry: Registry, *words: str) -> Any:
    return json.loads(registry.client.ask("aws", "ecr", *words, "--output", "json"))


def test_a_file_is_planned_and_applied_shown_and_then_there_is_nothing_to_do(
    cli: CommandLine, registry: Registry, file: Path, tmp_path: Path
) -> None:
    plan = cli.command("registry", "plan", file)
    assert plan.code == 13, plan.stderr
    assert "+ templates: prod\n" in plan.stdout and "~ scanning\n" in plan.stdout
    assert plan.stdout.endswith("6 to create, 2 to change, 0 to remove\n")
    assert "what is there already follows with `ecr-push registry backfill`" in plan.stderr
    assert registry.asked("PutReplicationConfiguration") == 0

    applied = cli.command("registry", "apply", file)
    assert (applied.code, applied.stdout) == (0, "6 created, 2 changed, 0 removed\n"), applied.stderr
    scanning = asked(registry, "get-registry-scanning-configuration")["scanningConfiguration"]
    assert (scanning["scanType"], len(scanning["rules"])) == ("ENHANCED", 2)
    # Not with the AWS CLI, which need not know deleteReplication yet.
    [rule] = registry.api().describe_registry()["replicationConfiguration"]["rules"]
    assert {one["region"] for one in rule["destinations"]} == {"eu-north-1", "ap-south-1"}
    assert rule["deleteReplication"] == {"enabled": True}
    [template] = asked(registry, "describe-repository-creation-templates")["repositoryCreationTemplates"]
    assert (template["imageTagMutability"], template["resourceTags"]) == (
        "IMMUTABLE_WITH_EXCLUSION",
        [{"Key": "team", "Value": "shop"}],
    )
    [cache] = asked(registry, "describe-pull-through-cache-rules")["pullThroughCacheRules"]
    assert cache["upstreamRegistryUrl"] == "registry-1.docker.io"
    signing = asked(registry, "get-signing-configuration")["signingConfiguration"]["rules"]
    assert signing[0]["repositoryFilters"] == [{"filter": "prod/*", "filterType": "WILDCARD_MATCH"}]
    assert len(asked(registry, "list-pull-time-update-exclusions")["pullTimeUpdateExclusions"]) == 1
    assert asked(registry, "get-account-setting", "--name", "BLOB_MOUNTING")["value"] == "DISABLED"
    assert json.loads(asked(registry, "get-registry-policy")["policyText"]) == POLICY

    token = registry.sandbox.tokens.issue(registry.sandbox.options.account, "private").authorization
    with urllib3.PoolManager() as http:
        Pusher(registry.sandbox.url, token, http).push("prod/new", "1.0", rootfs("1.0"), {})
    [made] = asked(registry, "describe-repositories", "--repository-names", "prod/new")["repositories"]
    assert made["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION", "the template is for what is pushed"
    policy = asked(registry, "get-lifecycle-policy", "--repository-name", "prod/new")
    assert "sinceImagePushed" in policy["lifecyclePolicyText"]

    shown = cli.command("registry", "show")
    assert shown.code == 0, shown.stderr
    (tmp_path / "shown.yml").write_text(shown.stdout)
    for name in (file, tmp_path / "shown.yml"):
        again = cli.command("registry", "plan", name)
        assert (again.code, again.stdout) == (0, "0 to create, 0 to change, 0 to remove\n"), again.stderr
    writes = registry.asked("PutReplicationConfiguration")
    assert cli.command("registry", "apply", file).code == 0
    assert registry.asked("PutReplicationConfiguration") == writes


def test_a_creation_whose_answer_is_lost_is_there(cli: CommandLine, registry: Registry, file: Path) -> None:
    registry.play(
        "faults:\n  - {operation: CreateRepositoryCreationTemplate, drop: during, times: 1}\n"
        "  - {operation: CreatePullThroughCacheRule, drop: during, times: 1}\n"
    )
    applied = cli.command("registry", "apply", file)
    assert (applied.code, applied.stdout) == (0, "6 created, 2 changed, 0 removed\n"), applied.stderr
    assert registry.asked("CreateRepositoryCreationTemplate") == 2
    assert registry.asked("CreatePullThroughCacheRule") == 2
    assert cli.command("registry", "plan", file).code == 0


def test_one_that_fails_hides_no_other_and_none_removes(
    cli: CommandLine, registry: Registry, file: Path
) -> None:
    registry.play("faults: [{operation: PutRegistryPolicy, error: ValidationException, times: 1}]")
    failed = cli.command("registry", "apply", file)
    assert failed.code == 4, failed.stderr
    assert failed.stdout.endswith("not done: policy\n")
    assert "1 of 8 changes failed" in failed.stderr and "done: scanning" in failed.stderr
    again = cli.command("registry", "apply", file)
    assert (again.code, again.stdout) == (0, "1 created, 0 changed, 0 removed\n")

    file.write_text(
        "replication: none\ntemplates: none\npull-through: {hub: none}\nsigning: none\npolicy: none\n"
    )
    removed = cli.command("registry", "apply", file)
    assert (removed.code, removed.stdout) == (0, "0 created, 0 changed, 5 removed\n"), removed.stderr
    assert asked(registry, "describe-registry")["replicationConfiguration"] == {"rules": []}
    assert asked(registry, "describe-pull-through-cache-rules")["pullThroughCacheRules"] == []
    assert len(asked(registry, "list-pull-time-update-exclusions")["pullTimeUpdateExclusions"]) == 1
