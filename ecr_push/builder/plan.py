"""The plan of a build, decided before it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


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
