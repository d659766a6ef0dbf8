"""Which permissions follow from which settings; tests/integration/test_iam.py runs commands under them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ecr_push.base.iam.allow_statement import AllowStatement, policy_of
from ecr_push.base.iam.kinds import IDENTITY
from ecr_push.base.iam.read import read_policy
from ecr_push.base.source_name import SourceName
from ecr_push.cli.commands import COMMANDS
from ecr_push.pipeline.copies.model import CopyJob
from ecr_push.pipeline.permissions.commands import CALLER, commands, permissions_of
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.registry.destination import Destination
from ecr_push.registry.permissions import REGISTRY_READS, REGISTRY_WRITES
from ecr_push.settings.publish_options import PUBLISHED
from ecr_push.upkeep.model import Wanted, WantedRepositories
from ecr_push.upkeep.public_model import WantedCatalog
from ecr_push.upkeep.registry.sections import SECTIONS
from tests.support.settings import settings, value

ROLE = "arn:aws:iam::123456789012:role/ci"
OTHER_ROLE = "arn:aws:iam::210987654321:role/copy"
FAR = "arn:aws:ecr:us-east-1"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/k"
APP = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"
PLACE = {"repository": "team/app", "region": "eu-west-1", "registry_id": "123456789012"}


def wished(command: str = "run", **given: Any) -> Mapping[str, tuple[AllowStatement, ...]]:
    own = {
        name: given.pop(name)
        for name in (
            "scans",
            "objects",
            "wanted",
            "pattern",
            "sections",
            "passed",
            "by_template",
            "copies",
            "judged",
        )
        if name in given
    }
    return permissions_of(Wish(command, settings(**{**PLACE, **given}), **own))


def granted(statements: tuple[AllowStatement, ...], sid: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Actions and resources of a statement."""
    [found] = [one for one in statements if one.sid == sid]
    return found.actions, found.resources


def sids(command: str = "run", **given: Any) -> list[str]:
    return [one.sid for one in wished(command, **given)[CALLER]]


def test_a_plain_run_has_a_statement_for_each_step() -> None:
    steps = ["Login", "Look", "ScanSettings", "Push", "Scan", "ScanByInspector", "Promote", "Lifecycle"]
    assert sids() == steps
    found = wished()[CALLER]
    assert granted(found, "Login") == (("ecr:GetAuthorizationToken",), ("*",))
    assert granted(found, "Push")[1] == (APP,)


