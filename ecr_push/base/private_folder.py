"""Where files of ours go that no one else may see and no image may hold: outside of contexts and checkouts.

Python's own choice of a temporary folder is TMPDIR, wherever that lies, and the working directory where
there is no other; `COPY . .` would put our files into an image then. So this is the one place that decides.
A folder that a background thread uses when the run ends is removed as it exits. One of a run that was killed
is removed by the next one: a lock says whether its run still lives.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ecr_push.base import interruption, process
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SettingsError
from ecr_push.base.paths import find_top, named_path

PREFIX = "ecr-push-"
_LOCK = "lock"
# A socket's path has 103 characters on macOS, 107 on Linux (unix(7)); CIs nest their TMPDIR deeply.
_LONGEST_PLACE = 103 - len(f"/{PREFIX}12345678/socket")
_USUAL = ("/tmp", "/var/tmp", "/usr/tmp")  # noqa: S108 - what is made there is private
_MEMORY = "/dev/shm"  # noqa: S108 - likewise

_in_use: set[Path] = set()
_exiting = threading.Event()
_making = threading.Lock()


@process.once_all_have_ended
def _remove_all() -> None:
    with _making:
        _exiting.set()
    for folder in tuple(_in_use):
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class PrivateFolders:
    """Makes private folders. contexts: what is sent to builds; it need not exist."""

    environ: Mapping[str, str]
    contexts: Sequence[Path] = ()

    @contextlib.contextmanager
    def made(self, *, large: bool = False) -> Iterator[Path]:
        """A folder of ours, mode 0700, removed at the end. large: for what may not fit into memory.

        Raises SettingsError where there is no place for one.
        """
        places = self._places(large=large)
        _clear(_allowed(places))
        with interruption.held() as let_go:
            with _making:
                if _exiting.is_set():
                    raise RuntimeError("cannot make a folder while this process exits")
                folder, lock = self._make(places)
                _in_use.add(folder)
            try:
                let_go()
                yield folder
            finally:
                with interruption.held():
                    shutil.rmtree(folder, ignore_errors=True)
                    _in_use.discard(folder)
                    os.close(lock)

    def keep(self, text: str, suffix: str) -> Path:
        """Writes a private file that stays. Raises SettingsError where there is no place for one."""
        places = self._places(large=True)
        for place in _allowed(places):
            with (
                contextlib.suppress(OSError),
                tempfile.NamedTemporaryFile(
                    "w",
                    prefix=PREFIX,
                    suffix=suffix,
                    dir=place,
                    delete=False,
                    encoding="utf-8",
                    errors="backslashreplace",
                ) as file,
            ):
                file.write(text)
                return Path(file.name)
        raise _no_place(places)

    def _make(self, places: Sequence[_Place]) -> tuple[Path, int]:
        for place in _allowed(places):
            with contextlib.suppress(OSError):
                return _locked_folder(place)
        raise _no_place(places)

    def _places(self, *, large: bool) -> list[_Place]:
        """Every place that exists, the best first, each with why it cannot be used."""
        given = [self.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
        runtime = self.environ.get("XDG_RUNTIME_DIR", "")
        memory = [runtime] if runtime and _is_ours_alone(Path(runtime)) else []
        named = [*given, *_USUAL, _MEMORY]
        kept_out = self._kept_out()
        found: dict[Path, _Place] = {}
        for text in [*named, *memory] if large else [*memory, *named]:
            with contextlib.suppress(OSError):
                path = Path(text).resolve(strict=True) if text else None
                if path and path.is_dir() and path not in found:
                    found[path] = _Place(path, _why_not(path, kept_out, large=large))
        # Where others may rename our folder they can put one of theirs in its place.
        return sorted(found.values(), key=lambda place: _is_exposed(place.path))

    def _kept_out(self) -> list[Path]:
        """The contexts, and the checkouts around them and around the working directory, without links."""
        found = [_real(context) for context in self.contexts]
        with contextlib.suppress(OSError):  # the working directory is gone
            named = [path for one in (Path(), *self.contexts) for path in (named_path(one), _real(one))]
            found += [_real(top) for top in map(find_top, named) if top]
        return found


@dataclass(frozen=True)
class _Place:
    """path is without links. why_not is empty for one that can be used, as far as a look can say."""

    path: Path
    why_not: str


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _allowed(places: Sequence[_Place]) -> Iterator[Path]:
    return (place.path for place in places if not place.why_not)


def _why_not(path: Path, kept_out: Sequence[Path], *, large: bool) -> str:
    for one in kept_out:
        if one in (path, *path.parents):
            return f"in {one}, which a build may send"
    if not large and len(os.fsencode(path)) > _LONGEST_PLACE:
        return "its path is too long for a socket"
    if not large and os.pathsep in str(path):
        return f"a PATH cannot name it, because of {os.pathsep!r}"
    return ""


def _is_ours_alone(path: Path) -> bool:
    """As the XDG Base Directory Specification wants it; sudo and containers hand on one that is not."""
    with contextlib.suppress(OSError):
        about = path.stat()
        return path.is_absolute() and about.st_uid == os.geteuid() and not about.st_mode & 0o077
    return False


def _is_exposed(path: Path) -> bool:
    about = path.stat()
    return bool(about.st_mode & 0o022) and not about.st_mode & stat.S_ISVTX


def _no_place(places: Sequence[_Place]) -> SettingsError:
    tried = "; ".join(f"{place.path}: {place.why_not or 'not writable'}" for place in places)
    return SettingsError(
        [f"there is no place for the run's private files: {tried or 'no temporary folder exists'}"],
        remedy="set TMPDIR to a folder that you can write to, outside of the build context and the checkout",
    )


def _locked_folder(place: Path) -> tuple[Path, int]:
    """A new folder, and the open lock in it. Raises OSError where none can be made."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        # Another run may take it for one that was left, before we have the lock; it is gone then.
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(folder / _LOCK, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            with contextlib.suppress(OSError):  # a file system without locks: no one else gets one either
                fcntl.flock(lock, fcntl.LOCK_EX)
            if (folder / _LOCK).exists():
                return folder, lock
            os.close(lock)


def _clear(places: Iterator[Path]) -> None:
    """Removes the folders of runs that were killed: ours by name and owner, whose lock no process holds."""
    for place in places:
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                if entry.name.startswith(PREFIX) and entry.is_dir(follow_symlinks=False):
                    with contextlib.suppress(OSError):
                        _remove_if_left(Path(entry.path))


def _remove_if_left(folder: Path) -> None:
    about = folder.lstat()
    if about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) != 0o700:
        return
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:  # not made here
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
