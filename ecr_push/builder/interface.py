"""Plan -> BuiltImage: the nouns and the interface, which `building/` implements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from ecr_push.base.errors import BuildError
from ecr_push.base.reference import Repository, Tag
from ecr_push.builder.plan import BuildPlan


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
    def build(self, plan: BuildPlan, repository: Repository, candidate: Tag) -> BuiltImage:
        """Builds, and pushes if it can do both at once. Raises BuildError, or RegistryError for a push."""
        ...

    def check(self, plan: BuildPlan) -> None:
        """Builds, and keeps nothing of it. Raises BuildError."""
        ...


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
