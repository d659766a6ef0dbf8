"""The options that say what a release does besides moving tags."""

from __future__ import annotations

from dataclasses import dataclass

from ecr_push.base.option import PLANNING, WHICH_VERSION, option


@dataclass(frozen=True, eq=False, repr=False)
class ReleaseOptions:
    """What a release does."""

    git_tag: bool = option(
        False,
        WHICH_VERSION,
        PLANNING | {"tags"},
        "Release the version: once the image is promoted, create its git tag and push it.",
    )
