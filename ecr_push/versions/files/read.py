"""The version that a project's own file states: pyproject.toml, package.json, pom.xml and their like.

A file is not trusted: it may be huge, broken or malicious. Any content gives a version or a `SourceError`
that names the file and the key.
"""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SourceError
from ecr_push.versions.files.maven import read_pom

_LARGEST = 1024 * 1024  # bytes
_LARGEST_YAML = 128 * 1024  # bytes: PyYAML takes a second for these
_LONGEST = 255  # characters of a version, as of a git tag
_YAML_NULLS = ("", "~", "null")
_OTHER_FILE = "name another version file"
_REMEDY = f"write the version there, or {_OTHER_FILE}"

# "Under development": Maven's mark, and PEP 440's in all its spellings, with the version as a group.
_SNAPSHOT = re.compile(r"(.+)-SNAPSHOT")
_DEV = re.compile(r"([^+]*[0-9a-z])[-_.]?dev[-_.]?[0-9]*(?:\+.*)?", re.IGNORECASE)
# In a file of no language, only the forms that nothing else has.
_PLAIN_DEV = re.compile(r"(.+)-SNAPSHOT|(.*[0-9])\.dev[0-9]+")


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


def find_version_file(folder: Path) -> Path | None:
    """The first of `VERSION_FILES` that a folder has, or None."""
    try:
        return next((path for name in VERSION_FILES if (path := folder / name).is_file()), None)
    except OSError as error:
        raise SourceError(f"cannot search {folder} for a version file", why=str(error)) from error


def read_version_file(path: Path) -> Stated:
    """The version that a file states; its name decides how it is read. Raises SourceError."""
    reader = _READERS.get(path.name)
    if reader is None:
        raise SourceError(
            f"{path} is not a supported version file",
            why="the name of a version file decides how it is read",
            remedy=f"name one of these: {', '.join(VERSION_FILES)}",
        )
    return reader(path)


def _pyproject(path: Path) -> Stated:
    data = _toml(path)
    for keys in (("project", "version"), ("tool", "poetry", "version")):
        if (value := _at(path, data, *keys)) is not None:
            return _stated(path, ".".join(keys), value, _DEV)
    dynamic = _at(path, data, "project", "dynamic")
    if isinstance(dynamic, list) and "version" in dynamic:
        raise SourceError(
            f"{path} does not state a version",
            why="it is in project.dynamic: the build backend computes it",
            remedy="take the version from git's tags, or write it in project.version",
        )
    raise _missing(path, "project.version", "tool.poetry.version")


def _package_json(path: Path) -> Stated:
    try:
        data = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise _broken(path, "JSON", error) from error
    value = _at(path, data, "version")
    if value is None:
        raise _missing(path, "version")
    return _stated(path, "version", value)


def _cargo(path: Path) -> Stated:
    """https://doc.rust-lang.org/cargo/reference/workspaces.html: a member may inherit the version."""
    data = _toml(path)
    value = _at(path, data, "package", "version")
    if isinstance(value, dict) and value.get("workspace") is True:
        return _workspace_version(_workspace(path, data))
    if value is not None:
        return _stated(path, "package.version", value)
    if "package" in data or "workspace" not in data:
        raise _missing(path, "package.version")
    return _workspace_version(path)


def _workspace(path: Path, data: Mapping[str, Any]) -> Path:
    """The Cargo.toml with the [workspace] of a member: its own, the one it names, or the nearest above."""
    if "workspace" in data:
        return path
    folder = path.absolute().parent
    named = _at(path, data, "package", "workspace")
    folders = [folder / named] if isinstance(named, str) else folder.parents
    for root in (folder / path.name for folder in folders):
        if root.is_file() and "workspace" in _toml(root):
            return root
    raise SourceError(
        f"{path} does not state a version",
        why="package.version is inherited, and no Cargo.toml above has a [workspace]",
        remedy="check out the whole workspace, or write the version in package.version",
    )


def _workspace_version(path: Path) -> Stated:
    value = _at(path, _toml(path), "workspace", "package", "version")
    if value is None:
        raise _missing(path, "workspace.package.version")
    return _stated(path, "workspace.package.version", value)


