"""The permissions of each command, a statement a step, for each principal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecr_push.base.iam.allow_statement import AllowStatement, merged
from ecr_push.base.iam.arn import global_arn_of
from ecr_push.base.place import Place
from ecr_push.pipeline.permissions import steps
from ecr_push.pipeline.permissions.destinations import assume, destinations, give
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.registry import permissions as uses
from ecr_push.registry.permissions import RepositoryArn
from ecr_push.upkeep.model import Wanted, WantedRepositories

CALLER = "caller"


def permissions_of(wish: Wish) -> Mapping[str, tuple[AllowStatement, ...]]:
    """Statements by principal, the one who works first: a role's ARN, a profile, or `CALLER`.

    A principal who only assumes another one's role has that statement alone.
    """
    options = wish.settings.registry
    first = options.role_to_assume or CALLER
    worker = options.role or first
    found: dict[str, list[AllowStatement]] = {worker: list(_COMMANDS[wish.command](wish))}
    if options.role:
        found.setdefault(first, []).append(assume(options.role))
    for who, statements in destinations(wish, first, worker):
        found.setdefault(who, []).extend(statements)
    return {who: merged(statements) for who, statements in found.items()}


def commands() -> tuple[str, ...]:
    """The commands that need permissions."""
    return tuple(_COMMANDS)


def _run(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield from _build(wish)
    yield from _promote(wish)
    if not repository.public:
        yield repository.may("Lifecycle", *uses.LIFECYCLE)  # for a warning


def _build(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield from repository.may_log_in()
    yield from steps.look(repository)
    yield from steps.create(wish, repository)
    yield repository.may("Push", *uses.PUSH)
    yield from steps.cache(wish)


def _plan(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield from repository.may_log_in()
    yield from steps.look(repository)
    yield repository.may("Look", "GetDownloadUrlForLayer")
    if steps.has_cache(wish):
        yield repository.named(steps.cache_name(wish)).may("BuildCache", "DescribeRepositories")
    yield from steps.lock(wish, "dynamodb:GetItem")
    yield from steps.policy_files(wish)


def _doctor(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield from repository.may_log_in()
    yield repository.may("Look", "DescribeRepositories")
    yield from steps.scan_settings(repository)
    if not repository.public:
        yield repository.may("Lifecycle", "DescribeImages", *uses.LIFECYCLE)
        yield repository.may("Access", "GetRepositoryPolicy")
        yield wish.registry.registry_may("Replication", "DescribeRegistry")
    yield AllowStatement("Permissions", ("iam:SimulatePrincipalPolicy",), _own_role(wish))
    yield from steps.policy_files(wish)


def _own_role(wish: Wish) -> tuple[str, ...]:
    """Who asks is who is asked about: a role, where one is given."""
    options = wish.settings.registry
    role = options.role or options.role_to_assume
    place = Place(options.region or wish.region)
    return (role,) if role else (global_arn_of(place, "iam", "role/*"), global_arn_of(place, "iam", "user/*"))


def _scan_image(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield repository.may("Look", "DescribeRepositories", "BatchGetImage")
    yield from steps.scan_settings(repository)
    yield from steps.scan(wish, repository)


def _promote(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    release = wish.settings.release
    yield from repository.may_log_in()
    yield from steps.look(repository)
    yield repository.may("Look", "GetDownloadUrlForLayer")  # the labels of the image
    yield from steps.scan(wish, repository)
    if release.attest_verdict or release.attest_sbom:
        yield repository.may("Attest", "BatchGetImage", *uses.UPLOAD)
    yield from steps.sign(wish, repository)
    yield from steps.lock(wish)
    yield repository.may("Promote", *uses.MOVE_TAGS, *uses.REMOVE_TAGS)
    yield from steps.replication(wish)


def _copy(wish: Wish) -> Iterator[AllowStatement]:
    """The source, where it is in ECR; it is named by --repository. destinations has what gets it."""
    if wish.settings.registry.repository or wish.pattern:
        yield from wish.repository.may_log_in()
        yield wish.repository.may("Source", "ListImages", "DescribeImages", *uses.READ)


def _mirror(wish: Wish) -> Iterator[AllowStatement]:
    """The repositories that get the images; sources outside of ECR need no permission of AWS."""
    return give(wish, wish.repository, wish.settings.registry.kms_key)


def _rollback(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield from repository.may_log_in()
    yield repository.may("Look", "DescribeRepositories", "DescribeImages", *uses.READ)
    yield from steps.scan_settings(repository)
    yield from steps.scan(wish, repository)
    yield from steps.lock(wish)
    yield repository.may("Promote", *uses.MOVE_TAGS)


def _verify(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield from repository.may_log_in()
    yield repository.may("Look", *uses.READ)
    yield from steps.key(wish, "kms:GetPublicKey")


def _policy_test(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield repository.may("Look", *uses.LISTED)
    yield from steps.scan_settings(repository)
    yield from steps.scan(wish, repository)


def _gate(wish: Wish) -> Iterator[AllowStatement]:
    return steps.policy_files(wish)


def _login(wish: Wish) -> Iterator[AllowStatement]:
    return iter(wish.registry.may_log_in())


def _prune(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield repository.may("Look", *uses.LISTED)
    yield repository.may("Delete", "BatchDeleteImage")


def _lifecycle_test(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield repository.may("Look", *uses.LISTED, *uses.LIFECYCLE)
    yield repository.may("Preview", *uses.PREVIEW)


def _repository_show(wish: Wish) -> Iterator[AllowStatement]:
    """Of the repository that is given, or of all."""
    is_named = wish.settings.registry.repository or wish.pattern
    shown = wish.repository if is_named else wish.registry
    described = wish.registry if "*" in shown.name else shown  # ECR finds no pattern
    yield described.may("Find", "DescribeRepositories")
    yield shown.may("Look", *uses.SETTINGS)


def _repository_may(wish: Wish) -> Iterator[AllowStatement]:
    named = wish.repository if wish.settings.registry.repository or wish.pattern else wish.registry
    yield named.may("Look", "DescribeRepositories", "GetRepositoryPolicy", "ListTagsForResource")
    yield wish.registry.registry_may("RegistryPolicy", "GetAccountSetting", "GetRegistryPolicy")


def _repository_plan(wish: Wish) -> Iterator[AllowStatement]:
    kept = [one for one, _ in _kept(wish)]
    for one in [wish.registry] if any("*" in it.name for it in kept) else kept:
        yield one.may("Find", "DescribeRepositories")
    for one in kept:
        yield one.may("Look", *uses.SETTINGS)


def _repository_apply(wish: Wish) -> Iterator[AllowStatement]:
    yield from _repository_plan(wish)
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


def _costs(wish: Wish) -> Iterator[AllowStatement]:
    is_named = wish.settings.registry.repository or wish.pattern
    counted = wish.repository if is_named else wish.registry
    described = wish.registry if "*" in counted.name else counted
    yield described.may("Find", "DescribeRepositories")
    yield counted.may("Look", "DescribeImages", "BatchGetImage", "BatchGetRepositoryScanningConfiguration")
    yield counted.may("Look", *uses.LIFECYCLE)
    yield wish.registry.registry_may("Registry", "DescribeRegistry", "GetRegistryScanningConfiguration")


def _registry_plan(wish: Wish) -> Iterator[AllowStatement]:
    registry = wish.registry
    yield registry.registry_may("Look", "DescribeRegistry")  # whose account it is
    for section in wish.sections:
        yield registry.registry_may("Look", *uses.REGISTRY_READS[section])


def _registry_apply(wish: Wish) -> Iterator[AllowStatement]:
    yield from _registry_plan(wish)
    for section in wish.sections:
        yield wish.registry.registry_may("Change", *uses.REGISTRY_WRITES[section])


def _registry_backfill(wish: Wish) -> Iterator[AllowStatement]:
    yield wish.registry.registry_may("Backfill", *uses.BACKFILL)


_COMMANDS = {
    "run": _run,
    "build": _build,
    "plan": _plan,
    "doctor": _doctor,
    "scan": _scan_image,
    "promote": _promote,
    "copy": _copy,
    "mirror": _mirror,
    "verify": _verify,
    "rollback": _rollback,
    "policy test": _policy_test,
    "gate": _gate,
    "login": _login,
    "costs": _costs,
    "prune": _prune,
    "lifecycle test": _lifecycle_test,
    "registry show": _registry_plan,
    "registry plan": _registry_plan,
    "registry apply": _registry_apply,
    "registry backfill": _registry_backfill,
    "repository show": _repository_show,
    "repository export": _repository_show,
    "repository may": _repository_may,
    "repository plan": _repository_plan,
    "repository apply": _repository_apply,
}
