"""What is published of a command's outcome, and what happens where it cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ecr_push.base.errors import Interrupted, RegistryError
from ecr_push.cli import publish, reach
from ecr_push.registry.aws.session import Access
from tests.support.aws import StubAws, refused
from tests.support.fakes import REPOSITORY
from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console, console

__all__ = ["console"]
IDENTITY = {"Arn": "arn:aws:sts::123456789012:assumed-role/ci/x"}
SENT = {"Entries": [{"EventId": "1"}]}
PROMOTE = ("promote", "team/app:stable", "next")


class RecordingAws(StubAws):
    """answers may be changed. opened: with which access it was opened."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__(answers)
        self.answers = self._answers
        self.opened: list[Access] = []

    def open(self, access: Access) -> RecordingAws:
        self.opened.append(access)
        return self


@pytest.fixture
def aws(console: Console, monkeypatch: pytest.MonkeyPatch) -> RecordingAws:
    console.registry.tags["stable"] = IMAGES["clean"].digest
    made = RecordingAws({"GetCallerIdentity": IDENTITY, "PutEvents": SENT, "PutMetricData": {}})
    monkeypatch.setattr(reach, "Aws", made.open)
    return made


def details(aws: RecordingAws) -> list[dict[str, Any]]:
    entries = [one["Entries"][0] for name, one in aws.log if name == "PutEvents"]
    return [json.loads(one["Detail"]) for one in entries]


def test_a_plain_command_asks_for_none_of_it(console: Console, aws: RecordingAws) -> None:
    assert console.run(*PROMOTE) == 0
    assert aws.log == []


def test_an_event_of_each_command_that_judges_or_moves(console: Console, aws: RecordingAws) -> None:
    console.environ["ECR_PUSH_EVENT_BUS"] = "releases"
    assert console.run("scan", "team/app:stable") == 0
    assert console.run(*PROMOTE) == 0
    assert console.run("promote", "team/app:absent", "next") == 4
    assert console.run("verify", "team/app:stable", "--require", "verdict", "--allow-unsigned") == 12
    assert console.run(*PROMOTE, "--dry-run") == 0
    assert [(one["command"], one["status"], one["changed"]) for one in details(aws)] == [
        ("scan", "accepted", False),
        ("promote", "accepted", True),
        ("promote", "failed", False),
    ]
    assert {one["repositoryName"] for one in details(aws)} == {"team/app"}
    first = next(one for name, one in aws.log if name == "PutEvents")["Entries"][0]
    assert first["Resources"] == ["arn:aws:ecr:eu-west-1:123456789012:repository/team/app"]
    # Of an image that was not found, what the AWS configuration says.
    assert [one.region for one in aws.opened] == ["eu-west-1", "eu-west-1", ""]


