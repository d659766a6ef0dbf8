"""Ranges of package versions, such as `>=1.1.1, <3.0.14`, and whether a package's version is in one. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias

from ecr_push.base.dataclass import dataclass
from ecr_push.base.package_versions import order_of
from ecr_push.base.package_versions.keys import Key
from ecr_push.base.regex import lazy_regex

Order: TypeAlias = Callable[[str], Key]

# Inspector's names of package managers -> the module of their ecosystem's order, where it has one of its own.
_ORDERS: Mapping[str, str] = {
    **dict.fromkeys(("PIP", "PIPENV", "POETRY", "PYTHONPKG", "PYTHON"), "pep440"),
    **dict.fromkeys(("NPM", "NODEPKG", "YARN", "CARGO", "GOMOD", "GOBINARY"), "semver"),
    **dict.fromkeys(("JAR", "POM"), "maven"),
}
_SYSTEM = frozenset({"", "OS"})  # basic scanning names no manager: it reads the operating system's packages
# The release that Alpine's packages have, and the distribution's mark in the release of RPM packages.
_APK_RELEASE = lazy_regex(r"[^-]*-r\d+", re.ASCII)
_RPM_RELEASE = lazy_regex(r"[^-]+-[^-]*[.+_](?:el|fc|amzn|azl|cm|ph)\d[^-]*", re.ASCII)


def version_order(manager: str, version: str) -> Order:
    """Returns the order of the ecosystem that a package's version is from. manager is Inspector's name.

    That name is OS for every distribution, so that the version itself has to show which of them.
    """
    if manager.upper() not in _SYSTEM:
        return order_of(_ORDERS.get(manager.upper(), "generic"))
    if _APK_RELEASE.fullmatch(version):
        return order_of("alpine")
    return order_of("rpm" if _RPM_RELEASE.fullmatch(version) else "debian")


@lru_cache(maxsize=65536)
def _key(order: Order, version: str) -> Key:
    return order(version.strip())


_OPERATORS: Mapping[str, Callable[[Key, Key], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_BOUND = lazy_regex(r"(<=|>=|==|!=|<|>|=)?\s*([0-9A-Za-z][0-9A-Za-z.+~:_-]*)")


@dataclass(frozen=True)
class VersionRange:
    """Bounds that must all match. text is what the user wrote."""

    text: str
    bounds: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> VersionRange:
        """Parses `<3.0.14`, `>=1.1.1, <3.0.14`, or one exact version. Raises ValueError."""
        bounds = []
        for part in text.split(","):
            matched = _BOUND.fullmatch(part.strip())
            if matched is None:
                raise ValueError(
                    f"{text!r} is not a valid range of versions: expected bounds such as '<3.0.14' or "
                    "'>=1.1.1, <3.0.14', or one version"
                )
            bounds.append((matched[1] or "=", matched[2]))
        return cls(", ".join(part.strip() for part in text.split(",")), tuple(bounds))

    def contains(self, version: str, manager: str = "") -> bool:
        """Whether a package's version is in the range. manager is Inspector's name of the package manager."""
        order = version_order(manager, version.strip())
        key = _key(order, version)
        return all(_OPERATORS[sign](key, _key(order, bound)) for sign, bound in self.bounds)

    def __str__(self) -> str:
        return self.text
