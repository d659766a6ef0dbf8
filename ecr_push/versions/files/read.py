"""The version that a project's own file states: pyproject.toml, package.json, pom.xml and their like.

Any content gives a version or a `SourceError`: see `content.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SourceError
from ecr_push.base.fences import Fences
from ecr_push.base.parse import read_json
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Mapping as YamlMapping
from ecr_push.base.yaml_tree import read_yaml
from ecr_push.versions.files.content import (
    Stated,
    broken,
    is_file,
    missing,
    no_version,
    read_text,
    read_toml,
    stated,
    value_at,
)
from ecr_push.versions.files.maven_version import read_pom
from ecr_push.versions.files.python_dynamic import read_dynamic

_LARGEST_YAML = 128 * 1024  # bytes: PyYAML takes a second for these
_YAML_NULLS = ("", "~", "null")

# "Under development": Maven's mark, and PEP 440's in all its spellings, with the version as a group.
_SNAPSHOT = lazy_regex(r"(.+)-SNAPSHOT")
_DEV = lazy_regex(r"([^+]*[0-9a-z])[-_.]?dev[-_.]?[0-9]*(?:\+.*)?", re.IGNORECASE)
# What a package's own file says while semantic-release sets the version, the first by default, as the
# npm package semantic-release-plugin-update-version-in-files has it.
_PLACEHOLDERS = ("0.0.0-development", "0.0.0-semantically-released")
# In a file of no language, only the forms that nothing else has.
_PLAIN_DEV = lazy_regex(r"(.+)-SNAPSHOT|(.*[0-9])\.dev[0-9]+")


def find_version_file(folder: Path) -> Path | None:
    """The first of `VERSION_FILES` that a folder has, or None."""
    try:
        return next((path for name in VERSION_FILES if (path := folder / name).is_file()), None)
    except OSError as error:
        raise SourceError(f"cannot search {folder} for a version file", why=str(error)) from error


def read_version_file(path: Path, fences: Fences) -> Stated:
    """The version that a file states; its name decides how it is read. Raises SourceError."""
    reader = _READERS.get(path.name)
    if reader is None:
        raise SourceError(
            f"{path} is not a supported version file",
            why="the name of a version file decides how it is read",
            remedy=f"name one of these: {', '.join(VERSION_FILES)}",
        )
    return reader(path, fences)


def _pyproject(path: Path, fences: Fences) -> Stated:
    data = read_toml(path, fences)
    if value_at(path, data, "tool", "poetry-dynamic-versioning", "enable") is True:
        raise no_version(path, "poetry-dynamic-versioning computes it from git, and writes it when it builds")
    for keys in (("project", "version"), ("tool", "poetry", "version")):
        if (value := value_at(path, data, *keys)) is not None:
            return stated(path, ".".join(keys), value, _DEV)
    dynamic = value_at(path, data, "project", "dynamic")
    if isinstance(dynamic, list) and "version" in dynamic:
        where, key, text = read_dynamic(path, data, fences)
        return stated(where, key, text, _DEV)
    raise missing(path, "project.version", "tool.poetry.version")


def _package_json(path: Path, fences: Fences) -> Stated:
    try:
        data = read_json(read_text(path, fences))
    except ValueError as error:
        raise broken(path, "JSON", error) from error
    value = value_at(path, data, "version")
    if value is None:
        raise missing(path, "version")
    if value in _PLACEHOLDERS:
        raise no_version(path, f"version is {value!r}: semantic-release sets the version when it releases")
    return stated(path, "version", value)


def _cargo(path: Path, fences: Fences) -> Stated:
    """https://doc.rust-lang.org/cargo/reference/workspaces.html: a member may inherit the version."""
    data = read_toml(path, fences)
    value = value_at(path, data, "package", "version")
    if isinstance(value, dict) and value.get("workspace") is True:
        return _workspace_version(_workspace(path, data, fences), fences)
    if value is not None:
        return stated(path, "package.version", value)
    if "package" in data or "workspace" not in data:
        raise missing(path, "package.version")
    return _workspace_version(path, fences)


def _workspace(path: Path, data: Mapping[str, Any], fences: Fences) -> Path:
    """The Cargo.toml with the [workspace] of a member: its own, the one it names, or the nearest above.

    Of a member in the checkout, only there: an outsider may have written what it names.
    """
    if "workspace" in data:
        return path
    folder = path.absolute().parent
    named = value_at(path, data, "package", "workspace")
    folders = [folder / named] if isinstance(named, str) else folder.parents
    roots = (folder / path.name for folder in folders)
    for root in (one for one in roots if fences.hold(one) or not fences.hold(path)):
        if is_file(root) and "workspace" in read_toml(root, fences):
            return root
    raise SourceError(
        f"{path} does not state a version",
        why="package.version is inherited, and no Cargo.toml above has a [workspace]",
        remedy="check out the whole workspace, or write the version in package.version",
    )


def _workspace_version(path: Path, fences: Fences) -> Stated:
    value = value_at(path, read_toml(path, fences), "workspace", "package", "version")
    if value is None:
        raise missing(path, "workspace.package.version")
    return stated(path, "workspace.package.version", value)


def _plain(path: Path, fences: Fences) -> Stated:
    lines = [line for line in read_text(path, fences).splitlines() if line.strip()]
    if len(lines) != 1:
        raise SourceError(
            f"{path} does not state a version",
            why=f"it has {len(lines)} lines of text: expected one" if lines else "it is empty",
            remedy="write only the version there",
        )
    return stated(path, "the line", lines[0], _PLAIN_DEV)


def _pom(path: Path, fences: Fences) -> Stated:
    where, key, version = read_pom(path, fences)
    return stated(where, key, version, _SNAPSHOT)


def _chart(path: Path, fences: Fences) -> Stated:
    """`appVersion` is what the templates that Helm creates take for the image's tag."""
    text = read_text(path, fences, _LARGEST_YAML)
    try:
        root = read_yaml(text)
    except ValueError as error:
        raise broken(path, "YAML", error) from error
    if root is None or not isinstance(root.value, YamlMapping):
        raise missing(path, "appVersion", "version")
    # As written: YAML's numbers would make 1.1 of 1.10. Of two with one name the last counts, as in Helm.
    values = {entry.name: entry.node for entry in root.value.entries}
    for key in ("appVersion", "version"):
        node = values.get(key)
        # `appVersion:` without a value is null.
        if node is not None and not (node.plain and node.value in _YAML_NULLS):
            return stated(path, key, list(node.value) if isinstance(node.value, tuple) else node.value)
    raise missing(path, "appVersion", "version")


_READERS: Mapping[str, Callable[[Path, Fences], Stated]] = {
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
