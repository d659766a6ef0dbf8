"""The version in Maven's pom.xml, as far as the file itself states it: Maven is not started, and no parent
is fetched.

https://maven.apache.org/pom.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ecr_push.base.errors import SourceError

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
_DEEPEST = 20  # placeholders that refer to placeholders
_LONGEST = 255  # characters of a version, as of a git tag
_MOST = 4 * _LONGEST  # characters with placeholders, which are longer than what they stand for
_LEVELS = 3  # of elements, the root counted: project/parent/version
_FIX = "fix it, or name another version file"
_BUILT_IN = {
    **dict.fromkeys(("project.version", "version", "pom.version"), "project/version"),
    **dict.fromkeys(("project.parent.version", "parent.version"), "project/parent/version"),
}


def read_pom(path: Path, content: bytes) -> tuple[str, str]:
    """The version of a POM, and the element that states it: a module without one has its parent's.

    Raises SourceError where the content has none, or one that only Maven can read.
    """
    found = _elements(path, content)
    for key in ("project/version", "project/parent/version"):
        if key in found:
            return key, _without_placeholders(path, key, found)
    raise SourceError(
        f"{path} does not state a version",
        why="it has no project/version and no project/parent/version",
        remedy="write the version there, or name another version file",
    )


def _elements(path: Path, content: bytes) -> dict[str, str]:
    """The texts of a POM that its version can be made of, by their place; a property's by its name too."""
    from xml.parsers import expat

    open_elements: list[str] = []
    found: dict[str, list[str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        open_elements.append(name.rpartition(":")[2])
        if len(open_elements) <= _LEVELS:
            # An empty property is one too. Of two with one name the last counts, as in Maven.
            found["/".join(open_elements)] = []

    def end(name: str) -> None:
        open_elements.pop()

    def text(data: str) -> None:
        if len(open_elements) <= _LEVELS:
            found["/".join(open_elements)].append(data)

    def doctype(*declared: object) -> None:
        raise SourceError(
            f"{path} has a document type declaration",
            why="a POM needs none, and its entities could be made to fill the memory",
            remedy="remove the <!DOCTYPE …>, or name another version file",
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise SourceError(f"{path} is not valid XML", why=str(error), remedy=_FIX) from error
    return {place: "".join(parts).strip() for place, parts in found.items()}


def _without_placeholders(path: Path, key: str, found: Mapping[str, str]) -> str:
    """A text with the `${properties}` that the POM itself has. Raises SourceError for any other."""
    done: dict[str, str] = {}

    def refused(why: str) -> SourceError:
        return SourceError(
            f"the version in {path} cannot be read without Maven",
            why=f"{key} is {found[key][:_LONGEST]!r}: {why}",
            remedy="write the property in <properties>, or name another version file",
        )

    def expanded(place: str, way: tuple[str, ...]) -> str:
        if place in way or len(way) > _DEEPEST:
            raise refused(f"{place} refers to itself, or through too many others")
        if place not in found:
            raise refused(f"{place[:_LONGEST]} is missing")
        if place not in done:
            text = _PLACEHOLDER.sub(
                lambda match: expanded(_place(match[1]), (*way, place)), found[place][:_MOST]
            )
            # Measured at each step, since each placeholder may stand for as much again.
            if len(found[place]) > _MOST or len(text) > _LONGEST:
                raise refused(f"{place} is too long for a version")
            if "${" in text:
                raise refused(f"in {place} a placeholder is not closed")
            done[place] = text
        return done[place]

    return expanded(key, ())


def _place(name: str) -> str:
    return _BUILT_IN.get(name, f"project/properties/{name}")
