"""`ecr-push deploy ecs`: lets a service of Amazon ECS run an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.deploy import IMAGE, deploy_by
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.delivery.services.image import ImageToDeploy
    from ecr_push.delivery.services.plan import DeployPlan, Waiting
    from ecr_push.registry.aws.session import Aws
    from ecr_push.settings.deploy_options import DeployOptions

EXAMPLES = (
    ("Let a service run an image", f"ecr-push deploy ecs {IMAGE} --cluster prod --service shop"),
    (
        "Into the container of that name, with a task definition from a file",
        "ecr-push deploy ecs team/shop:1.4.2 --service shop --container web --task-definition task.json",
    ),
    (
        "Only if it was judged, accepted and signed",
        "ecr-push deploy ecs team/shop:1.4.2 --cluster prod --service shop --verify --sign-key cosign.pub",
    ),
    (
        "Start the tasks again whose task definition names the image by a tag",
        f"ecr-push deploy ecs {IMAGE} --cluster prod --service shop --redeploy",
    ),
    ("Register a task definition alone", f"ecr-push deploy ecs {IMAGE} --task-definition nightly"),
)


@command("deploy ecs", EXAMPLES)
@click.argument("image")
def deploy_ecs(call: Call, image: str) -> int:
    """Register a task definition with IMAGE, let a service of Amazon ECS run it, and wait until it does.

    IMAGE is [REGISTRY/]REPOSITORY@sha256:… or :TAG, which stands for the digest that it names now; with
    -r a tag or a digest alone. Of the task definition the image changes, and nothing else. What runs the
    image already stays as it is. A rollout that ECS gives up, or rolls back, is a failure.
    """
    return deploy_by(_plan, image, call, "deploy ecs")


def _plan(image: ImageToDeploy, options: DeployOptions, aws: Aws, waiting: Waiting) -> DeployPlan:
    from ecr_push.delivery.services.ecs import plan_ecs
    from ecr_push.delivery.services.ecs_api import Ecs

    return plan_ecs(image, options, Ecs(aws), waiting)
