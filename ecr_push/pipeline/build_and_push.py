"""From a plan to a candidate in the registry; the repository is created beside the build if it is missing."""

from __future__ import annotations

from concurrent.futures import Future

from ecr_push.base import background
from ecr_push.base.errors import RegistryError
from ecr_push.builder.interface import Builders
from ecr_push.builder.push import push_candidate
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight
from ecr_push.pipeline.record import Record
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import Login, Reader, RepositoryClient, RepositoryState, Writer
from ecr_push.release.mutability import frozen


def find_reusable(preflight: Preflight, client: Reader, tools: Tools) -> PushedImage | None:
    """The image that an earlier run built from this commit and released; None if there is none."""
    if preflight.reuse is None:
        return None
    tools.narrator.say(
        f"{preflight.reuse.short} was already built from this commit and released: judging it again"
    )
    return describe_pushed(
        preflight.repository, client.manifest(preflight.reuse), client.manifest, reused=True
    )


def build_and_push(
    plan: Plan,
    preflight: Preflight,
    client: RepositoryClient,
    builders: Builders,
    tools: Tools,
    record: Record,
) -> PushedImage:
    """Builds and pushes the candidate. Raises BuildError, RegistryError."""
    repository = preflight.repository
    state: Future[RepositoryState] = Future()

    def login() -> Login:
        """Docker asks for it when it pushes, which is not before the repository exists."""
        state.result()
        found = client.login()
        tools.redactor.add(*found.secrets)
        return found

    with builders.logged_in(repository.registry.host, login) as pushing:
        with record.phase("build"):
            builder = pushing.choose(plan.build)
            background.fulfil(
                state, lambda: _repository(plan, preflight, client, tools, record), "create repository"
            )
            try:
                built = builder.build(plan.build, repository, plan.candidate)
            except RegistryError:
                state.result()  # a repository that could not be created is the cause, not the failed push
                raise
        with record.phase("push"):
            state.result()
            pushed = push_candidate(builder, built, repository, plan.candidate, client)
            tools.narrator.say(f"pushed {pushed.reference}")
    return pushed


def _repository(
    plan: Plan, preflight: Preflight, client: Writer, tools: Tools, record: Record
) -> RepositoryState:
    """The repository, created if it was missing."""
    if preflight.state is not None:
        return preflight.state
    state = client.create(plan.wanted_repository)
    record.note(created_repository=state.repository.uri)
    tools.narrator.say(f"created {state.repository}")
    if not plan.target.public:
        tools.narrator.say(f"  scan on push, encrypted with {state.encryption}")
        tools.narrator.say(f"  {state.mutability}: {frozen(plan.wanted_repository)}")
    return state
