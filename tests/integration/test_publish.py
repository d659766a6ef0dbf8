"""`--event-bus`, `--metrics` and `--audit`, with moto's EventBridge, CloudWatch, Logs and S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.support.aws_services import BUCKET, BUS, GROUP, HEARD, METRICS_GROUP, AwsServices, aws_services
from tests.support.command_line import CommandLine
from tests.support.paths import ROOT
from tests.support.registry import REPOSITORY, Registry
from tests.support.shelf import Shelf

SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "event.schema.json").read_text()))
AUDIT = ("--audit", f"logs:{GROUP}", "--audit", f"s3://{BUCKET}/releases", "--audit", "audit.jsonl")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[AwsServices]:
    with aws_services(tmp_path) as services:
        yield services


@pytest.fixture
def shelf(
    cli: CommandLine, registry: Registry, services: AwsServices, monkeypatch: pytest.MonkeyPatch
) -> Shelf:
    cli.environ |= services.environment
    monkeypatch.chdir(cli.folder)
    registry.create()
    (cli.folder / "layers").mkdir()
    return Shelf(registry, cli.folder / "layers")


def test_a_release_and_its_repetition_are_heard_of_everywhere(
    cli: CommandLine, registry: Registry, shelf: Shelf, services: AwsServices
) -> None:
    before, digest = shelf.put("1.4.1", "latest"), shelf.put("candidate-1")
    metrics = ("--metrics", "emf=metrics.jsonl", "--metrics", "cloudwatch=Acme/Releases")
    metrics = (*metrics, "--metrics", f"emf=logs:{METRICS_GROUP}")
    options = ("--event-bus", BUS, *metrics, *AUDIT, "--actor", "kim")
    argv = ("promote", f"{REPOSITORY}@{digest}", "stable", "1.4.2", *options)
    for _ in range(2):
        ended = cli.command(*argv, "--run-url", "https://ci.example/7")
        assert ended.code == 0, ended.stderr
        assert "warning" not in ended.stderr

    back = cli.command("rollback", "latest", "-r", REPOSITORY, "--to", "1.4.1", "--event-bus", BUS)
    assert back.code == 0, back.stderr
    first, again, rolled = [one["detail"] for one in services.lines(HEARD)]
    SCHEMA.validate(rolled)
    assert rolled["rollback"]["after"]["digest"] == before
    for detail in (first, again):
        SCHEMA.validate(detail)
        assert (detail["status"], detail["command"], detail["digest"]) == ("accepted", "promote", digest)
        assert detail["run"] == {"url": "https://ci.example/7", "actor": "kim"}
    assert first["id"] == again["id"]
    assert (first["changed"], again["changed"]) == (True, False)

    stored = services.objects()
    lines = [json.loads(line) for line in Path("audit.jsonl").read_text().splitlines()]
    assert lines == services.lines(GROUP)
    assert sorted(map(json.dumps, stored.values())) == sorted(map(json.dumps, lines))
    assert all(key.startswith(f"releases/{REPOSITORY}/") for key in stored)
    assert [one["record"] for one in lines] == ["releasing", "released"] * 2
    about, done = lines[:2]
    assert about["id"] == done["id"] != lines[2]["id"]
    assert about["who"]["actor"] == "kim" and about["who"]["awsIdentity"].startswith("arn:aws:")
    assert [one["tag"] for one in about["tags"]] == ["stable", "1.4.2"]
    moved = {one["tag"]: (one["before"], one["result"]) for one in done["tags"]}
    assert moved == {"stable": (None, "moved"), "1.4.2": (None, "moved")}
    assert about["policy"]["digest"] == done["policy"]["digest"] != None  # noqa: E711
    assert done["digest"] == digest and done["verdict"]["accepted"] is True

    emf = [json.loads(line) for line in Path("metrics.jsonl").read_text().splitlines()]
    assert emf == services.lines(METRICS_GROUP)
    assert emf[0]["Repository"] == REPOSITORY and emf[0]["Accepted"] == 1 and emf[0]["Duration"] > 0
    listed = services.ask("cloudwatch", "list-metrics", "--namespace", "Acme/Releases")["Metrics"]
    names = {one["MetricName"] for one in listed}
    assert names == {one["Name"] for one in emf[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert {json.dumps(one["Dimensions"]) for one in listed} == {
        json.dumps([{"Name": "Repository", "Value": REPOSITORY}])
    }


def test_without_an_audit_nothing_is_released_and_an_event_that_is_lost_is_a_warning(
    cli: CommandLine, registry: Registry, shelf: Shelf, services: AwsServices
) -> None:
    digest = shelf.put("candidate-1")
    argv = ("promote", f"{REPOSITORY}:candidate-1", "stable", "--event-bus", "none")
    stopped = cli.command(*argv, "--audit", "logs:/missing", "--audit", "s3://missing-bucket")
    assert stopped.code == 4
    for part in (
        "the audit of the release could not be written",
        "there is no log group /missing in us-east-1",
        "there is no bucket missing-bucket",
        "no release tag has moved",
        "warning: the event to none could not be sent",
    ):
        assert part in stopped.stderr, stopped.stderr
    assert "stable" not in registry.tags()
    warned = cli.command(*argv, "--audit", "logs:/missing", "--audit-failure", "warn")
    assert registry.tags()["stable"] == digest
    assert "warning: the release is not in the audit" in warned.stderr
    assert warned.code == 0, warned.stderr


def test_a_deployment_and_a_copy_are_heard_of_too(
    cli: CommandLine, registry: Registry, shelf: Shelf, services: AwsServices
) -> None:
    digest = shelf.put("1.0")
    image = f"{REPOSITORY}@{digest}"
    command = {"image": f"{registry.sandbox.host}/{REPOSITORY}:0.9", "command": ["true"]}
    needs = [{"type": kind, "value": value} for kind, value in (("VCPU", "1"), ("MEMORY", "512"))]
    job = json.dumps({**command, "resourceRequirements": needs})
    name = ("--job-definition-name", "nightly")
    services.run(
        "batch", "register-job-definition", *name, "--type", "container", "--container-properties", job
    )
    options = ("--event-bus", BUS, "--metrics", "cloudwatch=Acme/Releases", *AUDIT, "--actor", "kim")

    deployed = cli.command("deploy", "batch", image, "--job-definition", "nightly", *options)
    assert deployed.code == 0, deployed.stderr
    copy = ("copy", image, "--to", "team/copy", "--as", "stable", "--create-repository", *options)
    for _ in range(2):
        copied = cli.command(*copy)
        assert copied.code == 0, copied.stderr
        assert "warning" not in copied.stderr + deployed.stderr

    deployment, first, again = [one["detail"] for one in services.lines(HEARD)]
    for detail, schema in ((deployment, "deployment-event"), (first, "copy-event"), (again, "copy-event")):
        Draft202012Validator(json.loads((ROOT / "docs" / f"{schema}.schema.json").read_text())).validate(
            detail
        )
        assert detail["digest"] == digest and detail["run"]["actor"] == "kim"
    listed = services.ask("batch", "describe-job-definitions", *name)["jobDefinitions"]
    assert deployment["deployment"]["steps"][0]["made"] in {one["jobDefinitionArn"] for one in listed}
    assert deployment["deployment"]["before"] == [command["image"]]
    assert deployment["to"] == {"job-definition": "nightly"}
    assert first["id"] == again["id"] and (first["changed"], again["changed"]) == (True, False)
    assert first["tags"] == [{"tag": "stable", "digest": digest, "before": None, "result": "set"}]

    lines = services.lines(GROUP)
    assert lines == [json.loads(line) for line in Path("audit.jsonl").read_text().splitlines()]
    assert [one["record"] for one in lines] == ["deploying", "deployed", "copying", "copied"]
    assert sorted(one["record"] for one in services.objects().values()) == sorted(
        one["record"] for one in lines
    )
    assert all(one["who"]["awsIdentity"].startswith("arn:aws:") and one["digest"] == digest for one in lines)
    found = services.ask("cloudwatch", "list-metrics", "--namespace", "Acme/Releases")["Metrics"]
    dimensions = {(one["MetricName"], one["Dimensions"][0]["Value"]) for one in found}
    assert {("Deployed", REPOSITORY), ("Copied", "team/copy")} <= dimensions

    # Without a record nothing is changed, wherever it is.
    missing = ("--audit", "logs:/missing")
    stopped = cli.command("deploy", "batch", f"{REPOSITORY}:1.0", "--job-definition", "other.json", *missing)
    assert stopped.code == 2, stopped.stderr
    (cli.folder / "other.json").write_text(
        json.dumps(
            {"jobDefinitionName": "other", "type": "container", "containerProperties": json.loads(job)}
        )
    )
    stopped = cli.command("deploy", "batch", f"{REPOSITORY}:1.0", "--job-definition", "other.json", *missing)
    assert stopped.code == 4 and "nothing was deployed" in stopped.stderr, stopped.stderr
    assert (
        services.ask("batch", "describe-job-definitions", "--job-definition-name", "other")["jobDefinitions"]
        == []
    )
    stopped = cli.command(
        "copy", image, "--to", "team/none", "--as", "stable", "--create-repository", *missing
    )
    assert stopped.code == 4 and "nothing was copied" in stopped.stderr, stopped.stderr
    assert not registry.exists("team/none") and registry.tags("team/copy") == {"stable": digest}
