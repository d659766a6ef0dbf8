"""What a version file contains, read safely: bytes, text, TOML, and the value at a key.

A file is not trusted: it may be huge, broken or malicious. Any content gives a value or a `SourceError` that
names the file and the key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecr_push.base import checkout_files, parse
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SourceError
from ecr_push.base.fences import Fences, RefusedPathError

OTHER_FILE = "name another version file"
_LARGEST = 1024 * 1024  # bytes
_LONGEST = 255  # characters of a version, as of a git tag
_REMEDY = f"write the version there, or {OTHER_FILE}"


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


def is_file(path: Path) -> bool:
    """Whether another file names a file; False for a name that no file can have."""
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False


def is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def read_bytes(path: Path, fences: Fences, most: int = _LARGEST) -> bytes:
    try:
        return checkout_files.read_bytes(path, most, fences)
    except OSError as error:
        raise SourceError(
            f"cannot read the version file {path}",
            why=error.strerror or str(error),
            remedy=error.remedy if isinstance(error, RefusedPathError) else OTHER_FILE,
        ) from error


def read_text(path: Path, fences: Fences, most: int = _LARGEST) -> str:
    try:
        return read_bytes(path, fences, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise broken(path, "UTF-8 text", error) from error


def read_toml(path: Path, fences: Fences) -> Mapping[str, Any]:
    try:
        return parse.read_toml(read_text(path, fences))
    except ValueError as error:
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
    return SourceError(f"{path} is not valid {what}", why=str(error), remedy=f"fix it, or {OTHER_FILE}")
