"""The permissions of the commands that keep repositories and a registry in order. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.iam.allow_statement import AllowStatement
from ecr_push.pipeline.permissions import steps
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.registry import permissions as uses
from ecr_push.registry.permissions import RepositoryArn
from ecr_push.upkeep.model import Wanted, WantedRepositories


def prune(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield repository.may("Look", *uses.LISTED)
    yield repository.may("Delete", "BatchDeleteImage")


def lifecycle_test(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield repository.may("Look", *uses.LISTED, *uses.LIFECYCLE)
    yield repository.may("Preview", *uses.PREVIEW)


def repository_show(wish: Wish) -> Iterator[AllowStatement]:
    """Of the repository that is given, or of all."""
    is_named = wish.settings.registry.repository or wish.pattern
    shown = wish.repository if is_named else wish.registry
    described = wish.registry if "*" in shown.name else shown  # ECR finds no pattern
    yield described.may("Find", "DescribeRepositories")
    yield shown.may("Look", *uses.SETTINGS)


def repository_export(wish: Wish) -> Iterator[AllowStatement]:
    """Of repositories as they are, or of those of a file."""
    return repository_plan(wish) if wish.wanted else repository_show(wish)


def repository_may(wish: Wish) -> Iterator[AllowStatement]:
    named = wish.repository if wish.settings.registry.repository or wish.pattern else wish.registry
    yield named.may("Look", "DescribeRepositories", "GetRepositoryPolicy", "ListTagsForResource")
    yield wish.registry.registry_may("RegistryPolicy", "GetAccountSetting", "GetRegistryPolicy")


def repository_plan(wish: Wish) -> Iterator[AllowStatement]:
    kept = [one for one, _ in _kept(wish)]
    for one in [wish.registry] if any("*" in it.name for it in kept) else kept:
        yield one.may("Find", "DescribeRepositories")
    for one in kept:
        yield one.may("Look", *uses.SETTINGS)


def repository_apply(wish: Wish) -> Iterator[AllowStatement]:
    yield from repository_plan(wish)
    for one, wanted in _kept(wish):
        yield from _keep(one, wanted)


def _keep(repository: RepositoryArn, wanted: Wanted) -> Iterator[AllowStatement]:
    """What changes a repository so that it is as wanted; a pattern creates none."""
    if "*" not in repository.name:
        yield repository.may("Create", "CreateRepository")
        yield from steps.encrypt(repository.place, wanted.kms_key or "")
    if wanted.mutability is not None or wanted.exceptions is not None:
        yield repository.may("Change", "PutImageTagMutability")
    if wanted.scan_on_push is not None:
        yield repository.may("Change", "PutImageScanningConfiguration")
    if wanted.lifecycle is not None:
        yield repository.may("Change", f"{'Put' if wanted.lifecycle else 'Delete'}LifecyclePolicy")
    if wanted.policy is not None:
        yield repository.may("Change", f"{'Set' if wanted.policy else 'Delete'}RepositoryPolicy")
    if wanted.tags:
        yield repository.may("Change", "TagResource")


def _kept(wish: Wish) -> Iterator[tuple[RepositoryArn, Wanted]]:
    wanted = wish.wanted or WantedRepositories()
    for name in (*wanted.names, *wanted.patterns):
        yield wish.registry.named(name), wanted.of(name) or wanted.named[name]


def costs(wish: Wish) -> Iterator[AllowStatement]:
    is_named = wish.settings.registry.repository or wish.pattern
    counted = wish.repository if is_named else wish.registry
    described = wish.registry if "*" in counted.name else counted
    yield described.may("Find", "DescribeRepositories")
    yield counted.may("Look", "DescribeImages", "BatchGetImage", "BatchGetRepositoryScanningConfiguration")
    yield counted.may("Look", *uses.LIFECYCLE)
    yield wish.registry.registry_may("Registry", "DescribeRegistry", "GetRegistryScanningConfiguration")


def registry_plan(wish: Wish) -> Iterator[AllowStatement]:
    registry = wish.registry
    yield registry.registry_may("Look", "DescribeRegistry")  # whose account it is
    for section in wish.sections:
        yield registry.registry_may("Look", *uses.REGISTRY_READS[section])


def registry_apply(wish: Wish) -> Iterator[AllowStatement]:
    yield from registry_plan(wish)
    for section in wish.sections:
        yield wish.registry.registry_may("Change", *uses.REGISTRY_WRITES[section])


def registry_backfill(wish: Wish) -> Iterator[AllowStatement]:
    yield wish.registry.registry_may("Backfill", *uses.BACKFILL)
