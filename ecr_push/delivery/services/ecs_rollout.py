"""The rollout of an ECS service, by its own state.

A service is stable, too, after the circuit breaker has put the old tasks back: that it is says nothing.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html

A strategy of ECS's own that shifts the calls (blue/green, linear, canary) can still go back while the old
tasks run, which they do until its bake time is over. The API describes the state for rolling updates alone:
what is said to be complete counts once the old tasks are gone, too.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
"""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.option import duration_text
from ecr_push.delivery.services.ecs_api import Ecs, Rollout, ServiceState
from ecr_push.delivery.services.plan import DeployError, Waiting

_SHOWN = 5  # events, and reasons


def await_rollout(ecs: Ecs, cluster: str, service: str, rollout: str, waiting: Waiting) -> None:
    """Waits until the rollout of this id is complete. Raises DeployError where it fails, RegistryError."""
    last = Rollout(rollout, "", "")

    def look() -> Rollout | None:
        nonlocal last
        state = ecs.service(cluster, service)
        found = next((one for one in state.rollouts if one.id == rollout), None) if state else None
        if state is None or (found is None and last.status):
            raise _failed(ecs, cluster, service, last, state, "it was rolled back, or replaced")
        if found is None:
            return None  # ECS answers from before the update
        last = found
        if is_complete(found, state):
            return found
        if found.state == "FAILED":
            raise _failed(ecs, cluster, service, last, state, found.reason or "ECS gives no reason")
        if found.status != "PRIMARY":
            raise _failed(ecs, cluster, service, last, state, "another rollout has replaced it")
        waiting.show(_progress(found, state))
        return None

    def late() -> DeployError:
        state = ecs.service(cluster, service)
        return _failed(
            ecs, cluster, service, last, state, f"it is not complete in time: {_progress(last, state)}"
        )

    waiting.until(look, late)


def check_patience(service: str, state: ServiceState, timeout: float) -> None:
    """Raises SettingsError where the old tasks run on for longer than the rollout is waited for.

    timeout: seconds; 0 does not wait.
    """
    if state.strategy != "ROLLING" and 0 < timeout <= state.bake:
        what = f"a {state.strategy} rollout of service {service} takes longer"
        raise SettingsError(
            [f"--deploy-timeout: {what}: its bake time alone is {duration_text(state.bake)}"],
            remedy="give it the time to start the new tasks as well; 0 does not wait",
        )


def is_complete(rollout: Rollout, state: ServiceState) -> bool:
    """Whether it is at its end, and ECS will not go back by itself."""
    if not rollout.state:
        return _is_alone(rollout, state)
    others = (one for one in state.rollouts if one.id != rollout.id)
    is_shifting = state.strategy != "ROLLING" and any(one.running or one.pending for one in others)
    return rollout.state == "COMPLETED" and not is_shifting


def _is_alone(rollout: Rollout, state: ServiceState) -> bool:
    """What stable means for a service whose rollouts have no state, as behind a Classic Load Balancer.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
    """
    return len(state.rollouts) == 1 and rollout.running == rollout.desired and not rollout.pending


def _progress(rollout: Rollout, state: ServiceState | None) -> str:
    failed = f", {rollout.failed} have failed" if rollout.failed else ""
    old = sum(one.running for one in state.rollouts if one.id != rollout.id) if state else 0
    shifts = (
        f"; {old} old ones run on ({state.strategy})" if state and state.strategy != "ROLLING" and old else ""
    )
    return f"{rollout.running} of {rollout.desired} tasks run, {rollout.pending} start{failed}{shifts}"


def _failed(
    ecs: Ecs, cluster: str, service: str, rollout: Rollout, state: ServiceState | None, why: str
) -> DeployError:
    lines = [why]
    try:
        stopped = ecs.why_tasks_stopped(cluster, service, rollout.id)
    except RegistryError as error:
        stopped = (f"not known: {error.what}",)
    lines += [f"a task stopped: {one}" for one in stopped[:_SHOWN]]
    lines += [f"event: {one}" for one in _events(rollout, state)]
    remedy = "look into the logs of the tasks, and deploy again"
    if state and not state.breaks and rollout.state != "FAILED":
        remedy += "; ECS goes on trying, which the service's deployment circuit breaker would end"
    now = f"; the service is to run {_short(state.definition)} now" if state else ""
    return DeployError(
        f"the rollout of service {service} in cluster {cluster} failed",
        why="\n".join(lines),
        remedy=f"{remedy}{now}",
    )


def _events(rollout: Rollout, state: ServiceState | None) -> Sequence[str]:
    """The last ones since the rollout began, the newest last."""
    began = rollout.began
    found = [text for at, text in state.events if not (began and at) or at >= began] if state else []
    return found[:_SHOWN][::-1]


def _short(arn: str) -> str:
    return arn.rpartition("/")[2] or arn
