"""What a machine cannot do for a run, as one error before anything is built. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ecr_push.base.errors import SettingsError
from ecr_push.builder.machine import Machine
from ecr_push.builder.plan import BuildPlan

if TYPE_CHECKING:  # few machines have it, and load it
    from ecr_push.builder.podman import Program


def refused_by(program: Program, plan: BuildPlan, environ: Mapping[str, str]) -> SettingsError | None:
    """What podman or buildah does not take of the plan."""
    from ecr_push.builder.podman_command import refusals

    lacking = tuple(refusals(program.tool, plan, program.has, environ))
    if not lacking:
        return None
    remedy = "leave that out, or build with buildx: docs/builders.md says which one takes what"
    return SettingsError(lacking, what=f"{program} cannot build this", remedy=remedy)


def container_program(machine: Machine) -> str:
    """What runs an image on the machine: docker, podman, or "" for nothing."""
    if machine.has_docker and machine.server:
        return "docker"
    return "podman" if "podman" in machine.tools else ""


def nothing_runs_an_image(machine: Machine) -> SettingsError:
    why = "there is an engine, and no docker command" if machine.server else machine.why
    return SettingsError(
        [f"it needs a docker command with an engine, or podman: {why}"],
        what="--test-in-image cannot run the image",
        remedy="install podman, or give --test a command that needs neither",
    )
