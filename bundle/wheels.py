"""The lock -> the wheels that it names, fetched by pip and checked by hash."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# The wheel that is taken of a package with compiled parts. Its Python half is the same in each; one choice
# makes the bundle the same on every machine.
_PYTHON = ("--implementation=cp", "--python-version=3.12", "--abi=cp312", "--abi=none")
_PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64", "any")


class BundleError(Exception):
    """What keeps the bundle from being made, and what to do."""


@dataclass(frozen=True)
class Wheel:
    """A file of the lock. name is normalised, as the lock writes it."""

    name: str
    version: str
    path: Path

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """{path below site-packages: content}"""
        with zipfile.ZipFile(self.path) as archive:
            return {one.filename: archive.read(one) for one in archive.infolist() if not one.is_dir()}

    @property
    def licences(self) -> Iterator[tuple[str, bytes]]:
        """Names and contents of its licences and notices. Raises BundleError where there is none."""
        found = {
            Path(path).name: content
            for path, content in self.files.items()
            if re.search(r"\.dist-info/(.*/)?(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$", path)
        }
        if not found:
            raise BundleError(
                f"{self.path.name} contains no licence: look for it, and add a rule to bundle/wheels.py"
            )
        yield from sorted(found.items())


def fetch(lock: Path, folder: Path, without: frozenset[str]) -> list[Wheel]:
    """Return the wheels of a lock, without those of some packages, by name. pip's settings say where from.

    folder: an empty one, for what is fetched. Raises BundleError.
    """
    wanted = [one for one in _entries(lock.read_text(encoding="utf-8")) if one[0] not in without]
    # The bundle serves every Python, so that no marker counts.
    everything = folder / "lock.txt"
    everything.write_text("".join(f"{name}=={version} {hashes}\n" for name, version, hashes in wanted))
    platforms = [f"--platform={one}" for one in _PLATFORMS]
    fetched = subprocess.run(
        [
            *(sys.executable, "-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-input", "--no-deps", "--require-hashes", "--only-binary=:all:", *_PYTHON, *platforms),
            *("--dest", str(folder), "--requirement", str(everything)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )
    if fetched.returncode:
        raise BundleError(f"pip could not fetch what {lock.name} names, see above; it needs a package index")
    found = {_normal(path.name.split("-")[0]): path for path in folder.glob("*.whl")}
    return [Wheel(name, version, found[name]) for name, version, _ in wanted]


def _entries(lock: str) -> Iterator[tuple[str, str, str]]:
    """Name, version and hashes of each package of a lock."""
    for entry in re.split(r"\n(?=[a-z])", lock.replace("\\\n", " ")):
        if found := re.match(r"([a-z0-9.-]+)==([^ ;]+)", entry):
            yield found[1], found[2], " ".join(re.findall(r"--hash=\S+", entry))


def _normal(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]+", "-", name).lower()