def _plain(path: Path) -> Stated:
    lines = [line for line in _text(path).splitlines() if line.strip()]
    if len(lines) != 1:
        raise SourceError(
            f"{path} does not state a version",
            why=f"it has {len(lines)} lines of text: expected one" if lines else "it is empty",
            remedy="write only the version there",
        )
    return _stated(path, "the line", lines[0], _PLAIN_DEV)


def _pom(path: Path) -> Stated:
    key, version = read_pom(path, _bytes(path))
    return _stated(path, key, version, _SNAPSHOT)


def _chart(path: Path) -> Stated:
    """`appVersion` is what the templates that Helm creates take for the image's tag."""
    import yaml

    text = _text(path, _LARGEST_YAML)
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _broken(path, "YAML", error) from error
    if not isinstance(root, yaml.MappingNode):
        raise _missing(path, "appVersion", "version")
    # As written: YAML's numbers would make 1.1 of 1.10.
    values = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    for key in ("appVersion", "version"):
        node = values.get(key)
        # `appVersion:` without a value is null.
        is_null = isinstance(node, yaml.ScalarNode) and not node.style and node.value in _YAML_NULLS
        if node is not None and not is_null:
            return _stated(path, key, node.value)
    raise _missing(path, "appVersion", "version")


_READERS: Mapping[str, Callable[[Path], Stated]] = {
    "pyproject.toml": _pyproject,
    "package.json": _package_json,
    "Cargo.toml": _cargo,
    "VERSION": _plain,
    "VERSION.txt": _plain,
    "version.txt": _plain,
    "pom.xml": _pom,
    "Chart.yaml": _chart,
}
# In the order in which they are looked for.
VERSION_FILES = tuple(_READERS)


def _bytes(path: Path, most: int = _LARGEST) -> bytes:
    try:
        # A pipe would keep us waiting, and a device never ends.
        if not stat.S_ISREG(path.stat().st_mode):
            raise SourceError(f"{path} is not a regular file", remedy="name the version file itself")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"cannot read the version file {path}", why=why, remedy=_OTHER_FILE) from error
    if len(content) > most:
        raise SourceError(
            f"{path} is too large for a version file",
            why=f"it has more than {most} bytes",
            remedy=_OTHER_FILE,
        )
    return content


def _text(path: Path, most: int = _LARGEST) -> str:
    try:
        return _bytes(path, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _broken(path, "UTF-8 text", error) from error


def _toml(path: Path) -> Mapping[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    text = _text(path)
    if _ENDLESS_KEY.search(text):
        raise SourceError(
            f"cannot read {path}", why="it has a key of a hundred parts or more", remedy=_OTHER_FILE
        )
    try:
        table: Mapping[str, Any] = tomllib.loads(text)
        return table
    except (ValueError, RecursionError) as error:
        raise _broken(path, "TOML", error) from error


def _at(path: Path, data: Any, *keys: str) -> Any:
    """The value at a path of keys, None where there is none. Raises SourceError below what is not a table."""
    for index, key in enumerate(keys):
        if not isinstance(data, dict):
            place = ".".join(keys[:index]) or "its content"
            raise _no_version(path, f"{place} is not a table of keys")
        if key not in data:
            return None
        data = data[key]
    return data


def _stated(path: Path, key: str, value: Any, development: re.Pattern[str] | None = None) -> Stated:
    version = value.strip() if isinstance(value, str) else ""
    if not version or len(version) > _LONGEST or " " in version or not version.isprintable():
        is_what = repr(value[:_LONGEST]) if isinstance(value, str) else f"of type {type(value).__name__}"
        why = f"{key} is {is_what}, which cannot be a version"
        raise _no_version(path, why)
    match = development.fullmatch(version) if development else None
    return Stated(match[match.lastindex or 0] if match else version, f"{key} in {path}", match is not None)


def _missing(path: Path, *keys: str) -> SourceError:
    return _no_version(path, f"it has no {' and no '.join(keys)}")


def _no_version(path: Path, why: str) -> SourceError:
    return SourceError(f"{path} does not state a version", why=why, remedy=_REMEDY)


def _broken(path: Path, what: str, error: Exception) -> SourceError:
    why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return SourceError(f"{path} is not valid {what}", why=why, remedy=f"fix it, or {_OTHER_FILE}")
