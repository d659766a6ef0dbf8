"""What the commands `repository …` have in common: the file, the registry, and what is printed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ecr_push.cli.answer import print_answer
from ecr_push.cli.call import Call

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.registry.repositories import Repositories
    from ecr_push.settings.declare import Settings
    from ecr_push.upkeep.model import RepositoryPlan
    from ecr_push.upkeep.public_model import PublicPlan

FILE = "ecr-repositories.yml"


class Plans(NamedTuple):
    """For private repositories, and for public ones."""

    private: Sequence[RepositoryPlan]
    public: Sequence[PublicPlan]


@contextlib.contextmanager
def open_registry(
    call: Call, command: str, wrong_arguments: Sequence[str] = ()
) -> Iterator[tuple[Repositories, Settings, Tools]]:
    """The registry that the settings name. wrong_arguments: see `read_all_settings`. Raises SettingsError."""
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world

    settings = read_all_settings(call, command, wrong_arguments)
    with open_world(settings, read_facts(call.environ), call) as tools:
        tools.narrator.phase("repositories")
        yield tools.open_repositories(settings.registry), settings, tools


@contextlib.contextmanager
def open_plans(call: Call, command: str, file: str) -> Iterator[tuple[Plans, Repositories, Settings, Tools]]:
    """The plans of a file, with the registry that they are for. Raises SettingsError and RegistryError."""
    from ecr_push.upkeep.plan import plan_repositories, warnings_about
    from ecr_push.upkeep.public_apply import plan_public
    from ecr_push.upkeep.read import read_repositories

    with open_registry(call, command) as (registry, settings, tools):
        wanted = read_repositories(Path(file), lambda: registry.region, registry.account)
        for doubt in wanted.doubts:
            tools.narrator.warn(doubt)
        plans = plan_repositories(wanted, registry, tools.clock) if wanted.named else ()
        for warning in warnings_about(wanted, plans):
            tools.narrator.warn(warning)
        public = plan_public(wanted.public, registry.catalogs(), tools.clock) if wanted.public else ()
        yield Plans(plans, public), registry, settings, tools


def check_names(names: Iterable[str]) -> list[str]:
    """What is wrong with names and patterns of repositories that were given as arguments."""
    from ecr_push.base.reference import check_repository_name, has_registry

    wrong = []
    for name in names:
        if has_registry(name):
            wrong.append(f"{name!r} names a registry, too: give the name alone, --region and --registry-id")
            continue
        try:
            check_repository_name(name.replace("*", "a"))
        except ValueError:
            wrong.append(f"{name!r} is not the name of a repository, nor a pattern of names with *")
    return wrong


def print_plans(plans: Plans, lines: Iterable[str], settings: Settings, call: Call) -> None:
    """lines: what is printed of the plans, unless JSON is asked for."""
    from ecr_push.upkeep import public_apply as public
    from ecr_push.upkeep.show import document_of

    more = {"public": public.document_of(plans.public)} if plans.public else {}
    print_answer(lambda: lines, lambda: {**document_of(plans.private), **more}, settings, call)
