"""The permissions of the commands that keep repositories and a registry in order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecr_push.base.iam.allow_statement import ALL, AllowStatement
from ecr_push.base.iam.arn import arn_of, global_arn_of
from ecr_push.base.place import Place
from ecr_push.base.reference import PUBLIC_REGION
from ecr_push.pipeline.permissions import steps
from ecr_push.pipeline.permissions.wish import ANY_ROLE, Wish
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
    return _look_at_kept(wish) if wish.wanted else repository_show(wish)


def repository_may(wish: Wish) -> Iterator[AllowStatement]:
    named = wish.repository if wish.settings.registry.repository or wish.pattern else wish.registry
    yield named.may("Look", "DescribeRepositories", "GetRepositoryPolicy", "ListTagsForResource")
    yield wish.registry.registry_may("RegistryPolicy", "GetAccountSetting", "GetRegistryPolicy")
    keys = arn_of(wish.registry.place, "kms", "key/*")
    yield AllowStatement("Key", ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"), (keys,))


def repository_plan(wish: Wish) -> Iterator[AllowStatement]:
    yield from _look_at_kept(wish)
    for one in _public(wish):
        yield one.may("Look", "GetRepositoryCatalogData")


def _look_at_kept(wish: Wish) -> Iterator[AllowStatement]:
    kept = [one for one, _ in _kept(wish)]
    for one in [wish.registry] if any("*" in it.name for it in kept) else kept:
        yield one.may("Find", "DescribeRepositories")
    for one in kept:
        yield one.may("Look", *uses.SETTINGS)


def repository_apply(wish: Wish) -> Iterator[AllowStatement]:
    yield from repository_plan(wish)
    for one, wanted in _kept(wish):
        yield from _keep(one, wanted)
    for one in _public(wish):
        yield one.may("Create", "CreateRepository")
        yield one.may("Change", "PutRepositoryCatalogData")


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


def _public(wish: Wish) -> Iterator[RepositoryArn]:
    """The public repositories of the same account."""
    place = Place(PUBLIC_REGION, wish.registry.place.account)
    for name in wish.wanted.public if wish.wanted else ():
        yield RepositoryArn(name, place, public=True)


def costs(wish: Wish) -> Iterator[AllowStatement]:
    is_named = wish.settings.registry.repository or wish.pattern
    counted = wish.repository if is_named else wish.registry
    described = wish.registry if "*" in counted.name else counted
    yield described.may("Find", "DescribeRepositories")
    yield counted.may("Look", "DescribeImages", "BatchGetImage", "BatchGetRepositoryScanningConfiguration")
    yield counted.may("Look", *uses.LIFECYCLE)
    yield wish.registry.registry_may("Registry", "DescribeRegistry", "GetRegistryScanningConfiguration")


def status(wish: Wish) -> Iterator[AllowStatement]:
    is_named = wish.settings.registry.repository or wish.pattern
    shown = wish.repository if is_named else wish.registry
    described = wish.registry if "*" in shown.name else shown
    yield from shown.may_log_in()
    yield described.may("Find", "DescribeRepositories")
    yield shown.may("Look", "DescribeImages", *uses.READ)
    yield shown.may("Scan", "DescribeImageScanFindings")
    if wish.scans != "basic":
        yield AllowStatement("ScanByInspector", uses.INSPECTOR, ALL)


def audit(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield from repository.may_log_in()
    yield repository.may("Look", "DescribeImages", *uses.READ)
    yield AllowStatement("Trail", uses.TRAIL, ALL)


def registry_plan(wish: Wish) -> Iterator[AllowStatement]:
    registry = wish.registry
    yield registry.registry_may("Look", "DescribeRegistry")  # whose account it is
    for section in wish.sections:
        yield registry.registry_may("Look", *uses.REGISTRY_READS[section])


def registry_apply(wish: Wish) -> Iterator[AllowStatement]:
    yield from registry_plan(wish)
    for section in wish.sections:
        yield wish.registry.registry_may("Change", *uses.REGISTRY_WRITES[section])
        if section in uses.LINKED_ROLES:
            yield _linked_role(wish, *uses.LINKED_ROLES[section])
    if "templates" in wish.sections and wish.by_template:
        yield wish.registry.may("Templates", *wish.by_template)
    for section, service in uses.PASSED_TO.items():
        if section in wish.sections and wish.passed.get(section):
            yield _pass_roles(wish, wish.passed[section], service)


def _pass_roles(wish: Wish, roles: Sequence[str], service: str) -> AllowStatement:
    """The service is that of the role's trust policy, whole."""
    of = (global_arn_of(wish.registry.place, "iam", "role/*"),) if roles == ANY_ROLE else tuple(roles)
    only = {"StringEquals": {"iam:PassedToService": service}}
    return AllowStatement("PassRoles", ("iam:PassRole",), of, conditions=only)


def _linked_role(wish: Wish, service: str, name: str) -> AllowStatement:
    role = global_arn_of(wish.registry.place, "iam", f"role/aws-service-role/{service}/{name}")
    only = {"StringEquals": {"iam:AWSServiceName": service}}
    return AllowStatement("ServiceLinkedRole", ("iam:CreateServiceLinkedRole",), (role,), conditions=only)


def registry_backfill(wish: Wish) -> Iterator[AllowStatement]:
    yield wish.registry.registry_may("Backfill", *uses.BACKFILL)
