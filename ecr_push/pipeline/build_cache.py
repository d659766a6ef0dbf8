"""A run's build cache: which one it is, and the repository of its own that holds it.

Nothing here fails a run: a build goes on without a cache that is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError
from ecr_push.base.reference import Tag
from ecr_push.builder.cache import TAGS, default_repository, plan_cache
from ecr_push.builder.platforms import normal
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.timeline import Timed
from ecr_push.registry.interface import RepositoryClient, RepositoryState, WantedRepository
from ecr_push.registry.options import target_of
from ecr_push.settings.declare import Settings
from ecr_push.settings.trust import untrusted_code

# A cache that is replaced stays behind without a tag, and one of a branch that has gone with it.
_LIFECYCLE = """\
{"rules": [
  {"rulePriority": 1, "description": "caches that were replaced", "action": {"type": "expire"},
   "selection": {"tagStatus": "untagged",
                 "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}},
  {"rulePriority": 2, "description": "caches that were not written again", "action": {"type": "expire"},
   "selection": {"tagStatus": "any",
                 "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30}}
]}"""


def with_cache(plan: Plan, settings: Settings, facts: CiFacts) -> Plan:
    """plan with the cache that its build reads and writes. Raises SourceError as `untrusted_code` does."""
    if settings.cache.cache == "none" or plan.build.is_built_elsewhere:
        return plan
    build = plan.build
    variant = (*sorted({normal(one) for one in build.platforms}), build.target, settings.builder.dockerfile)
    cache = plan_cache(
        settings.cache,
        plan.target.name,
        plan.source,
        head_branch=facts.ref.branch if plan.source.pull_request else "",
        target_branch=facts.ref.base if plan.source.pull_request else "",
        variant="\0".join(variant) if any(variant) else "",
        queued=facts.ref.queued,
        tagged=bool(facts.ref.tag),
        outside=bool(untrusted_code(settings, facts)),
        read=not build.inputs.no_cache,
    )
    return replace(plan, build=replace(build, cache=cache))


class CacheRepository:
    """The repository of the caches, which is asked for beside everything else."""

    def __init__(self, client: RepositoryClient, state: Future[RepositoryState | None], tools: Tools) -> None:
        self._client = client
        self._state = state
        self._tools = tools

    @classmethod
    def asked(cls, settings: Settings, tools: Tools, timed: Timed) -> CacheRepository | None:
        """Starts to ask for it, and raises nothing; None where the registry holds no cache."""
        if settings.cache.cache != "ecr" or settings.builder.image or settings.builder.parts:
            return None
        target = target_of(settings.registry)
        name = settings.cache.cache_repository or default_repository(target.name)
        client = tools.open_repository(replace(target, name=name))
        return cls(client, background.start(timed("cache", client.describe), "describe cache"), tools)

    def prepare(self, plan: Plan) -> None:
        """Creates it if it is missing and may be created; warns of what keeps it from its use."""
        self._look(plan, create=self._create)

    def foresee(self, plan: Plan) -> None:
        """Says what `prepare` would, and creates nothing."""
        name = plan.build.cache.repository
        self._look(plan, create=lambda kms_key: self._tools.narrator.say(f"would create {name}"))

    def _look(self, plan: Plan, create: Callable[[str], None]) -> None:
        cache = plan.build.cache
        if not cache.is_used:
            return
        try:
            state = self._state.result()
            if state is None and plan.create_repository and cache.writes:
                create(plan.wanted_repository.kms_key)
            elif state is None and plan.create_repository:
                self._tools.narrator.say(
                    f"there is no repository {cache.repository} for the build cache yet, and this run "
                    "writes none"
                )
            elif state is None:
                self._tools.narrator.warn(
                    f"there is no repository {cache.repository} for the build cache: the build goes on "
                    "without; create it, with tags that may move and without scans, or give "
                    "--create-repository"
                )
            else:
                self._check(state, cache.writes)
        except EcrPushError as error:
            self._tools.narrator.warn(f"the repository of the build cache: {error.what}")

    def _create(self, kms_key: str) -> None:
        wanted = WantedRepository("MUTABLE", (), kms_key, scan_on_push=False, lifecycle=_LIFECYCLE)
        state = self._client.create(wanted)
        self._tools.narrator.say(f"created {state.repository}, for the build cache")

    def _check(self, state: RepositoryState, writes: str) -> None:
        if writes and state.freezes(Tag(writes)):
            self._tools.narrator.warn(
                f"the build cache cannot be replaced: {state.repository} is {state.mutability}; exclude "
                f"{TAGS} from its immutability"
            )
        if state.scan_on_push:
            self._tools.narrator.warn(
                f"{state.repository} scans the build cache on push, for nothing: turn its scans off"
            )
