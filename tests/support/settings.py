"""Settings for tests: by the names of the options whatever room they are in, and as a command reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecr_push.settings import declare as declared
from ecr_push.settings.action_inputs import ALIASES, variable
from ecr_push.settings.declare import Settings, option_types, settings_of, value_of
from ecr_push.settings.load import load, required
from ecr_push.settings.sources import read_sources, with_file
from ecr_push.settings.values import read_value

__all__ = ["inputs", "load_settings", "loaded", "problems", "problems_of", "settings", "value", "value_of"]


def settings(**values: Any) -> Settings:
    """Settings with those values; the others have their defaults."""
    return settings_of(values)


def loaded(
    folder: Path, *, file: str = "", flags: Mapping[str, object] | None = None, **environ: str
) -> Settings:
    """The settings of a run in folder, with file as its ecr-push.yml. A flag that is None is not given."""
    if file:
        (folder / "ecr-push.yml").write_text(file)
    return required(load(with_file(read_sources(_flags(folder, flags), environ)), "run"))


def problems(
    folder: Path,
    *,
    file: str = "",
    flags: Mapping[str, object] | None = None,
    command: str = "run",
    **environ: str,
) -> tuple[str, ...]:
    """What is wrong with the settings of such a run."""
    if file:
        (folder / "ecr-push.yml").write_text(file)
    return load(with_file(read_sources(_flags(folder, flags), environ)), command).problems


def inputs(with_: Mapping[str, str]) -> dict[str, str]:
    """What the environment of the action's step is for the inputs of its `with:`."""
    own = {declared.key(one): declared.environment_name(one) for one in declared.options()}
    return {variable(name) if name in ALIASES else own[name]: text for name, text in with_.items()}


def _flags(folder: Path, flags: Mapping[str, object] | None) -> dict[str, object]:
    given = {"context": str(folder), "repository": "team/app", **(flags or {})}
    return {name: one for name, one in given.items() if one is not None}


def value(name: str, given: object) -> Any:
    """The value that an option reads out of what is given. Nothing may be wrong with it."""
    read, wrong = read_value(option_types()[name], given)
    assert not wrong
    return read


def problems_of(name: str, given: object) -> str:
    """What is wrong with the value of one option."""
    return "; ".join(read_value(option_types()[name], given)[1])


def load_settings(flags: Mapping[str, Any], environ: Mapping[str, str], *, command: str) -> Settings:
    """The settings from all sources; `read_sources` says what flags and environ are. Raises SettingsError."""
    return required(load(with_file(read_sources(flags, environ)), command))
