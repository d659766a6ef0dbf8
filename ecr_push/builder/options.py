"""The options that say what to build, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from ecr_push.base.option import PLANNING, WHAT_TO_BUILD, Parsed, matching, option


def _build_arg(text: str) -> str:
    name, equals, _ = text.partition("=")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name) or not equals:
        # The argument may be a secret: only its name is repeated.
        raise ValueError(f"{name!r}: expected NAME=VALUE")
    return text


BuildArg = Annotated[str, Parsed(_build_arg)]
Platform = Annotated[
    str, matching(r"[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9]+)?", "platform", "OS/ARCH, such as linux/amd64")
]


@dataclass(frozen=True, eq=False, repr=False)
class BuildOptions:
    """What to build."""

    dockerfile: str = option(
        "",
        WHAT_TO_BUILD,
        PLANNING,
        "Path of the Dockerfile.",
        short="-f",
        metavar="FILE",
        default_text="DIR/Dockerfile",
    )
    build_args: tuple[BuildArg, ...] = option(
        (),
        WHAT_TO_BUILD,
        PLANNING,
        "Build argument; may be repeated.",
        metavar="NAME=VALUE",
        key="build-arg",
        separator="\n",
        mapping=True,
    )
    target: str = option("", WHAT_TO_BUILD, PLANNING, "Stage of the Dockerfile to build.", metavar="STAGE")
    platforms: tuple[Platform, ...] = option(
        (),
        WHAT_TO_BUILD,
        PLANNING,
        "Platform to build for; may be repeated, or a list with commas.",
        metavar="OS/ARCH",
        key="platform",
        separator=",",
        default_text="the builder's own",
    )
    builder: str = option("", WHAT_TO_BUILD, PLANNING, "Name of the buildx builder to use.", metavar="NAME")
    image: str = option(
        "",
        WHAT_TO_BUILD,
        PLANNING,
        "Push this image, which is already in the engine, instead of building one.",
        metavar="IMAGE",
    )
