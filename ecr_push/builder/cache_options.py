"""The options of the build cache that a run keeps by itself."""

from __future__ import annotations

from typing import Annotated, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import BUILDING, HOW_TO_BUILD, Parsed, option
from ecr_push.base.reference import check_repository_name, has_registry

CacheKind = Literal["none", "ecr", "gha"]


def _name(text: str) -> str:
    if has_registry(text):
        raise ValueError(f"{text!r}: give the name alone: the cache is in the image's registry")
    return check_repository_name(text)


@dataclass(frozen=True, eq=False, repr=False)
class CacheOptions:
    """Where the cache is."""

    cache: CacheKind = option(
        "none",
        HOW_TO_BUILD,
        BUILDING,
        "Build cache of the branch, and behind it that of the default branch: in a repository of its own in "
        "the image's registry (ecr), or in the cache of the GitHub workflow (gha). A fork's code never "
        "writes it. A build goes on without one.",
    )
    cache_repository: Annotated[str, Parsed(_name)] = option(
        "",
        HOW_TO_BUILD,
        BUILDING,
        "Repository of the cache; --create-repository creates it, too.",
        metavar="NAME",
        default_text="the image's, with -cache at the end",
    )
