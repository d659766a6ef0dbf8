"""The world that a run works in, handed in by the command line or by a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.log import Narrator, Redactor
from ecr_push.builder.interface import FindBuilders
from ecr_push.ci.identity_token import no_identity
from ecr_push.policy.read_object import ReadObject, no_objects
from ecr_push.registry.interface import Login, Reader, RepositoryClient
from ecr_push.registry.options import RegistryOptions
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.lock import NO_LOCK, PromotionLock

if TYPE_CHECKING:
    from ecr_push.base.reference import Repository, Tag
    from ecr_push.pipeline.outcome import Outcome
    from ecr_push.pipeline.publisher import Publisher
    from ecr_push.registry.aws.session import Aws
    from ecr_push.registry.backfills import Backfills
    from ecr_push.registry.copy.source import OpenSource, Source
    from ecr_push.registry.private_registry import PrivateRegistry
    from ecr_push.registry.repositories import Repositories
    from ecr_push.registry.trail import Trail
    from ecr_push.source.git.checkout import Seen


def no_other(repository: Repository, /, *, hurried: bool = False) -> Source:
    """Of a command that copies nothing."""
    raise NotImplementedError


def no_repositories(options: RegistryOptions) -> Repositories:
    """Of a command that has to do with one repository."""
    raise NotImplementedError


def no_trail(repository: Repository) -> Trail:
    """Of a command that does not ask what happened."""
    raise NotImplementedError


def no_aws() -> Aws:
    """Of a command that has to do with a registry alone."""
    raise NotImplementedError


def no_registry() -> tuple[PrivateRegistry, Backfills]:
    """Of a command that has nothing to do with the settings of a registry."""
    raise NotImplementedError


@dataclass(frozen=True)
class Tools:
    """The world, handed in.

    open_repository: reaches AWS.
    find_builders:   reaches docker.
    environ:         for docker and git.
    run_id:          of this call alone, however many a run of the CI makes; its candidate is named after it.
    aws_environ:     the run's credentials for AWS and its region, as variables for a program that asks AWS.
    identity_token:  an OIDC token that says who the job is, to sign with. Raises AuthenticationError.
    open_repositories: reaches AWS, for all repositories of a registry.
    open_other:      reaches a repository of any registry, with the logins of the user's Docker configuration.
    open_registry:   reaches AWS, for the registry's own settings, and backfills of its replication.
    open_trail:      reaches CloudTrail, where a repository is. Raises RegistryError for another account.
    open_aws:        reaches AWS's other services, in the run's region.
    open_lock:       what promotions and rollbacks of a repository hold; by default nothing.
    publisher:       who else learns of the outcome; by default no one.
    seen:            what is known of the checkout: see `GitReadOptions`.
    created:         SOURCE_DATE_EPOCH if it is set: the time that everything claims to be made at.
    """

    open_repository: Callable[[RepositoryTarget], RepositoryClient]
    find_builders: FindBuilders
    environ: Mapping[str, str]
    clock: Clock
    narrator: Narrator
    redactor: Redactor
    run_id: str
    created: datetime | None = None
    aws_environ: Callable[[], Mapping[str, str]] = dict
    identity_token: Callable[[], str] = no_identity
    read_object: ReadObject = no_objects
    open_lock: Callable[[RepositoryTarget], PromotionLock] = lambda target: NO_LOCK
    open_repositories: Callable[[RegistryOptions], Repositories] = no_repositories
    open_other: OpenSource = no_other
    open_registry: Callable[[], tuple[PrivateRegistry, Backfills]] = no_registry
    open_trail: Callable[[Repository], Trail] = no_trail
    publisher: Publisher | None = None
    open_aws: Callable[[], Aws] = no_aws
    seen: Seen | None = None

    def note_release(
        self, tags: Sequence[Tag], outcome: Outcome, phase: Callable[[str], AbstractContextManager[None]]
    ) -> None:
        """Right before tags move, or an image is deployed, keeps a record of it, where one is asked for.

        Raises RegistryError: nothing has changed then.
        """
        if self.publisher and self.publisher.keeps_audit:
            with phase("audit"):
                self.publisher.releasing(outcome, tags)

    def login(self, client: Reader) -> Login:
        """A login to the client's registry, whose secrets the log leaves out. Raises RegistryError."""
        found = client.login()
        self.redactor.add(*found.secrets)
        return found
