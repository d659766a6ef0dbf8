"""A deployment to an Express Mode service, of which ECS itself keeps the task definition.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-overview.html
"""

from __future__ import annotations

from ecr_push.base.errors import SettingsError
from ecr_push.delivery.services.ecs_api import Ecs, Rollout, ServiceState
from ecr_push.delivery.services.ecs_platform import check_platform
from ecr_push.delivery.services.ecs_rollout import await_rollout
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.plan import Action, DeployError, DeployPlan, Waiting
from ecr_push.settings.deploy_options import DeployOptions


def plan_express(
    image: ImageToDeploy, options: DeployOptions, ecs: Ecs, service: ServiceState, waiting: Waiting
) -> DeployPlan:
    """What would change. Raises SettingsError, RegistryError; DeployError for what cannot run the image."""
    wrong = [
        f"--{name}: has no effect on an Express Mode service, whose primary container gets the image"
        for name, value in (("task-definition", options.task_definition), ("container", options.containers))
        if value
    ]
    if wrong:
        raise SettingsError(wrong)
    found = ecs.express(service.arn)
    before, wanted = str(found.container.get("image", "")), str(image.deployed)
    cluster = options.cluster or "default"
    subject = f"Express Mode service {options.service} in cluster {cluster}"
    if before == wanted:
        return DeployPlan(subject, wanted, (before,))
    platform = {"cpuArchitecture": found.architecture} if found.architecture else {}
    check_platform(image, {"runtimePlatform": platform}, is_fargate=True)
    earlier = {one.id for one in service.rollouts}

    def finish(_: str) -> None:
        def look() -> Rollout | None:
            now = ecs.service(cluster, options.service)
            began = now.primary if now else None
            return began if began and began.id not in earlier else None

        def late() -> DeployError:
            return DeployError(
                f"the rollout of service {options.service} in cluster {cluster} has not begun in time",
                remedy="see `aws ecs describe-express-gateway-service`, and deploy again",
            )

        await_rollout(ecs, cluster, options.service, waiting.until(look, late).id, waiting)

    update = Action(
        f"update {subject}", lambda _: ecs.update_express(service.arn, {**found.container, "image": wanted})
    )
    return DeployPlan(subject, wanted, (before,), (update,), finish)
