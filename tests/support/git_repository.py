"""Real git repositories for tests: fixed dates and people, and nothing of the user's configuration."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_EPOCH = 1_700_000_000  # 2023-11-14T22:13:20Z; each commit is a minute after the one before
_IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada Example",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada Example",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


def git_environment() -> dict[str, str]:
    """The environment in which tests run git: what GIT_… the caller has is dropped."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **_IDENTITY}


@dataclass
class GitRepository:
    """A repository with a work tree. Each verb is one or two git commands; commits give their full hash.

    The same calls in the same order give the same hashes.
    """

    root: Path
    commits: int = 0

    @classmethod
    def init(cls, root: Path, *, branch: str = "main") -> GitRepository:
        root.mkdir(parents=True, exist_ok=True)
        repository = cls(root)
        repository.git("init", "--quiet", f"--initial-branch={branch}")
        return repository

    def git(self, *arguments: str, **environment: str) -> str:
        """The output of `git ARGUMENTS` without its last newline; CalledProcessError shows what git said."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**git_environment(), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
        return done.stdout.removesuffix("\n")

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def commit(self, message: str = "Change", files: Mapping[str, str] | None = None) -> str:
        """Commit files (name -> text), by default a line more in `history.txt`."""
        self.commits += 1
        self.write(files if files is not None else {"history.txt": f"{self.commits}\n"})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}", **self._date())
        return self.head

    def tag(self, name: str, *, commit: str = "HEAD", annotated: bool = False) -> None:
        options = ("--annotate", f"--message={name}") if annotated else ()
        self.git("tag", *options, "--", name, commit, **self._date())

    def branch(self, name: str, *, start: str = "HEAD") -> None:
        """Create a branch and switch to it."""
        self.git("checkout", "--quiet", "-b", name, start)

    def switch(self, name: str) -> None:
        """Check out a branch; a tag or a commit detaches HEAD."""
        self.git("checkout", "--quiet", name)

    def merge(self, name: str) -> str:
        """A merge commit with a branch, for which the branch wins every conflict."""
        self.commits += 1
        self.git("merge", "--quiet", "--no-ff", "--strategy-option=theirs", "--no-edit", name, **self._date())
        return self.head

    def dirty(self, name: str = "history.txt") -> None:
        """Change a file without committing."""
        with (self.root / name).open("a", encoding="utf-8") as file:
            file.write("changed\n")

    def clone(self, root: Path, *options: str) -> GitRepository:
        """A clone over git's own transport, so that `--depth` counts."""
        self.git("clone", "--quiet", *options, f"file://{self.root}", str(root))
        return GitRepository(root, self.commits)

    def shallow_clone(self, root: Path, *, depth: int = 1, ref: str = "") -> GitRepository:
        """What CIs make by default: so many commits, no tags but a ref's own."""
        branch = (f"--branch={ref}",) if ref else ()
        return self.clone(root, f"--depth={depth}", *branch)

    def _date(self) -> dict[str, str]:
        date = f"{_EPOCH + 60 * self.commits} +0000"
        return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
