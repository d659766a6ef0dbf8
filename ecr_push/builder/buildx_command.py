"""BuildPlan -> commands of buildx. Pure."""

from __future__ import annotations

from pathlib import Path

from ecr_push.builder.bake import TARGET
from ecr_push.builder.buildkit_inputs import bake_flags, flags
from ecr_push.builder.buildx_program import DOCKERS_PLUGIN
from ecr_push.builder.plan import BuildPlan

Program = tuple[str, ...]  # the beginning of a command of buildx


def bake_command(
    plan: BuildPlan, metadata: Path, more: tuple[str, ...] = (), program: Program = DOCKERS_PLUGIN
) -> tuple[str, ...]:
    """Returns the argv of a build whose definition is on standard input."""
    return (
        *(*program, "bake", "--file=-", "--progress=plain", f"--metadata-file={metadata}"),
        *((f"--builder={plan.builder}",) if plan.builder else ()),
        *bake_flags(plan.inputs),
        *more,
        TARGET,
    )


def build_command(
    plan: BuildPlan, metadata: Path, output: tuple[str, ...], program: Program = DOCKERS_PLUGIN
) -> tuple[str, ...]:
    """Returns the argv of a build without arguments."""
    more = (
        f"--metadata-file={metadata}",
        *(f"--label={key}={value}" for key, value in plan.labels.items()),
        *(f"--annotation={text}" for text in plan.annotations),
    )
    return by_hand(plan, (*output, *more), program)


def by_hand(plan: BuildPlan, more: tuple[str, ...], program: Program = DOCKERS_PLUGIN) -> tuple[str, ...]:
    """Returns the argv of the same build by hand: it takes build arguments from the environment."""
    context = plan.remote or str(plan.context)
    return (
        *(*program, "build", "--progress=plain", *plan.attestations.flags()),
        *more,
        *choices(plan),
        f"./{context}" if context.startswith("-") else context,  # a folder, and no flag
    )


def choices(plan: BuildPlan) -> tuple[str, ...]:
    """What the user has chosen of the build, as flags."""
    return (
        f"--file={plan.dockerfile}",
        *(f"--build-arg={key}" for key, _ in plan.args),
        *((f"--target={plan.target}",) if plan.target else ()),
        *((f"--platform={','.join(plan.platforms)}",) if plan.platforms else ()),
        *((f"--builder={plan.builder}",) if plan.builder else ()),
        *flags(plan.inputs),
    )
