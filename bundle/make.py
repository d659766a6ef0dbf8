"""The bundle, made: its archives, what else lies beside them, the list of its files, and their sums."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle import archives, contents
from bundle.contents import OURS, ROOT, Content
from bundle.wheels import BundleError, Wheel, fetch

LOCK = ROOT / "requirements" / "run.txt"
LEAST = (3, 10)
ASK_VERSION = "import sys; print('%d %d %d %s' % (*sys.version_info[:3], sys.implementation.name))"


def make(folder: Path, pythons: Sequence[str]) -> None:
    """Make the bundle in a folder, which replaces what is in it. Raises BundleError.

    pythons: commands; the code is compiled for each that is there.
    """
    versions = _versions(pythons)
    with tempfile.TemporaryDirectory(prefix="ecr-push-bundle-") as temporary:
        fetched, made = Path(temporary, "wheels"), Path(temporary, "bundle")
        fetched.mkdir()
        made.mkdir()
        wheels = fetch(LOCK, fetched, contents.WITHOUT)
        code, zones = contents.code(wheels), contents.time_zones(wheels)
        sources = {one.path: one.content for one in code}
        packed = {"code.zip": sources, "tzdata.zip": {one.path: one.content for one in zones}}
        for name, files in packed.items():
            archives.write(made / name, files)
        for version, python in versions.items():
            files, loaded = archives.compiled(python, sources, contents.LOADED_BY_A_RUN)
            packed[_archive(version)] = files
            archives.write(made / _archive(version), files, plain=loaded | contents.read_by_a_run(files))
        (made / "cacert.pem").write_bytes(contents.certificates(wheels))
        shutil.copyfile(ROOT / "bundle" / "run" / "start.py", made / "start.py")
        _write_licences(made / "licences", wheels)
        described = _describe(wheels, [*code, *zones], packed, sorted(versions))
        (made / "bundle.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
        _write_sums(made)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)


def _versions(pythons: Sequence[str]) -> dict[tuple[int, int, int], str]:
    """Return {version: command} of the Pythons that are there. Raises BundleError for one that is too old."""
    found: dict[tuple[int, int, int], str] = {}
    for python in pythons:
        path = shutil.which(python)
        asked = path and subprocess.run([path, "-I", "-c", ASK_VERSION], capture_output=True, text=True)
        if not path or not asked or asked.returncode:
            print(f"bundle: no {python} on this machine: it will take the sources", file=sys.stderr)
            continue
        major, minor, patch, implementation = asked.stdout.split()
        version = (int(major), int(minor), int(patch))
        if version < LEAST or implementation != "cpython":
            raise BundleError(
                f"{python} is {implementation} {major}.{minor}.{patch}: expected CPython 3.10 or later"
            )
        found[version] = os.path.abspath(path)  # noqa: PTH100 - a link of an environment stays one
    return found


def _archive(version: tuple[int, int, int]) -> str:
    return f"code-{version[0]}{version[1]}.zip"


def _write_licences(folder: Path, wheels: Sequence[Wheel]) -> None:
    files = {f"{OURS}/LICENSE": (ROOT / "LICENSE").read_bytes()}
    for wheel in wheels:
        files |= {f"{wheel.name}/{name}": content for name, content in wheel.licences}
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _describe(
    wheels: Sequence[Wheel],
    listed: Sequence[Content],
    packed: Mapping[str, Mapping[str, bytes]],
    versions: Sequence[tuple[int, int, int]],
) -> dict[str, Any]:
    """Return what bundle.json says: docs/how-it-works.md explains it."""
    return {
        "version": contents.version(),
        "commit": _commit(),
        "pythons": [".".join(map(str, version)) for version in versions],
        "packages": {
            wheel.name: {"version": wheel.version, "wheel": wheel.path.name, "sha256": wheel.sha256}
            for wheel in wheels
        },
        "files": {one.path: _origin(one) for one in listed},
        "archives": {
            name: {path: _sha256(content) for path, content in sorted(files.items())}
            for name, files in sorted(packed.items())
        },
    }


def _origin(one: Content) -> dict[str, str]:
    path, content = one.original or (one.path, one.content)
    cut = {"cut from": path} if one.original else {}
    return {"package": one.package, "sha256": _sha256(content), **cut}


def _commit() -> str:
    """Return the commit that the bundle is made from; "" without git."""
    asked = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True)
    return asked.stdout.strip()


def _write_sums(folder: Path) -> None:
    """Write SHA256SUMS, which `sha256sum --check` reads."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    sums = "".join(f"{_sha256((folder / path).read_bytes())}  {path}\n" for path in files)
    (folder / "SHA256SUMS").write_text(sums, encoding="ascii")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/bundle", description="Make the bundle that a release carries."
    )
    parser.add_argument("folder", type=Path, help="where; what is in it is replaced")
    parser.add_argument(
        "--python",
        nargs="+",
        default=[sys.executable],
        metavar="COMMAND",
        help="the Pythons to compile for, if they are there; every other one takes the sources [this one]",
    )
    given = parser.parse_args(argv)
    try:
        make(given.folder, given.python)
    except BundleError as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 2
    return 0
