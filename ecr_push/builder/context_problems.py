"""Whether the build context and the Dockerfile are there, and are the checkout's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.dataclass import dataclass
from ecr_push.base.fences import Fences, RefusedPathError, refusal
from ecr_push.builder.interface import DOCKERFILE_BYTES
from ecr_push.builder.plan import BuildPlan


@dataclass(frozen=True)
class DockerfileNames:
    """How a message names the Dockerfile that the user gave.

    place:  where it was given: a flag, or `ecr-push.yml, line 4, images.api.dockerfile:`.
    option: what stands before another one where that is given instead.
    others: those of other images of ecr-push.yml, from the working directory; none of them is meant.
    """

    place: str = "--dockerfile"
    option: str = "--dockerfile"
    others: frozenset[str] = frozenset()


BY_FLAG = DockerfileNames()


def context_problems(
    plan: BuildPlan, absent_checkout: str = "", names: DockerfileNames = BY_FLAG
) -> Iterator[str]:
    """Why the plan cannot be built: the context or the Dockerfile is missing, or one of them or a
    .dockerignore is a link out of the checkout. Calls neither AWS nor the engine.

    absent_checkout: the remedy where `.git` is missing too, so that there is no checkout at all.
    """
    if plan.is_built_elsewhere or plan.remote:
        return
    fences = Fences.of(plan.context)
    if error := refusal(plan.context, fences):
        yield _unread(error)
        return
    if not plan.context.is_dir():
        yield f"there is no directory {plan.context}: name the build context: ecr-push run DIR"
        return
    try:
        found = _is_file(plan.dockerfile, fences)
    except OSError as error:
        yield _unread(error)
        return
    if not found:
        yield _missing(plan, absent_checkout, names)
        return
    for ignored in (Path(f"{plan.dockerfile}.dockerignore"), plan.context / ".dockerignore"):
        try:
            _is_file(ignored, fences)
        except OSError as error:
            yield _unread(error)


def _missing(plan: BuildPlan, absent_checkout: str, names: DockerfileNames) -> str:
    is_default = plan.dockerfile == plan.context / "Dockerfile"
    missing = (
        f"there is no Dockerfile in {plan.context.absolute()}"
        if is_default
        else f"{names.place} {plan.dockerfile}: no such file"
    )
    if absent_checkout:
        return f"{missing}, and no .git: the repository was not checked out here: {absent_checkout}"
    base = "" if is_default else "; relative paths start at the working directory"
    if found := _other_dockerfile(plan, names.others):
        return f"{missing}{base}: use {names.option} {found}, which is there"
    return f"{missing}{base}: name it with {names.option.rstrip(':')}, or add one"


def _is_file(path: Path, fences: Fences) -> bool:
    """Whether the file is there. Raises OSError for one that cannot be read, or must not be.

    BuildKit follows links of folders, and into `.git`, and shows the lines of what is not a Dockerfile.
    """
    try:
        read_bytes(path, DOCKERFILE_BYTES, fences)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return False
    return True


def _unread(error: OSError) -> str:
    remedy = error.remedy if isinstance(error, RefusedPathError) else ""
    return ": ".join(filter(None, (f"cannot read {error.filename}", error.strerror or str(error), remedy)))


def _other_dockerfile(plan: BuildPlan, others: frozenset[str]) -> Path | None:
    """The file of the same name in the context, else another Dockerfile in it or one level below."""
    context = plan.context
    files = (
        context / plan.dockerfile,
        *sorted(context.glob("Dockerfile*")),
        *sorted(context.glob("*/Dockerfile")),
    )
    possible = (file for file in files if file.is_file() and file.suffix != ".dockerignore")
    return next((file for file in possible if os.path.normpath(file) not in others), None)
