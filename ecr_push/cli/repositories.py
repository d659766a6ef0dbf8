"""What the commands `repository …` have in common: the file, the registry, and what is printed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.cli.call import Call

if TYPE_CHECKING:
    from ecr_push.base.log import Narrator
    from ecr_push.registry.repositories import Repositories
    from ecr_push.settings.declare import Settings
    from ecr_push.upkeep.model import RepositoryPlan

FILE = "ecr-repositories.yml"


@contextlib.contextmanager
def open_plans(
    call: Call, command: str, file: str
) -> Iterator[tuple[Sequence[RepositoryPlan], Repositories, Settings, Narrator]]:
    """The plans of a file, with the registry that they are for. Raises SettingsError and RegistryError."""
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world
    from ecr_push.upkeep.plan import plan_repositories
    from ecr_push.upkeep.read import read_repositories

    settings = read_all_settings(call, command)
    with open_world(settings, read_facts(call.environ), call) as tools:
        tools.narrator.phase("repositories")
        registry = tools.open_repositories(settings.registry)
        wanted = read_repositories(Path(file), lambda: registry.region, registry.account)
        for doubt in wanted.doubts:
            tools.narrator.warn(doubt)
        yield plan_repositories(wanted, registry), registry, settings, tools.narrator


def print_plans(
    plans: Sequence[RepositoryPlan], lines: Iterable[str], settings: Settings, call: Call
) -> None:
    """lines: what is printed of the plans, unless JSON is asked for."""
    from ecr_push.report.escape import json_text, log_line
    from ecr_push.upkeep.show import document_of

    if settings.report.output == "json":
        call.stdout.write(json_text(document_of(plans)))
    else:
        call.stdout.write("".join(f"{log_line(line)}\n" for line in lines))
    call.stdout.flush()
