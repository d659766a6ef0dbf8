"""What `ecr-push iam policy` is asked for, with what the files say that the command would read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences
from ecr_push.pipeline.permissions.wish import Scans, Wish
from ecr_push.policy.load import load_policy
from ecr_push.settings.declare import Settings
from ecr_push.upkeep.model import WantedRepositories


@dataclass(frozen=True)
class Question:
    """As it is given on the command line. file: that the command reads; "" for none, or its own default."""

    command: str
    scans: Scans
    pattern: str
    file: str
    judged: bool


def wish_of(asked: Question, settings: Settings, region: str) -> Wish:
    """region: where the settings name none. Raises SettingsError for a file that is not valid."""
    return Wish(
        asked.command,
        settings,
        region=region,
        scans=asked.scans,
        pattern=asked.pattern,
        objects=_objects(settings),
        judged=asked.judged,
        **_of_file(asked, settings, settings.registry.region or region),
    )


def _objects(settings: Settings) -> Sequence[str]:
    """What the policy for findings is made of in S3."""
    found: list[str] = []

    def note(url: str, _: int) -> bytes:
        found.append(url)
        return b"{}"

    load_policy(settings.policy, note, Fences.of(settings.source.context))
    return tuple(dict.fromkeys(found))


def _of_file(asked: Question, settings: Settings, region: str) -> Mapping[str, Any]:
    """What the command's own file adds to a wish."""
    if asked.command in ("repository plan", "repository apply"):
        from ecr_push.cli.repositories import FILE

        return {"wanted": _wanted(asked.file or FILE, settings, region)}
    if asked.command == "repository export":
        return {"wanted": _wanted(asked.file, settings, region)} if asked.file else {}
    if asked.command in ("registry plan", "registry apply") and asked.file:
        return {"sections": _sections(asked.file, settings, region)}
    if asked.command == "mirror" and not asked.pattern:
        from ecr_push.pipeline.copies.mirror_file import read_mirror_file

        return {"copies": read_mirror_file(Path(asked.file), settings.registry.to)}
    created_as = settings.registry.repositories
    return {"wanted": _wanted(created_as, settings, region)} if created_as else {}


def _wanted(file: str, settings: Settings, region: str) -> WantedRepositories:
    from ecr_push.upkeep.read import read_repositories

    # No statement depends on the account that `pull: lambda` stands for.
    account = settings.registry.registry_id or "0" * 12
    return read_repositories(Path(file), lambda: region, lambda: account)


def _sections(file: str, settings: Settings, region: str) -> Sequence[str]:
    """The kinds of settings in a registry's file."""
    from ecr_push.base.place import Place
    from ecr_push.upkeep.registry.read import read_registry_file

    found = read_registry_file(Path(file), Place(region, settings.registry.registry_id))
    if found.problems:
        raise SettingsError(found.problems)
    return tuple(found.sections)
