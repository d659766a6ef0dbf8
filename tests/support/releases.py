"""A project that can be released on this machine: this checkout, with a bare repository as its remote."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from releasing.commits import BUNDLE, GENERATORS, run_program
from releasing.mistakes import PINS, Standing, mistakes_of_git
from releasing.repository import Repository
from releasing.versions import Release
from tests.support.git_repository import GitRepository, git_environment
from tests.support.paths import ROOT

THIS_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
# In the place of scripts/bundle, which takes long: files that follow from the checkout alone, as its own do.
STAND_IN = """\
import os, pathlib, signal, sys
folder, _, *pythons = sys.argv[1:]
if flag := os.environ.get("RELEASE_TEST_STOPS"):
    sys.exit(f"no bundle today: {flag}")
if os.environ.get("RELEASE_TEST_WAITS"):
    pathlib.Path(os.environ["RELEASE_TEST_WAITS"]).touch()
    signal.pause()
made = pathlib.Path(folder)
made.mkdir(parents=True)
(made / "bundle.json").write_text(" ".join(pythons) + chr(10))
(made / "start.py").write_text("print('the bundle')" + chr(10))
"""
CHANGELOG = """\
# Changelog

## [Unreleased]

### Added

- A thing,
  with [a page](docs/tags.md).
"""


@dataclass(frozen=True)
class Ended:
    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Project:
    """A clone that releases, and the bare repository that it releases to.

    folder: has both; another clone goes there too.
    """

    folder: Path
    clone: GitRepository
    remote: GitRepository

    @classmethod
    def made_in(cls, folder: Path, source: Path) -> Project:
        """source: a bare repository, which is copied."""
        shutil.copytree(source, folder / "remote.git")
        remote = GitRepository(folder / "remote.git")
        return cls(folder, remote.clone(folder / "clone"), remote)

    def release(self, *arguments: str, python: str = THIS_PYTHON, **environment: str) -> Ended:
        """Runs scripts/release of the clone."""
        started = self.start_release(*arguments, python=python, **environment)
        stdout, stderr = started.communicate()
        return Ended(started.returncode, stdout, stderr)

    def start_release(
        self, *arguments: str, python: str = THIS_PYTHON, **environment: str
    ) -> subprocess.Popen[str]:
        """Starts it, in a session of its own, as a terminal's foreground is one.

        SIGINT has its default: what a script has put into the background ignores it, and so do its children.
        """
        return subprocess.Popen(
            [
                "env",
                "--default-signal=INT",
                sys.executable,
                "scripts/release",
                *arguments,
                "--python",
                python,
            ],
            cwd=self.clone.root,
            env={**git_environment(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def mistakes(self, version: str) -> str:
        """What speaks against a release, but for the programs that check it."""
        repository = Repository(self.clone.root, "origin")
        return "\n".join(mistakes_of_git(Standing.read(repository, Release.parse(version))))

    def change(self, line: str) -> str:
        """Commits a change that a user notices, and pushes it."""
        changelog = self.clone.root / "CHANGELOG.md"
        text = changelog.read_text(encoding="utf-8")
        made = self.clone.commit(
            line, {"CHANGELOG.md": text.replace("## [Unreleased]\n", f"## [Unreleased]\n\n- {line}\n", 1)}
        )
        self.clone.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
        return made

    def tags(self) -> dict[str, str]:
        """{tag: commit} of the remote."""
        form = "%(refname:strip=2) %(objectname) %(*objectname)"
        listed = self.remote.git("for-each-ref", f"--format={form}", "refs/tags").splitlines()
        return {row.split()[0]: row.split()[-1] for row in listed}

    def file(self, commit: str, path: str) -> str:
        """A file as the remote has it at a commit."""
        return self.remote.git("show", f"{commit}:{path}")

    def bundle(self, commit: str) -> set[str]:
        """The names of the bundle's files at a commit of the remote."""
        listed = self.remote.git("ls-tree", "-r", "--name-only", commit, "--", BUNDLE)
        return {Path(name).name for name in listed.splitlines()}


def bare_source(folder: Path, *, checks: bool, stand_in: bool = True) -> Path:
    """This checkout as one commit of a bare repository's main: what git tracks or would.

    checks: whether the programs that check generated files and pins are the real ones, which take seconds.
    stand_in: whether the bundle is a stand-in.
    """
    tree = GitRepository.init(folder / "tree")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tree.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree.root / name)
    if stand_in:
        (tree.root / "scripts" / "bundle").write_text(STAND_IN)
    # Our own has no change right after a release.
    (tree.root / "CHANGELOG.md").write_text(CHANGELOG)
    if checks:
        run_program(tree.root, "scripts/pack-jenkins")  # of a checkout between two packings
    else:
        (tree.root / "tests" / "conftest.py").unlink()
        (tree.root / PINS).write_text("def test_pins() -> None:\n    pass\n")
        for generator in GENERATORS:
            (tree.root / generator).write_text("")
    tree.commit("The project")
    tree.git("clone", "--quiet", "--bare", str(tree.root), str(folder / "source.git"))
    return folder / "source.git"
