"""`ecr-push deploy sagemaker`: lets an endpoint of Amazon SageMaker run an image."""

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
    ("Let an endpoint run an image", f"ecr-push deploy sagemaker {IMAGE} --endpoint shop"),
    ("Make a model alone, as another one", f"ecr-push deploy sagemaker {IMAGE} --model shop"),
)


@command("deploy sagemaker", EXAMPLES)
@click.argument("image")
def deploy_sagemaker(call: Call, image: str) -> int:
    """Make a model with IMAGE, let an endpoint of Amazon SageMaker run it, and wait until it does.

    IMAGE is [REGISTRY/]REPOSITORY@sha256:… or :TAG, which stands for the digest that it names now; with
    -r a tag or a digest alone. Model and configuration are made as those of the endpoint are, with the
    image's digest in their names. What is there already is not made again. An update that SageMaker rolls
    back is a failure.
    """
    return deploy_by(_plan, image, call, "deploy sagemaker")


def _plan(image: ImageToDeploy, options: DeployOptions, aws: Aws, waiting: Waiting) -> DeployPlan:
    from ecr_push.delivery.services.sagemaker import plan_sagemaker
    from ecr_push.delivery.services.sagemaker_api import SageMaker

    return plan_sagemaker(image, options, SageMaker(aws), waiting)
