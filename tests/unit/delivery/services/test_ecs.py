"""A deployment to ECS, with answers from a table: what is registered, what is updated, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from ecr_push.base.errors import EcrPushError, SettingsError
from ecr_push.delivery.services.ecs import plan_ecs
from ecr_push.delivery.services.ecs_api import READ_ONLY, Ecs
from ecr_push.delivery.services.plan import DeployError, DeployPlan, perform
from ecr_push.pipeline.deployment import Deployment
from ecr_push.settings.deploy_options import DeployOptions
from tests.support.aws import StubAws, refused
from tests.support.deploying import ARM, BOTH, IMAGE, OLD, Waits, to_deploy
from tests.support.ecs_answers import FAMILY, SERVICE_ARN, asked, definition, rollout, service, updated

SERVICE = DeployOptions(service="shop", deploy_timeout=60)


REGISTERED = {"taskDefinition": {"taskDefinitionArn": f"{FAMILY}:2"}}


def planned(
    answers: dict[str, Any], options: DeployOptions = SERVICE, image: Any = None
) -> tuple[DeployPlan, StubAws, Waits]:
    aws, waits = StubAws(answers), Waits()
    return plan_ecs(image or to_deploy(), options, Ecs(aws), waits), aws, waits


def deployed(
    answers: dict[str, Any], options: DeployOptions = SERVICE, **more: Any
) -> tuple[Deployment, StubAws, Waits]:
    plan, aws, waits = planned(answers, options)
    return (
        perform(plan, waits.narrator, waits.noted.append, waits=options.deploy_timeout > 0, dry_run=False),
        aws,
        waits,
    )


def test_what_registering_refuses_is_what_botocore_says() -> None:
    model = Session().get_service_model("ecs")
    given = model.shape_for("RegisterTaskDefinitionRequest").members
    assert set(model.shape_for("TaskDefinition").members) - set(given) == READ_ONLY


def test_the_image_alone_changes_and_the_service_is_updated() -> None:
    done, aws, waits = deployed(
        {
            "DescribeServices": [
                service(),
                service(rollout(2, 2, "IN_PROGRESS", runningCount=0)),
                service(rollout(2, 2)),
            ],
            "DescribeTaskDefinition": definition(),
            "RegisterTaskDefinition": REGISTERED,
            "UpdateService": updated(),
        }
    )
    assert (done.result, done.before) == ("deployed", (OLD,))
    assert [one.made for one in done.steps] == [f"{FAMILY}:2", "ecs-svc/2"]
    [registered] = asked(aws, "RegisterTaskDefinition")
    before = definition()["taskDefinition"]
    assert registered.pop("tags") == [{"key": "team", "value": "shop"}]
    assert [one["image"] for one in registered["containerDefinitions"]] == ["fluent-bit:3", IMAGE]
    registered["containerDefinitions"][1]["image"] = OLD
    assert registered == {name: of for name, of in before.items() if name not in READ_ONLY}
    [update] = asked(aws, "UpdateService")
    assert (update["taskDefinition"], update["forceNewDeployment"]) == (f"{FAMILY}:2", False)
    assert "0 of 2 tasks run, 0 start" in waits.narrator.said


def test_what_was_done_until_a_failure_is_noted() -> None:
    plan, _, waits = planned(
        {
            "DescribeServices": service(),
            "DescribeTaskDefinition": definition(),
            "RegisterTaskDefinition": REGISTERED,
            "UpdateService": refused("ServiceNotActiveException"),
        }
    )
    with pytest.raises(EcrPushError):
        perform(plan, waits.narrator, waits.noted.append, waits=True, dry_run=False)
    assert [(one.result, len(one.steps)) for one in waits.noted] == [("failed", 0), ("failed", 1)]
    assert waits.noted[-1].steps[0].made == f"{FAMILY}:2"


def test_what_runs_already_is_left_alone_and_waited_for() -> None:
    there = {"DescribeTaskDefinition": definition(IMAGE)}
    done, aws, _ = deployed({"DescribeServices": service(), **there})
    assert (done.result, done.steps, done.before) == ("already", (), (IMAGE,))
    # An earlier call that was stopped has begun it.
    waiting, aws, _ = deployed(
        {"DescribeServices": [service(rollout(state="IN_PROGRESS")), service()], **there}
    )
    assert (waiting.result, len(asked(aws, "DescribeServices"))) == ("already", 2)
    # It failed, and nothing put the old tasks back: it is rolled out again.
    failed = service(rollout(state="FAILED"))
    again, aws, _ = deployed(
        {"DescribeServices": [failed, service(rollout(2))], "UpdateService": updated(2, 1), **there}
    )
    assert again.result == "deployed" and asked(aws, "UpdateService")[0]["forceNewDeployment"] is True


def test_a_rollout_without_a_state_is_complete_once_it_is_alone() -> None:
    """As behind a Classic Load Balancer."""
    mine, other = rollout(2, 2, ""), rollout(1, 1, "", status="ACTIVE")
    begun = service({**mine, "runningCount": 1}, other)
    seen = [service(other), begun, service(mine, other), service(mine)]
    answers = {"DescribeTaskDefinition": definition(), "RegisterTaskDefinition": REGISTERED}
    done, aws, _ = deployed({"DescribeServices": seen, "UpdateService": updated(), **answers})
    assert (done.result, len(asked(aws, "DescribeServices"))) == ("deployed", 4)


def shifting(strategy: str = "BLUE_GREEN", bake: int = 0) -> dict[str, Any]:
    return {"deploymentConfiguration": {"strategy": strategy, "bakeTimeInMinutes": bake}}


@pytest.mark.parametrize("strategy", ["BLUE_GREEN", "LINEAR", "CANARY"])
@pytest.mark.parametrize("states", [("IN_PROGRESS", "COMPLETED"), ("COMPLETED", "COMPLETED"), ("", "")])
def test_a_rollout_that_shifts_the_calls_is_complete_once_the_old_tasks_are_gone(
    strategy: str, states: tuple[str, str]
) -> None:
    """Until then ECS may still go back, as at an alarm in the bake time."""
    shift, (before, after) = shifting(strategy), states
    old = rollout(1, 1, status="ACTIVE")
    seen = [
        service(**shift),
        service(rollout(2, 2, "IN_PROGRESS", runningCount=0, pendingCount=2), old, **shift),
        service(rollout(2, 2, before), old, **shift),
        service(rollout(2, 2, after), **shift),
    ]
    done, aws, waits = deployed(
        {"DescribeServices": seen, "UpdateService": updated(), **WITHOUT_BREAKER},
    )
    assert (done.result, len(asked(aws, "DescribeServices"))) == ("deployed", 4)
    assert f"2 of 2 tasks run, 0 start; 2 old ones run on ({strategy})" in waits.narrator.said


def test_a_rollout_that_goes_back_in_its_bake_time_has_failed() -> None:
    back = service(rollout(1, 1), rollout(2, 2, "COMPLETED", status="ACTIVE"), **shifting())
    with pytest.raises(DeployError) as raised:
        deployed(
            {"DescribeServices": [service(**shifting()), back], "UpdateService": updated()}
            | WITHOUT_BREAKER
            | TASKS
        )
    assert "another rollout has replaced it" in raised.value.why


@pytest.mark.parametrize(
    ("bake", "timeout", "fits"), [(1, 60, False), (1, 61, True), (1, 0, True), (0, 60, True)]
)
def test_a_bake_time_that_is_longer_than_the_wait_is_refused(bake: int, timeout: float, fits: bool) -> None:
    answers = {"DescribeServices": service(**shifting(bake=bake)), "DescribeTaskDefinition": definition()}
    options = DeployOptions(service="shop", deploy_timeout=timeout)
    if fits:
        planned(answers, options)
        return
    with pytest.raises(SettingsError, match="a BLUE_GREEN rollout of service shop takes longer") as raised:
        planned(answers, options)
    assert "its bake time alone is 1m" in raised.value.problems[0]


def test_a_revision_that_an_earlier_call_has_registered_is_taken() -> None:
    done, _, _ = deployed(
        {
            "DescribeServices": [service(), service(rollout(3, 2))],
            "DescribeTaskDefinition": lambda of: (
                definition(IMAGE, 2) if of["taskDefinition"] == "shop" else definition()
            ),
            "UpdateService": updated(3, 2),
        }
    )
    assert [one.what for one in done.steps] == ["update service shop in cluster default"]


def file(tmp_path: Path, text: str, name: str = "task.json") -> DeployOptions:
    path = tmp_path / name
    path.write_text(text)
    return DeployOptions(service="shop", deploy_timeout=0, task_definition=str(path), containers=("web",))


# What people write, for what ECS describes above.
WRITTEN = {
    "family": "shop",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "taskRoleArn": None,
    "containerDefinitions": [
        {"name": "log", "image": "fluent-bit:3"},
        {"name": "web", "image": "<IMAGE1_NAME>", "portMappings": [{"containerPort": 80}]},
    ],
    "tags": [{"key": "team", "value": "shop"}],
}
AS_YAML = """\
family: shop
networkMode: awsvpc
requiresCompatibilities: [FARGATE]
containerDefinitions:
- {name: log, image: "fluent-bit:3"}
- name: web
  image: 'team/shop:1'  # ours
  essential: true
  portMappings: [{containerPort: 80}]
