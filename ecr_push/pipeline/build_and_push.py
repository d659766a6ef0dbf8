"""From a plan to a candidate in the registry; the repository is created beside the build if it is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.reference import Repository
from ecr_push.builder.push import push_candidate
from ecr_push.pipeline.after_failure import after_failure
from ecr_push.pipeline.build_cache import CacheRepository
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.early_build import EarlyBuild
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.throttled import unless_throttled
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import RepositoryClient, Writer
from ecr_push.registry.oci import Manifest
from ecr_push.release.mutability import frozen


def build_and_push(
    build: EarlyBuild,
    plan: Plan,
    preflight: Preflight,
    client: RepositoryClient,
    tools: Tools,
    record: Record,
    cache: CacheRepository | None = None,
    say_built: Callable[[], None] = lambda: None,
) -> PushedImage:
    """Builds and pushes the candidate. Raises BuildError, RegistryError.

    say_built: called once it is built, while the phase lasts.
    """
    repository = preflight.repository
    host = repository.registry.host
    with record.phase("build"):
        prepare = partial(create_missing, plan, preflight, client, tools, record, cache)
        try:
            built = unless_throttled(
                lambda: build.finish(repository, prepare), host, tools, again=build.again
            )
        except (BuildError, RegistryError) as error:
            if isinstance(error, RegistryError):
                build.check_prepared()  # a repository that could not be created is the cause, not the push
            if build.login_until is None:  # nothing was asked of the registry
                raise
            built = after_failure(error, plan, repository, build.again, client, tools, build.login_until)
        record.note(build_checks=built.checks, steps=built.steps)
        say_built()
    with record.phase("push"):
        build.check_prepared()
        pushed = unless_throttled(
            lambda: push_candidate(build.builder, built, repository, plan.candidate, client), host, tools
        )
        tools.narrator.say(f"pushed {pushed.reference}")
    return pushed


def push_index(
    index: Manifest,
    plan: Plan,
    repository: Repository,
    client: RepositoryClient,
    tools: Tools,
    record: Record,
) -> PushedImage:
    """Pushes the index as the candidate. Raises RegistryError."""
    with record.phase("push"):
        client.put_tag(index, plan.candidate)
        pushed = describe_pushed(repository, index, client.manifest)
        tools.narrator.say(f"joined {', '.join(image.platform for image in pushed.images)}")
        tools.narrator.say(f"pushed {pushed.reference}")
    return pushed


def create_missing(
    plan: Plan,
    preflight: Preflight,
    client: Writer,
    tools: Tools,
    record: Record,
    cache: CacheRepository | None,
) -> None:
    """Creates the repository if it was missing, and that of the cache."""
    if cache:
        cache.prepare(plan)
    if preflight.state is not None:
        return
    if not plan.target.public:
        encryption = f"encrypted with {plan.wanted_repository.encrypted_with}"
        tools.narrator.say(f"creating {preflight.repository}, {encryption}: ECR never changes that")
    state = client.create(plan.wanted_repository)
    record.note(created_repository=state.repository.uri)
    tools.narrator.say(f"created {state.repository}")
    if not plan.target.public:
        scanned = "scan on push" if state.scan_on_push else "no scan on push by its own settings"
        tools.narrator.say(f"  {scanned}, encrypted with {state.encryption}")
        tools.narrator.say(f"  {state.mutability}: {frozen(plan.wanted_repository)}")
