"""The real command line in a process of its own, in an environment that holds nothing of the caller's."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("ecr-push")
TIMEOUT_SECONDS = 300.0  # ends what hangs, and nothing that is slow
# How every password of a sandbox begins.
_PASSWORD = re.compile(r"sandbox-\d{12}-")


def shows_a_token(text: str | bytes) -> bool:
    """Whether a registry's password is in text, in clear or as the base64 of an authorization."""
    found = text if isinstance(text, str) else text.decode("latin-1")
    return bool(_PASSWORD.search(found)) or "QVdTOnNhbmRib3gt" in found  # AWS:sandbox-


def until(condition: Callable[[], object], what: str, seconds: float = 120.0) -> None:
    """Waits until condition holds; what names it in the failure."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.01)


@dataclass(frozen=True)
class Ended:
    """A finished command. document is the result document where one was asked for."""

    code: int
    stdout: str
    stderr: str
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def image(self) -> str:
        """The one line of standard output of an accepted run: URI@DIGEST."""
        assert self.stdout.count("\n") == 1, self.stdout
        return self.stdout.strip()

    @property
    def digest(self) -> str:
        return self.image.partition("@")[2]

    @property
    def tags(self) -> dict[str, str]:
        """What became of each tag."""
        return {one["tag"]: one["result"] for one in self.document["tags"]}


@dataclass
class CommandLine:
    """Runs `ecr-push`. Whatever is run must leave no temporary file behind and show no token.

    environ: what the command sees, besides what a call adds.
    program: the beginning of every command line.
    """

    folder: Path
    environ: dict[str, str]
    program: Sequence[str | Path] = (PROGRAM,)

    @classmethod
    def at(cls, folder: Path, environ: Mapping[str, str]) -> CommandLine:
        for name in ("home", "tmp"):
            (folder / name).mkdir(parents=True)
        kept = {name: os.environ[name] for name in ("PATH", "DOCKER_HOST") if name in os.environ}
        own = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "LC_ALL": "C.UTF-8"}
        return cls(folder, {**kept, **own, **environ})

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def run(self, *arguments: str | Path, **environ: str) -> Ended:
        """`run` with the result document; extra environment as keywords."""
        return self.start("run", *arguments, "--result", self._result(), **environ).end()

    def command(self, *arguments: str | Path, **environ: str) -> Ended:
        """Any command, as it is."""
        return self.start(*arguments, **environ).end()

    def start(self, *arguments: str | Path, **environ: str) -> Running:
        return Running([str(one) for one in (*self.program, *arguments)], {**self.environ, **environ}, self)

    def start_run(self, *arguments: str | Path, **environ: str) -> Running:
        return self.start("run", *arguments, "--result", self._result(), **environ)

    def _result(self) -> Path:
        path = self.folder / "result.json"
        path.unlink(missing_ok=True)
        return path


class Running:
    """A command under way, with what it has narrated so far."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], owner: CommandLine) -> None:
        self._owner = owner
        self._mark = f"{time.monotonic_ns()}-{os.getpid()}"
        self._result = Path(argv[-1]) if argv[-2] == "--result" else None
        self._lines: list[str] = []
        self._stdout = ""
        self._process = subprocess.Popen(
            argv,
            env={**environ, "TEST_RUN_MARK": self._mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._readers = [
            threading.Thread(target=self._read_stdout),
            threading.Thread(target=self._read_stderr),
        ]
        for reader in self._readers:
            reader.start()

    def _read_stdout(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self._stdout += line

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            for line in stream:
                self._lines.append(line)

    @property
    def stderr(self) -> str:
        return "".join(self._lines)

    @property
    def stdout(self) -> str:
        return self._stdout

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Waits until condition holds; the command must not end before."""
        until(lambda: condition() or self._process.poll() is not None, f"{what}:\n{self.stderr}")
        assert condition(), f"it ended before {what}:\n{self.stderr}"

    def until_printed(self, text: str) -> None:
        """Waits until standard error carries text."""
        self.until(lambda: text in self.stderr, f"{text!r} is printed")

    def processes(self) -> dict[int, str]:
        """Every process of this run, children of children too, found by a mark in its environment."""
        return dict(marked(self._mark))

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def __del__(self) -> None:
        # A test that failed half-way must not leave it running.
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def end(self, seconds: float = TIMEOUT_SECONDS) -> Ended:
        """Waits for the end and checks what holds for every run."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"still running after {seconds:g} s:\n{self.stderr}") from None
        finally:
            for reader in self._readers:
                reader.join(60)
        written = self._result.read_text() if self._result and self._result.exists() else ""
        ended = Ended(code, self._stdout, self.stderr, json.loads(written or "{}"))
        logs = [path.read_text() for path in self._owner.temporary.glob("ecr-push-*.log")]
        assert code != 1, "\n".join(["an internal error:", ended.stderr, *logs])
        # GitHub's runner gets what to mask, and does not show it.
        shown = re.sub(r"^::add-mask::.*\n", "", ended.stderr, flags=re.M)
        assert not shows_a_token(ended.stdout + shown + written)
        # What ends the run's programs if it is killed ends by itself, a moment later.
        until(lambda: not self.processes(), "everything that it started has ended")
        assert not list(self._owner.temporary.iterdir()), "temporary files are left"
        if ended.document:
            assert ended.document["exitCode"] == code
        return ended


def marked(mark: str) -> list[tuple[int, str]]:
    """The processes whose environment has this TEST_RUN_MARK, with their command lines."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            if f"TEST_RUN_MARK={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(
                    (int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
                )
        except OSError:  # it ended while we looked, or is another user's
            continue
    return found
