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
from ecr_push.policy.model import Policy
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
    policy, objects = _policy(settings)
    return Wish(
        asked.command,
        settings,
        region=region,
        scans=asked.scans,
        pattern=asked.pattern,
        objects=objects,
        # What is in an object is not known.
        compares_base=policy.layers != "all" or bool(objects),
        judged=asked.judged,
        **_of_file(asked, settings, settings.registry.region or region),
    )


def _policy(settings: Settings) -> tuple[Policy, Sequence[str]]:
    """The policy for findings, without what is in S3, and the objects that are there."""
    found: list[str] = []

    def note(url: str, _: int) -> bytes:
        found.append(url)
        return b"{}"

    policy = load_policy(settings.policy, note, Fences.of(settings.source.context))
    return policy, tuple(dict.fromkeys(found))


def _of_file(asked: Question, settings: Settings, region: str) -> Mapping[str, Any]:
    """What the command's own file adds to a wish."""
    if asked.command in ("repository plan", "repository apply"):
        from ecr_push.cli.repositories import FILE

        return {"wanted": _wanted(asked.file or FILE, settings, region)}
    if asked.command == "repository export":
        return {"wanted": _wanted(asked.file, settings, region)} if asked.file else {}
    if asked.command in ("registry plan", "registry apply") and asked.file:
        return _of_registry(asked.file, settings, region)
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


def _of_registry(file: str, settings: Settings, region: str) -> Mapping[str, Any]:
    """The kinds of settings in a registry's file, the roles that ECR gets, and what it does by templates."""
    from ecr_push.base.place import Place
    from ecr_push.registry.permissions import BY_TEMPLATE, PASSED_TO
    from ecr_push.upkeep.registry.read import read_registry_file

    found = read_registry_file(Path(file), Place(region, settings.registry.registry_id))
    if found.problems:
        raise SettingsError(found.problems)
    sections = [(key, found.sections[key].items.values()) for key in PASSED_TO if key in found.sections]
    items = {key: [one for over in overs if (one := over(None))] for key, overs in sections}
    templates = items.get("templates", ())
    does = (templates, [one for one in templates if one.lifecycle], [one for one in templates if one.policy])
    return {
        "sections": tuple(found.sections),
        "passed": {
            key: tuple(dict.fromkeys(one.role for one in its if one.role)) for key, its in items.items()
        },
        "by_template": tuple(action for action, those in zip(BY_TEMPLATE, does, strict=True) if those),
    }
