"""A service whose task definition names the image by a tag: started again, once the tag names the image.

ECS looks the tag up once for each rollout, so that all its tasks run one image:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
"""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import Tag
from ecr_push.delivery.services.definitions import put_image
from ecr_push.delivery.services.ecs_api import Ecs, ServiceState
from ecr_push.delivery.services.ecs_platform import check_platform
from ecr_push.delivery.services.ecs_rollout import await_rollout
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.plan import Action, DeployError, DeployPlan, Waiting
from ecr_push.settings.deploy_options import DeployOptions

_NOTHING = "nothing was changed"


def plan_redeploy(
    image: ImageToDeploy, options: DeployOptions, ecs: Ecs, service: ServiceState, waiting: Waiting
) -> DeployPlan:
    """What would change. Raises SettingsError, RegistryError; DeployError for a tag of another image."""
    if service.is_express:
        raise SettingsError(["--redeploy: an Express Mode service has no task definition of its own"])
    cluster = options.cluster or "default"
    subject = f"service {options.service} in cluster {cluster}"
    found = ecs.definition(service.definition)
    if found is None:
        raise DeployError(f"{subject} has no task definition", remedy=f"look at the service; {_NOTHING}")
    name = found.arn.rpartition("/")[2]
    named = put_image(found.definition, f"task definition {name}", image.deployed, options.containers).before
    others = list(_others(image, named))
    if others:
        raise DeployError(
            f"task definition {name} names another image than {image.pushed.reference}",
            why="\n".join(others),
            remedy="give the tag to the image with `ecr-push promote`, or leave --redeploy out: then a "
            f"revision with the digest is registered; {_NOTHING}",
        )
    check_platform(image, found.definition, is_fargate=service.is_fargate)
    again = Action(
        f"start the tasks of {subject} again",
        lambda _: ecs.update(cluster, options.service, service.definition, again=True),
    )

    def finish(rollout: str) -> None:
        await_rollout(ecs, cluster, options.service, rollout, waiting)

    return DeployPlan(subject, str(image.deployed), named, (again,), finish)


def _others(image: ImageToDeploy, named: tuple[str, ...]) -> Iterator[str]:
    """The names of a task definition that are of another image, and what they name."""
    uri = image.deployed.repository
    for one in named:
        if one == str(image.deployed):
            continue
        tag = "latest" if one == uri else one.removeprefix(f"{uri}:")
        if tag == one or "@" in tag:
            yield one
            continue
        digest = image.client.digests([Tag(tag)]).get(Tag(tag))
        if digest != image.pushed.digest:
            yield f"{one} is {digest or 'not there'}"
