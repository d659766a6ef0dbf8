"""Git's own commands in a known environment: no prompt, no hooks, one door to the network.

Without GitPython, which would start them alike: to import it costs more processor time than all that is
asked of git in a run.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ecr_push.base import background, interruption
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SourceError
from ecr_push.base.process import start_pipes
from ecr_push.base.watcher import tie, untie
from ecr_push.source.git.address import public_text

if TYPE_CHECKING:
    from io import BufferedReader
    from subprocess import Popen

# A git hook, `git rebase --exec` or an alias leaves these set: they would send every command to
# another repository or index than the one of the given folder. The list is `git rev-parse
# --local-env-vars` less the configuration, through which CIs declare a folder as safe.
MISLEADING = (
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
# Secrets that git has no use for, whatever it starts.
_SECRETS = ("ECR_PUSH_BUILD_ARG", "DOCKER_AUTH_CONFIG")
# A remote may be logged in to with them (AWS CodeCommit is); a command that stays on this machine needs none.
_REMOTE_SECRETS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"),
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
)
# GIT_OPTIONAL_LOCKS: `git status` would else write the index, and fail on a read-only checkout.
# GIT_FLUSH: a walk is read in blocks; git would else write each line by itself.
# LC_ALL and LANGUAGE: its messages are in English, and some are looked at.
_ENVIRONMENT = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_FLUSH": "0",
}
# A partial clone fetches what is missing on its own. The variable, unlike `protocol.allow`, cannot be
# overruled by a configuration that allows one protocol by its name.
_OFFLINE = {**_ENVIRONMENT, "GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
# Which protocols are allowed is left to git and to the user's configuration.
_ONLINE = {**_ENVIRONMENT, "GCM_INTERACTIVE": "never"}
# Programs that a configuration names, and that nothing of ours needs: hooks and fsmonitor. Replacements
# (`git replace`) are a matter of one clone: versions must be the same in every other one.
_OPTIONS = (
    *("--no-replace-objects", "--literal-pathspecs"),
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"),
)
# git asks a shell to run it, and GIT_SSH_COMMAND comes before it.
_BATCH_SSH = 'core.sshCommand="${GIT_SSH:-ssh}" -o BatchMode=yes'
_BLOCK = 65536  # bytes
_GRACE_SECONDS = 3.0


@dataclass(frozen=True)
class Answer:
    """The result of a command. Bytes that are not UTF-8 read as `\\xff`, so that no two names become one."""

    status: int
    output: str
    error: str

    @property
    def lines(self) -> list[str]:
        # Not splitlines(): it also splits at U+2028, which names may hold.
        return self.output.removesuffix("\n").split("\n")

    @property
    def message(self) -> str:
        """git's error message without credentials, never empty."""
        return public_text(self.error) or f"status {self.status}"

    def checked(self, command: str, folder: Path, fine: tuple[int, ...] = (0,)) -> Answer:
        """This answer. Raises SourceError with git's message if the status is not one of fine."""
        if self.status in fine:
            return self
        raise unreadable(folder, f"git {command}: {self.message}")


def pasted(folder: Path, words: str) -> str:
    """A command of git's for a folder, as a message has it: it can be pasted from any other one."""
    import shlex  # an error needs it

    return f"`git -C {shlex.quote(str(folder))} {words}`"


def unreadable(folder: Path, why: str) -> SourceError:
    return SourceError(
        f"git could not read the checkout in {folder}",
        why=why,
        remedy=f"{pasted(folder, 'status')} shows the same mistake: repair the checkout, or clone it again",
    )


