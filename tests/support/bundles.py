"""The bundle of this checkout, as a release carries it, made again when what goes into it has changed."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.pythons import pythons

_CACHE = ROOT / ".make" / "bundle"
LEAST = (3, 10)
# No package can come from anywhere.
NO_INDEX = {"PIP_NO_INDEX": "1", "UV_OFFLINE": "1", "UV_NO_INDEX": "1"}


def made_bundle() -> Path:
    """The folder of a bundle for every Python of this machine that can run it. No test may change it."""
    commands = [str(path) for version, path in sorted(pythons().items()) if version >= LEAST]
    key = _CACHE.with_suffix(".key")
    _CACHE.parent.mkdir(exist_ok=True)
    with _CACHE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = _key(commands)
        if not key.exists() or key.read_text() != wanted:
            key.unlink(missing_ok=True)
            make_bundle(_CACHE, *commands)
            key.write_text(wanted)
    return _CACHE


def make_bundle(folder: Path, *commands: str, **environ: str) -> None:
    """Makes a bundle with scripts/bundle, in another environment where one is given."""
    argv = [sys.executable, str(ROOT / "scripts" / "bundle"), str(folder), "--python", *commands]
    done = subprocess.run(argv, capture_output=True, text=True, env=environ or None)
    assert done.returncode == 0, done.stderr


def copied(bundle: Path, folder: Path) -> Path:
    """A copy to change, in the folder."""
    return Path(shutil.copytree(bundle, folder / "bundle"))


def _key(commands: list[str]) -> str:
    found = hashlib.sha256("\n".join(commands).encode())
    for path in _inputs():
        found.update(f"{path}\n".encode() + path.read_bytes())
    return found.hexdigest()


def _inputs() -> Iterator[Path]:
    yield from (ROOT / "requirements" / "run.txt", ROOT / "pyproject.toml", ROOT / "LICENSE")
    for folder in ("bundle", "ecr_push"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
