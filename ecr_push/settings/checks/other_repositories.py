"""What does not go together with the other repositories of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.base.reference import has_registry
from ecr_push.builder.destination import stays_here
from ecr_push.registry.destination import Destination
from ecr_push.registry.target import find_target


def destinations_of_a_run(
    repository: str,
    region: str,
    registry_id: str,
    to: Sequence[Destination],
    create_repository: bool,
    sandbox: bool,
    call: str,
    push: bool | None,
    load: bool,
    exports: tuple[str, ...],
) -> Iterable[tuple[str, str]]:
    """See `checks`."""
    if to and stays_here(push, load, exports):
        yield "to", "has no effect where nothing is pushed"
        return
    if to and call == "check":
        yield "to", "has no effect with --call check, which builds nothing"
    for one in to:
        if one.kms_key and not create_repository:
            yield "to", f"{one}: kms-key is fixed when a repository is created: give --create-repository too"
    if not repository:
        return
    own = find_target(repository, region, registry_id)
    seen = {own: "--repository"}
    for one in to:
        if sandbox and (has_registry(one.repository) or one.region or one.account or one.role or one.profile):
            yield "to", f"{one}: with --sandbox give the name alone: the sandbox is its own registry"
        elif own.public and not one.repository:
            yield "to", f"{one}: give the repository's name: a private one is not called {own.name}"
        elif (target := one.target(own).without_credentials) in seen:
            yield "to", f"{one} is the same repository as {seen[target]}"
        else:
            seen[target] = str(one)
