"""The checkouts that the rounds share: real git repositories."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.support.git_repository import GitRepository

_DOCKERFILE = {"Dockerfile": "FROM scratch\nCOPY stamp /stamp\n"}


@dataclass(frozen=True)
class Checkout:
    """content makes its image another one. version: as its tag names it."""

    name: str
    folder: Path
    version: str
    content: str


@dataclass(frozen=True)
class Checkouts:
    """same: of one version, from commits of their own. line: versions that rise, each without those to come.

    dirty: of one commit, each changed in another way.
    """

    same: tuple[Checkout, ...]
    line: tuple[Checkout, ...]
    dirty: tuple[Checkout, ...]


def make_checkouts(root: Path, most: int = 4) -> Checkouts:
    same = tuple(_checkout(root / f"same{one}", "1.0.0", f"same {one}") for one in range(most))
    dirty = []
    for one in range(most):
        folder = root / f"dirty{one}"
        shutil.copytree(same[0].folder, folder)
        (folder / "stamp").write_text(f"dirty {one}")
        dirty.append(Checkout(f"dirty{one}", folder, "", f"dirty {one}"))
    line: list[Checkout] = []
    for one in range(most):
        version, before = f"1.{one}.0", line[-1].folder if line else None
        line.append(_checkout(root / f"line{one}", version, f"line {one}", before))
    return Checkouts(same, tuple(line), tuple(dirty))


def _checkout(folder: Path, version: str, content: str, before: Path | None = None) -> Checkout:
    if before:
        shutil.copytree(before, folder)
        repository = GitRepository(folder, commits=len(version))
    else:
        repository = GitRepository.init(folder)
    repository.commit(f"feat: {content}", {**_DOCKERFILE, "stamp": content})
    repository.tag(f"v{version}")
    return Checkout(folder.name, folder, version, content)
