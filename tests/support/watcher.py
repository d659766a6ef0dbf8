"""Looks for secrets where they must not be: in the processes of this machine, and in files."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType


class Watcher:
    """Reads command lines and environments of all processes, and files, again and again, until the end.

    secrets: what is looked for; each must be in no other program of this machine.
    allowed: whether a process may have them, by its command line: the command that was given them.
    roots:   patterns of files and folders, such as /tmp/ecr-push-*; mine: files that may hold secrets.
    """

    def __init__(
        self,
        secrets: Iterable[bytes],
        allowed: Callable[[Sequence[str]], bool] = lambda argv: False,
        roots: Iterable[str] = (),
        mine: Iterable[Path] = (),
    ) -> None:
        self._pattern = re.compile(b"|".join(secrets))
        self._allowed = allowed
        self._roots = tuple(roots)
        self._mine = frozenset(mine)
        self._known: set[tuple[str, bytes]] = set()
        self._over = threading.Event()
        self.found: set[str] = set()
        self.programs: set[str] = set()
        looks = (self.look, self.files)
        self._threads = [threading.Thread(target=self._repeat, args=(look,)) for look in looks]

    def __enter__(self) -> Watcher:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.look()
        self.files()

    def _repeat(self, look: Callable[[], None]) -> None:
        while not self._over.wait(0.005):
            look()

    def shows(self, text: bytes) -> bool:
        return bool(self._pattern.search(text))

    def look(self) -> None:
        """One look at every process. A child that has not begun its own program yet is its parent still."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes()
                if not line or (folder.name, line) in self._known:
                    continue
                environ = (folder / "environ").read_bytes()
                if (folder / "cmdline").read_bytes() != line:
                    continue  # it has just become another program
            except OSError:  # it has ended
                continue
            self._known.add((folder.name, line))
            argv = line.decode(errors="replace").rstrip("\0").split("\0")
            self.programs.add(Path(argv[0]).name)
            if self._allowed(argv):
                continue
            for where, text in (("the command line", line), ("the environment", environ)):
                if self.shows(text):
                    self.found.add(f"{where} of {' '.join(argv)[:200]}: {self._shown(text)}")

    def files(self) -> None:
        """One look at every file. Links lead to what is not there: to memory, or to the user's own."""
        for root in self._roots:
            for file in (one for top in Path("/").glob(root.lstrip("/")) for one in _all_files(top)):
                try:
                    if file not in self._mine and self.shows(text := file.read_bytes()):
                        self.found.add(f"the file {file}: {self._shown(text)}")
                except OSError:
                    continue

    def _shown(self, text: bytes) -> str:
        return ", ".join(sorted({one[:40].decode(errors="replace") for one in self._pattern.findall(text)}))


def _all_files(top: Path) -> Iterator[Path]:
    """What is there now; a folder that is removed meanwhile has none."""
    found = [top] if top.is_file() else [Path(at, name) for at, _, names in os.walk(top) for name in names]
    return (one for one in found if not one.is_symlink() and one.is_file())
