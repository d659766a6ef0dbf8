"""Amazon ECS, as far as a deployment asks it: services, task definitions, and why tasks have stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.shape import count, each, items, mapping, member, optional_text, optional_time, text
from ecr_push.registry.api import or_nothing
from ecr_push.registry.aws.call import call, call_for_any_answer
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.parameters import problems_of
from ecr_push.registry.aws.session import Aws

_MOST_TASKS = 100  # that DescribeTasks takes


@dataclass(frozen=True)
class Rollout:
    """One of a service's deployments: shape Deployment. state: "" for a deployment controller that has none.

    definition: ARN of its task definition. desired, running, pending, failed: tasks.
    """

    id: str
    status: str
    definition: str
    state: str = ""
    reason: str = ""
    desired: int = 0
    running: int = 0
    pending: int = 0
    failed: int = 0
    began: datetime | None = None


@dataclass(frozen=True)
class ServiceState:
    """A service. definition: ARN of the task definition that it is to run.

    controller: ECS, CODE_DEPLOY or EXTERNAL. is_express: ECS itself keeps its task definition.
    breaks: whether the circuit breaker ends a rollout that fails.
    strategy: ROLLING, or one that starts all new tasks and then shifts the calls to them: BLUE_GREEN, LINEAR,
              CANARY. bake: the seconds for which the old tasks run on after that.
    events: the newest first, with their times.
    """

    arn: str
    status: str
    definition: str
    controller: str = "ECS"
    is_express: bool = False
    is_fargate: bool = False
    breaks: bool = False
    strategy: str = "ROLLING"
    bake: int = 0
    rollouts: tuple[Rollout, ...] = ()
    events: tuple[tuple[datetime | None, str], ...] = ()

    @property
    def primary(self) -> Rollout | None:
        return next((one for one in self.rollouts if one.status == "PRIMARY"), None)


@dataclass(frozen=True)
class TaskDefinition:
    """definition: as it may be registered again, with its tags."""

    arn: str
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class ExpressConfiguration:
    """container: shape ExpressGatewayContainer. architecture: X86_64, ARM64 or "". created: since 1970."""

    container: Mapping[str, Any]
    architecture: str = ""
    created: float = 0.0


# Members of shape TaskDefinition that RegisterTaskDefinition does not take.
READ_ONLY = frozenset(
    {
        *("compatibilities", "deleteRequestedAt", "deregisteredAt", "registeredAt", "registeredBy"),
        *("requiresAttributes", "revision", "status", "taskDefinitionArn"),
    }
)


class Ecs:
    """Every method may raise RegistryError. cluster: a name or an ARN."""

    def __init__(self, aws: Aws) -> None:
        self._client = aws.client("ecs")

    def service(self, cluster: str, name: str) -> ServiceState | None:
        found = or_nothing(
            lambda: call(self._client, "describe_services", cluster=cluster, services=[name]),
            "ClusterNotFoundException",
            {},
        )
        with answer_to("ecs:DescribeServices"):
            services = each(_service, found, "services")
        return services[0] if services else None

    def definition(self, name: str) -> TaskDefinition | None:
        """name: a family, which stands for its latest revision, FAMILY:REVISION, or an ARN."""
        answer: Mapping[str, Any] = or_nothing(
            lambda: call(self._client, "describe_task_definition", taskDefinition=name, include=["TAGS"]),
            "ClientException",  # which says in words alone that there is none
            {},
        )
        if not answer:
            return None
        with answer_to("ecs:DescribeTaskDefinition"):
            found = mapping(answer, "taskDefinition")
            arn, _ = text(found, "taskDefinitionArn"), text(found, "family")
            tags = [dict(one) for one in each(lambda tag: tag, answer, "tags")]
        return TaskDefinition(arn, to_register(found, tags))

    def problems_of(self, definition: Mapping[str, Any]) -> tuple[str, ...]:
        """What registering does not take."""
        return problems_of(self._client, "register_task_definition", definition)

    def register(self, definition: Mapping[str, Any]) -> str:
        """The ARN of a new revision. Not asked twice: each answer is a revision."""
        answer = call_for_any_answer(self._client, "register_task_definition", **definition)
        with answer_to("ecs:RegisterTaskDefinition"):
            return text(answer, "taskDefinition", "taskDefinitionArn")

    def update(self, cluster: str, service: str, definition: str, *, again: bool) -> str:
        """The id of the rollout. again: roll out, too, where the service is to run that already."""
        answer = call(
            self._client,
            "update_service",
            cluster=cluster,
            service=service,
            taskDefinition=definition,
            forceNewDeployment=again,
        )
        with answer_to("ecs:UpdateService"):
            found = _service(mapping(answer, "service"))
        if found.primary and found.primary.definition == definition:
            return found.primary.id  # beside one before it of the same definition
        return next((one.id for one in found.rollouts if one.definition == definition), "")

    def why_tasks_stopped(self, cluster: str, service: str, rollout: str) -> tuple[str, ...]:
        """Each reason once, of the tasks that a rollout has started and that have stopped since.

        ECS shows a stopped task for an hour at least.
        """
        named = {"cluster": cluster, "serviceName": service, "desiredStatus": "STOPPED"}
        listed = call_for_any_answer(self._client, "list_tasks", maxResults=_MOST_TASKS, **named)
        with answer_to("ecs:ListTasks"):
            tasks = [str(one) for one in items(listed, "taskArns")]
        if not tasks:
            return ()
        answer = call_for_any_answer(self._client, "describe_tasks", cluster=cluster, tasks=tasks)
        with answer_to("ecs:DescribeTasks"):
            found = each(_why_stopped, answer, "tasks")
        return tuple(dict.fromkeys(why for by, why in found if why and by == rollout))

    def express(self, service: str) -> ExpressConfiguration:
        """The latest configuration of an Express Mode service. service: its ARN."""
        answer = call(self._client, "describe_express_gateway_service", serviceArn=service)
        with answer_to("ecs:DescribeExpressGatewayService"):
            found = each(_configuration, answer, "service", "activeConfigurations")
        return max(found, key=lambda one: one.created) if found else ExpressConfiguration({})

    def update_express(self, service: str, container: Mapping[str, Any]) -> str:
        """Returns the service's ARN."""
        answer = call(
            self._client, "update_express_gateway_service", serviceArn=service, primaryContainer=container
        )
        with answer_to("ecs:UpdateExpressGatewayService"):
            return text(answer, "service", "serviceArn")


