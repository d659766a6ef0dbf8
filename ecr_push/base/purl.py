"""Package URLs: their parts, and the spelling of names in each type. Pure.

What one of our reports writes, a VEX statement may name: both use this module.
https://github.com/package-url/purl-spec, and its file for each type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import lru_cache
from urllib.parse import quote, unquote

from ecr_push.base.dataclass import dataclass

# Amazon Inspector's PackageManager to a type. OS names no distribution, so that the type is not known.
TYPE_OF_MANAGER: Mapping[str, str] = {
    **dict.fromkeys(("BUNDLER", "GEMSPEC"), "gem"),
    "CARGO": "cargo",
    "COMPOSER": "composer",
    **dict.fromkeys(("NPM", "YARN", "NODEPKG"), "npm"),
    **dict.fromkeys(("NUGET", "DOTNET_CORE"), "nuget"),
    **dict.fromkeys(("PIP", "PIPENV", "POETRY", "PYTHONPKG", "PYTHON"), "pypi"),
    **dict.fromkeys(("GOBINARY", "GOMOD"), "golang"),
    **dict.fromkeys(("JAR", "POM"), "maven"),
}
# The packages of operating systems. Basic scanning names no manager, and scans these alone.
SYSTEM_TYPES = frozenset({"deb", "rpm", "apk", "alpm"})
SYSTEM_MANAGERS = frozenset({"OS", ""})


def _pypi(name: str) -> str:
    # PyPI's own rule. The type's definition leaves dots, so that zope.interface would have two names.
    return re.sub(r"[-_.]+", "-", name).lower()


def _unchanged(name: str) -> str:
    return name


# How names of a type are compared: where the type's definition says that they are not case sensitive.
_COMPARED: Mapping[str, Callable[[str], str]] = {
    "pypi": _pypi,
    **dict.fromkeys(("golang", "npm", "composer", "nuget", "deb", "apk", "alpm", "oci"), str.lower),
}


@dataclass(frozen=True)
class Purl:
    """A package URL, in parts, decoded.

    qualifiers: those with a value; their names in lower case.
    subpath:    the part of the package that is meant; empty for all of it.
    """

    kind: str
    namespace: str
    name: str
    version: str = ""
    qualifiers: Mapping[str, str] = field(default_factory=dict, hash=False)
    subpath: str = ""

    @staticmethod
    @lru_cache(maxsize=65536)
    def parse(text: str) -> Purl | None:
        """Parses a package URL; None if text is not one."""
        scheme, colon, rest = text.partition(":")
        if scheme.lower() != "pkg" or not colon:
            return None
        rest, _, subpath = rest.partition("#")
        rest, _, query = rest.partition("?")
        path, at, version = rest.rpartition("@")
        # The unescaped @ of an npm scope belongs to the path.
        path, version = (path, version) if at and "/" not in version else (rest, "")
        kind, _, named = path.strip("/").partition("/")
        names = [unquote(part) for part in named.split("/") if part]
        if not kind or not names:
            return None
        pairs = (pair.partition("=") for pair in query.split("&"))
        return Purl(
            kind.lower(),
            "/".join(names[:-1]),
            names[-1],
            unquote(version),
            {name.lower(): unquote(value) for name, _, value in pairs if name and value},
            unquote(subpath).strip("/"),
        )

    def is_named(self, name: str) -> bool:
        """Whether a scanner's name of a package of this type is this package's.

        Scanners write the namespace before the name: `@scope/name`, `org.apache:log4j`, a Go module's path.
        A distribution's package has its name alone.
        """
        compared = _COMPARED.get(self.kind, _unchanged)
        spellings = {self.name}
        if self.namespace and self.kind not in SYSTEM_TYPES:
            spellings = {f"{self.namespace}{mark}{self.name}" for mark in ("/", ":")}
        return compared(name) in {compared(one) for one in spellings}


def is_type_of(kind: str, manager: str) -> bool:
    """Whether packages of Inspector's manager are of this type; every package may be `generic`."""
    if kind == "generic":
        return True
    manager = manager.upper()
    return kind in SYSTEM_TYPES if manager in SYSTEM_MANAGERS else TYPE_OF_MANAGER.get(manager) == kind


def package_url(manager: str, name: str, version: str) -> str:
    """Returns pkg:TYPE/NAMESPACE/NAME@VERSION; "" if the package manager is not known.

    In the spelling that the type's definition asks for, so that others find the package by it.
    """
    kind = TYPE_OF_MANAGER.get(manager.upper(), "")
    if not kind or not name:
        return ""
    name = name.replace(":", "/", 1) if kind == "maven" else name
    if kind == "pypi":
        name = name.lower().replace("_", "-")
    elif kind in ("golang", "composer"):
        name = name.lower()
    whole = "/".join(quote(part, safe="", errors="replace") for part in name.split("/") if part)
    at = f"@{quote(version, safe='', errors='replace')}" if version else ""
    return f"pkg:{kind}/{whole}{at}" if whole else ""
