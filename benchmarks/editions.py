"""The tool as a runner has it: from this checkout, and as it was at a commit that it is measured against."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from world import ROOT, MissingError, environment

from tests.support.act import release

# The last commit whose action installs its packages in every job.
REFERENCE = "489d258"
# Where a release's commit has it, of all wrappers.
_BUNDLE = Path("jenkins", "resources", "io", "ecrpush", "bundle")
# As the wrappers do it: see environment.sh.
_INSTALL = """
. "$2/requirements/environment.sh"
find_python
install_lock "$1" "$2/requirements/$(lock_for '')"
add_source "$1" "$2"
"""


@dataclass(frozen=True)
class Edition:
    """name: as figures name it. action: the folder that a runner would have of the action."""

    name: str
    action: Path

    @property
    def has_bundle(self) -> bool:
        """Whether its jobs need no package index."""
        return (self.action / _BUNDLE).is_dir()

    @cached_property
    def command(self) -> tuple[str, ...]:
        """How its command line is called. Without a bundle it is installed once, with uv where that is on the
        PATH."""
        if self.has_bundle:
            return (sys.executable, "-I", "-S", str(self.action / _BUNDLE / "start.py"))
        place = self.action.with_name(f"{self.action.name}-installed")
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        argv = ("sh", "-euc", _INSTALL, "sh", place, self.action)
        subprocess.run(argv, env=environment(PATH=path), stdin=subprocess.DEVNULL, check=True)
        return (str(place / "bin" / "python"), "-I", "-m", "ecr_push.cli")

    @property
    def step(self) -> str:
        """What the action's only step runs, in sh."""
        action = yaml.safe_load((self.action / "action.yml").read_text(encoding="utf-8"))
        [step] = action["runs"]["steps"]
        return str(step["run"])


class Editions:
    """Both, made where they are asked for. commit: that of the reference; folder: a place for them."""

    def __init__(self, folder: Path, commit: str) -> None:
        self._folder = folder
        self._commit = commit

    @cached_property
    def ours(self) -> Edition:
        """With what is not committed, and with the bundle where scripts/bundle has made one."""
        bundle = ROOT / _BUNDLE
        return Edition("ours", release(self._folder, bundle if bundle.is_dir() else None))

    @cached_property
    def reference(self) -> Edition:
        """Raises MissingError where this clone does not have the commit."""
        found = _git("rev-parse", "--short", "--verify", "--quiet", f"{self._commit}^{{commit}}")
        archive = _git("archive", "--format=tar", self._commit)
        if found.returncode or archive.returncode:
            raise MissingError(
                f"--reference: git has no commit {self._commit} in {ROOT}. A shallow clone gets it by "
                "`git fetch --unshallow`"
            )
        place = self._folder / "reference"
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(place, filter="data")
        return Edition(found.stdout.decode().strip(), place)


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(("git", *arguments), cwd=ROOT, env=environment(), capture_output=True, check=False)
