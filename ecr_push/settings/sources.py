"""Flags, environment and ecr-push.yml -> the value of each option, read once, with its place."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import Field, replace
from pathlib import Path
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import QUOTE_IT
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.base.suggest import closest
from ecr_push.settings import declare as declared
from ecr_push.settings.declare import Settings
from ecr_push.settings.file import UnreadError, read_file
from ecr_push.settings.values import read_value, split

_OF_THE_ACTION = "ECRPUSH_INPUT_"  # the action's inputs under other names than ours


@dataclass(frozen=True, repr=False)
class Given:
    """An option's value as a source gives it, which may be a secret. origin is what the user calls the place.

    mistakes: what is wrong with it; the value means nothing then.
    """

    value: Any
    origin: str
    mistakes: Sequence[str] = ()


@dataclass(frozen=True)
class Sources:
    """What the sources give, by option name; a flag goes before a variable, and that before the file.

    file:     None where ecr-push.yml was left out.
    problems: what is wrong besides values, such as the name of a variable.
    unread:   there is an ecr-push.yml, and nothing of what it says is known.
    """

    flags: Mapping[str, Given]
    environment: Mapping[str, Given]
    file: Mapping[str, Given] | None = None
    problems: tuple[str, ...] = ()
    unread: bool = False

    @property
    def given(self) -> Mapping[str, Given]:
        """By option name, what counts."""
        return {**(self.file or {}), **self.environment, **self.flags}

    def settings(self) -> Settings:
        """The settings as far as they are valid; anything else has its default."""
        return declared.settings_of({name: one.value for name, one in self.given.items() if not one.mistakes})

    def without_flags(self, names: Container[str]) -> Sources:
        """The same, as if the flags of those options were not given."""
        return replace(self, flags={name: one for name, one in self.flags.items() if name not in names})


def read_sources(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Sources:
    """What flags and variables give: the sources that are trusted in any case.

    flags:   values from the command line by option name; only those that the user gave.
    environ: the environment; names that begin with ECR_PUSH_ are ours.
    """
    problems: list[str] = []
    given = {
        setting.name: _split(setting, flags[setting.name], declared.flag_or_argument(setting))
        for setting in declared.options()
        if setting.name in flags
    }
    environment = dict(_read_environment(environ, problems))
    if any(text and name.startswith(_OF_THE_ACTION) for name, text in environ.items()):
        environment |= _read_aliases(environ, environment, problems)
    return Sources(given, environment, problems=tuple(problems))


def with_file(sources: Sources) -> Sources:
    """sources, and what ecr-push.yml in the context directory gives."""
    problems: list[str] = []
    path = Path(sources.settings().source.context) / CONFIG_FILE_NAME
    try:
        file = {one.name: _given(one, value, place) for one, value, place in read_file(path, problems)}
    except UnreadError as error:
        return replace(sources, file={}, problems=(*sources.problems, str(error)), unread=True)
    return replace(sources, file=file, problems=(*sources.problems, *problems))


def _read_environment(environ: Mapping[str, str], problems: list[str]) -> Iterable[tuple[str, Given]]:
    known = {declared.environment_name(setting): setting for setting in declared.options()}
    for name, text in environ.items():
        if not name.startswith(declared.ENVIRONMENT_PREFIX):
            continue
        if name not in known:
            problems.append(f"{name}: there is no such setting{_meant(name, known)}")
        elif text:  # CIs hand every input over, the empty ones too
            yield known[name].name, _split(known[name], text, name, by_yaml=True)


def _read_aliases(
    environ: Mapping[str, str], own: Mapping[str, Given], problems: list[str]
) -> Mapping[str, Given]:
    """What the action's inputs under docker/build-push-action's names give; some add up to one option."""
    from ecr_push.settings.action_inputs import aliases_of, given_in

    found: dict[str, Given] = {}
    texts = given_in(environ)
    for setting in declared.options():
        read = {
            name: one.read(texts[name], environ) for name, one in aliases_of(setting.name) if name in texts
        }
        names = [name for name, (values, wrong) in read.items() if values or wrong]
        if any(values for values, _ in read.values()) and setting.name in own:
            both = f"{declared.key(setting)} ({declared.environment_name(setting)})"
            why = f"{both} is given too: they are two names of one setting, give one of them"
            problems += [f"{name}: {why}" for name in names]
        elif names and setting.name in own:
            problems += [f"{name}: {one}" for name in names for one in read[name][1]]
        elif names:
            values = [one for values, _ in read.values() for one in values]
            several = declared.option_help(setting).separator
            given = _given(setting, values if several else "".join(values), ", ".join(names))
            wrong = [one for _, mistakes in read.values() for one in mistakes]
            found[setting.name] = replace(given, mistakes=(*wrong, *given.mistakes))
    return found


def _meant(name: str, known: Iterable[str]) -> str:
    """did_you_mean for the names of variables: what they all begin with makes none of them similar."""
    by_rest = {one.removeprefix(declared.ENVIRONMENT_PREFIX): one for one in known}
    found = closest(name.removeprefix(declared.ENVIRONMENT_PREFIX), by_rest)
    return f"; did you mean {by_rest[found]!r}?" if found else ""


def _split(setting: Field[Any], value: Any, origin: str, *, by_yaml: bool = False) -> Given:
    return _given(setting, split(declared.option_help(setting), value), origin, by_yaml=by_yaml)


def _given(setting: Field[Any], value: Any, origin: str, *, by_yaml: bool = False) -> Given:
    """by_yaml: a CI's YAML may have made a number of the text. ecr-push.yml is read as it is written."""
    read, mistakes = read_value(declared.option_types()[setting.name], value)
    if not by_yaml:
        mistakes = [one.partition(QUOTE_IT)[0] for one in mistakes]
    return Given(read, origin, mistakes)
