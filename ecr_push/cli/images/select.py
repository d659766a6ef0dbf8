"""Reads which images a command is for, and decides which of them have to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.base.dataclass import dataclass
from ecr_push.base.log import Narrator
from ecr_push.base.paths import CONFIG_FILE_NAME, named_path
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.read_settings import build_problems_of, load_trusted
from ecr_push.settings import declare as declared
from ecr_push.settings.declare import Settings
from ecr_push.settings.images.content import content_of, contents_in
from ecr_push.settings.images.needs import Needs, groups, in_order
from ecr_push.settings.load import load, required
from ecr_push.settings.sources import Sources

if TYPE_CHECKING:
    from ecr_push.base.source_name import SourceName
    from ecr_push.pipeline.base_images import Answer
    from ecr_push.pipeline.images.wanted import Decision, ImagesFile, Wanted
    from ecr_push.source.head import Head

# What each image has of its own: given by a flag or a variable, one value would be for all of them.
OF_ONE = frozenset(
    {
        *("repository", "dockerfile", "image", "parts", "tag_prefix", "version", "version_file"),
        *("load", "exports", "paths"),
    }
)


@dataclass(frozen=True)
class Selection:
    """The images that are meant.

    settings: what holds for the command, with what ecr-push.yml says for all images. names: in its order.
    """

    settings: Settings
    facts: CiFacts
    sources: Sources
    names: tuple[str, ...]

    @property
    def needs(self) -> Needs:
        return self.sources.needs

    def in_order(self, names: Iterable[str]) -> list[str]:
        """The names, each behind those that it needs."""
        return in_order(names, self.needs)

    def groups(self, names: Iterable[str]) -> list[list[str]]:
        """The names in groups that do not need each other, each in order."""
        return groups(names, self.needs)

    def wanted(self, name: str) -> Wanted:
        from ecr_push.pipeline.images.wanted import Wanted

        content = content_of(self.sources.file or {}, self.sources.images[name])
        paths = self.sources.counted_paths(name)
        shares = name in self.sources.sharing
        read = partial(self._settings, name)
        return Wanted(name, paths, content, read, shares, self.sources.needs[name])

    def _settings(self, name: str) -> Settings:
        return self.sources.of_image(name).settings()

    @property
    def file(self) -> ImagesFile:
        from ecr_push.pipeline.images.wanted import ImagesFile

        path = Path(self.settings.source.context) / CONFIG_FILE_NAME
        top = next(iter(self.sources.images.values())).top
        inside = named_path(path).relative_to(top).as_posix() if top else path.name
        return ImagesFile(inside, lambda text: contents_in(text, path))


def read_selection(call: Call, command: str) -> Selection:
    """The images that a call of command is for. Raises SettingsError with all that is wrong."""
    loaded, facts = load_trusted(call, command)
    sources = loaded.sources
    given = sources.settings().images
    names = given.only or tuple(sources.images)
    problems = loaded.problems
    if len(names) > 1:
        problems += tuple(_of_one(sources))
    loaded = call.loaded = replace(loaded, problems=problems)
    return Selection(required(loaded), facts, sources, names)


def _of_one(sources: Sources) -> Iterable[str]:
    for setting in declared.options():
        given = {**sources.environment, **sources.flags}.get(setting.name)
        if setting.name in OF_ONE and given is not None:
            own = "" if declared.option_help(setting).by_caller else ", or set it for each in ecr-push.yml"
            yield f"{given.origin}: it is for one image, and several are meant: name one{own}"


def check_each(selection: Selection, names: Sequence[str], call: Call, command: str) -> None:
    """Raises SettingsError with everything that is wrong with the settings of these images, of each."""
    problems: list[str] = []
    for name in names:
        loaded = load(selection.sources.of_image(name), command)
        problems += loaded.problems
        problems += build_problems_of(loaded, selection.facts, call.environ)
    if problems:
        loaded = call.loaded = replace(
            load(selection.sources, command), problems=tuple(dict.fromkeys(problems)), remedy=""
        )
        required(loaded)


def compared_head(selection: Selection, narrator: Narrator) -> Head | None:
    """The commit that earlier ones are compared with; None where every image runs. Raises SourceError."""
    settings = selection.settings
    if not settings.images.changed or settings.run.sandbox:
        return None
    from ecr_push.source.head import read_head

    context = Path(settings.source.context)
    return read_head(context, selection.facts, may_fetch=settings.source.deepen, say=narrator.say)


def decide(selection: Selection, head: Head | None, call: Call, narrator: Narrator) -> list[Decision]:
    """Of each image whether it has to run. Raises SettingsError, SourceError, RegistryError."""
    from ecr_push.pipeline.images.wanted import Decision

    settings, names = selection.settings, selection.names
    if not settings.images.changed:
        why = "every image is meant" if settings.images.all_images else "it is named"
        return [Decision(name, True, why) for name in names]
    if head is None:
        return [Decision(name, True, "the sandbox has no image yet") for name in names]
    from ecr_push.pipeline.images.changed import base_of, changed_since, changed_since_last

    wanted = [selection.wanted(name) for name in names]
    if base := base_of(settings.images.since, head):
        narrator.say(f"compared with {base[:12]}")
        return changed_since(base, wanted, head, selection.file)
    from ecr_push.cli.session import open_world

    quiet = declared.changed(settings, progress="quiet")
    with open_world(quiet, selection.facts, call) as tools:
        from ecr_push.pipeline.base_images import look_up

        def look_up_bases(images: Iterable[SourceName]) -> Mapping[SourceName, Answer]:
            return look_up(images, settings.registry, tools)

        return changed_since_last(
            wanted, head, selection.file, tools.open_repository, look_up_bases, narrator.warn
        )


def needs_among(selection: Selection, names: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Of each of these images those of the others that it needs, which have to end well first."""
    chosen = set(names)
    return {name: tuple(one for one in selection.needs[name] if one in chosen) for name in chosen}
