"""The world of one run: the log, AWS or the sandbox, the clock; cleaned up on every way out."""

from __future__ import annotations

import contextlib
import os
import platform
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.base.clock import SystemClock, source_date_epoch
from ecr_push.base.errors import EcrPushError, as_expected
from ecr_push.base.log import Narrator, Redactor
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.base.reference import Repository
from ecr_push.builder.choose import DockerBuilders
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.identity import job_identity, web_identity
from ecr_push.cli.log import open_log
from ecr_push.pipeline.context import Tools
from ecr_push.policy.files import ReadObject, no_objects
from ecr_push.registry.aws.s3 import read_object
from ecr_push.registry.aws.session import Access, Aws, Endpoint
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.options import RegistryOptions
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.public import PublicRepository
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.lock import NO_LOCK, DryLock, PromotionLock, TableLock
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:
    from ecr_push.registry.backfills import Backfills
    from ecr_push.registry.copy.source import Source
    from ecr_push.registry.private_registry import PrivateRegistry
    from ecr_push.registry.repositories import Repositories

OpenAws = Callable[[Access], Aws]


@contextlib.contextmanager
def open_world(settings: Settings, facts: CiFacts, call: Call) -> Iterator[Tools]:
    """What a run works with. Turns an unexpected error into DefectError, without the secrets in it."""
    environ = call.environ
    clock = SystemClock()
    narrator, redactor = open_log(settings, facts, environ, call.stderr, clock)
    call.clean = redactor.clean
    docker_config = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "/"), ".docker"))
    identity = web_identity(settings, facts, environ, clock, redactor)
    # As every SDK of AWS's reads it but boto3, which knows AWS_DEFAULT_REGION alone.
    options = settings.registry
    region = options.region or environ.get("AWS_REGION", "")
    access = Access(region, options.profile, options.role, identity, on_secret=redactor.add)
    folders = PrivateFolders(environ, (Path(settings.source.context),))
    try:
        with (
            _sandbox(settings, narrator, folders)
            if settings.run.sandbox
            else contextlib.nullcontext(access) as access
        ):
            call_id = _call_id(facts)
            open_aws = cache(Aws)  # one session a region: credentials are asked for once
            yield Tools(
                open_repository=_opener(open_aws, access, clock, settings.run.dry_run, narrator),
                find_builders=lambda environ: DockerBuilders(environ, docker_config, narrator, folders),
                environ=environ,
                clock=clock,
                narrator=narrator,
                redactor=redactor,
                run_id=call_id,
                created=source_date_epoch(environ),
                aws_environ=lambda: open_aws(access).environ(redactor.add),
                identity_token=job_identity(facts, environ, clock, redactor),
                read_object=_object_reader(open_aws, access),
                open_repositories=_registry_opener(open_aws, access),
                open_other=_other_opener(open_aws, access, environ, docker_config, clock, redactor),
                open_registry=_own_registry_opener(open_aws, access),
                open_lock=_lock_opener(open_aws, settings, access, facts, call_id, clock, narrator),
            )
    except EcrPushError:
        raise
    except Exception as error:  # here it is known what must not be shown
        raise as_expected(error, redactor.clean) from error
    finally:
        narrator.close()


def _call_id(facts: CiFacts) -> str:
    """An id of this call alone: the jobs and steps of one CI run share the run's id, which it begins with."""
    own = secrets.token_hex(4)
    return f"{facts.run.id}-{own}" if facts.run.id else own


def _opener(
    open_aws: OpenAws, access: Access, clock: SystemClock, dry: bool, narrator: Narrator
) -> Callable[[RepositoryTarget], RepositoryClient]:
    def open_repository(target: RepositoryTarget) -> RepositoryClient:
        aws = open_aws(_access_to(target, access))
        client: RepositoryClient = (
            PublicRepository(aws, target.name, clock)
            if target.public
            else PrivateRepository(aws, target.name, target.registry_id, clock)
        )
        return DryRun(client, narrator) if dry else client

    return open_repository


def _registry_opener(open_aws: OpenAws, access: Access) -> Callable[[RegistryOptions], Repositories]:
    def open_repositories(options: RegistryOptions) -> Repositories:
        from ecr_push.registry.repositories import Repositories

        return Repositories(open_aws(access), options.registry_id)

    return open_repositories


def _other_opener(
    open_aws: OpenAws,
    access: Access,
    environ: Mapping[str, str],
    docker_config: Path,
    clock: SystemClock,
    redactor: Redactor,
) -> Callable[[Repository], Source]:
    def open_other(repository: Repository) -> Source:
        from ecr_push.builder.registry_login import find_login
        from ecr_push.registry.other.source import OtherRepository
        from ecr_push.registry.other.tokens import Password

        def find_password(host: str) -> Password | None:
            found = find_login(host, environ, docker_config)
            return Password(found.username, found.secret) if found else None

        def authorities() -> str:
            return open_aws(access).authorities

        return OtherRepository(repository, find_password, clock, redactor.add, authorities)

    return open_other


def _own_registry_opener(
    open_aws: OpenAws, access: Access
) -> Callable[[], tuple[PrivateRegistry, Backfills]]:
    def open_registry() -> tuple[PrivateRegistry, Backfills]:
        from ecr_push.registry.backfills import Backfills
        from ecr_push.registry.private_registry import PrivateRegistry

        return PrivateRegistry(open_aws(access)), Backfills(open_aws(access))

    return open_registry


def _access_to(target: RepositoryTarget, access: Access) -> Access:
    if target.profile:
        access = replace(access, profile=target.profile, role="", web_identity=None)
    return replace(
        access,
        region=target.region or access.region,
        role=target.role or access.role,
        fips="-fips." in target.host,
        dual_stack=target.dual_stack,
    )


def _lock_opener(
    open_aws: OpenAws,
    settings: Settings,
    access: Access,
    facts: CiFacts,
    call_id: str,
    clock: SystemClock,
    narrator: Narrator,
) -> Callable[[RepositoryTarget], PromotionLock]:
    table = settings.release.lock.partition(":")[2]
    if not table:
        return lambda target: NO_LOCK

    def open_lock(target: RepositoryTarget) -> PromotionLock:
        from ecr_push.registry.aws.dynamodb import DynamoTable

        locks = DynamoTable(open_aws(_access_to(target, access)), table)
        if settings.run.dry_run:
            return DryLock(locks, narrator)
        who = facts.run.url or f"process {os.getpid()} on {platform.node()}"
        return TableLock(locks, call_id, who, clock, narrator)

    return open_lock


def _object_reader(open_aws: OpenAws, access: Access) -> ReadObject:
    if access.endpoint:  # the sandbox is an ECR and nothing else
        return no_objects
    return lambda url, limit: read_object(open_aws(access), url, limit)


@contextlib.contextmanager
def _sandbox(settings: Settings, narrator: Narrator, folders: PrivateFolders) -> Iterator[Access]:
    from ecr_push.cli.start_sandbox import open_sandbox

    with open_sandbox(settings, folders) as sandbox:
        narrator.phase("sandbox")
        narrator.say(f"an ECR on this machine, at {sandbox.host}, until this run ends: nothing goes to AWS")
        keys = sandbox.environment
        yield Access(
            region=keys["AWS_REGION"],
            endpoint=Endpoint(sandbox.url, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"]),
        )
