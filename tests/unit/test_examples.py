"""The CloudFormation template that ships: valid by cfn-lint, and so made that listening works with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.registry.scan_events import read_scan_event
from tests.support.cloudformation import load_template
from tests.support.paths import ROOT
from tests.support.scan_events import basic_event, inspector_event

TEMPLATE = ROOT / "examples" / "scan-events.yaml"


@pytest.fixture
def resources() -> dict[str, Any]:
    template = load_template(TEMPLATE)
    return {name: one["Properties"] for name, one in template["Resources"].items()}


def test_cfn_lint_has_nothing_to_say() -> None:
    from cfnlint.api import lint_file

    assert [str(match) for match in lint_file(TEMPLATE)] == []


def filled(value: Any, prefix: str) -> str:
    """A parameter or a `!Sub` with the values of the test's account."""
    text = str((value.get("Ref") and "${RepositoryPrefix}") or value["Sub"])
    for name, said in {
        "${AWS::Partition}": "aws",
        "${AWS::Region}": "eu-west-1",
        "${AWS::AccountId}": "123456789012",
        "${RepositoryPrefix}": prefix,
    }.items():
        text = text.replace(name, said)
    return text


@pytest.mark.parametrize("sent", [basic_event(), inspector_event()], ids=["basic", "enhanced"])
@pytest.mark.parametrize(("prefix", "passes"), [("team/", True), ("team/app", True), ("other/", False)])
def test_the_rule_passes_the_events_that_we_read(
    resources: dict[str, Any], sent: dict[str, Any], prefix: str, passes: bool
) -> None:
    pattern = resources["Scans"]["EventPattern"]
    assert sent["source"] in pattern["source"]
    assert sent["detail-type"] in pattern["detail-type"]
    prefixes = [filled(one["prefix"], prefix) for one in pattern["detail"]["repository-name"]]
    assert sent["detail"]["repository-name"].startswith(tuple(prefixes)) == passes
    assert read_scan_event(json.dumps(sent))


def test_the_queue_is_a_notice_board(resources: dict[str, Any]) -> None:
    queue = resources["Queue"]
    assert queue["MessageRetentionPeriod"] == 60  # the least that SQS has
    assert "RedrivePolicy" not in queue  # who only looks would fill it
    [statement] = resources["Listen"]["PolicyDocument"]["Statement"]
    assert set(statement["Action"]) == {"sqs:GetQueueUrl", "sqs:ReceiveMessage"}
