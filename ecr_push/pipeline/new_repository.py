"""What a repository is that a run creates, as the file says that `repository apply` takes, too."""

from __future__ import annotations

from pathlib import Path

from ecr_push.base.errors import SettingsError
from ecr_push.pipeline.context import Tools
from ecr_push.registry.interface import WantedRepository
from ecr_push.registry.options import target_of
from ecr_push.settings.declare import Settings
from ecr_push.upkeep.apply import to_create
from ecr_push.upkeep.read import read_repositories


def as_the_file_says(otherwise: WantedRepository, settings: Settings, tools: Tools) -> WantedRepository:
    """otherwise: what it is where the file says nothing. Raises SettingsError with every mistake."""
    target = target_of(settings.registry)
    registry = tools.open_repositories(settings.registry)
    file = settings.registry.repositories
    found = read_repositories(
        Path(file),
        lambda: target.region or registry.region,
        lambda: target.registry_id or registry.account(),
    )
    for doubt in found.doubts:
        tools.narrator.warn(doubt)
    wanted = found.of(target.name)
    if wanted is None:
        raise SettingsError(
            [f"--repositories: {file} says nothing of {target.name}"],
            remedy="add the name, or a pattern that matches it, to `repositories:`",
        )
    return to_create(wanted, otherwise)
