"""`ecr-push deploy batch`: makes a revision of a job definition with an image."""

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
    ("The next jobs run an image", f"ecr-push deploy batch {IMAGE} --job-definition nightly"),
    (
        "By a file, only if the image was judged, accepted and signed",
        "ecr-push deploy batch team/shop:1.4.2 --job-definition job.json --verify --sign-key cosign.pub",
    ),
)


@command("deploy batch", EXAMPLES)
@click.argument("image")
def deploy_batch(call: Call, image: str) -> int:
    """Register a revision of a job definition of AWS Batch with IMAGE, for the jobs that come after it.

    IMAGE is [REGISTRY/]REPOSITORY@sha256:… or :TAG, which stands for the digest that it names now; with
    -r a tag or a digest alone. If the latest revision has the image already, none is registered. Jobs
    that name a revision keep theirs.
    """
    return deploy_by(_plan, image, call, "deploy batch")


def _plan(image: ImageToDeploy, options: DeployOptions, aws: Aws, waiting: Waiting) -> DeployPlan:
    from ecr_push.delivery.services.batch import Batch, plan_batch

    return plan_batch(image, options, Batch(aws))
