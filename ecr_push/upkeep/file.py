"""A YAML file that says what a registry is to be: its entries, and every mistake with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ecr_push.base.checkout_files import NotTextError, read_bytes, utf8
from ecr_push.base.fences import Fences, RefusedPathError
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_tree import Entry, Node, YamlError, read_yaml
from ecr_push.base.yaml_tree import Mapping as YamlMapping

FILE_BYTES = 1024 * 1024
_LINE = lazy_regex(r", line (\d+): ")


class MistakesError(ValueError):
    """Mistakes in one value. problems: each with its line."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(text for _, text in problems))
        self.problems = tuple(problems)


class FileReader:
    """problems: what was found so far, with the file and the line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fences = Fences.of(path.parent)
        self.problems: list[str] = []

    def root(self) -> Node | None:
        """What the file holds; None where it is empty or cannot be read."""
        try:
            return read_yaml(utf8(read_bytes(self._path, FILE_BYTES, self._fences)))
        except YamlError as error:
            self.problems.append(f"{self._path}: is not valid YAML: {error}")
        except (OSError, NotTextError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            remedy = f": {error.remedy}" if isinstance(error, RefusedPathError) else ""
            self.problems.append(f"{self._path}: cannot be read: {reason}{remedy}")
        return None

    def content(self, name: str) -> str:
        """The text of a file, whose path starts at the folder of the file that names it.

        Raises ValueError with a sentence.
        """
        try:
            return utf8(self.data(name))
        except NotTextError as error:
            raise ValueError(f"cannot read {name}: {error}") from None

    def data(self, name: str) -> bytes:
        """The bytes of a file, likewise."""
        try:
            return read_bytes(self._path.parent / name, FILE_BYTES, self._fences)
        except OSError as error:
            raise ValueError(f"cannot read {name}: {error.strerror or error}") from error

    def entries(self, node: Node, known: Iterable[str] = ()) -> dict[str, Entry]:
        """The entries of a map by name. known: the names that it may have; any without."""
        if not isinstance(node.value, YamlMapping):
            self.complain(node.line, "expected `name: value` lines")
            return {}
        found: dict[str, Entry] = {}
        for entry in node.value.entries:
            if known and entry.name not in known:
                self.complain(entry.line, f"{entry.name!r} is not known{did_you_mean(entry.name, known)}")
            elif entry.name in found:
                self.complain(entry.line, f"{entry.name!r} is there twice")
            else:
                found[entry.name] = entry
        return found

    def values(
        self, entries: Mapping[str, Entry], readers: Mapping[str, Callable[[Node], Any]]
    ) -> dict[str, Any]:
        """The values of those entries that have a reader; what raises ValueError is a mistake."""
        found = {}
        for name, entry in entries.items():
            if name not in readers:
                continue
            try:
                found[name] = readers[name](entry.node)
            except MistakesError as error:
                for line, problem in error.problems:
                    self.complain(line, f"{name}: {problem}")
            except ValueError as error:
                self.complain(entry.node.line, f"{name}: {error}")
        return found

    def complain(self, line: int, problem: str) -> None:
        self.problems.append(f"{self._path}, line {line}: {problem}")


def in_order(problems: Iterable[str]) -> list[str]:
    """The problems of one file by their lines; those of the whole file first."""

    def line(problem: str) -> int:
        found = _LINE.search(problem)
        return int(found[1]) if found else 0

    return sorted(problems, key=line)


def is_empty(node: Node) -> bool:
    return node.plain and node.value in ("", "null", "~")


def is_none(node: Node) -> bool:
    """Whether it is the word that removes what there is."""
    return node.value == "none"


# -- values; each raises ValueError with a sentence


def text_of(node: Node) -> str:
    if not isinstance(node.value, str) or not node.value.strip():
        raise ValueError("expected one value, not a list, a map or nothing")
    return node.value.strip()


def texts_of(node: Node) -> tuple[str, ...]:
    if not isinstance(node.value, tuple):
        raise ValueError("expected a list")
    return tuple(text_of(one) for one in node.value)


def word_of(node: Node, words: Iterable[str]) -> str:
    """One of words, however it is capitalised."""
    text = text_of(node)
    found = next((word for word in words if word.lower() == text.lower()), "")
    if not found:
        raise ValueError(f"{text!r} is not one of {', '.join(words)}{did_you_mean(text, words)}")
    return found


def flag_of(node: Node) -> bool:
    return word_of(node, ("true", "false")) == "true"
