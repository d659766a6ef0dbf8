"""BuildPlan -> BuiltImage -> Digest: the nouns and the interfaces, which buildx and the engine implement."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ecr_push.base.errors import BuildError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder.plan import BuildPlan
from ecr_push.registry.interface import Login


@dataclass(frozen=True)
class BuiltImage:
    """What a build made. digest is empty while the image is only in the engine.

    candidate is the name under which it is pushed, or is to be pushed.
    """

    candidate: str
    builder: str
    digest: str = ""
    media_type: str = ""


class Builder(Protocol):
    """One way to build."""

    def build(self, plan: BuildPlan, repository: Repository, candidate: Tag) -> BuiltImage:
        """Builds, and pushes if it can do both at once. Raises BuildError, or RegistryError for a push."""
        ...

    def push(
        self, built: BuiltImage, repository: Repository, candidate: Tag, login: Callable[[], Login]
    ) -> Digest:
        """Pushes the candidate if `build` has not. Raises BuildError, or RegistryError."""
        ...

    def check(self, plan: BuildPlan) -> None:
        """Builds, and keeps nothing of it. Raises BuildError."""
        ...


class Builders(Protocol):
    """The ways to build that this machine has."""

    def logged_in(self, host: str, login: Callable[[], Login]) -> AbstractContextManager[Builders]:
        """The same ones, which may push to host. login waits until they may, and raises if they never may."""
        ...

    def choose(self, plan: BuildPlan) -> Builder:
        """The one for this plan. Raises BuildError if there is none."""
        ...


# Begins to look for them, with the environment that docker gets.
FindBuilders = Callable[[Mapping[str, str]], Builders]


def check_inputs(plan: BuildPlan, absent_checkout: str = "") -> None:
    """Raises BuildError where there is plainly nothing to build; asks neither AWS nor the engine.

    absent_checkout: what to do where there is no `.git` either: then nothing at all is there.
    """
    if plan.image:
        return
    if not plan.context.is_dir():
        raise BuildError(
            f"there is no directory {plan.context}", remedy="name the build's context: ecr-push run DIR"
        )
    if plan.dockerfile.is_file():
        return
    file = plan.dockerfile
    named = "" if file.name == "Dockerfile" else f" {file.name}"
    missing = f"there is no Dockerfile{named} in {file.parent.absolute()}"
    if absent_checkout:
        raise BuildError(
            missing,
            why="there is no .git either: the repository was not checked out here",
            remedy=absent_checkout,
        )
    other = next(iter(sorted(plan.context.glob("*/Dockerfile"))), None)
    raise BuildError(
        missing,
        why=f"there is one in {other.parent}" if other else "",
        remedy=f"name it with --dockerfile{f' {other}' if other else ', or add one'}",
    )


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
    """The build arguments whose names sound like a secret's. Whoever pulls the image reads their values."""
    return tuple(name for name, _ in plan.args if _sounds_secret(name))


def _sounds_secret(name: str) -> bool:
    words = {word.upper() for word in _WORDS.findall(name)}
    return bool(words & _SECRET) and "PUBLIC" not in words