@pytest.mark.parametrize(
    ("given", "sid", "actions", "resource"),
    [
        ({"create_repository": True}, "CreateRepository", ["ecr:CreateRepository"], APP),
        (
            {"create_repository": True, "kms_key": KEY},
            "Encrypt",
            ["kms:CreateGrant", "kms:DescribeKey"],
            KEY,
        ),
        (
            {"create_repository": True, "kms_key": "alias/ecr"},
            "Encrypt",
            ["kms:CreateGrant", "kms:DescribeKey"],
            "arn:aws:kms:eu-west-1:123456789012:key/*",
        ),
        ({"cache": "ecr"}, "BuildCache", ["ecr:PutImage"], f"{APP}-cache"),
        (
            {"cache": "ecr", "cache_repository": "caches", "create_repository": True},
            "BuildCache",
            ["ecr:CreateRepository", "ecr:PutLifecyclePolicy"],
            APP.replace("team/app", "caches"),
        ),
        (
            {"lock": "dynamodb:locks"},
            "Lock",
            ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"],
            "arn:aws:dynamodb:eu-west-1:{account}:table/locks",
        ),
        (
            {"scan_events_queue": "scans"},
            "ScanEvents",
            ["sqs:GetQueueUrl", "sqs:ReceiveMessage"],
            "arn:aws:sqs:eu-west-1:{account}:scans",
        ),
        (
            {"scan_events_queue": "https://sqs.eu-central-1.amazonaws.com/210987654321/scans"},
            "ScanEvents",
            ["sqs:ReceiveMessage"],
            "arn:aws:sqs:eu-central-1:210987654321:scans",
        ),
        ({"attest_verdict": True}, "Attest", ["ecr:PutImage"], APP),
        ({"sign": "cosign", "sign_key": "cosign.key"}, "Sign", ["ecr:BatchGetImage", "ecr:PutImage"], APP),
        (
            {"sign": "cosign", "sign_key": "awskms:///alias/sign"},
            "SignWithKms",
            ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"],
            "arn:aws:kms:eu-west-1:{account}:key/*",
        ),
        ({"sign": "cosign", "sign_key": f"awskms:///{KEY}"}, "SignWithKms", ["kms:Sign"], KEY),
        ({"require_signature": True}, "RequireSignature", ["ecr:DescribeImageSigningStatus"], APP),
        (
            {"require_signature": True},
            "SignedByEcr",
            ["signer:SignPayload"],
            "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/*",
        ),
        (
            {"wait_replication": True},
            "Replicas",
            ["ecr:BatchGetImage"],
            "arn:aws:ecr:*:*:repository/team/app",
        ),
        ({"objects": ["s3://team/policy.yml"]}, "Policy", ["s3:GetObject"], "arn:aws:s3:::team/policy.yml"),
        (
            {"base_image": f"base@sha256:{'0' * 64}"},
            "BaseImage",
            ["ecr:BatchGetImage", "ecr:DescribeImageScanFindings"],
            APP.replace("team/app", "base"),
        ),
        (
            {"event_bus": "releases"},
            "Events",
            ["events:PutEvents"],
            "arn:aws:events:eu-west-1:{account}:event-bus/releases",
        ),
        ({"metrics": value("metrics", ["cloudwatch=Acme"])}, "Metrics", ["cloudwatch:PutMetricData"], "*"),
        (
            {"metrics": value("metrics", ["emf=logs:/m"])},
            "Logs",
            ["logs:PutLogEvents"],
            "arn:aws:logs:eu-west-1:{account}:log-group:/m:log-stream:ecr-push/*",
        ),
        (
            {"audit": value("audit", ["logs:/audit", "audit.jsonl"])},
            "Logs",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            "arn:aws:logs:eu-west-1:{account}:log-group:/audit:log-stream:ecr-push/*",
        ),
        (
            {"audit": value("audit", ["s3://acme-audit/team"])},
            "Audit",
            ["s3:PutObject"],
            "arn:aws:s3:::acme-audit/team/*",
        ),
    ],
)
def test_what_a_setting_adds(given: dict[str, Any], sid: str, actions: list[str], resource: str) -> None:
    found = granted(wished(**given)[CALLER], sid)
    assert set(actions) <= set(found[0])
    assert found[1] == (resource,)
    assert sid not in sids()


def test_a_key_by_its_alias_is_named_in_the_condition() -> None:
    found = wished(create_repository=True, kms_key="alias/ecr", sign="cosign", sign_key="awskms:///alias/s")
    conditions = {one.sid: one.conditions for one in found[CALLER] if one.conditions}
    assert conditions == {
        "Encrypt": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/ecr"}},
        "SignWithKms": {"StringEquals": {"kms:RequestAlias": "alias/s"}},
    }


def test_metrics_are_for_their_namespaces_alone() -> None:
    [found] = [one for one in wished(metrics=value("metrics", ["cloudwatch=A"]))[CALLER] if one.conditions]
    assert found.conditions == {"StringEquals": {"cloudwatch:namespace": "A"}}
    bus = "arn:aws:events:us-east-1:210987654321:event-bus/x"
    for command in sorted(PUBLISHED):
        assert granted(wished(command, event_bus=bus)[CALLER], "Events")[1] == (bus,)
    assert "Events" not in sids("verify", event_bus=bus)


@pytest.mark.parametrize("command", ["copy", "mirror", "deploy ecs"])
def test_a_bus_of_what_copies_and_deploys_is_in_the_region_of_the_command(command: str) -> None:
    """The repository may be in another one."""
    uri = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app"
    found = wished(command, repository=uri, region="us-east-1", event_bus="releases")
    assert granted(found[CALLER], "Events")[1] == ("arn:aws:events:us-east-1:{account}:event-bus/releases",)


