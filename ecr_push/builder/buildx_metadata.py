"""Reads what buildx wrote of a build into its metadata file.

https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ecr_push.base.errors import BuildError
from ecr_push.base.reference import Digest
from ecr_push.builder.bake import TARGET
from ecr_push.builder.build_checks import BuildCheck, of_build
from ecr_push.builder.plan import BuildPlan


def metadata_of(file: Path, plan: BuildPlan) -> Any:
    """What buildx says of the build's target; {} where it says nothing.

    Where there are several, bake has the warnings beside its targets.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {**found, **found[TARGET]} if plan.args and TARGET in found else found
    except (OSError, ValueError, TypeError):
        return {}


def pushed_of(metadata: Path, plan: BuildPlan) -> tuple[str, str, tuple[BuildCheck, ...]]:
    """The digest and the media type of what was pushed, and what was found in the Dockerfile.

    Raises BuildError for metadata without a digest.
    """
    try:
        found = metadata_of(metadata, plan)
        digest = Digest(found["containerimage.digest"])
        media_type = str(found.get("containerimage.descriptor", {}).get("mediaType", ""))
        return digest.value, media_type, of_build(found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuildError(
            "buildx did not say which image it pushed",
            why=f"its metadata file has no digest: {type(error).__name__}: {error}",
            remedy="update docker's buildx plugin, and check what `docker buildx` is on this machine",
        ) from error
