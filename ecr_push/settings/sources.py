"""Flags, environment and ecr-push.yml -> the value of each option, read once, with its place."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import Field, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.fences import Fences
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.base.suggest import closest
from ecr_push.settings import declare as declared
from ecr_push.settings.declare import Settings
from ecr_push.settings.file import IMAGES, UnreadError, read_entries, read_values
from ecr_push.settings.given import Given, read_given
from ecr_push.settings.values import split

if TYPE_CHECKING:  # a file that lists no images loads nothing of it
    from ecr_push.base.yaml_tree import Entry
    from ecr_push.settings.images.entry import ImageEntry
    from ecr_push.settings.images.handed_over import HandedOver
    from ecr_push.source.git.checkout import Seen

# What an image has of its own, or what says which images are meant.
_OF_ALL_IMAGES = frozenset({"context", "only", "all_images", "changed", "since", "jobs"})
_OF_THE_ACTION = "ECRPUSH_INPUT_"  # the action's inputs under other names than ours
# What a command for several images hands to the run of one: see `settings/images/handed_over.py`.
HANDED_OVER = "ECRPUSH_HANDED_OVER"


@dataclass(frozen=True)
class Sources:
    """What the sources give, by option name; a flag goes before a variable, and that before the file.

    file:     None where ecr-push.yml was left out.
    problems: what is wrong besides values, such as the name of a variable.
    unread:   there is an ecr-push.yml, and nothing of what it says is known.
    path:     of ecr-push.yml; empty where it is left out, or there is none.
    images:   those that ecr-push.yml lists, by name.
    image:    the one of them that all of this is for; "" for none, or for several.
    root:     of an image's sources, those that they were made of.
    entries:  the lines of an ecr-push.yml that lists images.
    handed:   a file of the command that started the run of an image: see `settings/images/handed_over.py`.
    seen:     what that command read of the checkout.
    """

    flags: Mapping[str, Given]
    environment: Mapping[str, Given]
    file: Mapping[str, Given] | None = None
    problems: tuple[str, ...] = ()
    unread: bool = False
    path: str = ""
    images: Mapping[str, ImageEntry] = field(default_factory=dict)
    image: str = ""
    root: Sources | None = None
    entries: tuple[Entry, ...] = ()
    handed: str = ""
    seen: Seen | None = None

    @property
    def given(self) -> Mapping[str, Given]:
        """By option name, what counts."""
        return {**(self.file or {}), **self.environment, **self.flags}

    def settings(self) -> Settings:
        """The settings as far as they are valid; anything else has its default."""
        return declared.settings_of({name: one.value for name, one in self.given.items() if not one.mistakes})

    def about_file(self) -> str:
        """Which ecr-push.yml counts, in words: `settings from app/ecr-push.yml`."""
        if self.path:
            return f"settings from {self.path}"
        if self.file is None:
            return f"{CONFIG_FILE_NAME} is not read: the code may be someone's who cannot push"
        missing = Path(self.settings().source.context) / CONFIG_FILE_NAME
        here = Path(CONFIG_FILE_NAME)
        if missing == here or not here.exists():
            return f"no {missing}"
        return f"no {missing}; ./{here} is read for builds of this directory alone"

    def without_flags(self, names: Container[str]) -> Sources:
        """The same, as if the flags of those options were not given."""
        return replace(self, flags={name: one for name, one in self.flags.items() if name not in names})

    def without(self, names: Container[str]) -> Sources:
        """The same, as if neither flags nor variables gave those options."""
        left = {name: one for name, one in self.environment.items() if name not in names}
        return replace(self.without_flags(names), environment=left)

    def of_image(self, name: str) -> Sources:
        """What they give for one of the images: its own lines go before those for all of them."""
        place = self.images[name].place
        follows = {"follow_bases": Given(True, place)}  # unless something else is given
        own = {**follows, **(self.file or {}), **self.images[name].given}
        own["paths"] = Given(self.counted_paths(name), place)
        return replace(self.without(_OF_ALL_IMAGES), file=own, image=name, root=self)

    @cached_property
    def needs(self) -> Mapping[str, Mapping[str, str]]:
        """Of each of the images, those that it is built from."""
        return {name: one.needs for name, one in self.images.items()}

    @cached_property
    def sharing(self) -> frozenset[str]:
        """Those of the images that go to the same repository as another one."""
        from ecr_push.settings.images.repositories import sharing

        return sharing(self.file or {}, self.images)

    def counted_paths(self, name: str) -> tuple[str, ...]:
        """What counts for one of the images, as ecr-push.yml says; see `settings/images/paths.py`."""
        from ecr_push.settings.images.counted import counted_for

        return counted_for(name, self.file or {}, self.images, self.needs)


def read_sources(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Sources:
    """What flags and variables give: the sources that are trusted in any case.

    flags:   values from the command line by option name; only those that the user gave.
    environ: the environment; names that begin with ECR_PUSH_ are ours.
    """
    problems: list[str] = []
    given = read_flags(_with_names(flags))
    environment = dict(_read_environment(environ, problems))
    if any(text and name.startswith(_OF_THE_ACTION) for name, text in environ.items()):
        environment |= _read_aliases(environ, environment, problems)
    return Sources(given, environment, problems=tuple(problems), handed=environ.get(HANDED_OVER, ""))


def read_flags(flags: Mapping[str, Any]) -> dict[str, Given]:
    """What flags alone give, with the mistakes of each."""
    return {
        setting.name: _split(setting, flags[setting.name], declared.flag_or_argument(setting))
        for setting in declared.options()
        if setting.name in flags
    }


def _with_names(flags: Mapping[str, Any]) -> Mapping[str, Any]:
    """Several words in place of a directory are names of images; `with_file` says what one word is."""
    words = flags.get("context")
    if not isinstance(words, tuple):
        return flags
    if len(words) == 1:
        return {**flags, "context": words[0]}
    others = {name: one for name, one in flags.items() if name != "context"}
    return {**others, "only": (*words, *flags.get("only", ()))}


def with_file(sources: Sources) -> Sources:
    """sources, and what ecr-push.yml gives: the one in the context directory, or the one here that lists an
    image by that name. Where one image is named, they are its sources.
    """
    given = sources.settings()
    path, named = Path(given.source.context) / CONFIG_FILE_NAME, given.images.only
    if not named and (name := _listed_here(given)):
        path, named = Path(CONFIG_FILE_NAME), (name,)
        sources = sources.without(("context",))
        sources = replace(sources, flags={**sources.flags, "only": Given(named, "NAME")})
    problems: list[str] = []
    fences = Fences.of(path.parent)
    chosen = named[0] if len(named) == 1 and not is_for_several(given) else ""
    try:
        handed = _handed_over(sources.handed, path, chosen)
        entries = handed.entries if handed else read_entries(path, fences)
    except UnreadError as error:
        unread = (*sources.problems, str(error))
        return replace(sources, file={}, problems=unread, unread=True, path=str(path))
    file = dict(read_values(entries, path, fences, problems))
    images = _images(entries, path, fences, problems)
    if images:
        from ecr_push.settings.images.repositories import same_repository

        problems += same_repository(file, images)
    found = replace(
        sources,
        file=file,
        problems=(*sources.problems, *problems),
        path=str(path) if path.exists() else "",
        images=images,
        entries=entries if images else (),
        seen=handed.seen if handed else None,
    )
    return found.of_image(chosen) if chosen in images else found


def _handed_over(path: str, file: Path, image: str) -> HandedOver | None:
    """What the command that started the run of this image has read for it; None for nothing."""
    if not (path and image):
        return None
    from ecr_push.settings.images.handed_over import handed_over

    return handed_over(Path(path), file, image)


def is_for_several(given: Settings) -> bool:
    """Whether more than one image may be meant."""
    return given.images.all_images or given.images.changed or len(given.images.only) > 1


def may_name_an_image(given: Settings) -> bool:
    """Whether the context may be the name of an image in the ecr-push.yml here, which is then read."""
    name = str(given.source.context)
    return name != "." and "/" not in name and not given.images.only and Path(CONFIG_FILE_NAME).is_file()


def _listed_here(given: Settings) -> str:
    """The context where that names an image in the ecr-push.yml here, perhaps misspelt; else ""."""
    if not may_name_an_image(given):
        return ""
    name, path = str(given.source.context), Path(CONFIG_FILE_NAME)
    with contextlib.suppress(UnreadError):  # it is not the file of this run, unless it lists the image
        fences = Fences.of(".")
        entries = read_entries(path, fences)
        images = _images(entries, path, fences, [])
        return name if name in images or (images and not Path(name).exists()) else ""
    return ""


def _images(
    entries: tuple[Entry, ...], path: Path, fences: Fences, problems: list[str]
) -> Mapping[str, ImageEntry]:
    if not any(one.name == IMAGES for one in entries):
        return {}
    from ecr_push.settings.images.entry import read_images

    return read_images(entries, path, fences, problems)


def _read_environment(environ: Mapping[str, str], problems: list[str]) -> Iterable[tuple[str, Given]]:
    known = {declared.environment_name(setting): setting for setting in declared.options()}
    for name, text in environ.items():
        if not name.startswith(declared.ENVIRONMENT_PREFIX):
            continue
        if name not in known:
            problems.append(f"{name}: there is no such setting{_meant(name, known.values())}")
        elif text.strip():  # CIs hand every input over, the empty ones too
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
            given = read_given(setting, values if several else "".join(values), ", ".join(names))
            wrong = [one for _, mistakes in read.values() for one in mistakes]
            found[setting.name] = replace(given, mistakes=(*wrong, *given.mistakes))
    return found


def _meant(name: str, known: Iterable[Field[Any]]) -> str:
    """What the name of a variable means: in another tool, or as a mistyped one of ours.

    What they all begin with is left out: it makes none of them similar.
    """
    from ecr_push.settings.other_names import meant_by

    rest = name.removeprefix(declared.ENVIRONMENT_PREFIX)
    variables = {declared.key(one): declared.environment_name(one) for one in known}
    if hint := meant_by(rest, variables):
        return f": {hint}"
    found = closest(rest.replace("_", "-"), variables)
    return f"; did you mean {variables[found]!r}?" if found else ""


def _split(setting: Field[Any], value: Any, origin: str, *, by_yaml: bool = False) -> Given:
    return read_given(setting, split(declared.option_help(setting), value), origin, by_yaml=by_yaml)
