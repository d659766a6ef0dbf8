"""A deployment to Batch, with answers from a table: a revision if the image differs, and none otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from ecr_push.base.errors import EcrPushError
from ecr_push.delivery.services.batch import READ_ONLY, Batch, plan_batch
from ecr_push.delivery.services.plan import perform
from ecr_push.pipeline.deployment import Deployment
from ecr_push.settings.deploy_options import DeployOptions
from tests.support.aws import StubAws
from tests.support.deploying import ARM, IMAGE, OLD, Waits, to_deploy

ARN = "arn:aws:batch:eu-west-1:111122223333:job-definition/nightly"
NIGHTLY = DeployOptions(job_definition="nightly")


def job(image: str = OLD, revision: int = 3, **more: Any) -> dict[str, Any]:
    found = {"jobDefinitionName": "nightly", "jobDefinitionArn": f"{ARN}:{revision}", "revision": revision}
    found |= {"status": "ACTIVE", "type": "container", "containerOrchestrationType": "ECS", "timeout": {}}
    container = {"image": image, "command": ["run"], "environment": [], "resourceRequirements": []}
    return {**found, "containerProperties": container, "tags": {"team": "shop"}, **more}


def deployed(options: DeployOptions, *jobs: dict[str, Any], image: Any = None) -> tuple[Deployment, StubAws]:
    answers = {"DescribeJobDefinitions": {"jobDefinitions": list(jobs)}}
    aws = StubAws({**answers, "RegisterJobDefinition": {"jobDefinitionArn": f"{ARN}:4", "revision": 4}})
    plan = plan_batch(image or to_deploy(), options, Batch(aws))
    waits = Waits()
    return perform(plan, waits.narrator, waits.noted.append, waits=True, dry_run=False), aws


def test_what_registering_refuses_is_what_botocore_says() -> None:
    model = Session().get_service_model("batch")
    given = model.shape_for("RegisterJobDefinitionRequest").members
    assert set(model.shape_for("JobDefinition").members) - set(given) == READ_ONLY


def test_the_latest_revision_decides() -> None:
    done, aws = deployed(NIGHTLY, job(IMAGE, 2), job(OLD, 3))
    assert (done.result, done.before, done.steps[0].made) == ("deployed", (OLD,), f"{ARN}:4")
    [registered] = [parameters for name, parameters in aws.log if name == "RegisterJobDefinition"]
    assert registered == {
        **{name: of for name, of in job().items() if name not in READ_ONLY},
        "containerProperties": {**job()["containerProperties"], "image": IMAGE},
    }
    done, aws = deployed(NIGHTLY, job(OLD, 2), job(IMAGE, 3))
    assert (done.result, aws.operations) == ("already", ["DescribeJobDefinitions"])


def test_a_file_is_registered_once(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    said = {"jobDefinitionName": "nightly", "type": "container", "tags": {"team": "shop"}}
    path.write_text(json.dumps({**said, "containerProperties": {"image": "team/shop", "command": ["run"]}}))
    by_file = DeployOptions(job_definition=str(path))
    assert deployed(by_file)[0].result == "deployed"
    assert deployed(by_file, job(IMAGE))[0].result == "already"
    assert deployed(by_file, job(IMAGE, timeout={"attemptDurationSeconds": 60}))[0].result == "deployed"


def test_a_file_that_batch_does_not_take(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    said = {"jobDefinitionName": "a", "type": "container", "containerProperties": [{"image": "team/shop"}]}
    path.write_text(json.dumps({**said, "platformCapabilities": 7}))
    with pytest.raises(EcrPushError) as raised:
        deployed(DeployOptions(job_definition=str(path)))
    assert "job.json: Invalid type for parameter containerProperties" in str(raised.value)
    assert "job.json: Invalid type for parameter platformCapabilities" in str(raised.value)


FARGATE = {"platformCapabilities": ["FARGATE"]}


@pytest.mark.parametrize(
    ("jobs", "image", "words"),
    [
        ((), None, "there is no job definition nightly"),
        ((job("nginx"),), None, "no container has an image of team/shop: it has containerProperties (nginx)"),
        ((job(**FARGATE),), to_deploy(ARM, "linux/arm64"), "the image has no linux/amd64"),
    ],
)
def test_what_is_refused_before_anything_changes(jobs: Any, image: Any, words: str) -> None:
    with pytest.raises(EcrPushError) as raised:
        deployed(NIGHTLY, *jobs, image=image)
    assert words in str(raised.value)


def test_a_revision_is_not_named() -> None:
    with pytest.raises(EcrPushError) as raised:
        deployed(DeployOptions(job_definition="nightly:3"))
    assert raised.value.remedy == "name it without the revision: the latest one counts"
