"""Where a run can be stopped exactly, and what can happen to it there."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from ecr_push.sandbox.server import Sandbox
from ecr_push.sandbox.tokens import DEFAULT_LIFE
from tests.support import images
from tests.support.faults.shim import Mode
from tests.support.faults.world import FLOATING, REPOSITORY, VERSION, Run, World

Deed = Callable[[World, Run], None]
TOKEN_SECONDS = 6.0
HOURS_13 = 13 * 3_600.0


@dataclass(frozen=True)
class Point:
    """arrange is called before the run; the run stands still there once reached holds."""

    name: str
    arrange: Callable[[World], object]
    reached: Callable[[World], object]


def held(
    operation: str, when: str = "before", *, skip: int = 0, plane: str = "api", of_copy: bool = False
) -> Point:
    """A request that the sandbox holds, before it is executed or before it is answered.

    of_copy: that of the other account, to which the world gives the image.
    """
    fault = f"{{plane: {plane}, operation: {operation}, hold: {when}, skip: {skip}}}"

    def sandbox(world: World) -> Sandbox:
        return world.copy if of_copy and world.copy else world.sandbox

    which = f" {skip + 1}" if skip or operation == "PutImage" else ""
    return Point(
        f"{when} {operation}{which}{' of a copy' if of_copy else ''}",
        lambda world: world.play(f"faults: [{fault}]", sandbox(world)),
        lambda world: sandbox(world).faults.held()[plane].get(operation),  # type: ignore[call-overload]
    )


def git(mode: Mode, word: str) -> Point:
    """A call of git that is held."""
    name = f"{mode} git {word}"
    return Point(name, lambda world: world.shim.arm(mode, word), lambda world: world.shim.arrived)


def building() -> Point:
    """The build waits for a file that it fetches."""
    name = "within the build"
    return Point(name, _fetch_from_gate, lambda world: world.gate and world.gate.arrived.is_set())


def building_early() -> Point:
    """The build waits for a file, and the registry is still asked where the tags are."""
    asked = held("BatchGetImage")

    def arrange(world: World) -> None:
        _fetch_from_gate(world)
        asked.arrange(world)

    return Point(
        "within an early build",
        arrange,
        lambda world: asked.reached(world) and world.gate and world.gate.arrived.is_set(),
    )


def _fetch_from_gate(world: World) -> None:
    world.open_gate()
    assert world.gate
    world.project.commit("fix: slow", images.waiting_for(world.gate.url))
    world.project.git("push", "--quiet", "origin", "main")


def blocked_output() -> Point:
    """No one reads standard output: the result cannot be printed, after everything else is done."""
    return Point("printing the result", World.block_stdout, lambda world: world.has_result)


def sends(number: signal.Signals) -> Deed:
    def deed(_: World, run: Run) -> None:
        if number is signal.SIGKILL:
            # A program of this very moment is not yet tied to the run: nothing ends that one.
            run.rest()
        run.signal(number)

    return deed


def nothing(world: World, run: Run) -> None:
    """It goes on as if the answer had been slow."""


def advances_the_clock(world: World, _: Run) -> None:
    """Registry tokens and the sessions of roles are expired now."""
    world.sandbox.clock.advance(HOURS_13)


def advances_the_clock_of_the_copy(world: World, _: Run) -> None:
    assert world.copy
    world.copy.clock.advance(HOURS_13)


def waits_for_a_token_to_expire(world: World, _: Run) -> None:
    """In real time: the run looks at its own clock, which cannot be set. The next one lasts."""
    world.sandbox.tokens.life = DEFAULT_LIFE
    time.sleep(TOKEN_SECONDS + 0.5)


def deletes_the_repository(world: World, _: Run) -> None:
    world.ecr.delete_repository(repositoryName=REPOSITORY, force=True)


def deletes_the_candidates_tag(world: World, _: Run) -> None:
    _delete(world, lambda tag, digest: {"imageTag": tag})


def deletes_the_candidates_image(world: World, _: Run) -> None:
    _delete(world, lambda tag, digest: {"imageDigest": digest})


def _delete(world: World, which: Callable[[str, str], dict[str, str]]) -> None:
    candidates = [(tag, of) for tag, of in world.look().tags.items() if tag.startswith("candidate-")]
    if candidates:
        found = [which(tag, of) for tag, of in candidates]
        world.ecr.batch_delete_image(repositoryName=REPOSITORY, imageIds=found)


def undoes_the_last_move(world: World, _: Run) -> None:
    """PutImage has executed and will say so; by then the tag is elsewhere, as if it had never moved."""
    before, now = world.before.tags, world.look().tags
    moved = sorted((tag for tag in now if before.get(tag) != now[tag] and _order(tag)), key=_order)
    state = world.sandbox.state.images
    for tag in moved[-1:]:
        if tag in before:
            manifest = state.manifest(state.find("private", REPOSITORY, digest=before[tag]))
            world.ecr.put_image(repositoryName=REPOSITORY, imageManifest=manifest.decode(), imageTag=tag)
        else:
            world.ecr.batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}])


def _order(tag: str) -> int:
    """At which place of a promotion a tag is moved; 0 for a candidate's."""
    places = ("claim-", "sha-", VERSION, *FLOATING)
    starts = (at for at, it in enumerate(places, 1) if tag == it or (it[-1] == "-" and tag.startswith(it)))
    return next(starts, 0)


def loses_the_engine(world: World, _: Run) -> None:
    assert world.engine
    world.engine.cut()


def removes_the_remote(world: World, _: Run) -> None:
    shutil.move(world.remote, world.remote.with_name("moved.git"))


def uses_a_role(world: World) -> None:
    """The run's credentials are those of a session, which expire."""
    keys = world.session_keys()
    world.environ.update(
        AWS_ACCESS_KEY_ID=keys["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=keys["SecretAccessKey"],
        AWS_SESSION_TOKEN=keys["SessionToken"],
    )
