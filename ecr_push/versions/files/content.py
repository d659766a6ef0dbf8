"""What a version file contains, read safely: bytes, text, TOML, and the value at a key.

A file is not trusted: it may be huge, broken or malicious. Any content gives a value or a `SourceError` that
names the file and the key.
"""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SourceError

OTHER_FILE = "name another version file"
_LARGEST = 1024 * 1024  # bytes
_LONGEST = 255  # characters of a version, as of a git tag
_REMEDY = f"write the version there, or {OTHER_FILE}"

# The time and the memory that TOML parsers take grow with the square of a key's parts (`a.a.a.a`): 300 kB of
# them need more than a machine has. No key of ours has more than three.
_ENDLESS_KEY = re.compile(r"""(?:(?:(?<![\w-])[\w-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""")


@dataclass(frozen=True)
class Stated:
    """A version as a file states it.

    version:        without the mark of what is under development (`-SNAPSHOT`, `.dev0`).
    where:          the place, for messages: `project.version in pyproject.toml`.
    is_development: whether it has that mark: this version is not released yet.
    """

    version: str
    where: str
    is_development: bool = False


def read_bytes(path: Path, most: int = _LARGEST) -> bytes:
    try:
        # A pipe would keep us waiting, and a device never ends.
        if not stat.S_ISREG(path.stat().st_mode):
            raise SourceError(f"{path} is not a regular file", remedy="name the version file itself")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"cannot read the version file {path}", why=why, remedy=OTHER_FILE) from error
    if len(content) > most:
        raise SourceError(
            f"{path} is too large for a version file",
            why=f"it has more than {most} bytes",
            remedy=OTHER_FILE,
        )
    return content


def read_text(path: Path, most: int = _LARGEST) -> str:
    try:
        return read_bytes(path, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise broken(path, "UTF-8 text", error) from error


def read_toml(path: Path) -> Mapping[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    text = read_text(path)
    if _ENDLESS_KEY.search(text):
        raise SourceError(
            f"cannot read {path}", why="it has a key of a hundred parts or more", remedy=OTHER_FILE
        )
    try:
        table: Mapping[str, Any] = tomllib.loads(text)
        return table
    except (ValueError, RecursionError) as error:
        raise broken(path, "TOML", error) from error


def value_at(path: Path, data: Any, *keys: str) -> Any:
    """The value at a path of keys, None where there is none. Raises SourceError below what is not a table."""
    for index, key in enumerate(keys):
        if not isinstance(data, dict):
            place = ".".join(keys[:index]) or "its content"
            raise no_version(path, f"{place} is not a table of keys")
        if key not in data:
            return None
        data = data[key]
    return data


def stated(path: Path, key: str, value: Any, development: re.Pattern[str] | None = None) -> Stated:
    version = value.strip() if isinstance(value, str) else ""
    if not version or len(version) > _LONGEST or " " in version or not version.isprintable():
        is_what = repr(value[:_LONGEST]) if isinstance(value, str) else f"of type {type(value).__name__}"
        why = f"{key} is {is_what}, which cannot be a version"
        raise no_version(path, why)
    match = development.fullmatch(version) if development else None
    return Stated(match[match.lastindex or 0] if match else version, f"{key} in {path}", match is not None)


def missing(path: Path, *keys: str) -> SourceError:
    return no_version(path, f"it has no {' and no '.join(keys)}")


def no_version(path: Path, why: str) -> SourceError:
    return SourceError(f"{path} does not state a version", why=why, remedy=_REMEDY)


def broken(path: Path, what: str, error: Exception) -> SourceError:
    why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return SourceError(f"{path} is not valid {what}", why=why, remedy=f"fix it, or {OTHER_FILE}")
