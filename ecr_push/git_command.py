"""Git's own commands through GitPython, in a known environment: no prompt, no network, no hooks.

GitPython takes 50 ms and more to import, so it is imported when the first command runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecr_push.errors import SourceError

# A git hook, `git rebase --exec` or an alias leaves these set: they would send every command to
# another repository or index than the one of the given folder. The list is `git rev-parse
# --local-env-vars` less the configuration, through which CIs declare a folder as safe.
_MISLEADING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_NO_REPLACE_OBJECTS",
)
# GIT_OPTIONAL_LOCKS: `git status` would else write the index, and fail on a read-only checkout.
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat"}
# A partial clone fetches what is missing on its own; fsmonitor runs a program that the configuration names.
_OPTIONS = ("-c", "protocol.allow=never", "-c", "core.fsmonitor=false")


@dataclass(frozen=True)
class Answer:
    """What a command said. Bytes that are no UTF-8 read as `\\xff`, so that no two names become one."""

    status: int
    output: str
    error: str

    @property
    def lines(self) -> list[str]:
        # Not splitlines(): it also splits at U+2028, which names may hold.
        return self.output.removesuffix("\n").split("\n")

    def checked(self, command: str, folder: Path, fine: tuple[int, ...] = (0,)) -> Answer:
        """This answer. Raises SourceError with git's own words where the status is none of fine."""
        if self.status in fine:
            return self
        raise SourceError(
            f"git could not read the checkout in {folder}",
            why=f"git {command}: {self.error.strip() or f'status {self.status}'}",
        )


@dataclass(frozen=True)
class GitCommand:
    """Runs `git ARGUMENTS` in a folder."""

    folder: Path

    def ask(self, *arguments: str) -> Answer:
        """The answer, whatever its status. Raises SourceError where git cannot be started."""
        try:
            import git
        except ModuleNotFoundError:
            raise
        except ImportError as error:  # GitPython asks for git's version as it is imported
            raise _no_git() from error
        # Twice, since GitPython falls back to our own folder where it may not enter the given one.
        folder = str(self.folder.absolute())
        unset = [part for name in _MISLEADING for part in ("-u", name)]
        program = git.Git.GIT_PYTHON_GIT_EXECUTABLE or "git"
        command = ["env", *unset, program, "-C", folder, *_OPTIONS, *arguments]
        try:
            status, output, said = git.Git(folder).execute(
                command,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                shell=False,
                env=_ENVIRONMENT,
            )
        except git.GitCommandNotFound as error:
            raise _no_git() from error
        if status == 127:
            raise _no_git()
        return Answer(status, output.decode(errors="backslashreplace"), said)

    def tell(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> Answer:
        """The answer of a command that must end with a status in fine. Raises SourceError."""
        return self.ask(*arguments).checked(arguments[0], self.folder, fine)


def _no_git() -> SourceError:
    return SourceError(
        "git is not installed",
        why="there is no program `git` on the PATH, and versions and tags come from git",
        remedy="install git, for example: apt-get install git",
    )
