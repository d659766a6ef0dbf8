"""The elements of Maven's pom.xml that its version can be made of.

https://maven.apache.org/pom.html
"""

from __future__ import annotations

from pathlib import Path

from ecr_push.base.errors import SourceError

_LEVELS = 3  # of elements, the root counted: project/parent/version
_FIX = "fix it, or name another version file"


def read_elements(path: Path, content: bytes) -> dict[str, str]:
    """The texts of a POM that its version can be made of, by their place; a property's by its name too.

    Raises SourceError for what is not XML, and for a document type declaration.
    """
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
