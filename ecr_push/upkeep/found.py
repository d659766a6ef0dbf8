"""Reads the settings of many repositories: as many calls at once as AWS takes, and none of them lost."""

from __future__ import annotations

import contextlib
import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError, SettingsError
from ecr_push.base.suggest import did_you_mean
from ecr_push.registry.copy.pace import Pace
from ecr_push.registry.repositories import Repositories, RepositorySettings

# AWS publishes no quota of these calls. With so many at once 500 repositories take seconds, and fewer are
# made as soon as AWS throttles them.
AT_ONCE = 12
ATTEMPTS = 20  # with pauses of up to 40 seconds: several minutes

Described = Mapping[str, Mapping[str, Any]]


def read_settings(
    described: Described, registry: Repositories, clock: Clock
) -> Mapping[str, RepositorySettings]:
    """All settings of repositories, by name: three calls for each. Raises RegistryError.

    described: shape Repository, by name.
    """
    found = {name: registry.settings(name, one) for name, one in described.items()}
    pace = Pace(clock, AT_ONCE, ATTEMPTS)
    calls: list[Callable[[], Any]] = []
    for one in found.values():
        calls += [
            partial(pace.persist, partial(registry.lifecycle, one.name)),
            partial(pace.persist, partial(registry.policy, one.name)),
            partial(pace.persist, partial(registry.tags, one.arn)),
        ]
    answers = iter(background.all_of(calls, "read repositories", AT_ONCE))
    return {
        name: replace(one, lifecycle=next(answers), policy=next(answers), tags=next(answers))
        for name, one in found.items()
    }


def describe_named(names: Sequence[str], registry: Repositories) -> Described:
    """Those of these names and patterns, in alphabetical order; all of them without any.

    Raises SettingsError for a name, or a pattern, of none.
    """
    by_name = names and not any("*" in name for name in names)
    there = registry.describe(names) if by_name else registry.all()
    missing = [name for name in names if not fnmatch.filter(there, name)]
    if missing:
        if by_name:
            with contextlib.suppress(AuthenticationError):  # the others are for a suggestion alone
                there = registry.all()
        raise SettingsError([f"there is no repository {name}{did_you_mean(name, there)}" for name in missing])
    chosen = {one for name in names for one in fnmatch.filter(there, name)} if names else there
    return {name: there[name] for name in sorted(chosen)}
