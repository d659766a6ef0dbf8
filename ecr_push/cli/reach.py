"""What a command reaches beside its machine: AWS, and other registries. Each is loaded when it is used."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.base.clock import Clock
from ecr_push.base.log import Narrator, Redactor
from ecr_push.base.partition import partition_of
from ecr_push.base.reference import Repository
from ecr_push.policy.read_object import no_objects
from ecr_push.registry.aws.session import Access, Aws
from ecr_push.registry.options import RegistryOptions
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.lock import NO_LOCK, DryLock, PromotionLock, TableLock

if TYPE_CHECKING:
    from ecr_push.registry.backfills import Backfills
    from ecr_push.registry.copy.source import OpenSource, Source
    from ecr_push.registry.interface import RepositoryClient
    from ecr_push.registry.private_registry import PrivateRegistry
    from ecr_push.registry.repositories import Repositories
    from ecr_push.registry.trail import Trail


class Reach:
    """See `Tools`, whose `open_…` these are. dry: what changes a repository or a lock is only said."""

    def __init__(
        self, access: Access, clock: Clock, narrator: Narrator, redactor: Redactor, *, dry: bool
    ) -> None:
        self._access = access
        self._clock = clock
        self._narrator = narrator
        self._redactor = redactor
        self._dry = dry
        self._open = cache(Aws)  # one session a region: credentials are asked for once

    def aws(self) -> Aws:
        return self._open(self._access)

    def aws_environ(self) -> Mapping[str, str]:
        return self.aws().environ(self._redactor.add)

    def aws_for(self, target: RepositoryTarget | None) -> Callable[[str], Aws] | None:
        """Opens AWS in a region, "" for the own one, as the repository is reached; None in a sandbox."""
        if self._access.endpoint:
            return None
        own = _access_to(target, self._access) if target else self._access
        return lambda region: self._open(replace(own, region=region or own.region))

    def repository(self, target: RepositoryTarget) -> RepositoryClient:
        aws = self._open(_access_to(target, self._access))
        client: RepositoryClient
        if target.public:
            from ecr_push.registry.public import PublicRepository

            client = PublicRepository(aws, target.name, self._clock)
        else:
            from ecr_push.registry.private import PrivateRepository

            client = PrivateRepository(aws, target.name, target.registry_id, self._clock)
        if not self._dry:
            return client
        from ecr_push.registry.dry_run import DryRun

        return DryRun(client, self._narrator)

    def repositories(self, options: RegistryOptions) -> Repositories:
        from ecr_push.registry.repositories import Repositories

        return Repositories(self.aws(), options.registry_id)

    def registry(self) -> tuple[PrivateRegistry, Backfills]:
        from ecr_push.registry.backfills import Backfills
        from ecr_push.registry.private_registry import PrivateRegistry

        return PrivateRegistry(self.aws()), Backfills(self.aws())

    def trail(self, repository: Repository) -> Trail:
        from ecr_push.registry.trail import open_trail

        return open_trail(self.aws(), repository, self._clock)

    def object(self, url: str, limit: int) -> bytes:
        """See `ReadObject`."""
        if self._access.endpoint:  # the sandbox is an ECR and nothing else
            return no_objects(url, limit)
        from ecr_push.registry.aws.s3 import read_object

        return read_object(self.aws(), url, limit)

    def lock(self, table: str, call_id: str, url: str) -> Callable[[RepositoryTarget], PromotionLock]:
        """table: of DynamoDB; "" for none. url: of the run, for those who wait for it."""
        if not table:
            return lambda target: NO_LOCK

        def open_lock(target: RepositoryTarget) -> PromotionLock:
            from ecr_push.registry.aws.dynamodb import DynamoTable

            locks = DynamoTable(self._open(_access_to(target, self._access)), table)
            if self._dry:
                return DryLock(locks, self._narrator)
            who = url or f"process {os.getpid()} on {platform.node()}"
            return TableLock(locks, call_id, who, self._clock, self._narrator)

        return open_lock

    def others(self, environ: Mapping[str, str], docker_config: Path) -> OpenSource:
        """Repositories of any registry, with the logins of that folder."""

        def open_other(repository: Repository, /, *, hurried: bool = False) -> Source:
            from ecr_push.builder.registry_login import find_login
            from ecr_push.registry.other.source import OtherRepository
            from ecr_push.registry.other.tokens import Password
            from ecr_push.registry.wire import HURRIED, PATIENT

            def find_password(host: str) -> Password | None:
                found = find_login(host, environ, docker_config)
                return Password(found.username, found.secret) if found else None

            def authorities() -> str:
                return self.aws().authorities

            patience = HURRIED if hurried else PATIENT
            return OtherRepository(
                repository, find_password, self._clock, self._redactor.add, authorities, patience
            )

        return open_other


def _access_to(target: RepositoryTarget, access: Access) -> Access:
    if target.profile:
        access = replace(access, profile=target.profile, role="", web_identity=None)
    return replace(
        access,
        region=target.region or access.region,
        elsewhere="" if target.profile else _other_partition(target.region, access.region),
        role=target.role or access.role,
        fips="-fips." in target.host,
        dual_stack=target.dual_stack,
    )


def _other_partition(region: str, own: str) -> str:
    """Why credentials that are used in one region do not work in another one; "" if they do.

    https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    there, here = partition_of(region or own), partition_of(own or region)
    return (
        ""
        if there == here
        else f"{region} is in the partition {there}: credentials of {here} do not work there"
    )
