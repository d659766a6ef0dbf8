"""Which of a machine's builders builds, and what is possible on it. Pure.

buildx comes first, for it takes every input: with an engine that answers, or with a BuildKit that needs none.
An engine without buildx comes next. podman or buildah build where they are asked for, and where there is no
docker at all. A docker command whose engine does not answer is an error, and not replaced.
"""

from __future__ import annotations

from ecr_push.builder.buildkit_inputs import flags
from ecr_push.builder.machine import Machine
from ecr_push.builder.options import TOOLS
from ecr_push.builder.plan import BuildPlan

BUILDX = "buildx"
ENGINE = "engine"
# What buildx takes, and the engine's own builder as well.
_ENGINES_OWN = ("--no-cache", "--pull", "--network", "--add-host")


def way_to_build(plan: BuildPlan, machine: Machine, *, elsewhere: bool) -> str:
    """BUILDX, ENGINE, or one of TOOLS.

    elsewhere: the builder of buildx that would be used needs no engine of this machine.
    """
    if plan.builder in TOOLS:
        return plan.builder
    if machine.buildx and not plan.image and (machine.server or plan.builder or elsewhere):
        return BUILDX
    if machine.tools and not machine.has_docker and not machine.server and not plan.builder:
        return machine.tools[0]
    return ENGINE


def way_in_words(way: str, plan: BuildPlan, machine: Machine, driver: str) -> str:
    """What builds, and where: `buildx 0.29.1 on tcp://builds:1234 (remote)`.

    driver: of the builder of buildx, as buildx calls it; "" for the engine's own.
    """
    if way == BUILDX:
        where = plan.builder or (f"Docker Engine {machine.server}" if machine.server else "")
        kind = f" ({driver})" if driver not in ("", "docker") else ""
        return f"buildx {machine.buildx}{f' on {where}' if where else ''}{kind}"
    if way in TOOLS:
        return way if way in machine.tools else f"none: there is no {way} in the PATH"
    if machine.server:
        return f"Docker Engine {machine.server}, without buildx"
    return f"none: {machine.why or 'nothing on this machine builds images'}"


def ways_to_build(machine: Machine) -> str:
    """What builds on this machine, or after one more step: the remedy where nothing does."""
    found = []
    if machine.has_docker:
        found.append(
            "start the engine, or set DOCKER_HOST or a docker context (`docker version` shows the cause)"
        )
    if machine.buildx:
        found.append("name a BuildKit that runs elsewhere with --builder tcp://HOST:PORT or BUILDKIT_HOST")
    found += [f"give --builder {one}" for one in machine.tools]
    if not machine.has_docker and not machine.tools:
        found.append("install docker, podman or buildah")
    if not machine.has_docker and not machine.buildx:
        found.append("install buildx, and name a BuildKit with --builder")
    return "; or ".join(found)


def only_of_buildx(plan: BuildPlan) -> tuple[str, ...]:
    """What the plan asks for that the engine's own builder does not have."""
    asked = {
        "--builder": plan.builder,
        "--compression": plan.compression.kind,
        "--provenance": plan.attestations.provenance is not None,
        "--sbom": plan.attestations.sbom is not None,
        "context in a git repository": plan.remote,
        "annotation": plan.annotations,
        "build for several platforms": plan.platforms[1:],
        **{flag.partition("=")[0]: True for flag in flags(plan.inputs)},
    }
    return tuple(what for what, value in asked.items() if value and what not in _ENGINES_OWN)
