"""A file of images to mirror -> the jobs, with every mistake and its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import Tag, check_repository_name
from ecr_push.base.source_name import SourceName
from ecr_push.base.yaml_tree import Entry, Node
from ecr_push.pipeline.copies.model import CopyJob, Moves
from ecr_push.registry.destination import Destination, DestinationError, parse_destination
from ecr_push.upkeep.file import FileReader, flag_of, text_of, word_of

MOST_IMAGES = 500
_KEYS = ("from", "tags", "repository", "to", "platforms", "move", "referrers")

T = TypeVar("T")


def read_mirror_file(path: Path, to: Sequence[Destination]) -> tuple[CopyJob, ...]:
    """The jobs of a file, in its order. to: where images go of which the file does not say it.

    Raises SettingsError with every mistake.
    """
    reader = _Reader(path, to)
    jobs = reader.jobs()
    if reader.problems:
        raise SettingsError(reader.problems, remedy="docs/copy.md has what the file may hold")
    return jobs


class _SeveralError(ValueError):
    """Everything that is wrong with a list."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class _Reader(FileReader):
    def __init__(self, path: Path, to: Sequence[Destination]) -> None:
        super().__init__(path)
        self._to = tuple(to)

    def jobs(self) -> tuple[CopyJob, ...]:
        root = self.root()
        if root is None and self.problems:
            return ()
        parts = self.entries(root, ("to", "images")) if root else {}
        if "to" in parts and not self._to:
            self._to = self._read(parts["to"], _destinations, ())
        listed = parts["images"].node.value if "images" in parts else ()
        if not isinstance(listed, tuple) or not listed:
            self.problems.append(f"{self._path}: names no images: expected `images:` with a list")
            return ()
        if len(listed) > MOST_IMAGES:
            self.problems.append(f"{self._path}: names {len(listed)} images, at most {MOST_IMAGES} are taken")
            return ()
        jobs = [self._job(one) for one in listed]
        return tuple(one for one in jobs if one)

    def _job(self, node: Node) -> CopyJob | None:
        before = len(self.problems)
        given = self.entries(node, _KEYS)
        if "from" not in given:
            if len(self.problems) == before:
                self.complain(node.line, "names no image: expected `from:`")
            return None
        source = self._read(given["from"], lambda one: SourceName.parse(text_of(one)), None)
        tags: tuple[str, ...] = self._read(given.get("tags"), _patterns, ())
        repository = self._read(given.get("repository"), lambda one: check_repository_name(text_of(one)), "")
        to = self._read(given.get("to"), _destinations, self._to or (Destination(),))
        platforms: tuple[str, ...] = self._read(given.get("platforms"), _platforms, ())
        moves: Moves = self._read(given.get("move"), _moves, "any")
        referrers = self._read(given.get("referrers"), flag_of, True)
        if source is None:
            return None
        if bool(tags) == bool(source.tag or source.digest):
            self.complain(
                given["from"].line,
                f"tags: {source} names one image" if tags else f"{source} names no tag: add :TAG, or tags",
            )
        if repository:
            to = tuple(one if one.repository else replace(one, repository=repository) for one in to)
        place = f"{self._path}, line {node.line}: {source}"
        return CopyJob(source, to, tags, (), platforms, moves, referrers, place)

    def _read(self, entry: Entry | None, read: Callable[[Node], T], default: T) -> T:
        if entry is None:
            return default
        try:
            return read(entry.node)
        except _SeveralError as error:
            for problem in error.problems:
                self.complain(entry.node.line, f"{entry.name}: {problem}")
        except ValueError as error:
            self.complain(entry.node.line, f"{entry.name}: {error}")
        return default


def _texts(node: Node) -> tuple[str, ...]:
    """A list, or one value alone."""
    found = tuple(map(text_of, node.value)) if isinstance(node.value, tuple) else (text_of(node),)
    if not found:
        raise ValueError("is an empty list")
    return found


def _destinations(node: Node) -> tuple[Destination, ...]:
    found: list[Destination] = []
    problems: list[str] = []
    for text in _texts(node):
        try:
            found.append(parse_destination(text))
        except DestinationError as error:
            problems += error.problems
    if problems:
        raise _SeveralError(problems)
    return tuple(found)


def _patterns(node: Node) -> tuple[str, ...]:
    for text in _texts(node):
        try:
            Tag(text.replace("*", "x"))
        except ValueError:
            raise ValueError(f"{text!r} is not a tag or a pattern of tags") from None
    return _texts(node)


def _platforms(node: Node) -> tuple[str, ...]:
    for text in _texts(node):
        if not is_platform(text):
            raise ValueError(f"{text!r} is not OS/ARCH or OS/ARCH/VARIANT")
    return _texts(node)


def is_platform(text: str) -> bool:
    parts = text.split("/")
    return 2 <= len(parts) <= 3 and all(parts)


def _moves(node: Node) -> Any:
    return word_of(node, get_args(Moves))
