"""A build that failed after docker was given the registry's login: the candidate may be pushed all the same.

What buildx does after its push can fail, and it ends with 1 then, as for any other failure. And BuildKit asks
for a login once in a build, which has ended where the base image is in that registry and the build took long.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ecr_push.base.errors import BuildError, EcrPushError, RegistryError
from ecr_push.base.reference import Repository
from ecr_push.builder.interface import BuiltImage
from ecr_push.builder.platforms import normal
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan
from ecr_push.registry.interface import Reader
from ecr_push.tags.labels import COMMIT_LABEL, INPUTS_LABEL


def after_failure(
    error: BuildError | RegistryError,
    plan: Plan,
    repository: Repository,
    again: Callable[[], BuiltImage],
    client: Reader,
    tools: Tools,
    login_until: datetime,
) -> BuiltImage:
    """The image of a build that failed with error. Raises error, or that of a second build, if there is none.

    again:       the same build once more.
    login_until: when the login ended that the build was given.
    """
    if built := _pushed(plan, repository, client):
        tools.narrator.warn(
            f"{error.what}, but after the candidate was pushed, complete: going on with it. {_reason(error)}"
        )
        return built
    if tools.clock.now() < login_until or repository.registry.host not in f"{error.what} {error.why}":
        raise error
    tools.narrator.warn(
        f"the registry's login ended at {login_until:%H:%M:%SZ}, during the build: "
        "the same build again with a new one, from the builder's cache"
    )
    return again()


def _reason(error: EcrPushError) -> str:
    """The last line that buildx said."""
    return (error.why.strip().splitlines() or [""])[-1]


def _pushed(plan: Plan, repository: Repository, client: Reader) -> BuiltImage | None:
    """The candidate, if the registry has it, of this commit and these inputs, with every platform.

    No other call uses its tag. An image pushed by several nodes could lack platforms until buildx 0.37.1:
    https://github.com/docker/buildx/pull/4058
    """
    try:
        digest = client.digests([plan.candidate]).get(plan.candidate)
        if digest is None:
            return None
        manifest = client.manifest(digest)
        labels = client.labels(manifest)
        found = set(map(normal, client.platforms(manifest)))
    except EcrPushError:  # the build's own error says more
        return None
    same = labels.get(COMMIT_LABEL) == plan.source.commit
    same = same and labels.get(INPUTS_LABEL) == plan.build.labels[INPUTS_LABEL]
    if not same or not set(map(normal, plan.build.platforms)) <= found:
        return None
    return BuiltImage(repository.tagged(plan.candidate), "buildx", digest.value, manifest.media_type)
