"""The template for events and audit records: valid by cfn-lint, and its rule passes what is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecr_push.pipeline.copy_result import CopyResult, CopyState
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import RunFacts
from ecr_push.report import copy_notice, event
from ecr_push.report.notice import SOURCE, Notice
from ecr_push.settings.publish_options import parse_audit, parse_bus
from tests.support.cloudformation import load_template
from tests.support.fakes import REPOSITORY
from tests.support.outcomes import OUTCOMES, with_facts
from tests.support.paths import ROOT

TEMPLATE = ROOT / "examples" / "releases.yaml"
NAMES = {
    "${Audit}": "/ecr-push/audit",
    "${Records}": "acme-audit",
}


@pytest.fixture
def template() -> dict[str, Any]:
    found: dict[str, Any] = load_template(TEMPLATE)
    return found


def filled(value: Any) -> str:
    text = str(value["Sub"])
    for name, said in NAMES.items():
        text = text.replace(name, said)
    return text


def test_cfn_lint_has_nothing_to_say() -> None:
    from cfnlint.api import lint_file

    assert [str(match) for match in lint_file(TEMPLATE)] == []


def copy_of(result: CopyState, failure: Failure | None = None) -> Notice | None:
    made = CopyResult("x:1", REPOSITORY.uri, name=REPOSITORY.name, repository=REPOSITORY, result=result)
    return copy_notice.notice_of(replace(made, failure=failure), RunFacts("copy"), None)


BROKEN = OUTCOMES["registry"].failure
NOTICES = {
    **{name: event.notice_of(one) for name, one in OUTCOMES.items() if one.pushed and not one.deployment},
    **{
        f"deploy: {name}": event.notice_of(with_facts(one, command="deploy ecs"))
        for name, one in OUTCOMES.items()
        if one.pushed and (one.deployment or one.verification)
    },
    "copied": copy_of("copied"),
    "copy refused": copy_of("refused"),
    "copy failed": copy_of("failed", BROKEN),
}


@pytest.mark.parametrize("ending", [name for name, one in NOTICES.items() if one])
def test_the_rule_passes_what_was_not_released_deployed_or_copied(
    template: dict[str, Any], ending: str
) -> None:
    pattern = template["Resources"]["NotReleased"]["Properties"]["EventPattern"]
    sent = event.SENT | event.DEPLOYMENT_SENT | copy_notice.SENT
    assert pattern["source"] == [SOURCE] and {*pattern["detail"]["status"]} <= sent
    notice = NOTICES[ending]
    assert notice and notice.detail_type in pattern["detail-type"]
    detail = notice.detail
    assert (detail["status"] in pattern["detail"]["status"]) == bool(detail["exitCode"])
    assert pattern["detail"]["repositoryName"] == [{"prefix": {"Ref": "RepositoryPrefix"}}]
    assert detail["repositoryName"] == "team/app"
    paths = template["Resources"]["NotReleased"]["Properties"]["Targets"][0]["InputTransformer"]
    for path in paths["InputPathsMap"].values():
        found: Any = {"detail": detail}
        for name in path.removeprefix("$.").split("."):
            found = found[name]


def test_the_options_that_it_prints_are_valid(template: dict[str, Any]) -> None:
    words = filled(template["Outputs"]["Options"]["Value"]).split()
    assert words[::2] == ["--event-bus", "--audit", "--audit"]
    assert parse_bus(words[1]) and [parse_audit(one).kind for one in words[3::2]] == ["logs", "s3"]