def test_each_kind_of_scanning_has_its_own() -> None:
    assert "ScanByInspector" not in sids(scans="basic")
    assert "ecr:StartImageScan" not in granted(wished(scans="enhanced")[CALLER], "Scan")[0]


def test_ecr_public_has_other_actions() -> None:
    found = permissions_of(Wish("run", settings(repository="public.ecr.aws/acme/app", unscannable="warn")))
    actions = {action for one in found[CALLER] for action in one.actions}
    assert {action.partition(":")[0] for action in actions} == {"ecr-public", "sts"}
    assert "ecr-public:BatchGetImage" not in actions
    assert granted(found[CALLER], "Push")[1] == ("arn:aws:ecr-public::{account}:repository/app",)


def test_the_caller_who_assumes_a_role_needs_that_alone() -> None:
    found = wished(role=ROLE)
    assert list(found) == [ROLE, CALLER]
    assert [(one.sid, one.resources) for one in found[CALLER]] == [("AssumeRole", (ROLE,))]
    assert found[ROLE] == wished()[CALLER]


def test_destinations_are_reached_by_their_own_roles() -> None:
    to = value(
        "to",
        [
            "team/copy",
            f"repository=team/far,region=us-east-1,account=210987654321,role={OTHER_ROLE}",
            "repository=team/third,profile=other",
        ],
    )
    found = wished(to=to)
    assert list(found) == [CALLER, OTHER_ROLE, "profile other"]
    assert granted(found[CALLER], "AssumeRole")[1] == (OTHER_ROLE,)
    assert granted(found[CALLER], "Destination")[1] == (APP.replace("app", "copy"),)
    assert granted(found[OTHER_ROLE], "Destination")[1] == (
        "arn:aws:ecr:us-east-1:210987654321:repository/team/far",
    )


def test_copies_that_are_judged_are_scanned_where_they_go() -> None:
    to = value("to", ["team/copy", f"repository=team/far,account=210987654321,role={OTHER_ROLE}"])
    found = wished("copy", to=to, judged=True, scans="basic", objects=["s3://team/policy.yml"])
    assert granted(found[CALLER], "Scan")[1] == (APP.replace("app", "copy"),)
    assert granted(found[OTHER_ROLE], "Scan")[1] == (
        "arn:aws:ecr:eu-west-1:210987654321:repository/team/far",
    )
    # The policy is read by who asks for the copy.
    assert "Policy" in [one.sid for one in found[CALLER]]
    assert "Policy" not in [one.sid for one in found[OTHER_ROLE]]
    assert "Scan" not in [one.sid for one in wished("copy", to=to)[CALLER]]


def test_what_the_file_of_a_mirror_lists() -> None:
    base, own = Destination("base/alpine"), Destination("team/second", role=OTHER_ROLE)
    far = f"222222222222.dkr.ecr.us-east-1.amazonaws.com/{PLACE['repository']}"
    copies = [
        CopyJob(SourceName.parse("docker.io/library/alpine:3.20"), (base,)),
        CopyJob(SourceName.parse("team/app:1.4.2"), (own, Destination("team/app", region="us-west-2"))),
        CopyJob(SourceName.parse(f"{far}:1.4.2"), (Destination("team/app", region="eu-west-1"),)),
    ]
    found = wished("mirror", copies=copies)
    assert list(found) == [CALLER, OTHER_ROLE]
    assert granted(found[CALLER], "Source")[1] == (APP, f"{FAR}:222222222222:repository/team/app")
    assert granted(found[CALLER], "Destination")[1] == (
        APP.replace("team/app", "base/alpine"),
        APP.replace("eu-west-1", "us-west-2"),
        APP.replace("123456789012", "222222222222"),
    )
    assert granted(found[OTHER_ROLE], "Destination")[1] == (
        "arn:aws:ecr:eu-west-1:{account}:repository/team/second",
    )


