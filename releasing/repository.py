"""git, as a release needs it: what stands here and on the remote, commits beside the checkout, the push."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class GitError(Exception):
    """git refused; the message has its command and what it said."""


@dataclass(frozen=True)
class Refs:
    """The branch and the tags of a repository.

    branch:  the branch's commit, empty where there is none.
    tags:    {name: object}: of an annotated tag the tag itself.
    commits: {name: commit} of the same tags.
    """

    branch: str
    tags: Mapping[str, str]
    commits: Mapping[str, str]


@dataclass(frozen=True)
class Repository:
    """A checkout, and the remote that its branch is released to."""

    root: Path
    remote: str

    def git(self, *arguments: str, text: str | None = None, **environment: str) -> str:
        """The output of git without its last newline; text is its standard input. Raises GitError."""
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.root,
                env={**os.environ, **environment},
                input=text or "",
                capture_output=True,
                text=True,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            raise GitError(f"git {' '.join(arguments)}: {error.stderr.strip()}") from error
        return done.stdout.removesuffix("\n")

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    @property
    def branch(self) -> str:
        """Empty where HEAD is detached."""
        return self.git("branch", "--show-current")

    def changes(self) -> list[str]:
        """The files that differ from HEAD, those that git does not know included."""
        return [line[3:] for line in self.git("status", "--porcelain").splitlines()]

    def parent(self, commit: str) -> str:
        return self.git("rev-parse", "--verify", "--quiet", f"{commit}^")

    def subject(self, commit: str) -> str:
        return self.git("show", "--no-patch", "--format=%s", commit)

    def read(self, commit: str, path: str) -> str:
        return self.git("show", f"{commit}:{path}") + "\n"

    def knows(self, commit: str) -> bool:
        try:
            self.git("cat-file", "-e", f"{commit}^{{commit}}")
        except GitError:
            return False
        return True

    def is_ancestor(self, older: str, newer: str) -> bool:
        try:
            self.git("merge-base", "--is-ancestor", older, newer)
        except GitError:
            return False
        return True

    def refs_here(self) -> Refs:
        form = "%(refname:strip=2) %(objectname) %(*objectname)"
        listed = self.git("for-each-ref", f"--format={form}", "refs/tags")
        rows = [line.split() for line in listed.splitlines()]
        return Refs(
            self.head,
            {name: found for name, found, *_ in rows},
            {name: commits[0] if commits else found for name, found, *commits in rows},
        )

    def refs_there(self, branch: str) -> Refs:
        """As the remote has them now; nothing is fetched. Raises GitError where it does not answer."""
        listed = self.git("ls-remote", self.remote, f"refs/heads/{branch}", "refs/tags/*")
        found = {name: one for one, name in (line.split("\t") for line in listed.splitlines())}
        tags = {name.removeprefix("refs/tags/"): one for name, one in found.items() if "/tags/" in name}
        of_a_tag = {name.removesuffix("^{}"): one for name, one in tags.items() if name.endswith("^{}")}
        tags = {name: one for name, one in tags.items() if not name.endswith("^{}")}
        return Refs(found.get(f"refs/heads/{branch}", ""), tags, {**tags, **of_a_tag})

    @contextmanager
    def beside(self, commit: str) -> Iterator[Repository]:
        """A checkout of commit in a temporary folder; the user's own stays as it is."""
        with tempfile.TemporaryDirectory(prefix="ecr-push-release-") as folder:
            # What an interrupted release left behind: folders that are not there any more.
            self.git("worktree", "prune")
            self.git("worktree", "add", "--quiet", "--detach", f"{folder}/it", commit)
            try:
                yield Repository(Path(folder, "it"), self.remote)
            finally:
                self.git("worktree", "remove", "--force", f"{folder}/it")

    def push_command(self, branch: str, commit: str, tags: tuple[str, ...], there: Refs) -> list[str]:
        """The push of a release: all of it or nothing, and each floating tag only from where it was seen.

        tags: the version's own first, which has to be new on the remote.
        """
        own, *floating = tags
        return [
            *("git", "push", "--atomic"),
            *(f"--force-with-lease=refs/tags/{tag}:{there.tags.get(tag, '')}" for tag in floating),
            self.remote,
            f"{commit}:refs/heads/{branch}",
            f"refs/tags/{own}",
            *(f"refs/tags/{tag}" for tag in floating),
        ]
