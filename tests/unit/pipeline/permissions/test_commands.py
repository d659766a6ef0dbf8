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
from ecr_push.upkeep.model import Wanted, WantedRepositories
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
        for name in ("scans", "objects", "wanted", "pattern", "sections", "copies", "judged")
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


@pytest.mark.parametrize("command", commands())
def test_each_command_has_a_policy_that_is_valid(command: str) -> None:
    found = wished(command)[CALLER]
    if found:
        assert read_policy(policy_of(found), IDENTITY, "it").statements


# These call nothing of AWS that needs a permission.
WITHOUT = {"tags", "sandbox", "schema", "policy", "repository", "registry", "lifecycle", "iam"}
WITHOUT |= {"render"}
WITHOUT |= {"iam policy", "iam trust"}


def test_every_command_is_known() -> None:
    known = set(commands()) | WITHOUT
    what_to_do = "its statements: pipeline/permissions/commands.py, held by integration/test_iam.py"
    assert not set(COMMANDS) - known, what_to_do
