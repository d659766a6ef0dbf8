"""A deployment to AWS Batch: a revision of a job definition, for the jobs that are submitted from then on.

https://docs.aws.amazon.com/batch/latest/userguide/job_definitions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.errors import SettingsError
from ecr_push.base.shape import each, mapping, text
from ecr_push.delivery.services.definitions import (
    check_definition,
    is_file,
    plain,
    put_image,
    read_definition,
    without,
)
from ecr_push.delivery.services.ecs_platform import check_platform
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.plan import Action, DeployError, DeployPlan
from ecr_push.registry.aws.call import call_for_any_answer, pages
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.parameters import problems_of
from ecr_push.registry.aws.session import Aws
from ecr_push.settings.deploy_options import DeployOptions

# Members of shape JobDefinition that RegisterJobDefinition does not take.
READ_ONLY = frozenset({"containerOrchestrationType", "jobDefinitionArn", "revision", "status"})


class Batch:
    """Every method may raise RegistryError."""

    def __init__(self, aws: Aws) -> None:
        self._client = aws.client("batch")

    def latest(self, name: str) -> Mapping[str, Any] | None:
        """Shape JobDefinition of the latest active revision."""
        found = pages(self._client, "describe_job_definitions", jobDefinitionName=name, status="ACTIVE")
        with answer_to("batch:DescribeJobDefinitions"):
            revisions = [one for page in found for one in each(_revision, page, "jobDefinitions")]
        return max(revisions, key=lambda one: one[0])[1] if revisions else None

    def problems_of(self, definition: Mapping[str, Any]) -> tuple[str, ...]:
        """What registering does not take."""
        return problems_of(self._client, "register_job_definition", definition)

    def register(self, definition: Mapping[str, Any]) -> str:
        """The ARN of a new revision. Not asked twice: each answer is a revision."""
        answer = call_for_any_answer(self._client, "register_job_definition", **definition)
        with answer_to("batch:RegisterJobDefinition"):
            return text(answer, "jobDefinitionArn")


def _revision(found: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    number = found.get("revision")
    return number if isinstance(number, int) else 0, found


def plan_batch(image: ImageToDeploy, options: DeployOptions, batch: Batch) -> DeployPlan:
    """What would change. Raises SettingsError, RegistryError; DeployError for what cannot run the image."""
    given = options.job_definition
    if is_file(given):
        wanted = read_definition(given, image.deployed, options.containers)
        name = wanted.definition.get("jobDefinitionName")
        if not isinstance(name, str) or not name:
            raise SettingsError([f"{given}: it has no jobDefinitionName"])
        check_definition(given, batch.problems_of(without(wanted.definition, READ_ONLY)))
        latest = batch.latest(name)
    else:
        name, latest = given, batch.latest(given)
        if latest is None:
            raise DeployError(
                f"there is no job definition {name}",
                remedy="name it without the revision: the latest one counts"
                if ":" in name
                else "check --job-definition and --region, or name a file",
            )
        wanted = put_image(
            without(latest, READ_ONLY), f"job definition {name}", image.deployed, options.containers
        )
    definition = without(wanted.definition, READ_ONLY)
    container = mapping(definition, "containerProperties")
    platform = {"runtimePlatform": container.get("runtimePlatform")}
    check_platform(image, platform, is_fargate="FARGATE" in (definition.get("platformCapabilities") or ()))
    register = Action(f"register a revision of job definition {name}", lambda _: batch.register(definition))
    there = latest is not None and plain(without(latest, READ_ONLY)) == plain(definition)
    actions = () if there else (register,)
    return DeployPlan(f"job definition {name}", str(image.deployed), wanted.before, actions)