@dataclass(frozen=True)
class GitCommand:
    """Runs `git ARGUMENTS` in a folder.

    foreign: the checkout belongs to another user, and is trusted all the same. git then uses the
             configuration in its `.git`, which may name programs: filters (git-lfs is one, and `git status`
             needs it), and for a remote ssh commands and credential helpers (actions/checkout writes them
             there, and a private repository does not answer without them). A commit cannot write that file;
             a person who can also controls the files that the image is built from. Hooks and fsmonitor stay
             off. Needs git 2.38: older ones do not read safe.directory from the command line, and refuse.
    """

    folder: Path
    foreign: bool = False

    def trusting(self) -> GitCommand:
        return replace(self, foreign=True)

    def ask(self, *arguments: str, stdin: str = "") -> Answer:
        """The answer, whatever its status. No network. Raises SourceError where git cannot be started."""
        with self._tied(arguments, with_stdin=bool(stdin)) as process:
            output, error = process.communicate(stdin.encode() or None)
        return _answer(process, output, error)

    def run(self, *arguments: str, fine: tuple[int, ...] = (0,), stdin: str = "") -> Answer:
        """The answer of a command that must end with a status in fine. Raises SourceError."""
        return self.ask(*arguments, stdin=stdin).checked(arguments[0], self.folder, fine)

    def stream(self, *arguments: str, end: str = "\n") -> Generator[str, None, None]:
        """The output piece by piece as git writes it, each without its end. No network.

        git is stopped when the consumer stops: closes the generator, or drops it. Raises SourceError
        after the last piece where git failed.
        """
        with self._tied(arguments) as process:
            yield from _pieces(cast("BufferedReader", process.stdout), end.encode())
            error = cast("BufferedReader", process.stderr).read()
            process.wait()
        _answer(process, b"", error).checked(arguments[0], self.folder)

    def ask_remote(self, *arguments: str, timeout: float) -> Answer:
        """Like `ask`, for the commands that may reach a remote: within timeout seconds, and without prompts.

        Past the timeout, and when an exception passes through (an interruption above all), git and its
        children are ended. The status of a timeout is negative, as of a program that a signal ended.
        """
        configured = self.ask("config", "--get", "core.sshCommand").status == 0
        options = () if configured else ("-c", _BATCH_SSH)
        # A session of its own: its children can be ended with it, and find no terminal to ask at.
        with interruption.held() as let_go:
            process = self._start((*options, *arguments), _ONLINE)
            reading = background.start(process.communicate, "read git")
            try:
                let_go()
                tie(process.pid)  # it could wait for the remote for long after this process was killed
                return _answer(process, *reading.result(timeout))
            except FutureTimeoutError:
                return Answer(-signal.SIGTERM, "", f"no end within {timeout:g} seconds")
            finally:
                with interruption.held():
                    if not reading.done():
                        _end_group(process, reading)
                    untie(process.pid)

    @contextlib.contextmanager
    def _tied(self, arguments: Sequence[str], *, with_stdin: bool = False) -> Iterator[Popen[bytes]]:
        """git without a network, which ends with the block, and with this process even if that is killed: it
        can hang on a file system as on a remote."""
        with (
            interruption.held() as let_go,
            self._start(arguments, _OFFLINE, with_stdin=with_stdin) as process,
        ):
            try:
                let_go()
                tie(process.pid)
                yield process
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                raise
            finally:
                untie(process.pid)

    def _start(
        self, arguments: Sequence[str], environment: Mapping[str, str], *, with_stdin: bool = False
    ) -> Popen[bytes]:
        secrets = _SECRETS if environment is _ONLINE else (*_SECRETS, *_REMOTE_SECRETS)
        without = (*MISLEADING, *secrets)
        trust = ("-c", "safe.directory=*") if self.foreign else ()
        command = ("git", "-C", str(self.folder.absolute()), *_OPTIONS, *trust, *arguments)
        try:
            return start_pipes(command, without=without, added=environment, with_stdin=with_stdin)
        except (FileNotFoundError, PermissionError) as error:
            raise _no_git() from error


def _pieces(stream: BufferedReader, end: bytes) -> Iterator[str]:
    rest = b""
    while block := stream.read1(_BLOCK):
        whole, found, tail = block.rpartition(end)
        if found:
            yield from (rest + whole).decode(errors="backslashreplace").split(end.decode())
            rest = tail
        else:
            rest += block
    if rest:
        yield rest.decode(errors="backslashreplace")


def _answer(process: Popen[bytes], output: bytes, error: bytes) -> Answer:
    return Answer(
        process.returncode,
        output.decode(errors="backslashreplace"),
        error.decode(errors="backslashreplace").removesuffix("\n"),
    )


def _end_group(process: Popen[bytes], reading: Future[tuple[bytes, bytes]]) -> None:
    """Ends git and its children; git removes its lock files and half packs when it is asked to end."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(FutureTimeoutError):
            reading.exception(_GRACE_SECONDS)


def _no_git() -> SourceError:
    return SourceError(
        "git is not installed",
        why="the PATH has no program `git` that can be started, and versions and tags come from git",
        remedy="install git, for example: apt-get install git",
    )