tags: [{key: team, value: shop}]
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("task.json", json.dumps(WRITTEN)),
        ("task.yaml", AS_YAML),
        ("described.json", json.dumps({**definition(), "tags": WRITTEN["tags"]})),
    ],
)
def test_a_file_that_says_what_is_registered_registers_nothing(tmp_path: Path, name: str, text: str) -> None:
    there = {"DescribeServices": service(), "DescribeTaskDefinition": definition(IMAGE)}
    done, _, _ = deployed(there, file(tmp_path, text, name))
    assert (done.result, done.steps) == ("already", ())


@pytest.mark.parametrize(
    "change",
    [
        {"cpu": "512"},
        {"tags": [{"key": "team", "value": "other"}]},
        {"containerDefinitions": [{**one, "essential": False} for one in WRITTEN["containerDefinitions"]]},  # type: ignore[union-attr, attr-defined, dict-item]
    ],
)
def test_a_file_that_says_something_else_is_registered(tmp_path: Path, change: dict[str, Any]) -> None:
    done, aws, _ = deployed(
        {
            "DescribeServices": service(),
            "DescribeTaskDefinition": definition(IMAGE),
            "RegisterTaskDefinition": REGISTERED,
            "UpdateService": updated(),
        },
        file(tmp_path, json.dumps({**WRITTEN, **change})),
    )
    assert (done.result, len(done.steps)) == ("started", 2)
    [registered] = asked(aws, "RegisterTaskDefinition")
    assert registered["containerDefinitions"][1]["image"] == IMAGE and "taskRoleArn" not in registered


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cpu": 256}, "Invalid type for parameter cpu, value: 256"),
        ({"containerDefinition": []}, 'Unknown parameter in input: "containerDefinition"'),
        ({"requiresCompatibilities": 7}, "Invalid type for parameter requiresCompatibilities"),
        (
            {"containerDefinitions": [{"name": "web", "image": "x"}, "log"]},
            "parameter containerDefinitions[1]",
        ),
        ({"family": 7}, "it has no family"),
    ],
)
def test_a_file_that_ecs_does_not_take_changes_nothing(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    options = file(tmp_path, json.dumps({**WRITTEN, **change}))
    with pytest.raises(SettingsError) as raised:
        planned({"DescribeServices": service(), "DescribeTaskDefinition": definition()}, options)
    assert all("task.json: " in one for one in raised.value.problems)
    assert any(words in one for one in raised.value.problems), raised.value.problems


def test_a_dry_run_and_a_task_definition_without_a_service() -> None:
    answers = {"DescribeTaskDefinition": definition(), "RegisterTaskDefinition": REGISTERED}
    plan, aws, waits = planned(answers, DeployOptions(task_definition="shop"))
    dry = perform(plan, waits.narrator, waits.noted.append, waits=True, dry_run=True)
    assert (dry.subject, dry.result) == ("task definition shop", "planned")
    assert [(one.what, one.made) for one in dry.steps] == [
        ("register a revision of task definition shop", "")
    ]
    assert not asked(aws, "RegisterTaskDefinition")
    assert perform(plan, waits.narrator, waits.noted.append, waits=True, dry_run=False).result == "deployed"


WITHOUT_BREAKER = {"DescribeTaskDefinition": definition(), "RegisterTaskDefinition": REGISTERED}
EVENTS = [
    {"id": "2", "createdAt": 200.0, "message": "(service shop) deployment failed"},
    {"id": "1", "createdAt": 50.0, "message": "of the day before"},
]
TASKS = {
    "ListTasks": {"taskArns": ["arn:aws:ecs:eu-west-1:111122223333:task/default/1"]},
    "DescribeTasks": {
        "tasks": [
            {
                "startedBy": "ecs-svc/2",
                "stoppedReason": "Essential container in task exited",
                "containers": [{"name": "web", "exitCode": 1}, {"name": "log", "exitCode": 0}],
            },
            {"startedBy": "ecs-svc/1", "stoppedReason": "Scaling activity initiated by deployment"},
        ]
    },
}


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (
            service(
                rollout(3), rollout(2, 2, "FAILED", status="ACTIVE", rolloutStateReason="circuit breaker")
            ),
            "circuit breaker",
        ),
        (
            service(rollout(3), rollout(2, 2, "IN_PROGRESS", status="ACTIVE")),
            "another rollout has replaced it",
        ),
        (
            service(rollout(2, 2, "IN_PROGRESS", runningCount=1)),
            "it is not complete in time: 1 of 2 tasks run",
        ),
    ],
)
def test_a_rollout_that_fails_says_why(later: dict[str, Any], words: str) -> None:
    later["services"][0]["events"] = EVENTS
    with pytest.raises(DeployError) as raised:
        deployed(
            {"DescribeServices": [service(), later], "UpdateService": updated(), **WITHOUT_BREAKER, **TASKS}
        )
    assert raised.value.what == "the rollout of service shop in cluster default failed"
    assert words in raised.value.why
    assert "a task stopped: Essential container in task exited; web: exit code 1" in raised.value.why
    assert "event: (service shop) deployment failed" in raised.value.why
    assert "day before" not in raised.value.why and "Scaling activity" not in raised.value.why
    assert "the service is to run shop:1 now" in raised.value.remedy
    assert raised.value.exit_code == 4


