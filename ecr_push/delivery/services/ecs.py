"""A deployment to Amazon ECS: a task definition, registered once; the service that runs it; the rollout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.errors import SettingsError
from ecr_push.delivery.services.definitions import (
    WithImage,
    check_definition,
    is_file,
    plain,
    put_image,
    read_definition,
    without,
)
from ecr_push.delivery.services.ecs_api import READ_ONLY, Ecs, ServiceState, TaskDefinition
from ecr_push.delivery.services.ecs_express import plan_express
from ecr_push.delivery.services.ecs_platform import check_platform
from ecr_push.delivery.services.ecs_redeploy import plan_redeploy
from ecr_push.delivery.services.ecs_rollout import await_rollout, check_patience, is_complete
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.plan import Action, DeployError, DeployPlan, Waiting
from ecr_push.settings.deploy_options import DeployOptions

_NOTHING = "nothing was changed"


def plan_ecs(image: ImageToDeploy, options: DeployOptions, ecs: Ecs, waiting: Waiting) -> DeployPlan:
    """What would change. Raises SettingsError, RegistryError; DeployError for what cannot run the image."""
    cluster = options.cluster or "default"
    service = _service(ecs, cluster, options.service) if options.service else None
    if service:
        check_patience(options.service, service, options.deploy_timeout)
    if service and options.redeploy:
        return plan_redeploy(image, options, ecs, service, waiting)
    if service and service.is_express:
        return plan_express(image, options, ecs, service, waiting)
    before = ecs.definition(service.definition) if service else None
    wanted, family = _wanted(image, options, ecs, before)
    check_platform(image, wanted.definition, is_fargate=bool(service and service.is_fargate))
    there = _registered(wanted.definition, before, ecs.definition(family))
    register = Action(
        f"register a revision of task definition {family}", lambda _: ecs.register(wanted.definition)
    )
    actions = () if there else (register,)
    if service is None:
        return DeployPlan(f"task definition {family}", str(image.deployed), wanted.before, actions)
    runs = service.primary if there and service.definition == there.arn else None
    subject = f"service {options.service} in cluster {cluster}"

    def finish(rollout: str) -> None:
        await_rollout(ecs, cluster, options.service, rollout or (runs.id if runs else ""), waiting)

    if runs and runs.state != "FAILED":  # which is waited for, too: an earlier call may have been stopped
        in_progress = None if service and is_complete(runs, service) else finish
        return DeployPlan(subject, str(image.deployed), wanted.before, (), in_progress)
    update = Action(
        f"update {subject}",
        lambda made: ecs.update(cluster, options.service, there.arn if there else made, again=bool(runs)),
    )
    return DeployPlan(subject, str(image.deployed), wanted.before, (*actions, update), finish)


def _service(ecs: Ecs, cluster: str, name: str) -> ServiceState:
    found = ecs.service(cluster, name)
    if found is None or found.status == "INACTIVE":
        raise DeployError(
            f"there is no service {name} in cluster {cluster}",
            remedy="check --service, --cluster and --region",
        )
    if found.status != "ACTIVE":
        raise DeployError(f"service {name} is {found.status}: it is being deleted", remedy=_NOTHING)
    if found.controller == "CODE_DEPLOY":
        raise DeployError(
            f"service {name} is deployed by CodeDeploy, not by ECS",
            remedy="give CodeDeploy, or CodePipeline's action for it, the files of `run --report "
            f"imageDetail.json` and a task definition that `render` has written; {_NOTHING}",
        )
    if found.controller != "ECS":
        raise DeployError(
            f"service {name} is deployed by {found.controller}, not by ECS",
            remedy=f"register a task definition with --task-definition and without --service; {_NOTHING}",
        )
    return found


def _wanted(
    image: ImageToDeploy, options: DeployOptions, ecs: Ecs, before: TaskDefinition | None
) -> tuple[WithImage, str]:
    """The task definition with the image, and its family."""
    given, containers = options.task_definition, options.containers
    if given and is_file(given):
        found = read_definition(given, image.deployed, containers)
        definition = found.definition
        if isinstance(definition.get("taskDefinition"), Mapping):  # as describe-task-definition prints it
            tags = definition.get("tags")
            definition = {**definition["taskDefinition"], **({"tags": tags} if tags else {})}
        family = definition.get("family")
        if not isinstance(family, str) or not family:
            raise SettingsError([f"{given}: it has no family, which is the name of a task definition"])
        definition = without(definition, READ_ONLY)
        check_definition(given, ecs.problems_of(definition))
        return WithImage(definition, found.before), family
    if given:
        before = ecs.definition(given)
    if before is None:
        named = f"task definition {given}" if given else "task definition of the service"
        raise DeployError(f"there is no {named}", remedy="name a file, or a family that is registered")
    family = str(before.definition["family"])
    return put_image(before.definition, f"task definition {family}", image.deployed, containers), family


def _registered(wanted: Mapping[str, Any], *known: TaskDefinition | None) -> TaskDefinition | None:
    """The revision that says the same: what the service runs, or one that an earlier call has registered."""
    mode = wanted.get("networkMode")
    return next((one for one in known if one and _plain(one.definition, mode) == _plain(wanted, mode)), None)


def _plain(definition: Mapping[str, Any], mode: Any) -> Any:
    """Without what ECS adds to a definition that it registers.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    """
    found = plain(definition, ("essential", True), ("protocol", "tcp"), ("networkMode", "bridge"))
    if mode in ("awsvpc", "host"):  # the host's port is the container's
        for container in found.get("containerDefinitions", ()):
            for port in container.get("portMappings", ()):
                port.setdefault("hostPort", port.get("containerPort"))
    return found
