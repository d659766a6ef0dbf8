"""A POM with what it inherits from the files of its checkout: its parents, and `.mvn/maven.config`.

https://maven.apache.org/pom.html#inheritance, https://maven.apache.org/configure.html
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from ecr_push.base.fences import Fences
from ecr_push.base.paths import named_path
from ecr_push.versions.files.content import is_file, is_folder, read_bytes, read_text
from ecr_push.versions.files.maven import read_elements

PROPERTIES = "project/properties/"
PARENT = "project/parent"
MOST_PARENTS = 20
_DEFAULT_PATH = "../pom.xml"


class Pom:
    """A POM. Its parents are read as they are needed, and only where they are files of the same checkout.

    missing: why there are no further parents, once all were read.
    """

    def __init__(self, path: Path, fences: Fences) -> None:
        self.path = path
        self.fences = fences
        self.own: Mapping[str, str] = read_elements(path, read_bytes(path, fences))
        self.missing = ""
        self._chain: list[tuple[Path, Mapping[str, str]]] = [(path, self.own)]

    def text(self, place: str) -> str | None:
        """The text of an element; a property's is inherited, and the command line's comes before it."""
        if not place.startswith(PROPERTIES):
            return self.own.get(place)
        name = place.removeprefix(PROPERTIES)
        if name in self._defined:
            return self._defined[name]
        return next((one[place] for _, one in self._lineage() if place in one), None)

    def parent(self) -> Path | None:
        """The parent's file, None where it is not one of the checkout."""
        return next((path for path, _ in self._lineage() if path != self.path), None)

    def _lineage(self) -> Iterator[tuple[Path, Mapping[str, str]]]:
        at = 0
        while at < len(self._chain):
            yield self._chain[at]
            at += 1
            if at == len(self._chain) and not self.missing:
                self._read_next()

    def _read_next(self) -> None:
        path, elements = self._chain[-1]
        found = self._find_parent(path, elements)
        if isinstance(found, str):
            self.missing = found
        elif len(self._chain) > MOST_PARENTS:
            self.missing = f"it has more than {MOST_PARENTS} parents"
        else:
            self._chain.append(found)

    def _find_parent(self, path: Path, elements: Mapping[str, str]) -> tuple[Path, Mapping[str, str]] | str:
        """The file of a POM's parent and its elements, or why there is none."""
        if PARENT not in elements:
            return f"{path} has no parent"
        relative = elements.get(f"{PARENT}/relativePath", _DEFAULT_PATH)
        name = elements.get(f"{PARENT}/artifactId", "")
        which = f"the parent {name} of {path}" if name else f"the parent of {path}"
        if not relative:
            return f"{which} is in a repository: its relativePath is empty"
        place = named_path(path.absolute().parent / relative.replace("\\", "/"))
        place = place / path.name if is_folder(place) else place
        # Of a POM in the checkout, only there: an outsider may have written what it names.
        if self.fences.hold(path) and not self.fences.hold(place):
            return f"{which} is outside the checkout"
        if not is_file(place):
            return f"{which} is not in the checkout: there is no {place}"
        found = read_elements(place, read_bytes(place, self.fences))
        actual = found.get("project/artifactId", "")
        if name and actual and "${" not in name + actual and name != actual:
            return f"{which} is not in the checkout: {place} is {actual}"
        return place, found

    @cached_property
    def _defined(self) -> Mapping[str, str]:
        """The properties of the nearest `.mvn/maven.config`, which Maven takes for its command line's."""
        for folder in self.path.absolute().parents:
            place = folder / ".mvn" / "maven.config"
            if self.fences.hold(self.path) and not self.fences.hold(place):
                break
            if not is_file(place):
                continue
            try:
                words = shlex.split(read_text(place, self.fences), comments=True)
            except ValueError:  # a quote that is not closed
                break
            pairs = (word[2:].partition("=") for word in words if word.startswith("-D"))
            return {name: value for name, equals, value in pairs if equals}
        return {}
