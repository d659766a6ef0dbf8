"""Sources -> settings, and everything that is wrong with them, each with its place.

Raising is the caller's choice: `required` raises one error for all problems.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import Field, field, replace
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.documentation import page
from ecr_push.base.errors import SettingsError
from ecr_push.base.option import QUOTE_IT
from ecr_push.settings import declare as declared
from ecr_push.settings.contradictions import contradictions
from ecr_push.settings.declare import Settings
from ecr_push.settings.gate import gate_problems, through_gate
from ecr_push.settings.given import Given
from ecr_push.settings.sources import Sources
from ecr_push.settings.usable_reports import with_usable_reports


@dataclass(frozen=True)
class Loaded:
    """The settings for one command.

    settings: what is valid, with the defaults of the rest. Of reports, none that cannot be written.
    problems: what is wrong; empty where the settings may be used.
    remedy: what to read about them.
    checked_alone: the code may be a fork's, and is only built and checked.
    about_file: which ecr-push.yml was read, in words.
    sources: what gave them.
    """

    settings: Settings
    command: str
    problems: tuple[str, ...] = ()
    remedy: str = ""
    checked_alone: bool = False
    about_file: str = ""
    sources: Sources = field(default_factory=lambda: Sources({}, {}))


def load(sources: Sources, command: str, needs_repository: bool = True) -> Loaded:
    """The settings that the sources give, checked for what command cannot do without.

    needs_repository: False for a run that only builds and checks.
    """
    sources = _without_unused(sources)
    given = sources.given
    invalid = {name for name, one in given.items() if one.mistakes}
    problems = [*sources.problems]
    needs_repository = needs_repository and (not sources.images or bool(sources.image))
    problems += [f"{one.origin}: {text}" for one in given.values() for text in one.mistakes]
    settings = _with_a_repository(sources.settings(), given)
    if sources.unread:
        invalid |= {one.name for one in declared.options() if one.name not in given}
    wrong = {name for name, one in given.items() if one.mistakes}
    found = [] if {"gate_in", "repository"} & invalid else [*gate_problems(settings)]
    settings = settings if found else through_gate(settings)
    for name, text in (*found, *contradictions(settings, invalid, command, needs_repository)):
        wrong.add(name)
        problems.append(_with_place(name, text, sources))
    if problems:
        reports = given["reports"].value if "reports" in given else ()
        settings = with_usable_reports(settings, reports if isinstance(reports, tuple) else ())
    remedy = _remedy(wrong, sources, command)
    return Loaded(
        settings,
        command,
        tuple(dict.fromkeys(problems)),
        remedy,
        about_file=sources.about_file(),
        sources=sources,
    )


def _with_a_repository(settings: Settings, given: Mapping[str, Given]) -> Settings:
    """settings; where the run has a sandbox, with the repository created, as that begins empty."""
    if settings.run.sandbox and "create_repository" not in given:
        return declared.changed(settings, create_repository=True)
    return settings


# What the build of a part alone makes use of. The run that joins the parts reads the same ecr-push.yml.
_OF_A_PART = frozenset(
    {
        *("builder", "compression", "cache", "cache_repository"),
        *("provenance", "sbom", "attests", "oci_artifact"),
    }
)


def _without_unused(sources: Sources) -> Sources:
    """sources, where parts are joined without what ecr-push.yml says of how each is built."""
    parts = sources.given.get("parts")
    if sources.file is None or parts is None or not parts.value:
        return sources
    return replace(sources, file={k: v for k, v in sources.file.items() if k not in _OF_A_PART or v.mistakes})


def required(loaded: Loaded) -> Settings:
    """The settings. Raises SettingsError with everything that is wrong."""
    if loaded.problems:
        raise SettingsError(loaded.problems, remedy=loaded.remedy)
    return loaded.settings


def _remedy(wrong: Collection[str], sources: Sources, command: str) -> str:
    """The help of the only option that is wrong; of several flags the command's. Of what ecr-push.yml or a
    variable gives, the page: a CI has no command at hand whose help could be asked."""
    found = [one for one in declared.options() if one.name in wrong]
    by_others = [one for one in wrong if one in sources.given and one not in sources.flags]
    if len(found) == 1 and command in declared.option_help(found[0]).commands and not sources.problems:
        help_text = declared.option_help(found[0]).help.rstrip(".")
        flag = declared.flag_or_argument(found[0])
        return f"see the help of {flag}: {help_text}"
    if not (by_others or sources.problems):
        return f"see 'ecr-push {command} --help'"
    return f"see {page(_section(found, sources))}"


def _section(found: Sequence[Field[Any]], sources: Sources) -> str:
    """Where the documentation has the options that are wrong, and the names of those that there are."""
    of_file = [one for one in sources.problems if not one.startswith(declared.ENVIRONMENT_PREFIX)]
    if of_file:
        return "settings.md#the-file"
    groups = {declared.option_help(one).group for one in found}
    if len(groups) == 1 and not sources.problems:
        return f"settings.md#{groups.pop().lower().replace(' ', '-')}"
    return "settings.md#all-settings"


def _with_place(name: str, text: str, sources: Sources) -> str:
    """text with the place of the option that it is about, or with the flag of one that is not given."""
    flag = next(declared.flag_or_argument(one) for one in declared.options() if one.name == name)
    if name in sources.environment and name not in sources.flags:
        return f"{sources.environment[name].origin}: {text}"
    place = sources.given[name].origin if name in sources.given else flag
    if sources.image and name not in sources.given:
        place = f"{sources.images[sources.image].place}: {flag}"
    return f"{place}: {text.partition(QUOTE_IT)[0]}"
