"""A run of the matrix: started, stopped at a point, ended, and looked at from outside."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from tests.support.command_line import marked, shows_a_token, until
from tests.support.faults.judge import KILLED, After, Registry
from tests.support.git_repository import GitRepository

REPOSITORY = "team/app"
# How long children may live on after the run itself: what ends them if it is killed needs a moment.
_CHILDREN_SECONDS = 60.0
_HANG_SECONDS = 120.0


class Place(Protocol):
    """What a run is started in."""

    folder: Path
    project: GitRepository
    environ: dict[str, str]
    program: tuple[str, ...]
    always: tuple[str, ...]

    def calm(self) -> None: ...

    def look(self, *, closely: bool = False) -> Registry: ...

    def look_at_copies(self) -> tuple[Registry, ...]: ...

    def git_tags(self) -> dict[str, str]: ...


class Run:
    """A run under way."""

    def __init__(self, world: Place, options: Sequence[str], stdout: FullPipe | None) -> None:
        self._world = world
        self._full = stdout
        self._mark = uuid.uuid4().hex
        self._result = world.folder / "run" / f"{self._mark}.json"
        command = [*world.program, "run", str(world.project.root), "--repository", REPOSITORY]
        command += ["--create-repository", "--git-tag", "--version-strategy", "conventional"]
        command += ["--scan-timeout", "30s", "--result", str(self._result)]
        command += [*world.always, *options]
        self._process = subprocess.Popen(
            command,
            env={**world.environ, "TEST_RUN_MARK": self._mark},
            stdin=subprocess.DEVNULL,
            stdout=stdout.entry if stdout else subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        if stdout:
            os.close(stdout.entry)
        self._said: list[bytes] = [b"", b""]
        self._readers = [
            threading.Thread(target=self._read, args=(at, stream), daemon=True)
            for at, stream in enumerate((self._process.stdout, self._process.stderr))
            if stream
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, at: int, stream: Any) -> None:
        with stream:
            for line in stream:
                self._said[at] += line

    @property
    def is_over(self) -> bool:
        return self._process.poll() is not None

    def reach(self, condition: Callable[[], object], what: str) -> bool:
        """Waits until condition holds. False where the run ends before."""
        until(lambda: condition() or self.is_over, f"{what}: {self._said[1].decode()[-800:]}", _HANG_SECONDS)
        return bool(condition())

    def read_output(self) -> None:
        """Take what is in the way of a blocked standard output, and read it."""
        full, self._full = self._full, None
        if full:
            reader = threading.Thread(target=self._read, args=(0, full.rest()), daemon=True)
            self._readers.append(reader)
            reader.start()

    def rest(self) -> None:
        """Waits until the run does nothing but wait: what it started is known to what has to end it."""
        tasks = Path(f"/proc/{self._process.pid}/task")
        known, same = "", 0
        while same < 5 and not self.is_over:
            time.sleep(0.05)
            with contextlib.suppress(OSError):
                stats = [(one / "stat").read_text().rpartition(")")[2].split() for one in tasks.iterdir()]
                now = " ".join(f"{one[0]} {one[11]} {one[12]}" for one in stats)  # state, utime, stime
                same = same + 1 if now == known and "R" not in now else 0
                known = now

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, children_seconds: float = _CHILDREN_SECONDS) -> After:
        """Waits for the end, and looks at everything from outside."""
        try:
            code = self._process.wait(_HANG_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            code = -999  # it hangs
        self.read_output()
        alive = self._children(children_seconds)
        for reader in self._readers:
            reader.join(children_seconds)
        self._world.calm()  # what is looked at from here on is not what the cell makes fail
        document = None
        with contextlib.suppress(OSError, ValueError):
            document = json.loads(self._result.read_text())
        world = self._world
        return After(
            code,
            *(one.decode(errors="replace") for one in self._said),  # type: ignore[arg-type]
            document,
            world.look(closely=bool(world.always)),
            (*alive, *_left(world, killed=code == KILLED)),
            world.git_tags(),
            world.look_at_copies(),
        )

    def _children(self, seconds: float) -> list[str]:
        """What lives on after its time; ended by this test then."""
        deadline = time.monotonic() + seconds
        while (alive := marked(self._mark)) and time.monotonic() < deadline:
            time.sleep(0.02)
        for number, _ in alive:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        return [f"the process {command[:80]}" for _, command in alive]


def _left(world: Place, *, killed: bool) -> list[str]:
    """Files that are left. What a killed run could not remove is the next one's to remove, but no credential
    may be in it."""
    own = world.folder / "run"
    files = [path for name in ("tmp", "runtime") for path in (own / name).rglob("*")]
    with contextlib.suppress(OSError):
        files = [path for path in files if path.is_file() or path.is_socket() or path.is_symlink()]
    changed = world.project.git("status", "--porcelain", "--ignored", "--untracked-files=all").splitlines()
    locks = [str(path) for path in (world.project.root / ".git").rglob("*.lock")]
    shown = [str(path) for path in own.rglob("*") if path.is_file() and shows_a_token(path.read_bytes())]
    found = [*(f"a token in {one}" for one in shown), *(f"in the checkout: {one}" for one in changed)]
    return (
        found
        if killed
        else [*found, *(f"the file {one}" for one in files), *(f"the lock {one}" for one in locks)]
    )


class FullPipe:
    """A pipe that takes no further byte until someone reads."""

    def __init__(self) -> None:
        self._exit, self.entry = os.pipe()
        os.set_blocking(self.entry, False)
        self._size = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self._size += os.write(self.entry, b" " * 512)
        os.set_blocking(self.entry, True)

    def rest(self) -> Any:
        """What is written from now on, as a file."""
        stream = os.fdopen(self._exit, "rb")
        stream.read(self._size)
        return stream
