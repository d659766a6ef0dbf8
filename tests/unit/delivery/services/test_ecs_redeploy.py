"""A service whose task definition has a tag: its tasks start again if the tag names the image."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.delivery.services.ecs import plan_ecs
from ecr_push.delivery.services.ecs_api import Ecs
from ecr_push.delivery.services.plan import DeployError, perform
from ecr_push.settings.deploy_options import DeployOptions
from tests.support.aws import StubAws
from tests.support.deploying import ARM, IMAGE, ONE, URI, Waits, to_deploy
from tests.support.ecs_answers import asked, definition, rollout, service, updated
from tests.support.fakes import FakeRepository

OPTIONS = DeployOptions(service="shop", redeploy=True, deploy_timeout=60)
TAGS = {"latest": ONE.digest, "1.4.1": ARM.digest}


def planned(image: str, options: DeployOptions = OPTIONS, **more: Any) -> tuple[Any, StubAws, Waits]:
    """image: that of the service's task definition."""
    answers = {
        "DescribeServices": [
            service(**more),
            service(rollout(2, state="IN_PROGRESS"), rollout(status="ACTIVE")),
            service(rollout(2)),
        ],
        "DescribeTaskDefinition": definition(image),
        "UpdateService": updated(2, 1),
    }
    aws, waits = StubAws(answers), Waits()
    found = to_deploy()
    client = found.client
    assert isinstance(client, FakeRepository)
    client.tags.update(TAGS)
    return plan_ecs(found, options, Ecs(aws), waits), aws, waits


@pytest.mark.parametrize("image", [URI, f"{URI}:latest", IMAGE])
def test_its_tasks_start_again_and_nothing_is_registered(image: str) -> None:
    plan, aws, waits = planned(image)
    done = perform(plan, waits.narrator, waits.noted.append, waits=True, dry_run=False)
    assert (done.result, done.image, done.before) == ("deployed", IMAGE, (image,))
    assert [one.what for one in done.steps] == ["start the tasks of service shop in cluster default again"]
    [update] = asked(aws, "UpdateService")
    assert update["forceNewDeployment"] and update["taskDefinition"].endswith(":task-definition/shop:1")
    assert not asked(aws, "RegisterTaskDefinition") and len(asked(aws, "DescribeServices")) == 3


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (f"{URI}:1.4.1", f"{URI}:1.4.1 is {ARM.digest}"),
        (f"{URI}:gone", f"{URI}:gone is not there"),
        (f"{URI}@{ARM.digest}", f"{URI}@{ARM.digest}"),
        ("ghcr.io/team/shop:latest", "ghcr.io/team/shop:latest"),
    ],
)
def test_a_definition_that_names_another_image_is_not_started(image: str, why: str) -> None:
    with pytest.raises(DeployError) as failed:
        planned(image)
    assert failed.value.why == why and "leave --redeploy out" in failed.value.remedy


def test_a_service_of_express_mode_has_no_definition_of_its_own() -> None:
    with pytest.raises(SettingsError, match="--redeploy: an Express Mode service"):
        planned(URI, resourceManagementType="ECS")
