"""The permissions for --to, of whom each repository is reached by. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.iam.allow_statement import AllowStatement
from ecr_push.pipeline.copies.selection import own_target
from ecr_push.pipeline.permissions.steps import encrypt, findings, scan_settings
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.registry import permissions as uses
from ecr_push.registry.destination import Destination
from ecr_push.registry.options import target_of
from ecr_push.registry.permissions import RepositoryArn
from ecr_push.registry.target import RepositoryTarget


def assume(role: str) -> AllowStatement:
    return AllowStatement("AssumeRole", ("sts:AssumeRole",), (role,))


# The commands that give an image to --to, and those that only look whether they could.
_GIVING = ("run", "promote", "copy", "mirror")
_LOOKING = ("plan", "doctor")


def destinations(wish: Wish, first: str, worker: str) -> Iterator[tuple[str, tuple[AllowStatement, ...]]]:
    """Who reaches each repository of --to, and what they need there."""
    if wish.command not in (*_GIVING, *_LOOKING):
        return
    for destination, target in _targets(wish):
        who = target.role or (f"profile {target.profile}" if target.profile else worker)
        if target.role:
            yield first, (assume(target.role),)
        repository = RepositoryArn.of(target, wish.region)
        yield who, tuple(give(wish, repository, destination.kms_key))
    if wish.command in ("run", "promote") and wish.settings.registry.to:
        yield worker, (wish.repository.may("Copy", *uses.READ),)


def _targets(wish: Wish) -> Iterator[tuple[Destination, RepositoryTarget]]:
    """Each destination, of the settings or of a file of `mirror`, and the repository that it means."""
    options = wish.settings.registry
    own = target_of(options)
    for one in () if wish.copies else options.to:
        yield one, one.target(own)
    for job in wish.copies:
        beside = own_target(job.source, options)
        for one in job.to:
            yield one, one.target(beside)


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
    if wish.command in ("run", "promote"):  # which leave no claim and no candidate there
        # In ECR Public no tag is immutable, so there are no claims to remove.
        yield repository.may("Destination", *(("DescribeImages",) if repository.public else uses.REMOVE_TAGS))
    if wish.command == "run":  # a commit's tag may name the image of a pull request, which its labels show
        yield repository.may("Destination", *uses.READ)
    if wish.judged:
        yield from scan_settings(repository)
        yield from findings(wish, repository)
    if wish.settings.registry.create_repository:
        yield repository.may("Destination", "CreateRepository")
        yield from encrypt(repository.place, kms_key)
