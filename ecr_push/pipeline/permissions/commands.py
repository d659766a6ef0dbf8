"""The permissions of each command, a statement a step, for each principal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecr_push.base.iam.allow_statement import ALL, AllowStatement, merged
from ecr_push.base.iam.arn import global_arn_of
from ecr_push.base.place import Place
from ecr_push.pipeline.copies.selection import own_target
from ecr_push.pipeline.permissions import deploy, steps, upkeep
from ecr_push.pipeline.permissions.destinations import assume, destinations, give
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.registry import permissions as uses
from ecr_push.registry.permissions import RepositoryArn

CALLER = "caller"


def permissions_of(wish: Wish) -> Mapping[str, tuple[AllowStatement, ...]]:
    """Statements by principal, the one who works first: a role's ARN, a profile, or `CALLER`.

    A principal who only assumes another one's role has that statement alone.
    """
    options = wish.settings.registry
    first = options.role_to_assume or CALLER
    worker = options.role or first
    found: dict[str, list[AllowStatement]] = {worker: list(_COMMANDS[wish.command](wish))}
    if options.role and found[worker]:
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
    # The run that joins parts puts an index, and nothing below it.
    yield repository.may("Push", *(("PutImage",) if wish.settings.builder.parts else uses.PUSH))
    yield from steps.cache(wish)
    yield from steps.policy_files(wish)


def _matrix(wish: Wish) -> Iterator[AllowStatement]:
    """Of one image: where rules name its tags, the labels of its newest are read."""
    yield from wish.repository.may_log_in()
    yield wish.repository.may("Look", "ListImages", "BatchGetImage", "GetDownloadUrlForLayer")


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
        yield wish.registry.registry_may("Quotas", "DescribePullThroughCacheRules")
        yield wish.registry.may("Quotas", "DescribeRepositories")
        yield AllowStatement("Quotas", ("servicequotas:ListServiceQuotas",), ALL)
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
    yield from steps.publish(wish)


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
    yield from steps.publish(wish)


# ListImages shows what is archived, DescribeImages what is attached to several images at once.
_SOURCE = ("ListImages", "DescribeImages", *uses.READ)


def _copy(wish: Wish) -> Iterator[AllowStatement]:
    """The source, where it is in ECR; it is named by --repository. destinations has what gets it."""
    if wish.settings.registry.repository or wish.pattern:
        yield from wish.repository.may_log_in()
        yield wish.repository.may("Source", *_SOURCE)
    if wish.judged:
        yield from steps.judge(wish)
    yield from steps.publish(wish)


def _mirror(wish: Wish) -> Iterator[AllowStatement]:
    """The repositories that get the images, by a pattern; destinations has those of a file.

    A file names the sources, too; those outside of ECR need no permission of AWS.
    """
    if not wish.copies:
        yield from give(wish, wish.repository, wish.settings.registry.kms_key)
    for job in wish.copies:
        if job.source.registry is None or job.source.registry.kind == "private":
            source = RepositoryArn.of(own_target(job.source, wish.settings.registry), wish.region)
            yield from source.may_log_in()
            yield source.may("Source", *_SOURCE)
    if wish.judged:
        yield from steps.judge(wish)
    yield from steps.publish(wish)


def _rollback(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield from repository.may_log_in()
    yield repository.may("Look", "DescribeRepositories", "DescribeImages", *uses.READ)
    yield from steps.scan_settings(repository)
    yield from steps.scan(wish, repository)
    yield from steps.lock(wish)
    yield repository.may("Promote", *uses.MOVE_TAGS)
    yield from steps.publish(wish)


def _policy_test(wish: Wish) -> Iterator[AllowStatement]:
    repository = wish.repository
    yield repository.may("Look", *uses.LISTED)
    yield from steps.scan_settings(repository)
    yield from steps.scan(wish, repository)


def _policy_alone(wish: Wish) -> Iterator[AllowStatement]:
    return steps.policy_files(wish)


def _login(wish: Wish) -> Iterator[AllowStatement]:
    return iter(wish.registry.may_log_in())


_COMMANDS = {
    "run": _run,
    "build": _build,
    "plan": _plan,
    "matrix": _matrix,
    "doctor": _doctor,
    "scan": _scan_image,
    "promote": _promote,
    "copy": _copy,
    "mirror": _mirror,
    "verify": deploy.image,
    "render": deploy.render,
    "deploy ecs": deploy.ecs,
    "deploy lambda": deploy.function,
    "deploy batch": deploy.batch,
    "deploy sagemaker": deploy.sagemaker,
    "rollback": _rollback,
    "policy test": _policy_test,
    "policy show": _policy_alone,
    "policy exceptions": _policy_alone,
    "gate": lambda wish: iter(()),  # asks nothing of AWS
    "login": _login,
    "audit": upkeep.audit,
    "costs": upkeep.costs,
    "status": upkeep.status,
    "prune": upkeep.prune,
    "lifecycle test": upkeep.lifecycle_test,
    "registry show": upkeep.registry_plan,
    "registry plan": upkeep.registry_plan,
    "registry apply": upkeep.registry_apply,
    "registry backfill": upkeep.registry_backfill,
    "repository show": upkeep.repository_show,
    "repository export": upkeep.repository_export,
    "repository may": upkeep.repository_may,
    "repository plan": upkeep.repository_plan,
    "repository apply": upkeep.repository_apply,
}
