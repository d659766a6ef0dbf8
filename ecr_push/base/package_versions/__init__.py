"""The order of package versions: one module for each ecosystem.

`key(text)` of each module returns a sort key: keys of one module compare with each other, and equal keys are
one version to the ecosystem, even where the text differs (`1.0` and `1.00` to dpkg). Every text has a key, so
that a version that breaks the ecosystem's rules still has its place. Where a module has `check(text)`, it
raises ValueError for such a version.

| module       | ecosystems                           |
|--------------|--------------------------------------|
| `debian`     | Debian, Ubuntu                       |
| `alpine`     | Alpine, Wolfi, Chainguard            |
| `rpm`        | Red Hat, Fedora, Amazon Linux, SUSE  |
| `pep440`     | PyPI                                 |
| `semver`     | npm, Cargo, Go                       |
| `maven`      | Maven, Gradle                        |
| `generic`    | all others                           |
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from ecr_push.base.package_versions.keys import Key


@cache
def order_of(module: str) -> Callable[[str], Key]:
    """`key` of a module of the table, which is imported now: few images have packages of each kind."""
    found: Callable[[str], Key] = import_module(f"{__name__}.{module}").key
    return found
