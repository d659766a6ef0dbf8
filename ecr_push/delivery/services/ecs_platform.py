"""Whether an image can run on the platform that a task definition names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.plan import DeployError

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
_ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}


def check_platform(image: ImageToDeploy, definition: Mapping[str, Any], *, is_fargate: bool) -> None:
    """Raises DeployError where no task could start. Without runtimePlatform Fargate means X86_64."""
    platform = definition.get("runtimePlatform")
    platform = platform if isinstance(platform, Mapping) else {}
    is_fargate = is_fargate or "FARGATE" in (definition.get("requiresCompatibilities") or ())
    named = str(platform.get("cpuArchitecture") or "")
    wanted = named or ("X86_64" if is_fargate else "")
    architecture = _ARCHITECTURES.get(wanted, wanted.lower())
    system = "windows" if str(platform.get("operatingSystemFamily")).startswith("WINDOWS") else "linux"
    if wanted and not image.runs_on(system, architecture):
        says = f"has cpuArchitecture {named}" if named else "has none, which means X86_64 on Fargate"
        raise DeployError(
            f"the image has no {system}/{architecture}, which its tasks would run on",
            why=f"it is for {', '.join(image.platforms)}; the runtimePlatform {says}",
            remedy="build it with --platform, or change the runtimePlatform; nothing was changed",
        )
