"""The file that a Python build backend takes a dynamic version from: found and read, and never run.

https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html#dynamic-metadata
https://hatch.pypa.io/latest/version/, https://backend.pdm-project.org/metadata/, https://flit.pypa.io
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SourceError
from ecr_push.base.fences import Fences
from ecr_push.base.paths import named_path
from ecr_push.base.regex import lazy_regex
from ecr_push.versions.files.content import is_file, read_text, value_at

_ATTRIBUTE = "__version__"
_NAME = lazy_regex(r"[A-Za-z_][A-Za-z0-9_.]*")


def read_dynamic(path: Path, data: Mapping[str, Any], fences: Fences) -> tuple[Path, str, str]:
    """The version of a pyproject.toml whose backend reads it from a file: that file, the place, the text.

    Raises SourceError where the backend computes the version (from git, say), or no single line of the file
    states it.
    """
    file = value_at(path, data, "tool", "setuptools", "dynamic", "version", "file")
    file = file[0] if isinstance(file, list) and len(file) == 1 else file
    if isinstance(file, str):
        found = _existing(path, [file], fences)
        return found, "the text", read_text(found, fences)
    attribute = value_at(path, data, "tool", "setuptools", "dynamic", "version", "attr")
    if isinstance(attribute, str) and "." in attribute and _NAME.fullmatch(attribute):
        module, _, name = attribute.rpartition(".")
        return _assigned(_existing(path, _modules(module), fences), (name,), fences)
    for tool, plain in (("hatch", ("regex", None)), ("pdm", ("file",))):
        table = value_at(path, data, "tool", tool, "version")
        if isinstance(table, dict) and isinstance(table.get("path"), str) and table.get("source") in plain:
            if "pattern" in table:
                raise _unread(path, f"tool.{tool}.version.pattern is read by {tool} alone")
            found = _existing(path, [table["path"]], fences)
            return _assigned(found, (_ATTRIBUTE, "VERSION"), fences)
    if str(value_at(path, data, "build-system", "build-backend")).startswith("flit_core"):
        names = (("tool", "flit", "module", "name"), ("project", "name"))
        name = next((str(one) for keys in names if (one := value_at(path, data, *keys))), "").replace(
            "-", "_"
        )
        if _NAME.fullmatch(name):
            return _assigned(_existing(path, _modules(name), fences), (_ATTRIBUTE,), fences)
    raise _unread(path, "it is in project.dynamic: the build backend computes it")


def _modules(name: str) -> list[str]:
    """Where a module may be, in a flat layout or below src/."""
    plain = name.replace(".", "/")
    return [f"{root}{plain}{end}" for root in ("", "src/") for end in ("/__init__.py", ".py")]


def _existing(path: Path, names: Iterable[str], fences: Fences) -> Path:
    places = [named_path(path.absolute().parent / name) for name in names]
    # Of a project in the checkout, only there: an outsider may have written what it names.
    inside = [place for place in places if fences.hold(place) or not fences.hold(path)]
    found = next(filter(is_file, inside), None)
    if found is None:
        where = " or ".join(map(str, inside)) if inside else "one outside the checkout"
        raise _unread(path, f"the build backend takes it from a file that is missing: {where}")
    return found


def _assigned(path: Path, names: tuple[str, ...], fences: Fences) -> tuple[Path, str, str]:
    """A version that a line of Python assigns: `__version__ = "1.4.2"`, with an annotation or without."""
    known = "|".join(map(re.escape, names))
    pattern = rf"^({known})[ \t]*(?::[ \t]*\w+)?[ \t]*=[ \t]*(['\"])v?([^'\"\n\\]+)\2[ \t]*(?:#.*)?\r?$"
    found = re.findall(pattern, read_text(path, fences), re.IGNORECASE | re.MULTILINE)
    if len(found) != 1:
        raise _unread(path, f"{len(found)} lines assign a text to {' or '.join(names)}: expected one")
    return path, found[0][0], found[0][2]


def _unread(path: Path, why: str) -> SourceError:
    return SourceError(
        f"{path} does not state a version",
        why=why,
        remedy="take the version from git's tags, or write it in project.version",
    )