def test_an_index_of_parts_is_a_manifest_alone() -> None:
    part = value("parts", [f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:{'0' * 64}"])
    assert granted(wished(parts=part)[CALLER], "Push")[0] == ("ecr:PutImage",)


def test_a_pattern_of_repositories() -> None:
    found = wished("promote", pattern="team/*")[CALLER]
    assert granted(found, "Promote")[1] == (APP.replace("team/app", "team/*"),)


def test_a_repository_that_is_created_as_a_file_says() -> None:
    wanted = WantedRepositories({"team/app": Wanted(tags={"a": "b"}, policy="{}")})
    found = wished(create_repository=True, wanted=wanted)[CALLER]
    assert granted(found, "CreateRepository")[0] == (
        "ecr:CreateRepository",
        "ecr:SetRepositoryPolicy",
        "ecr:TagResource",
    )


def test_the_registry_s_settings_that_a_file_has() -> None:
    found = wished("registry apply", sections=["policy"])[CALLER]
    assert granted(found, "Look")[0] == ("ecr:DescribeRegistry", "ecr:GetRegistryPolicy")
    assert granted(found, "Change") == (("ecr:DeleteRegistryPolicy", "ecr:PutRegistryPolicy"), ("*",))
    assert {one.key for one in SECTIONS} == REGISTRY_READS.keys() == REGISTRY_WRITES.keys()


def test_what_ecr_gets_and_does_by_a_registry_s_settings() -> None:
    asked = {"sections": ["replication", "templates"], "by_template": ["CreateRepository"]}
    found = wished("registry apply", passed={"templates": [ROLE], "pull-through": ["other"]}, **asked)[CALLER]
    own = "arn:aws:iam::123456789012:role/aws-service-role/"
    linked = {one.resources: one.conditions for one in found if one.sid.startswith("ServiceLinkedRole")}
    assert linked == {
        (f"{own}replication.ecr.amazonaws.com/AWSServiceRoleForECRReplication",): {
            "StringEquals": {"iam:AWSServiceName": "replication.ecr.amazonaws.com"}
        },
        (f"{own}ecr.amazonaws.com/AWSServiceRoleForECRTemplate",): {
            "StringEquals": {"iam:AWSServiceName": "ecr.amazonaws.com"}
        },
    }
    assert granted(found, "PassRoles") == (("iam:PassRole",), (ROLE,))
    assert granted(found, "Templates") == (("ecr:CreateRepository",), (APP.replace("team/app", "*"),))
    none = {"sections": ["replication", "policy"], "passed": {}, "by_template": []}
    assert not {"PassRoles", "Templates"} & {*sids("registry apply", **none)}
    # Of all kinds of settings, whichever they are.
    found = wished("registry apply")[CALLER]
    assert granted(found, "PassRoles")[1] == ("arn:aws:iam::123456789012:role/*",)


def test_a_role_is_passed_to_the_one_service_that_assumes_it() -> None:
    passed = {"templates": [ROLE], "pull-through": [f"{ROLE}-of-caches"]}
    found = wished("registry apply", passed=passed)[CALLER]
    assert {one.resources: one.conditions for one in found if one.sid.startswith("PassRoles")} == {
        (ROLE,): {"StringEquals": {"iam:PassedToService": "ecr.amazonaws.com"}},
        (f"{ROLE}-of-caches",): {
            "StringEquals": {"iam:PassedToService": "pullthroughcache.ecr.amazonaws.com"}
        },
    }


def test_public_repositories_of_a_file() -> None:
    wanted = WantedRepositories({}, public={"shop": WantedCatalog()})
    public = "arn:aws:ecr-public::123456789012:repository/shop"
    read = (("ecr-public:GetRepositoryCatalogData",), (public,))
    assert granted(wished("repository plan", wanted=wanted)[CALLER], "Look") == read
    found = wished("repository apply", wanted=wanted)[CALLER]
    assert granted(found, "Create") == (("ecr-public:CreateRepository",), (public,))
    assert granted(found, "Change") == (("ecr-public:PutRepositoryCatalogData",), (public,))
    assert not wished("repository export", wanted=wanted)[CALLER]


def test_repositories_of_a_file() -> None:
    wanted = WantedRepositories(
        {"a": Wanted(mutability="MUTABLE", lifecycle="", tags={"x": "y"}), "team/*": Wanted(policy="{}")}
    )
    found = wished("repository apply", wanted=wanted)[CALLER]
    assert granted(found, "Create")[1] == (APP.replace("team/app", "a"),)
    assert granted(found, "Change") == (
        ("ecr:DeleteLifecyclePolicy", "ecr:PutImageTagMutability", "ecr:TagResource"),
        (APP.replace("team/app", "a"),),
    )
    assert granted(found, "Change2") == (("ecr:SetRepositoryPolicy",), (APP.replace("team/app", "team/*"),))
    assert granted(found, "Find") == (("ecr:DescribeRepositories",), (APP.replace("team/app", "*"),))


ECS = "arn:aws:ecs:eu-west-1:123456789012"


@pytest.mark.parametrize(
    ("command", "given", "sid", "actions", "resources"),
    [
        (
            "deploy ecs",
            {"service": "shop", "cluster": "prod"},
            "Service",
            ("ecs:DescribeServices", "ecs:UpdateService"),
            (f"{ECS}:service/prod/shop",),
        ),
        ("deploy ecs", {"service": "s"}, "StoppedTasks", ("ecs:DescribeTasks",), (f"{ECS}:task/default/*",)),
        (
            "deploy ecs",
            {"task_definition": "shop"},
            "Definition2",
            ("ecs:RegisterTaskDefinition", "ecs:TagResource"),
            (f"{ECS}:task-definition/shop:*",),
        ),
        (
            "deploy lambda",
            {"function": "shop"},
            "Function",
            ("lambda:GetFunction", "lambda:UpdateFunctionCode"),
            ("arn:aws:lambda:eu-west-1:123456789012:function:shop",),
        ),
        (
            "deploy lambda",
            {"function": "shop", "alias": "live"},
            "Versions",
            ("lambda:GetFunction",),
            ("arn:aws:lambda:eu-west-1:123456789012:function:shop:*",),
        ),
        (
            "deploy batch",
            {"job_definition": "nightly"},
            "Definition2",
            ("batch:RegisterJobDefinition",),
            ("arn:aws:batch:eu-west-1:123456789012:job-definition/nightly",),
        ),
        (
            "deploy sagemaker",
            {"endpoint": "Shop"},
            "Endpoint",
            ("sagemaker:DescribeEndpoint",),
            ("arn:aws:sagemaker:eu-west-1:123456789012:endpoint/shop",),
        ),
    ],
)
def test_what_runs_the_image_is_named(
    command: str, given: dict[str, Any], sid: str, actions: tuple[str, ...], resources: tuple[str, ...]
) -> None:
    """It is in the account of the role that deploys."""
    found = wished(command, role=ROLE, **given)[ROLE]
    assert granted(found, sid) == (actions, resources)
    assert granted(found, "Look")[1] == (APP,)


def test_what_a_deployment_does_not_do_is_not_allowed() -> None:
    assert "Service" not in sids("deploy ecs", task_definition="shop")
    again = sids("deploy ecs", service="shop", redeploy=True)
    assert "Service" in again and not {"Definition2", "PassRoles", "ExpressService"} & {*again}
    assert "Endpoint" not in sids("deploy sagemaker", model="shop")
    assert "lambda:UpdateAlias" not in granted(wished("deploy lambda", function="f")[CALLER], "Function")[0]
    assert "Versions" not in sids("deploy lambda", function="f")
    found = wished("deploy lambda", function="f", alias="live", repository="public.ecr.aws/a/b")[CALLER]
    assert "lambda:UpdateAlias" in granted(found, "Function")[0]


@pytest.mark.parametrize("command", commands())
def test_each_command_has_a_policy_that_is_valid(command: str) -> None:
    found = wished(command)[CALLER]
    if found:
        assert read_policy(policy_of(found), IDENTITY, "it").statements


# These call nothing of AWS that needs a permission.
WITHOUT = {"tags", "sandbox", "schema", "policy", "repository", "registry", "lifecycle", "iam"}
WITHOUT |= {"deploy", "init", "completion", "help", "version"}
WITHOUT |= {"iam policy", "iam trust"}


def test_every_command_is_known() -> None:
    known = set(commands()) | WITHOUT
    what_to_do = "its statements: pipeline/permissions/commands.py, held by integration/test_iam.py"
    assert not set(COMMANDS) - known, what_to_do
