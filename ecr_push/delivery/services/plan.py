"""What a deployment changes, known before the first change is made; and the wait for its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError
from ecr_push.base.log import Narrator
from ecr_push.pipeline.deployment import Deployment, Result, Step

T = TypeVar("T")
_PAUSES = (1, 2, 4, 8, 15)  # seconds; the last one is botocore's, of the waiter services_stable


class DeployError(EcrPushError):
    """A service cannot run the image, or does not: its configuration is in the way, or its rollout failed."""

    exit_code = 4
    kind = "deployment"


@dataclass(frozen=True)
class Action:
    """One change. what: in words. do: gets what the action before it has made, and says what it made.

    Raises RegistryError and DeployError.
    """

    what: str
    do: Callable[[str], str]


@dataclass(frozen=True)
class DeployPlan:
    """subject, image, before: see `Deployment`. finish: waits for the end of what the last action made."""

    subject: str
    image: str
    before: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    finish: Callable[[str], object] | None = None


def foreseen(plan: DeployPlan) -> Deployment:
    """What is about to be done, or in a dry run would be."""
    steps = tuple(Step(one.what) for one in plan.actions)
    return Deployment(plan.subject, plan.image, "planned" if steps else "already", plan.before, steps)


def perform(
    plan: DeployPlan,
    narrator: Narrator,
    note: Callable[[Deployment], None],
    *,
    waits: bool,
    dry_run: bool,
) -> Deployment:
    """Makes the changes, one after the other. Raises RegistryError and DeployError.

    note: is given what has become of the deployment so far, for where it stops.
    """
    steps: tuple[Step, ...] = ()

    def noted(result: Result) -> Deployment:
        done = Deployment(plan.subject, plan.image, result, plan.before, steps)
        note(done)
        return done

    if dry_run:
        planned = foreseen(plan)
        note(planned)
        return planned
    made = ""
    for one in plan.actions:
        noted("failed")
        made = one.do(made)
        narrator.say(f"{one.what}: {made}")
        steps = (*steps, Step(one.what, made))
    if plan.finish and waits:
        noted("failed")
        plan.finish(made)
    if not steps:
        return noted("already")
    return noted("deployed" if waits or not plan.finish else "started")


class Waiting:
    """The waits for something to end, all of them together. limit: seconds from the first one on."""

    def __init__(self, clock: Clock, narrator: Narrator, limit: float) -> None:
        self._clock = clock
        self._narrator = narrator
        self._limit = limit
        self._ends: float | None = None
        self._shown = ""

    def until(self, look: Callable[[], T | None], late: Callable[[], DeployError]) -> T:
        """What look finds at last; late: the error where that takes too long."""
        pauses = iter(_PAUSES)
        ends = self._ends = self._ends or self._clock.monotonic() + self._limit
        while True:
            found = look()
            if found is not None:
                return found
            left = ends - self._clock.monotonic()
            if left <= 0:
                raise late()
            self._clock.sleep(min(next(pauses, _PAUSES[-1]), left))

    def warn(self, text: str) -> None:
        self._narrator.warn(text)

    def show(self, state: str) -> None:
        """A state, where it has changed."""
        if state != self._shown:
            self._shown = state
            self._narrator.say(state)