def to_register(found: Mapping[str, Any], tags: Any) -> Mapping[str, Any]:
    """What describing a task definition says -> what registers it again. Those of AWS may not be given."""
    own = [one for one in tags or () if not str(one.get("key", "")).startswith("aws:")]
    kept = {name: value for name, value in found.items() if name not in READ_ONLY}
    return {**kept, "tags": own} if own else kept


def _service(found: Mapping[str, Any]) -> ServiceState:
    providers = each(lambda one: optional_text(one, "capacityProvider"), found, "capacityProviderStrategy")
    configured = mapping(found, "deploymentConfiguration")
    return ServiceState(
        arn=text(found, "serviceArn"),
        status=text(found, "status"),
        definition=optional_text(found, "taskDefinition"),
        controller=optional_text(found, "deploymentController", "type") or "ECS",
        is_express=optional_text(found, "resourceManagementType") == "ECS",
        is_fargate=optional_text(found, "launchType") == "FARGATE"
        or any(one.startswith("FARGATE") for one in providers),
        breaks=bool(member(configured, "deploymentCircuitBreaker", "enable")),
        strategy=optional_text(configured, "strategy") or "ROLLING",
        bake=60 * count({"bakeTimeInMinutes": 0, **configured}, "bakeTimeInMinutes"),
        rollouts=tuple(each(_rollout, found, "deployments")),
        events=tuple(each(_event, found, "events")),
    )


def _event(found: Mapping[str, Any]) -> tuple[datetime | None, str]:
    return optional_time(found, "createdAt"), optional_text(found, "message")


def _rollout(found: Mapping[str, Any]) -> Rollout:
    def tasks(name: str) -> int:
        return count(found, name) if found.get(name) is not None else 0

    return Rollout(
        id=text(found, "id"),
        status=optional_text(found, "status"),
        definition=optional_text(found, "taskDefinition"),
        state=optional_text(found, "rolloutState"),
        reason=optional_text(found, "rolloutStateReason"),
        desired=tasks("desiredCount"),
        running=tasks("runningCount"),
        pending=tasks("pendingCount"),
        failed=tasks("failedTasks"),
        began=optional_time(found, "createdAt"),
    )


def _why_stopped(found: Mapping[str, Any]) -> tuple[str, str]:
    """Which rollout has started a task, and why it stopped."""
    containers = each(_why_container_stopped, found, "containers")
    reasons = (optional_text(found, "stoppedReason"), *containers)
    return optional_text(found, "startedBy"), "; ".join(filter(None, reasons))


def _why_container_stopped(found: Mapping[str, Any]) -> str:
    name, reason = optional_text(found, "name"), optional_text(found, "reason")
    code = member(found, "exitCode")
    ended = "" if code in (None, 0) else f"exit code {code}"
    said = ", ".join(filter(None, (ended, reason)))
    return f"{name}: {said}" if said else ""


def _configuration(found: Mapping[str, Any]) -> ExpressConfiguration:
    created = optional_time(found, "createdAt")
    return ExpressConfiguration(
        mapping(found, "primaryContainer"),
        optional_text(found, "cpuArchitecture"),
        created.timestamp() if created else 0.0,
    )
