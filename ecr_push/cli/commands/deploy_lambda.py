"""`ecr-push deploy lambda`: lets a function of AWS Lambda run an image."""

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
    ("Let a function run an image", f"ecr-push deploy lambda {IMAGE} --function shop"),
    (
        "Publish a version, and point an alias to it, only if the image was accepted",
        "ecr-push deploy lambda team/shop:1.4.2 --function shop --alias live --verify --sign-key cosign.pub",
    ),
)


@command("deploy lambda", EXAMPLES)
@click.argument("image")
def deploy_lambda(call: Call, image: str) -> int:
    """Let a function of AWS Lambda run IMAGE, and wait until it does; with --alias, as a version of its own.

    IMAGE is [REGISTRY/]REPOSITORY@sha256:… or :TAG, which stands for the digest that it names now; with
    -r a tag or a digest alone. Of an index the function gets the image for its architecture. What Lambda
    would refuse is refused before anything changes. What runs the image already stays as it is.
    """
    return deploy_by(_plan, image, call, "deploy lambda")


def _plan(image: ImageToDeploy, options: DeployOptions, aws: Aws, waiting: Waiting) -> DeployPlan:
    from ecr_push.delivery.services.lambda_api import Lambda
    from ecr_push.delivery.services.lambda_function import plan_lambda

    return plan_lambda(image, options, Lambda(aws), waiting)
