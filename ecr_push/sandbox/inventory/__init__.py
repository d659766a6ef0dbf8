"""An image's layers -> its packages, read from the databases of dpkg, apk and Python's installers.

read_inventory(layers, open_blob) is the entry point; each kind of database is a module that satisfies
`PackageDatabase`.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO, cast

from ecr_push.sandbox.inventory import apk, dpkg, os_release, python
from ecr_push.sandbox.inventory.layer import Hide, Link, OpenLayer, Set, read_files, read_layer
from ecr_push.sandbox.inventory.limits import Budget, Limits
from ecr_push.sandbox.inventory.model import (
    Contents,
    InstalledPackage,
    Inventory,
    OperatingSystem,
    PackageDatabase,
    UnreadableImageError,
    UnsupportedImageError,
)

__all__ = [
    "Budget",
    "InstalledPackage",
    "Inventory",
    "Limits",
    "OperatingSystem",
    "UnreadableImageError",
    "UnsupportedImageError",
    "read_inventory",
]

_SOURCES = cast(Sequence[PackageDatabase], (os_release, dpkg, apk, python))
# Debian's Python policy keeps this folder for dpkg's own packages; pip installs elsewhere. Where dpkg has
# not installed any Python package, the file in it is from another installer, and counts.
_DEBIAN_PYTHON = "usr/lib/python3/dist-packages/"


def read_inventory(
    layers: Sequence[str], open_blob: Callable[[str], BinaryIO], *, budget: Budget | None = None
) -> Inventory:
    """Returns the packages of the image with these layers, lowest first.

    open_blob:  digest -> the layer as pushed: tar, tar+gzip or tar+zstd.
    budget:     what may be spent on the image.

    Raises UnreadableImageError if a layer cannot be read, or the budget is used up, and
    UnsupportedImageError if the image has no operating system with a known package database.
    """
    budget = budget or Budget()
    if len(layers) > budget.limits.layers:
        raise UnreadableImageError(f"the image has more than {budget.limits.layers:,} layers")
    files: dict[str, Contents] = {}
    for digest in layers:
        try:
            files = _with_layer(files, digest, functools.partial(open_blob, digest), budget)
        except UnreadableImageError as error:
            raise UnreadableImageError(f"could not read the layer {digest}: {error}") from error
    return _inventory(files)


def _source_of(path: str) -> PackageDatabase | None:
    return next((source for source in _SOURCES if source.matches(path)), None)


def _with_layer(
    lower: dict[str, Contents], digest: str, open_layer: OpenLayer, budget: Budget
) -> dict[str, Contents]:
    kept, added = dict(lower), dict[str, Contents]()
    links: dict[str, Link] = {}
    for change in read_layer(open_layer, _source_of, lower=tuple(lower), budget=budget):
        match change:
            case Hide(path, below_only):
                for hidden in [it for it in kept if it.startswith(f"{path}/" if path else "")]:
                    del kept[hidden]
                if not below_only:
                    kept.pop(path, None)
            case Set(path, source, content):
                added[path] = budget.list(source.read(path, content))
                links.pop(path, None)
            case Link(path):
                links[path] = change
    if links:
        added |= _linked(list(links.values()), open_layer, budget)
    return kept | {path: _attributed(it, lower.get(path), digest) for path, it in added.items()}


def _linked(links: Sequence[Link], open_layer: OpenLayer, budget: Budget) -> dict[str, Contents]:
    """Reads the layer once more, however many links it has."""
    by_target: dict[str, list[Link]] = {}
    for link in links:
        by_target.setdefault(link.target, []).append(link)
    max_bytes = {target: max(it.source.MAX_BYTES for it in them) for target, them in by_target.items()}
    found: dict[str, Contents] = {}
    for target, content in read_files(open_layer, max_bytes, budget):
        for link in by_target[target]:
            found[link.path] = budget.list(link.source.read(link.path, content))
    for link in links:
        if link.path not in found:
            raise UnreadableImageError(f"{link.path} is a link to {link.target}, which is not in the image")
    return found


def _attributed(contents: Contents, before: Contents | None, layer: str) -> Contents:
    """A database is always rewritten whole: a package that it listed before keeps its layer."""
    known = {dataclasses.replace(it, layer=""): it for it in before.packages} if before else {}
    packages = tuple(known.get(it) or dataclasses.replace(it, layer=layer) for it in contents.packages)
    return dataclasses.replace(contents, packages=packages)


def _inventory(files: dict[str, Contents]) -> Inventory:
    found = (files[path].operating_system for path in os_release.PATHS if path in files)
    system = next((it for it in found if it), None)
    ecosystem = _ecosystem(system) if system else ""
    packages = [it for contents in files.values() for it in contents.packages]
    if not system or not ecosystem or not any(it.kind != "pypi" for it in packages):
        raise UnsupportedImageError
    owned = frozenset().union(*(contents.owned for contents in files.values()))
    by_dpkg = any(it.kind == "deb" and it.name.startswith("python3-") for it in packages)
    ours = (
        it
        for it in packages
        if it.kind != "pypi" or not (it.path in owned or (by_dpkg and it.path.startswith(_DEBIAN_PYTHON)))
    )
    return Inventory(system, tuple(sorted(_in_ecosystem(ours, ecosystem), key=_order)))


def _in_ecosystem(packages: Iterable[InstalledPackage], ecosystem: str) -> Iterable[InstalledPackage]:
    for package in packages:
        yield dataclasses.replace(package, ecosystem="PyPI" if package.kind == "pypi" else ecosystem)


def _order(package: InstalledPackage) -> tuple[str, str, str]:
    return package.kind, package.name, package.path


def _ecosystem(system: OperatingSystem) -> str:
    """OSV's name, "" for a distribution without advisories or without a release.

    https://ossf.github.io/osv-schema/#defined-ecosystems
    """
    release = system.release.split(".")
    match system.id:
        case "debian" if system.release:
            return f"Debian:{release[0]}"
        case "ubuntu" if len(release) > 1:
            # The release of every second April has long-term support.
            long_term = release[0].isdigit() and int(release[0]) % 2 == 0 and release[1] == "04"
            return f"Ubuntu:{release[0]}.{release[1]}" + (":LTS" if long_term else "")
        case "alpine" if len(release) > 1:
            return f"Alpine:v{release[0]}.{release[1]}"
        case "wolfi" | "chainguard":
            return system.id.capitalize()
    return ""
