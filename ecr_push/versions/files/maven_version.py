"""The version in Maven's pom.xml, as far as the checkout states it: Maven is not started, and no parent is
fetched.

https://maven.apache.org/maven-ci-friendly.html
"""

from __future__ import annotations

from pathlib import Path

from ecr_push.base.errors import SourceError
from ecr_push.base.fences import Fences
from ecr_push.base.regex import lazy_regex
from ecr_push.versions.files.maven_parents import MOST_PARENTS, PARENT, PROPERTIES, Pom

_PLACEHOLDER = lazy_regex(r"\$\{([^{}]*)\}")
_DEEPEST = 20  # placeholders that refer to placeholders
_LONGEST = 255  # characters of a version, as of a git tag
_MOST = 4 * _LONGEST  # characters with placeholders, which are longer than what they stand for
_OWN, _PARENTS = "project/version", f"{PARENT}/version"
_BUILT_IN = {
    **dict.fromkeys(("project.version", "version", "pom.version"), _OWN),
    **dict.fromkeys(("project.parent.version", "parent.version"), _PARENTS),
}


def read_pom(path: Path, fences: Fences) -> tuple[Path, str, str]:
    """The version of a POM, and the file and element that state it: a module without one has its parent's.

    Properties are also those of the parents that are in the checkout. Raises SourceError where there is no
    version, or one that only Maven can read.
    """
    for _ in range(MOST_PARENTS):
        pom = Pom(path, fences)
        for key in (_OWN, _PARENTS):
            if key in pom.own:
                return path, key, _without_placeholders(pom, key)
        above = pom.parent() if PARENT in pom.own else None  # a version may be left out since Maven 4
        if above is None:
            break
        path = above
    raise SourceError(
        f"{path} does not state a version",
        why=f"it has no {_OWN} and no {_PARENTS}" + (f"; {pom.missing}" if PARENT in pom.own else ""),
        remedy="write the version there, or name another version file",
    )


def _without_placeholders(pom: Pom, key: str) -> str:
    """A text with the `${properties}` that the POM has or inherits. Raises SourceError for any other."""
    done: dict[str, str] = {}

    def refused(why: str) -> SourceError:
        return SourceError(
            f"the version in {pom.path} cannot be read without Maven",
            why=f"{key} is {pom.own[key][:_LONGEST]!r}: {why}",
            remedy="write the property in <properties>, or name another version file",
        )

    def expanded(place: str, way: tuple[str, ...]) -> str:
        if place in way or len(way) > _DEEPEST:
            raise refused(f"{place} refers to itself, or through too many others")
        if place in done:
            return done[place]
        given = pom.text(place)
        if given is None:
            where = f", and {pom.missing}" if pom.missing and PARENT in pom.own else ""
            raise refused(f"{place[:_LONGEST]} is missing{where}")
        text = _PLACEHOLDER.sub(lambda match: expanded(_place(match[1]), (*way, place)), given[:_MOST])
        # Measured at each step, since each placeholder may stand for as much again.
        if len(given) > _MOST or len(text) > _LONGEST:
            raise refused(f"{place} is too long for a version")
        if "${" in text:
            raise refused(f"in {place} a placeholder is not closed")
        done[place] = text
        return text

    return expanded(key, ())


def _place(name: str) -> str:
    return _BUILT_IN.get(name, f"{PROPERTIES}{name}")
