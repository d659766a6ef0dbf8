"""The permissions for --to, of whom each repository is reached by. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.iam.allow_statement import AllowStatement
from ecr_push.pipeline.permissions.steps import encrypt
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.registry import permissions as uses
from ecr_push.registry.options import target_of
from ecr_push.registry.permissions import RepositoryArn


def assume(role: str) -> AllowStatement:
    return AllowStatement("AssumeRole", ("sts:AssumeRole",), (role,))


# The commands that give an image to --to, and those that only look whether they could.
_GIVING = ("run", "promote", "copy", "mirror")
_LOOKING = ("plan", "doctor")


def destinations(wish: Wish, first: str, worker: str) -> Iterator[tuple[str, tuple[AllowStatement, ...]]]:
    """Who reaches each repository of --to, and what they need there."""
    own = target_of(wish.settings.registry)
    if wish.command not in (*_GIVING, *_LOOKING) or not wish.settings.registry.to:
        return
    for destination in wish.settings.registry.to:
        target = destination.target(own)
        who = target.role or (f"profile {target.profile}" if target.profile else worker)
        if target.role:
            yield first, (assume(target.role),)
        repository = RepositoryArn.of(target, wish.region)
        yield who, tuple(give(wish, repository, destination.kms_key))
    if wish.command in ("run", "promote"):
        yield worker, (wish.repository.may("Copy", *uses.READ),)


def give(wish: Wish, repository: RepositoryArn, kms_key: str = "") -> Iterator[AllowStatement]:
    """What a repository needs that gets an image."""
    yield from repository.may_log_in()
    if wish.command == "doctor":
        yield repository.may("Destination", "DescribeRepositories")
        return
    yield repository.may("Destination", *uses.LOOK)
    if wish.command not in _GIVING:
        return
    yield repository.may("Destination", *uses.PUSH)
    if wish.command in ("run", "promote"):  # which name what the repository has, and leave no candidate there
        yield repository.may("Destination", *uses.READ, *uses.REMOVE_TAGS)
    if wish.settings.registry.create_repository:
        yield repository.may("Destination", "CreateRepository")
        yield from encrypt(repository.place, kms_key)
