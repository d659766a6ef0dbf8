"""The builders that buildx knows: whether one is there, whether it answers, and its platform.

https://docs.docker.com/build/builders/manage/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ecr_push.base import process
from ecr_push.base.errors import BuildError
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.builder.buildkit_address import address_of, is_address
from ecr_push.builder.buildx_program import DOCKERS_PLUGIN
from ecr_push.builder.docker_context import docker_folder, has_context
from ecr_push.builder.options import TOOLS
from ecr_push.builder.platforms import normal

# The step of buildx itself in which a builder is reached, or started.
_NO_CONNECTION = lazy_regex(r"^ > \[internal\] (waiting for connection|booting buildkit)", re.MULTILINE)


def check_builder(name: str, environ: Mapping[str, str], program: Sequence[str] = DOCKERS_PLUGIN) -> None:
    """Raises BuildError if buildx knows no builder of this name, "" for the usual one.

    Each docker context is one, too. BUILDX_BUILDER counts where no name is given.
    """
    wanted = name or environ.get("BUILDX_BUILDER", "")
    docker = docker_folder(environ)
    folder = Path(environ.get("BUILDX_CONFIG") or docker / "buildx") / "instances"
    known = {one.name for one in folder.iterdir()} if folder.is_dir() else set[str]()
    # https://github.com/docker/buildx/blob/v0.29.1/store/util.go#L12: names are in lower case
    if wanted in ("", "default") or wanted.lower() in known or has_context(wanted, environ):
        return
    shown = " ".join(program)
    raise BuildError(
        f"there is no buildx builder {wanted!r}{did_you_mean(wanted, {*known, *TOOLS})}",
        why="" if name else "BUILDX_BUILDER names it",
        remedy=f"`{shown} ls` lists them: create it with `{shown} create --name`, give an address, or leave "
        f"out {'--builder' if name else 'the variable'}",
    )


def builders_own(
    program: Sequence[str], environ: Mapping[str, str], builder: str, *, start: bool = False
) -> str:
    """The platform for which a buildx builder builds unless asked, "" where buildx does not say it.

    A builder that was never started does not know it. start: starts it; raises BuildError if that fails.

    What its owner declared for a node, with a `*` in the list, chooses among nodes and is not the node's own.
    """
    words = (*(("--bootstrap",) if start else ()), *((builder,) if builder else ()))
    try:
        asked = process.run((*program, "inspect", *words), environ=environ)
    except FileNotFoundError:  # asked before it was known whether there is one
        return ""
    if not asked.ok and (error := unanswered(asked.output, builder, program)):
        raise error
    for line in asked.output if asked.ok else ():
        key, _, value = line.partition(":")
        if key == "Platforms":
            own = [one.strip() for one in value.split(",") if one.strip() and "*" not in one]
            return normal(own[0]) if own else ""
    return ""


def unanswered(
    output: Sequence[str], builder: str, program: Sequence[str] = DOCKERS_PLUGIN
) -> BuildError | None:
    """The error of a builder that did not answer, by what buildx said; None for anything else.

    buildx waits for 20 seconds, and says no more than that.
    """
    found = _NO_CONNECTION.search("\n".join(output))
    if not found:
        return None
    why = f"{found[1]}: {output[-1].removeprefix('ERROR: ')}"
    if is_address(builder):
        return BuildError(
            f"no BuildKit answers at {address_of(builder).url}",
            why=why,
            remedy="start buildkitd there, or correct the address",
        )
    named = f" {builder}" if builder else ""
    shown = " ".join(program)
    return BuildError(
        f"the buildx builder{named} does not answer",
        why=why,
        remedy=f"`{shown} inspect --bootstrap{named}` shows the cause; start it again, or remove it by "
        f"`{shown} rm{named or ' NAME'}` and use another one with --builder",
    )
