"""What EventBridge, CloudWatch and an audit get of every way that a run, a deployment and a copy can end."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

import pytest
from jsonschema import Draft202012Validator

from ecr_push.base.errors import Interrupted, RegistryError
from ecr_push.base.reference import Tag, parse_repository
from ecr_push.pipeline.copy_result import CopiedTag, CopyResult, CopyVerdict
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome, RunFacts
from ecr_push.policy.model import Policy
from ecr_push.policy.verdict import Verdict
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.report import copy_notice
from ecr_push.report.audit_record import Releaser, audit_record, object_key, stage_before, stage_of
from ecr_push.report.brief import json_line
from ecr_push.report.event import SENT, deployment_detail, event_detail, notice_of
from ecr_push.report.event_schema import copy_schema, deployment_schema, event_schema
from ecr_push.report.metrics import DEPLOYMENT_ENDINGS, ENDINGS, metrics_of
from ecr_push.report.notice import emf
from tests.support.fakes import START, digest
from tests.support.json_schemas import strict
from tests.support.outcomes import ACCEPTED, OUTCOMES, REFUSED, with_facts

EVENTS = [name for name, one in OUTCOMES.items() if one.status in SENT]
RUNS = {name: with_facts(OUTCOMES[name], command="run", repository="team/app") for name in EVENTS}
WHO = Releaser("7-abcd", "arn:aws:sts::123456789012:assumed-role/ci/x")
# An entry may have 1 MB, and targets such as SQS take less:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
MOST_BYTES = 20_000


@pytest.mark.parametrize("ending", EVENTS)
def test_every_event_is_what_the_schema_says_and_small(ending: str) -> None:
    detail = json.loads(json.dumps(event_detail(RUNS[ending])))
    Draft202012Validator(strict(event_schema())).validate(detail)
    assert len(json.dumps(detail)) < MOST_BYTES


def event_id(outcome: Outcome) -> str:
    return str(event_detail(outcome)["id"])


def test_a_repetition_has_the_same_id_and_another_result_has_another() -> None:
    moved = replace(ACCEPTED, promoted=(PromotedTag(Tag("1.4.2"), "moved"),))
    again = replace(ACCEPTED, promoted=(PromotedTag(Tag("1.4.2"), "already"),))
    again = with_facts(replace(again, seconds={"scan": 1.0}), url="https://ci.example/run/8")
    assert event_id(moved) == event_id(again)
    assert (event_detail(moved)["changed"], event_detail(again)["changed"]) == (True, False)
    more = replace(ACCEPTED, promoted=(*moved.promoted, PromotedTag(Tag("latest"), "moved")))
    others = {event_id(one) for one in (moved, more, REFUSED, *map(OUTCOMES.get, EVENTS)) if one}
    assert len(others) >= len(EVENTS) / 2
    assert event_id(with_facts(moved, command="promote")) not in others


def test_where_a_tag_was_is_in_it() -> None:
    found = replace(
        ACCEPTED, plan=None, promoted=(PromotedTag(Tag("stable"), "moved", "was x", digest("old")),)
    )
    assert event_detail(found)["tags"] == [
        {"tag": "stable", "before": digest("old").value, "result": "moved"}
    ]


def test_what_became_of_the_tags_elsewhere_is_in_it() -> None:
    detail = event_detail(OUTCOMES["released elsewhere too"])
    first = detail["destinations"][0]
    assert {one["tag"]: one["result"] for one in first["tags"]}["1.4"] == "already"
    notice = notice_of(OUTCOMES["released elsewhere too"])
    assert notice and [one.registry.region for one in notice.repositories] == ["eu-west-1", "eu-central-1"]
    alone = replace(OUTCOMES["released elsewhere too"], plan=None)
    assert len(event_detail(alone)["destinations"][0]["tags"]) == 3


@pytest.mark.parametrize("ending", EVENTS)
def test_exactly_one_ending_is_counted_and_a_line_is_of_the_format(ending: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""
    outcome = RUNS[ending]
    values = {one.name: one.value for one in metrics_of(outcome)}
    assert sum(values[name] for name in ENDINGS) == 1
    line = json_line(emf(notice_of(outcome), START))
    assert "\n" not in line
    read = json.loads(line)
    [directive] = read["_aws"]["CloudWatchMetrics"]
    assert read["_aws"]["Timestamp"] == START.timestamp() * 1000
    assert directive["Dimensions"] == [["Repository"]] and read["Repository"] == "team/app"
    assert {one["Name"]: read[one["Name"]] for one in directive["Metrics"]} == values
    assert len(values) <= 14, "each is billed for each repository"


def test_findings_are_counted_once_a_platform() -> None:
    values = {one.name: one.value for one in metrics_of(REFUSED)}
    assert (values["CriticalFindings"], values["HighFindings"], values["LowFindings"]) == (2, 3, 1)
    assert "CriticalFindings" not in {one.name for one in metrics_of(OUTCOMES["build failed"])}
    sized = {one.name: one.value for one in metrics_of(replace(REFUSED, size=41_000_000))}
    assert sized["ImageBytes"] == 41_000_000 and event_detail(replace(REFUSED, size=0))["bytes"] is None
    assert values["ScanDuration"] == 30.0 and values["Duration"] == 42.5


@pytest.mark.parametrize("ending", EVENTS)
def test_a_record_can_be_made_of_every_ending(ending: str) -> None:
    outcome = replace(OUTCOMES[ending], policy=Policy())
    before = audit_record("releasing", outcome, WHO, START, [Tag("1.4.2")])
    after = audit_record("released", outcome, WHO, START)
    assert before.keys() == after.keys()
    assert before["id"] == after["id"] == "7-abcd"
    assert before["tags"] == [{"tag": "1.4.2", "before": None, "result": "pending"}]
    assert (before["status"], after["status"]) == (None, outcome.status)
    assert before["policy"]["digest"].startswith("sha256:")
    keys = {object_key(one, json_line(one)) for one in (before, after)}
    assert len(keys) == 2
    assert all(key.count("..") == 0 and key.endswith(".json") for key in keys)


def test_the_tags_that_are_about_to_move_elsewhere_are_in_the_record_before() -> None:
    held = [replace(one, result="held", promoted=()) for one in OUTCOMES["a destination failed"].destinations]
    outcome = replace(
        OUTCOMES["a destination failed"],
        plan=None,
        destinations=(*held[:1], *OUTCOMES["a destination failed"].destinations[1:]),
    )
    before = audit_record("releasing", outcome, WHO, START, [Tag("stable")])
    by_result = {one["result"]: [tag["tag"] for tag in one["tags"]] for one in before["destinations"]}
    assert by_result["held"] == ["stable"] and by_result["failed"] != ["stable"]


def test_what_became_of_a_release() -> None:
    found = {stage_of(one) for one in OUTCOMES.values()}
    assert found == {"released", "unsure", "not-released"}
    assert stage_of(ACCEPTED) == "released" and stage_of(REFUSED) == "not-released"
    assert stage_of(OUTCOMES["promotion failed"]) == "unsure"


def test_a_record_says_by_whom_by_what_policy_and_with_which_exceptions() -> None:
    record = audit_record("released", replace(REFUSED, policy=Policy()), WHO, START)
    assert record["who"] == {
        "actor": "kim",
        "awsIdentity": "arn:aws:sts::123456789012:assumed-role/ci/x",
        "url": "https://ci.example/run/7",
    }
    assert [one["exception"] for one in record["exceptions"]] == [
        "CVE-2021-44228 in log4j-core",
        "CVE-2020-0003",
    ]
    key = object_key(record, json_line(record))
    assert key.startswith("team/app/2026/01/20260102T030405Z-released-")
    assert object_key(record, "another line") != key


# ------------------------------------------------------------------------- deployments

DEPLOYED = [name for name, one in OUTCOMES.items() if one.deployment and one.status != "planned"]
TO = (("service", "shop"), ("cluster", "prod"))


def deploying(outcome: Outcome, **more: object) -> Outcome:
    return with_facts(outcome, command="deploy ecs", repository="team/app", deploys_to=TO, **more)


@pytest.mark.parametrize("ending", [*DEPLOYED, "not verified", "registry"])
def test_an_event_of_a_deployment_is_what_its_schema_says(ending: str) -> None:
    notice = notice_of(deploying(OUTCOMES[ending]))
    assert notice and notice.detail_type == "ecr-push deployment"
    detail = json.loads(json.dumps(notice.detail))
    Draft202012Validator(strict(deployment_schema())).validate(detail)
    assert detail["to"] == {"service": "shop", "cluster": "prod"}
    values = {one.name: one.value for one in notice.metrics}
    assert sum(values[name] for name in DEPLOYMENT_ENDINGS) == 1
    assert not {*values} & {one.name for one in metrics_of(ACCEPTED)}, "a rate of runs counts runs alone"


def test_a_plan_of_a_deployment_is_not_sent() -> None:
    assert notice_of(deploying(OUTCOMES["a deployment that is planned"])) is None


def test_a_deployment_that_is_repeated_has_the_same_id_and_has_changed_nothing() -> None:
    first = deploying(OUTCOMES["deployed"])
    assert first.deployment
    again = replace(first, deployment=replace(first.deployment, result="already", steps=()))
    again = with_facts(replace(again, seconds={"deploy": 1.0}), url="https://ci.example/run/8")
    one, two = deployment_detail(first), deployment_detail(again)
    assert one["id"] == two["id"]
    assert (one["changed"], two["changed"]) == (True, False)
    other = with_facts(first, deploys_to=(("service", "other"),))
    lost = replace(first, deployment=None, failure=OUTCOMES["registry"].failure)
    ids = {one["id"], *(deployment_detail(it)["id"] for it in (other, lost, replace(lost, run=other.run)))}
    assert len(ids) == 4, "also where it failed before it was known what would change"


def test_the_records_of_a_deployment() -> None:
    stages = {ending: stage_of(deploying(OUTCOMES[ending])) for ending in DEPLOYED}
    assert stages == {"deployed": "deployed", "a deployment that failed": "unsure"}
    assert stage_of(deploying(OUTCOMES["registry"])) == "not-deployed"
    outcome = deploying(OUTCOMES["deployed"])
    assert outcome.deployment and stage_before(outcome) == "deploying"
    planned = replace(outcome, deployment=replace(outcome.deployment, result="planned"))
    before = audit_record("deploying", planned, WHO, START)
    after = audit_record("deployed", outcome, WHO, START)
    assert before.keys() == after.keys() == audit_record("released", ACCEPTED, WHO, START).keys()
    assert (before["status"], after["status"]) == (None, "deployed")
    assert before["deployment"]["to"] == after["deployment"]["to"] == dict(TO)
    assert (before["deployment"]["result"], after["deployment"]["result"]) == ("planned", "deployed")


# ------------------------------------------------------------------------- copies

RUN = RunFacts("mirror", url="https://ci.example/run/7", actor="kim", tool_version="1.0.0")
THERE = parse_repository("123456789012.dkr.ecr.eu-central-1.amazonaws.com/base/alpine")
ROOT = digest("root")
SET = CopiedTag(Tag("3.20"), ROOT, "set")
COPIED = CopyResult(
    "docker.io/library/alpine:3.20",
    THERE.uri,
    number=2,
    name="base/alpine",
    repository=THERE,
    result="copied",
    began=True,
    images=(ROOT,),
    tags=(SET,),
    verdicts=(CopyVerdict(ROOT, cast("Verdict", REFUSED.verdict), digest("policy").value),),
    seconds=1.5,
)
BROKEN = Failure.of(RegistryError("AWS refused", why="because"), "copy")
STOPPED = Failure.of(Interrupted(15), "copy")
COPIES: dict[str, tuple[CopyResult, Failure | None]] = {
    "copied": (COPIED, None),
    "refused": (replace(COPIED, result="refused", tags=(replace(SET, result="refused"),)), None),
    "failed": (replace(COPIED, result="failed", failure=BROKEN), None),
    "no-answer": (replace(COPIED, result="failed", failure=replace(BROKEN, kind="scan", exit_code=5)), None),
    "interrupted": (replace(COPIED, result="pending", tags=()), STOPPED),
    "never found": (
        CopyResult("x:1", "region=eu-central-1", name="x", result="failed", failure=BROKEN),
        None,
    ),
}


@pytest.mark.parametrize("ending", COPIES)
def test_an_event_of_a_copy_is_what_its_schema_says(ending: str) -> None:
    copied, stopped = COPIES[ending]
    notice = copy_notice.notice_of(copied, RUN, stopped)
    assert notice and notice.detail_type == "ecr-push copy"
    detail = json.loads(json.dumps(notice.detail))
    Draft202012Validator(strict(copy_schema())).validate(detail)
    assert detail["status"] == (ending if ending in copy_notice.SENT else "failed")
    assert detail["changed"] == copied.began and (detail["exitCode"] == 0) == (ending == "copied")
    assert notice.repositories == ((THERE,) if copied.repository else ())
    values = {one.name: one.value for one in notice.metrics}
    assert values["Copied"] + values["CopyRefused"] + values["CopyFailed"] == 1


def test_of_a_copy_that_others_have_stopped_nothing_is_said() -> None:
    waiting = replace(COPIED, result="pending", began=False)
    assert copy_notice.notice_of(waiting, RUN, None) is None
    assert copy_notice.notice_of(waiting, RUN, STOPPED) is None
    assert copy_notice.notice_of(replace(COPIED, result="planned"), RUN, None) is None


def test_a_copy_that_is_repeated_has_the_same_id() -> None:
    def seen(one: CopyResult, run: RunFacts = RUN) -> tuple[str, bool]:
        notice = copy_notice.notice_of(one, run, None)
        assert notice
        return notice.detail["id"], notice.detail["changed"]

    again = replace(COPIED, began=False, tags=(replace(SET, result="already", before=ROOT),), seconds=0.0)
    first, second = seen(COPIED), seen(again, replace(RUN, url="https://ci.example/run/8"))
    assert first[0] == second[0] and (first[1], second[1]) == (True, False)
    others = [
        replace(COPIED, images=(digest("other"),)),
        replace(COPIED, tags=(*COPIED.tags, replace(SET, tag=Tag("3")))),
        replace(COPIED, source="docker.io/library/alpine:3"),
        COPIES["failed"][0],
    ]
    assert len({first[0], *(seen(one)[0] for one in others)}) == 5


def test_the_record_of_a_copy_has_all_tags_and_its_event_the_first() -> None:
    many = replace(
        COPIED,
        images=tuple(digest(str(n)) for n in range(60)),
        tags=tuple(replace(SET, tag=Tag(str(n))) for n in range(60)),
    )
    record = copy_notice.copy_record("copied", many, RUN, WHO, START)
    notice = copy_notice.notice_of(many, RUN, None)
    assert notice
    for name in ("images", "tags"):
        assert (len(record[name]), len(notice.detail[name])) == (60, 50)


@pytest.mark.parametrize("ending", [name for name, (one, _) in COPIES.items() if one.began])
def test_the_records_of_a_copy(ending: str) -> None:
    copied, stopped = COPIES[ending]
    about = replace(
        copied, result="pending", tags=(replace(SET, result="planned"),), verdicts=(), failure=None
    )
    before = copy_notice.copy_record("copying", about, RUN, WHO, START)
    after = copy_notice.copy_record(copy_notice.stage_of(copied), copied, RUN, WHO, START, stopped)
    assert before.keys() == after.keys()
    assert (before["id"], before["command"], before["who"]["actor"]) == (after["id"], "mirror", "kim")
    assert before["status"] is None and before["tags"][0]["result"] == "pending"
    assert (before["repository"], before["digest"]) == (THERE.uri, ROOT.value)
    assert after["record"] == ("copied" if ending in ("copied", "refused") else "unsure")
    assert after["status"] == ending
    assert [one["accepted"] for one in after["verdicts"]] == [False]
    assert {one["exception"] for one in after["exceptions"]} == {
        "CVE-2021-44228 in log4j-core",
        "CVE-2020-0003",
    }
    keys = {object_key(one, json_line(one)) for one in (before, after)}
    assert len(keys) == 2 and all(one.startswith("base/alpine/2026/01/") for one in keys)
