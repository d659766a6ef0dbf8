"""BuildPlan -> BuiltImage -> Digest: the nouns, the interfaces of builders, the checks before a build."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ecr_push.base.errors import BuildError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.plan import BuildPlan
from ecr_push.registry.interface import Login


@dataclass(frozen=True)
class BuiltImage:
    """The result of a build. digest is empty while the image is only in the engine.

    candidate is the name under which it was pushed, or will be pushed.
    """

    candidate: str
    builder: str
    digest: str = ""
    media_type: str = ""


class Builder(Protocol):
    """One way to build."""

    def build(self, plan: BuildPlan, repository: Repository, candidate: Tag) -> BuiltImage:
        """Builds, and pushes if the builder can do both at once. Raises BuildError, or RegistryError."""
        ...

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        """Pushes the candidate if `build` has not. Raises BuildError, or RegistryError."""
        ...

    def check(self, plan: BuildPlan) -> None:
        """Builds without keeping the result. Raises BuildError."""
        ...


class Builders(Protocol):
    """The builders of this machine."""

    def logged_in(self, host: str, login: Callable[[], Login]) -> AbstractContextManager[Builders]:
        """The same builders with credentials for host. login waits until a push may start, or raises."""
        ...

    def choose(self, plan: BuildPlan) -> Builder:
        """Returns the builder for this plan. Raises BuildError if there is none."""
        ...


# Starts to look for them, with the environment for docker.
FindBuilders = Callable[[Mapping[str, str]], Builders]


def check_inputs(plan: BuildPlan, absent_checkout: str = "") -> None:
    """Raises BuildError if the build context or the Dockerfile is missing. Calls neither AWS nor the engine.

    absent_checkout: the remedy where `.git` is missing too, so that there is no checkout at all.
    """
    if plan.image:
        return
    if not plan.context.is_dir():
        raise BuildError(
            f"there is no directory {plan.context}", remedy="name the build context: ecr-push run DIR"
        )
    if plan.dockerfile.is_file():
        return
    is_default = plan.dockerfile == plan.context / "Dockerfile"
    missing = (
        f"there is no Dockerfile in {plan.context.absolute()}"
        if is_default
        else f"--dockerfile {plan.dockerfile}: no such file"
    )
    if absent_checkout:
        raise BuildError(
            missing,
            why="there is no .git either: the repository was not checked out here",
            remedy=absent_checkout,
        )
    base = "" if is_default else "relative paths start at the working directory; "
    found = _other_dockerfile(plan)
    raise BuildError(
        missing,
        why=f"found: {found}" if found else "",
        remedy=base + (f"use --dockerfile {found}" if found else "name it with --dockerfile, or add one"),
    )


def _other_dockerfile(plan: BuildPlan) -> Path | None:
    """The file of the same name in the context, else another Dockerfile in it or one level below."""
    context = plan.context
    files = (
        context / plan.dockerfile,
        *sorted(context.glob("Dockerfile*")),
        *sorted(context.glob("*/Dockerfile")),
    )
    return next((file for file in files if file.is_file() and file.suffix != ".dockerignore"), None)


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET = frozenset(
    (
        "TOKEN",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "SECRET",
        "CREDENTIAL",
        "CREDENTIALS",
        "KEY",
        "APIKEY",
        "AUTH",
    )
)


def secret_args(plan: BuildPlan) -> tuple[str, ...]:
    """Returns the build arguments whose names suggest a secret. Anyone who pulls the image can read them."""
    return tuple(name for name, _ in plan.args if _sounds_secret(name))


def _sounds_secret(name: str) -> bool:
    words = {word.upper() for word in _WORDS.findall(name)}
    return bool(words & _SECRET) and "PUBLIC" not in words
