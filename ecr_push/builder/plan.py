"""The plan of a build, decided before it starts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ecr_push.builder.options import BuildOptions
from ecr_push.source.model import Source


@dataclass(frozen=True)
class BuildPlan:
    """What to build. Paths are as the user gave them. image is one that the engine already has.

    args may hold secrets: they are passed in the environment, and never shown.
    """

    context: Path
    dockerfile: Path
    args: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    target: str = ""
    platforms: tuple[str, ...] = ()
    builder: str = ""
    image: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: tuple[str, ...] = ()


def plan_build(
    options: BuildOptions,
    context: Path,
    labels: Mapping[str, str] | None = None,
    annotations: tuple[str, ...] = (),
) -> BuildPlan:
    """What the options mean for a build of context."""
    return BuildPlan(
        context,
        Path(options.dockerfile) if options.dockerfile else context / "Dockerfile",
        tuple((name, value) for name, _, value in (arg.partition("=") for arg in options.build_args)),
        options.target,
        options.platforms,
        options.builder,
        options.image,
        labels or {},
        annotations,
    )


def fingerprint(plan: BuildPlan, source: Source) -> str:
    """A short hash of what decides on the image's content besides the commit. The same on every machine."""
    inputs: dict[str, object] = {
        "context": _in_checkout(plan.context, source.root),
        "dockerfile": _in_checkout(plan.dockerfile, source.root),
        "args": sorted(plan.args),
        "target": plan.target,
        "platforms": sorted(plan.platforms),
        "image": plan.image,
    }
    if source.is_merge:  # the same commit, merged with another state of the target branch
        inputs["merge"] = source.built_from
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]


def _in_checkout(path: Path, root: Path) -> str:
    """path relative to the checkout's root, so that another machine finds the same."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name if path.is_absolute() else path.as_posix()
