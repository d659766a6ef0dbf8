"""An OSV ecosystem and a version -> a key that sorts as the ecosystem's own tools do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ecr_push.base.package_versions import alpine, debian, pep440
from ecr_push.base.package_versions.keys import Key


class _Order(Protocol):
    """A module of `base.package_versions`."""

    def key(self, text: str) -> Key: ...

    def check(self, text: str) -> None: ...


# OSV's ecosystem name without its release -> the order of its versions.
ORDERS: Mapping[str, _Order] = {
    "Debian": debian,
    "Ubuntu": debian,
    "Alpine": alpine,
    "Chainguard": alpine,
    "Wolfi": alpine,
    "PyPI": pep440,
}


def family(ecosystem: str) -> str:
    """`Debian:12` -> `Debian`."""
    return ecosystem.partition(":")[0]


def version_key(ecosystem: str, text: str) -> Key:
    """Returns the key of a version. Raises ValueError where the ecosystem or the version is not valid."""
    order = ORDERS.get(family(ecosystem))
    if order is None:
        raise ValueError(f"no version order is known for the ecosystem {ecosystem!r}")
    order.check(text)
    return order.key(text)
