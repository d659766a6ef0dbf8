"""The version that a project's own file states: pyproject.toml, package.json, pom.xml and their like.

Any content gives a version or a `SourceError`: see `content.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SourceError
from ecr_push.versions.files.content import (
    Stated,
    broken,
    missing,
    read_bytes,
    read_text,
    read_toml,
    stated,
    value_at,
)
from ecr_push.versions.files.maven import read_pom

_LARGEST_YAML = 128 * 1024  # bytes: PyYAML takes a second for these
_YAML_NULLS = ("", "~", "null")

# "Under development": Maven's mark, and PEP 440's in all its spellings, with the version as a group.
_SNAPSHOT = re.compile(r"(.+)-SNAPSHOT")
_DEV = re.compile(r"([^+]*[0-9a-z])[-_.]?dev[-_.]?[0-9]*(?:\+.*)?", re.IGNORECASE)
# In a file of no language, only the forms that nothing else has.
_PLAIN_DEV = re.compile(r"(.+)-SNAPSHOT|(.*[0-9])\.dev[0-9]+")


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
    data = read_toml(path)
    for keys in (("project", "version"), ("tool", "poetry", "version")):
        if (value := value_at(path, data, *keys)) is not None:
            return stated(path, ".".join(keys), value, _DEV)
    dynamic = value_at(path, data, "project", "dynamic")
    if isinstance(dynamic, list) and "version" in dynamic:
        raise SourceError(
            f"{path} does not state a version",
            why="it is in project.dynamic: the build backend computes it",
            remedy="take the version from git's tags, or write it in project.version",
        )
    raise missing(path, "project.version", "tool.poetry.version")


def _package_json(path: Path) -> Stated:
    try:
        data = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise broken(path, "JSON", error) from error
    value = value_at(path, data, "version")
    if value is None:
        raise missing(path, "version")
    return stated(path, "version", value)


def _cargo(path: Path) -> Stated:
    """https://doc.rust-lang.org/cargo/reference/workspaces.html: a member may inherit the version."""
    data = read_toml(path)
    value = value_at(path, data, "package", "version")
    if isinstance(value, dict) and value.get("workspace") is True:
        return _workspace_version(_workspace(path, data))
    if value is not None:
        return stated(path, "package.version", value)
    if "package" in data or "workspace" not in data:
        raise missing(path, "package.version")
    return _workspace_version(path)


def _workspace(path: Path, data: Mapping[str, Any]) -> Path:
    """The Cargo.toml with the [workspace] of a member: its own, the one it names, or the nearest above."""
    if "workspace" in data:
        return path
    folder = path.absolute().parent
    named = value_at(path, data, "package", "workspace")
    folders = [folder / named] if isinstance(named, str) else folder.parents
    for root in (folder / path.name for folder in folders):
        if root.is_file() and "workspace" in read_toml(root):
            return root
    raise SourceError(
        f"{path} does not state a version",
        why="package.version is inherited, and no Cargo.toml above has a [workspace]",
        remedy="check out the whole workspace, or write the version in package.version",
    )


def _workspace_version(path: Path) -> Stated:
    value = value_at(path, read_toml(path), "workspace", "package", "version")
    if value is None:
        raise missing(path, "workspace.package.version")
    return stated(path, "workspace.package.version", value)


def _plain(path: Path) -> Stated:
    lines = [line for line in read_text(path).splitlines() if line.strip()]
    if len(lines) != 1:
        raise SourceError(
            f"{path} does not state a version",
            why=f"it has {len(lines)} lines of text: expected one" if lines else "it is empty",
            remedy="write only the version there",
        )
    return stated(path, "the line", lines[0], _PLAIN_DEV)


def _pom(path: Path) -> Stated:
    key, version = read_pom(path, read_bytes(path))
    return stated(path, key, version, _SNAPSHOT)


def _chart(path: Path) -> Stated:
    """`appVersion` is what the templates that Helm creates take for the image's tag."""
    import yaml

    text = read_text(path, _LARGEST_YAML)
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise broken(path, "YAML", error) from error
    if not isinstance(root, yaml.MappingNode):
        raise missing(path, "appVersion", "version")
    # As written: YAML's numbers would make 1.1 of 1.10.
    values = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    for key in ("appVersion", "version"):
        node = values.get(key)
        # `appVersion:` without a value is null.
        is_null = isinstance(node, yaml.ScalarNode) and not node.style and node.value in _YAML_NULLS
        if node is not None and not is_null:
            return stated(path, key, node.value)
    raise missing(path, "appVersion", "version")


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