def test_a_rollout_that_was_seen_and_is_gone_was_rolled_back() -> None:
    seen = service(rollout(2, 2, "IN_PROGRESS"))
    with pytest.raises(DeployError, match="failed") as raised:
        deployed(
            {
                # ECS may answer from before the update.
                "DescribeServices": [service(), service(), seen, service(rollout(3))],
                "UpdateService": updated(),
                **WITHOUT_BREAKER,
            }
        )
    assert "it was rolled back, or replaced" in raised.value.why
    assert "a task stopped: not known: AWS refused ecs:ListTasks" in raised.value.why


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"services": [], "failures": [{"arn": "a", "reason": "MISSING"}]}, "there is no service shop"),
        (refused("ClusterNotFoundException"), "there is no service shop in cluster default"),
        (service(status="DRAINING"), "is DRAINING"),
        (service(deploymentController={"type": "CODE_DEPLOY"}), "is deployed by CodeDeploy"),
        (service(deploymentController={"type": "EXTERNAL"}), "is deployed by EXTERNAL"),
        (service(), "of team/shop: it has log (fluent-bit:3), web (nginx); --container chooses"),
        (service(revision=9), "there is no task definition of the service"),
    ],
)
def test_what_is_refused_before_anything_changes(answer: Any, words: str) -> None:
    def describe(of: dict[str, Any]) -> Any:
        return refused("ClientException") if of["taskDefinition"].endswith(":9") else definition("nginx")

    with pytest.raises(EcrPushError) as raised:
        planned({"DescribeServices": answer, "DescribeTaskDefinition": describe})
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("platform", "image", "fits"),
    [
        (None, to_deploy(ARM, "linux/arm64"), False),
        ({"cpuArchitecture": "ARM64"}, to_deploy(ARM, "linux/arm64/v8"), True),
        ({"cpuArchitecture": "ARM64"}, to_deploy(), False),
        (
            {"cpuArchitecture": "X86_64", "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
            to_deploy(),
            False,
        ),
        ({"cpuArchitecture": "ARM64"}, to_deploy(BOTH), True),
    ],
)
def test_an_image_for_another_platform(platform: Any, image: Any, fits: bool) -> None:
    more = {"runtimePlatform": platform} if platform else {}
    answers = {"DescribeServices": service(), "DescribeTaskDefinition": definition(**more)}
    if fits:
        assert planned(answers, image=image)[0].actions
        return
    with pytest.raises(DeployError, match="which its tasks would run on") as raised:
        planned(answers, image=image)
    assert "runtimePlatform" in raised.value.why


EXPRESS = {"serviceArn": SERVICE_ARN, "activeConfigurations": [
    {"createdAt": 1.0, "primaryContainer": {"image": "nginx"}},
    {"createdAt": 2.0, "primaryContainer": {"image": OLD, "containerPort": 80, "command": ["a"]}},
]}  # fmt: skip


def test_the_primary_container_of_an_express_service() -> None:
    mine = {"resourceManagementType": "ECS"}
    done, aws, _ = deployed(
        {
            "DescribeServices": [service(**mine), service(**mine), service(rollout(2, 2), **mine)],
            "DescribeExpressGatewayService": {"service": EXPRESS},
            "UpdateExpressGatewayService": {"service": {"serviceArn": SERVICE_ARN}},
        }
    )
    assert (done.result, done.before) == ("deployed", (OLD,))
    [update] = asked(aws, "UpdateExpressGatewayService")
    assert update["primaryContainer"] == {"image": IMAGE, "containerPort": 80, "command": ["a"]}
    with pytest.raises(SettingsError, match="settings are wrong") as raised:
        planned({"DescribeServices": service(**mine)}, DeployOptions(service="shop", containers=("web",)))
    assert "has no effect on an Express Mode service" in raised.value.problems[0]
