"""All options as one: the rooms' options, assembled, and the names that follow from each of them.

The command line, `ECR_PUSH_*`, `ecr-push.yml`, the documentation's table and the JSON Schema are all derived
from the `Settings` class below. Light: the command line imports it for `--help`; `load.py` reads values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, replace
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import OptionHelp
from ecr_push.builder.attestation_options import AttestationOptions
from ecr_push.builder.cache_options import CacheOptions
from ecr_push.builder.destination import DestinationOptions
from ecr_push.builder.options import BuildOptions
from ecr_push.builder.profile import ProfileOptions
from ecr_push.ci.options import CiOptions
from ecr_push.policy.options import PolicyOptions
from ecr_push.registry.options import RegistryOptions
from ecr_push.release.options import ReleaseOptions
from ecr_push.scan.options import ScanOptions
from ecr_push.settings.deploy_options import DeployOptions
from ecr_push.settings.image_test_options import ImageTestOptions
from ecr_push.settings.images_options import ImagesOptions
from ecr_push.settings.publish_options import PublishOptions
from ecr_push.settings.report_options import ReportOptions
from ecr_push.settings.run_options import RunOptions
from ecr_push.settings.verify_options import VerifyOptions
from ecr_push.signing.options import SignOptions
from ecr_push.source.options import SourceOptions
from ecr_push.tags.options import TagOptions
from ecr_push.versions.options import VersionOptions

ENVIRONMENT_PREFIX = "ECR_PUSH_"


@dataclass(frozen=True, eq=False, repr=False)
class Settings:
    """All that a user can say, by room: in the order in which options are shown, but for those with `after`.

    Valid once it exists; see `load.load`.
    """

    source: SourceOptions = SourceOptions()
    registry: RegistryOptions = RegistryOptions()
    images: ImagesOptions = ImagesOptions()
    builder: BuildOptions = BuildOptions()
    profile: ProfileOptions = ProfileOptions()
    destination: DestinationOptions = DestinationOptions()
    cache: CacheOptions = CacheOptions()
    attestations: AttestationOptions = AttestationOptions()
    tags: TagOptions = TagOptions()
    versions: VersionOptions = VersionOptions()
    ci: CiOptions = CiOptions()
    release: ReleaseOptions = ReleaseOptions()
    signing: SignOptions = SignOptions()
    deploy: DeployOptions = DeployOptions()
    verify: VerifyOptions = VerifyOptions()
    policy: PolicyOptions = PolicyOptions()
    scan: ScanOptions = ScanOptions()
    image_tests: ImageTestOptions = ImageTestOptions()
    run: RunOptions = RunOptions()
    report: ReportOptions = ReportOptions()
    publish: PublishOptions = PublishOptions()


_ROOMS: dict[str, type] = {room.name: type(room.default) for room in fields(Settings)}


def settings_of(values: Mapping[str, Any]) -> Settings:
    """The settings with those values, by option name; the others have their defaults."""
    return changed(Settings(), **values)


def changed(settings: Settings, **values: Any) -> Settings:
    """settings with other values, by option name. KeyError for a name that no option has."""
    by_room: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        by_room.setdefault(_room_of()[name], {})[name] = value
    rooms = {room: replace(getattr(settings, room), **own) for room, own in by_room.items()}
    return replace(settings, **rooms)


def value_of(settings: Settings, name: str) -> Any:
    """The value of an option, by its name."""
    return getattr(getattr(settings, _room_of()[name]), name)


@cache
def _room_of() -> dict[str, str]:
    return {one.name: name for name, room in _ROOMS.items() for one in fields(room)}


@cache
def _all_options() -> tuple[Field[Any], ...]:
    shown: list[Field[Any]] = []
    placed: dict[str, list[Field[Any]]] = {}
    for room in _ROOMS.values():
        place = shown
        for one in fields(room):
            if after := option_help(one).after:
                place = placed.setdefault(after, [])
            place.append(one)
    return tuple(one for before in shown for one in (before, *placed.get(before.name, ())))


@cache
def option_types() -> dict[str, Any]:
    """Each option's type, by name, with the marker that reads it."""
    return {
        name: bool if of == bool | None else of  # a switch that may be left open has the values of any other
        for room in _ROOMS.values()
        for name, of in get_type_hints(room, include_extras=True).items()
    }


@cache
def options(command: str = "") -> tuple[Field[Any], ...]:
    """The options that command takes, in the order in which they are shown; all of them without one."""
    return tuple(one for one in _all_options() if not command or command in option_help(one).commands)


@cache
def by_key() -> Mapping[str, Field[Any]]:
    """Every option by its key, those too that ecr-push.yml may not give."""
    return {key(one): one for one in _all_options()}


def option_help(setting: Field[Any]) -> OptionHelp:
    found: OptionHelp = setting.metadata["option"]
    return found


def given_by_caller(setting: Field[Any]) -> str:
    """What gives an option that ecr-push.yml may not give, in words."""
    return f"{flag_or_argument(setting)} or {environment_name(setting)}"


def flag_or_argument(setting: Field[Any]) -> str:
    """What gives an option on the command line: the context is an argument."""
    return "DIR" if setting.name == "context" else flag(setting)


def flag(setting: Field[Any]) -> str:
    """`--build-arg` for build_args: what may be repeated is named in the singular."""
    return "--" + key(setting)


def key(setting: Field[Any]) -> str:
    """The name in ecr-push.yml: the flag's, without its dashes."""
    return option_help(setting).key or setting.name.replace("_", "-")


def environment_name(setting: Field[Any]) -> str:
    return ENVIRONMENT_PREFIX + key(setting).replace("-", "_").upper()


def default_text(setting: Field[Any]) -> str:
    """The default as the documentation shows it; empty where there is none."""
    text = option_help(setting).default_text
    if text or setting.default in (None, (), "", MISSING):
        return text
    if isinstance(setting.default, bool):
        return "yes" if setting.default else "no"
    return str(setting.default)


def choices(of: Any) -> tuple[str, ...]:
    """The words that a setting's type allows, where it is a choice of words, perhaps an optional one."""
    if get_origin(of) is Literal:
        return get_args(of)
    return (
        next((found for part in get_args(of) if (found := choices(part))), ())
        if NoneType in get_args(of)
        else ()
    )
