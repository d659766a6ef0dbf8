"""What the commands `registry …` have in common: the file, the registry, and what is printed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.cli.call import Call

if TYPE_CHECKING:
    from ecr_push.base.place import Place
    from ecr_push.pipeline.context import Tools
    from ecr_push.registry.backfills import Backfills
    from ecr_push.registry.private_registry import PrivateRegistry
    from ecr_push.settings.declare import Settings
    from ecr_push.upkeep.registry.model import RegistryPlan

FILE = "ecr-registry.yml"


@contextlib.contextmanager
def open_registry(call: Call, command: str) -> Iterator[tuple[PrivateRegistry, Backfills, Settings, Tools]]:
    """The caller's own registry in the region in effect. Raises SettingsError."""
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world

    settings = read_all_settings(call, command)
    with open_world(settings, read_facts(call.environ), call) as tools:
        tools.narrator.phase("registry")
        yield (*tools.open_registry(), settings, tools)


def place_of(registry: PrivateRegistry, settings: Settings) -> Place:
    """Where the registry is. Raises RegistryError; SettingsError for another account."""
    from ecr_push.base.errors import SettingsError
    from ecr_push.base.place import Place

    place = Place(registry.region, registry.account())
    asked = settings.registry.registry_id
    if asked and asked != place.account:
        raise SettingsError(
            [f"registry-id: these are credentials of {place.account}, and {asked} is another account"],
            remedy="ECR shows and changes the settings of a registry for its own account alone: use --role",
        )
    return place


def make_plan(file: str, registry: PrivateRegistry, settings: Settings) -> RegistryPlan:
    """Raises SettingsError with every mistake of the file, RegistryError."""
    from ecr_push.base.errors import RegistryError, SettingsError
    from ecr_push.base.place import Place
    from ecr_push.upkeep.file import in_order
    from ecr_push.upkeep.registry.plan import REMEDY, plan_registry
    from ecr_push.upkeep.registry.read import read_registry_file

    path = Path(file)
    try:
        place = place_of(registry, settings)
    except RegistryError:
        # Without AWS, too, the file's own mistakes are found.
        if problems := read_registry_file(path, Place(registry.region, "")).problems:
            raise SettingsError(in_order(problems), remedy=REMEDY) from None
        raise
    return plan_registry(path, read_registry_file(path, place), place, registry)