def test_an_event_that_cannot_be_sent_changes_nothing(
    console: Console, aws: RecordingAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.answers["PutEvents"] = refused("AccessDeniedException")
    assert console.run(*PROMOTE, "--event-bus", "releases") == 0
    assert "warning: the event to releases could not be sent" in console.err
    assert "allow events:PutEvents" in console.err
    assert console.out.strip().endswith(IMAGES["clean"].digest.value)


def test_a_refusal_is_an_event_and_no_release_in_the_audit(console: Console, aws: RecordingAws) -> None:
    console.registry.tags["bad"] = IMAGES["high"].digest
    argv = ("promote", "team/app:bad", "next", "--audit", "audit.jsonl", "--event-bus", "default")
    assert console.run(*argv) == 10
    [detail] = details(aws)
    assert detail["status"] == "refused" and detail["verdict"]["broken"]
    assert not Path("audit.jsonl").exists()


def test_metrics_on_standard_error_and_in_a_file(console: Console, aws: RecordingAws) -> None:
    assert console.run(*PROMOTE, "--metrics", "emf=-", "--metrics", "emf=m.jsonl", "--progress", "quiet") == 0
    [line] = [one for one in console.err.splitlines() if one.startswith('{"_aws"')]
    assert json.loads(line)["Repository"] == REPOSITORY.name
    assert Path("m.jsonl").read_text() == f"{line}\n"
    assert console.out.count("\n") == 1, "the result alone"


def test_a_record_before_the_tags_move_and_one_after(console: Console, aws: RecordingAws) -> None:
    assert console.run(*PROMOTE, "--audit", "audit.jsonl", "--actor", "kim") == 0
    lines = [json.loads(one) for one in Path("audit.jsonl").read_text().splitlines()]
    assert [one["record"] for one in lines] == ["releasing", "released"]
    assert {one["who"]["awsIdentity"] for one in lines} == {IDENTITY["Arn"]}
    assert lines[1]["tags"] == [{"tag": "next", "before": None, "result": "moved"}]
    assert console.run("rollback", "next", "-r", "team/app", "--to", "stable", "--audit", "audit.jsonl") == 0


def test_a_release_that_failed_says_so(
    console: Console, aws: RecordingAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object, **more: object) -> bool:
        raise RegistryError("ECR refused")

    monkeypatch.setattr(console.registry, "put_tag", refuse)
    assert console.run(*PROMOTE, "--audit", "audit.jsonl") == 4
    first, last = [json.loads(one) for one in Path("audit.jsonl").read_text().splitlines()]
    assert (first["record"], last["record"], last["failure"]["phase"]) == ("releasing", "unsure", "promote")
    console.registry.tags["next"] = IMAGES["clean"].digest
    assert console.run("rollback", "next", "-r", "team/app", "--audit", "audit.jsonl") == 2
    assert len(Path("audit.jsonl").read_text().splitlines()) == 2, "nothing was about to move"


def test_a_release_without_a_record_stops_before_its_tags(console: Console, aws: RecordingAws) -> None:
    audit = ("--audit", "s3://acme-audit")
    aws.answers["PutObject"] = refused("AccessDenied", 403)
    assert console.run(*PROMOTE, *audit) == 4
    assert "next" not in console.registry.tags
    assert "the audit of the release could not be written" in console.err
    assert "no release tag has moved; --audit-failure warn releases without a record" in console.err
    assert "its first record" not in console.err
    assert console.run(*PROMOTE, *audit, "--audit", "audit.jsonl") == 4
    stages = [json.loads(one)["record"] for one in Path("audit.jsonl").read_text().splitlines()]
    assert stages[0] == "releasing" and len(stages) == 2
    aws.answers["PutObject"] = [{}, refused("AccessDenied", 403)]
    assert console.run(*PROMOTE, *audit) == 1
    assert "next" in console.registry.tags
    assert "the audit of the release could not be completed" in console.err
    aws.answers["PutObject"] = refused("AccessDenied", 403)
    assert console.run(*PROMOTE, *audit, "--audit-failure", "warn") == 0
    assert console.err.count("warning: ") >= 2
    assert "kept a record" not in console.err


def test_without_an_identity_there_is_a_record(console: Console, aws: RecordingAws) -> None:
    aws.answers["GetCallerIdentity"] = refused("AccessDenied", 403)
    assert console.run(*PROMOTE, "--audit", "audit.jsonl") == 0
    assert json.loads(Path("audit.jsonl").read_text().splitlines()[0])["who"]["awsIdentity"] is None


def test_who_does_not_answer_is_not_waited_for(
    console: Console, aws: RecordingAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ended = Event(), Event()

    def never(parameters: object) -> dict[str, Any]:
        asked.set()
        ended.wait(30)
        return SENT

    monkeypatch.setattr(publish, "PATIENCE_SECONDS", 0.05)
    aws.answers["PutEvents"] = never
    try:
        assert console.run(*PROMOTE, "--event-bus", "releases") == 0
        assert "the event to releases could not be sent: there was no answer in 0 s" in console.err
        assert asked.wait(60)
    finally:
        ended.set()


def test_what_could_not_be_sent_is_said_in_one_order_whichever_fails_first(
    console: Console, aws: RecordingAws
) -> None:
    def late(parameters: object) -> dict[str, Any]:
        Event().wait(0.2)
        raise refused("AccessDeniedException")

    aws.answers.update(PutEvents=late, PutMetricData=refused("AccessDeniedException"))
    assert console.run(*PROMOTE, "--event-bus", "releases", "--metrics", "cloudwatch=Builds") == 0
    event, metrics = map(console.err.index, ("the event to releases", "the metrics to "))
    assert event < metrics


def test_nothing_that_is_sent_has_a_secret(console: Console, aws: RecordingAws) -> None:
    """Not one either that is written otherwise in JSON."""
    secret = console.environ["AWS_SECRET_ACCESS_KEY"] = 'dummy"of-a-secret-\u00e4-key'
    targets = ("--audit", "audit.jsonl", "--event-bus", "default", "--metrics", "emf=m.jsonl")
    console.environ |= {"ECR_PUSH_ACTOR": secret, "ECR_PUSH_RUN_URL": f"https://ci.example/?{secret}"}
    assert console.run(*PROMOTE, *targets) == 0
    [detail] = details(aws)
    assert detail["run"] == {"url": "https://ci.example/?[redacted]", "actor": "[redacted]"}
    lines = [*Path("audit.jsonl").read_text().splitlines(), Path("m.jsonl").read_text()]
    for content in (*map(json.loads, lines), detail):
        assert secret not in json.dumps(content, ensure_ascii=False).replace('\\"', '"')
    assert json.loads(lines[0])["who"]["actor"] == "[redacted]"


# ------------------------------------------------------------------------- a deployment

ARN = "arn:aws:ecs:us-east-1:123456789012"
DEPLOY = ("deploy", "ecs", "team/app:clean", "--service", "shop", "--deploy-timeout", "0")
FRESH = {"taskDefinition": {"taskDefinitionArn": f"{ARN}:task-definition/shop:2"}}
CHANGES = ("RegisterTaskDefinition", "UpdateService")


@pytest.fixture
def ecs(aws: RecordingAws) -> RecordingAws:
    rollout = {"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": f"{ARN}:task-definition/shop:1"}
    service = {"serviceArn": f"{ARN}:service/default/shop", "status": "ACTIVE", "deployments": [rollout]}
    service["taskDefinition"] = f"{ARN}:task-definition/shop:1"
    containers = [{"name": "web", "image": f"{REPOSITORY.uri}:1.0"}]
    definition = {"family": "shop", "taskDefinitionArn": f"{ARN}:task-definition/shop:1"}
    after = {**service, "deployments": [{**rollout, "taskDefinition": f"{ARN}:task-definition/shop:2"}]}
    aws.answers |= {
        "DescribeServices": {"services": [service]},
        "DescribeTaskDefinition": {"taskDefinition": {**definition, "containerDefinitions": containers}},
        "RegisterTaskDefinition": FRESH,
        "UpdateService": {"service": after},
    }
    return aws


def records(path: str = "audit.jsonl") -> list[dict[str, Any]]:
    return [json.loads(one) for one in Path(path).read_text().splitlines()]


def test_a_deployment_is_an_event_and_in_the_audit(console: Console, ecs: RecordingAws) -> None:
    options = (
        "--event-bus",
        "releases",
        "--audit",
        "audit.jsonl",
        "--metrics",
        "emf=m.jsonl",
        "--actor",
        "kim",
    )
    kept: list[Any] = []
    ecs.answers["RegisterTaskDefinition"] = lambda parameters: kept.extend(records()) or FRESH
    assert console.run(*DEPLOY, *options, "--region", "us-east-1") == 0, console.err
    [detail] = details(ecs)
    entry = next(one for name, one in ecs.log if name == "PutEvents")["Entries"][0]
    assert entry["DetailType"] == "ecr-push deployment"
    assert entry["Resources"] == ["arn:aws:ecr:eu-west-1:123456789012:repository/team/app"]
    assert (detail["command"], detail["status"], detail["changed"]) == ("deploy ecs", "deployed", True)
    assert detail["to"] == {"service": "shop"} and detail["verification"] is None
    assert detail["deployment"]["before"] == [f"{REPOSITORY.uri}:1.0"]
    assert detail["digest"] == IMAGES["clean"].digest.value
    assert [one["record"] for one in kept] == ["deploying"], "before the first change"
    first, last = records()
    assert (first["record"], last["record"], first["id"]) == ("deploying", "deployed", last["id"])
    assert first["who"] == {"actor": "kim", "awsIdentity": IDENTITY["Arn"], "url": None}
    assert [one["what"] for one in first["deployment"]["steps"]] == [
        one["what"] for one in last["deployment"]["steps"]
    ]
    assert (first["deployment"]["result"], last["deployment"]["result"]) == ("planned", "started")
    assert json.loads(Path("m.jsonl").read_text())["Deployed"] == 1
    assert {one.region for one in ecs.opened} == {"us-east-1"}, "the service's region, not the image's"
    assert "kept a record of the deployment in audit.jsonl" in console.err


def test_what_was_verified_before_a_deployment_is_in_its_record(console: Console, ecs: RecordingAws) -> None:
    verify = ("--verify", "--require", "verdict", "--allow-unsigned", "--audit", "audit.jsonl")
    assert console.run(*DEPLOY, *verify, "--event-bus", "default") == 12
    [detail] = details(ecs)
    assert (detail["status"], detail["changed"], detail["deployment"]) == ("not-verified", False, None)
    assert [one["passed"] for one in detail["verification"]["checks"]] == [False]
    assert not Path("audit.jsonl").exists(), "nothing was about to change"
    assert console.run("promote", "team/app:clean", "next", "--attest-verdict") == 0
    assert console.run(*DEPLOY, *verify) == 0, console.err
    assert [one["verification"]["statement"]["verdict"] for one in records()] == ["accepted"] * 2


def test_without_a_record_nothing_is_deployed(console: Console, ecs: RecordingAws) -> None:
    ecs.answers["PutObject"] = refused("AccessDenied", 403)
    assert console.run(*DEPLOY, "--audit", "s3://acme-audit") == 4
    assert not {*CHANGES} & {*ecs.operations}
    assert "the audit of the deployment could not be written" in console.err
    assert "nothing was deployed; --audit-failure warn deploys without a record" in console.err
    ecs.answers["PutObject"] = [{}, refused("AccessDenied", 403)]
    assert console.run(*DEPLOY, "--audit", "s3://acme-audit") == 1
    assert "its first record, `deploying`, is there" in console.err
    ecs.answers["PutObject"] = refused("AccessDenied", 403)
    assert console.run(*DEPLOY, "--audit", "s3://acme-audit", "--audit-failure", "warn") == 0


def test_a_deployment_that_stops_is_unsure(console: Console, ecs: RecordingAws) -> None:
    ecs.answers["UpdateService"] = refused("ClientException")
    assert console.run(*DEPLOY, "--audit", "audit.jsonl", "--event-bus", "default") == 4
    assert [one["record"] for one in records()] == ["deploying", "unsure"]
    [step] = records()[1]["deployment"]["steps"]
    assert step["made"].endswith("shop:2") and details(ecs)[0]["changed"] is True
    assert console.run("deploy", "ecs", "team/app:gone", "--service", "shop", "--event-bus", "default") == 4
    assert (details(ecs)[1]["status"], details(ecs)[1]["repositoryName"]) == ("failed", "team/app")


def test_a_dry_run_of_a_deployment_publishes_nothing(console: Console, ecs: RecordingAws) -> None:
    assert console.run(*DEPLOY, "--dry-run", "--audit", "audit.jsonl", "--event-bus", "default") == 0
    assert details(ecs) == [] and not Path("audit.jsonl").exists()


# ------------------------------------------------------------------------- copies

COPY = ("copy", "team/app:clean", "--to", "team/copy", "--as", "stable2", "--region", "eu-west-1")
EVERYWHERE = ("--event-bus", "releases", "--audit", "audit.jsonl", "--metrics", "emf=m.jsonl")


def test_a_copy_is_an_event_and_in_the_audit(
    console: Console, aws: RecordingAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []
    put = console.registry.put_tag

    def put_tag(*given: Any, **more: Any) -> Any:
        kept.extend(records())
        return put(*given, **more)

    monkeypatch.setattr(console.registry, "put_tag", put_tag)
    url = "https://ci.example/7"
    assert console.run(*COPY, *EVERYWHERE, "--actor", "kim", "--run-url", url) == 0, console.err
    [detail] = details(aws)
    assert (detail["command"], detail["status"], detail["changed"]) == ("copy", "copied", True)
    assert detail["run"] == {"url": url, "actor": "kim"}
    assert (detail["source"], detail["digest"]) == ("team/app:clean", IMAGES["clean"].digest.value)
    assert [(one["tag"], one["result"]) for one in detail["tags"]] == [("stable2", "set")]
    assert [one["record"] for one in kept] == ["copying"], "before the first change"
    first, last = records()
    assert (first["record"], last["record"], first["id"]) == ("copying", "copied", last["id"])
    assert (first["tags"][0]["result"], last["tags"][0]["result"]) == ("pending", "set")
    assert last["who"] == {"actor": "kim", "awsIdentity": IDENTITY["Arn"], "url": url}
    assert json.loads(Path("m.jsonl").read_text())["Copied"] == 1
    assert "kept records of a copy in audit.jsonl" in console.err

    assert console.run(*COPY, *EVERYWHERE) == 0, console.err
    again = details(aws)[1]
    assert (again["id"], again["changed"]) == (detail["id"], False)
    assert len(records()) == 2, "nothing has changed"


def test_a_copy_that_is_judged_says_its_verdict(console: Console, aws: RecordingAws) -> None:
    argv = ("copy", "team/app:high", "--to", "team/copy", "--as", "bad", "--region", "eu-west-1", "--judge")
    assert console.run(*argv, *EVERYWHERE) == 10, console.err
    [detail] = details(aws)
    [verdict] = detail["verdicts"]
    assert (detail["status"], verdict["accepted"], len(verdict["broken"])) == ("refused", False, 1)
    assert verdict["policy"].startswith("sha256:")
    assert [(one["record"], one["status"]) for one in records()] == [("copying", None), ("copied", "refused")]
    assert console.run(*argv, "--output", "json", "--dry-run") == 0
    assert json.loads(console.out)["copies"][0]["verdicts"] == []


def test_without_a_record_nothing_is_copied(console: Console, aws: RecordingAws) -> None:
    aws.answers["PutObject"] = refused("AccessDenied", 403)
    console.registry.log.clear()
    assert console.run(*COPY, "--audit", "s3://acme-audit") == 4
    assert console.registry.log == [] and "stable2" not in console.registry.tags
    assert "the audit of the copy could not be written" in console.out
    assert "nothing was copied; --audit-failure warn copies without a record" in console.err
    assert console.run(*COPY, "--audit", "audit.jsonl", "--audit", "s3://acme-audit") == 4
    assert [one["record"] for one in records()] == ["copying", "not-copied"]
    aws.answers["PutObject"] = [{}, refused("AccessDenied", 403)]
    assert console.run(*COPY, "--audit", "s3://acme-audit") == 1
    assert "the audit of the copy could not be completed" in console.err
    assert ": copied\n" in console.out and "stable2" in console.registry.tags
    aws.answers["PutObject"] = refused("AccessDenied", 403)
    del console.registry.tags["stable2"]
    assert console.run(*COPY, "--audit", "s3://acme-audit", "--audit-failure", "warn") == 0


def test_what_became_of_copies_is_printed_where_publishing_fails(
    console: Console, aws: RecordingAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.answers["PutObject"] = [{}, refused("AccessDenied", 403)]
    argv = ("copy", "team/app:high", "--to", "team/copy", "--as", "bad", "--region", "eu-west-1", "--judge")
    assert console.run(*argv, "--audit", "s3://acme-audit") == 10
    assert ": refused\n" in console.out and "the audit of the copy could not be completed" in console.err

    def broken(*given: object) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(publish.copy_notice, "notice_of", broken)
    assert console.run(*COPY, *EVERYWHERE) == 1
    assert ": copied\n" in console.out and "KeyError" in console.err
    assert [one["record"] for one in records()] == ["copying", "copied"], "the record comes before events"
    monkeypatch.setattr(publish.event, "notice_of", broken)
    assert console.run(*PROMOTE, "--audit", "released.jsonl", "--event-bus", "releases") == 1
    assert [one["record"] for one in records("released.jsonl")] == ["releasing", "released"]


def test_an_event_of_each_image_and_each_repository(console: Console, aws: RecordingAws) -> None:
    Path("ecr-mirror.yml").write_text("images: [{from: team/app:clean}, {from: team/app:none}]\n")
    argv = ("mirror", "--to", "team/x", "--to", "team/y", "--region", "eu-west-1", "--event-bus", "releases")
    assert console.run(*argv) == 4
    found = sorted((one["source"], one["status"]) for one in details(aws))
    assert found == [("team/app:clean", "copied")] * 2 + [("team/app:none", "failed")] * 2
    assert len({one["id"] for one in details(aws)}) == len(details(aws))


def test_what_is_sent_of_a_copy_goes_to_the_commands_own_region(console: Console, aws: RecordingAws) -> None:
    console.environ["ECR_PUSH_REPOSITORY"] = "210987654321.dkr.ecr.us-east-1.amazonaws.com/team/other"
    assert console.run(*COPY[:-2], "--event-bus", "releases") == 0, console.err
    assert {one.region for one in aws.opened} == {""}, "not that of a repository of the settings"


def test_where_a_signal_ends_the_copies_those_that_began_are_unsure(
    console: Console, aws: RecordingAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*given: object, **more: object) -> None:
        raise Interrupted(15)

    monkeypatch.setattr(console.registry, "put_tag", interrupted)
    assert console.run(*COPY, *EVERYWHERE) == 143
    assert [(one["record"], one["status"]) for one in records()] == [
        ("copying", None),
        ("unsure", "interrupted"),
    ]
    assert [(one["status"], one["changed"]) for one in details(aws)] == [("interrupted", True)]
    aws.answers["PutObject"] = [{}, refused("AccessDenied", 403)]
    assert console.run(*COPY, "--audit", "s3://acme-audit") == 143
    assert "the audit of the copy could not be completed" in console.err


def test_a_dry_run_of_a_copy_publishes_nothing(console: Console, aws: RecordingAws) -> None:
    assert console.run(*COPY, *EVERYWHERE, "--dry-run") == 0
    assert aws.log == [] and not Path("audit.jsonl").exists()
