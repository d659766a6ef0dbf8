"""The door through which files are written and removed: reports, deploy files, the CI's own.

A file is replaced whole, through a temporary file that no one can have guessed and that is created
exclusively, in the folder that the walk holds open. Nothing is flushed to the disk (fsync): what reads a
report is the next step of the same job, which ends with the machine.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from ecr_push.base import interruption
from ecr_push.base.fences import Fences, ReachedFile, RefusedPathError, is_regular, open_descriptor, reached
from ecr_push.base.paths import named_path

_PIECE = 1 << 20  # characters
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def write_text(path: Path, text: str, fences: Fences) -> None:
    """Writes a file so that no reader sees half of it; directly to a pipe, a device or `/dev/stdout`.

    A link that stays within its fence is kept, and what it leads to is replaced. Raises OSError, and its kind
    RefusedPathError for a link that leads out.
    """
    descriptor = open_descriptor(path)
    if descriptor is not None:
        _fill(descriptor, text)
        return
    with reached(path, fences) as file:
        before = file.status()
        if before is None or is_regular(before):
            _replace(file, before, text)
        elif stat.S_ISDIR(before.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        else:
            _fill(file.open(os.O_WRONLY), text)


def append_text(path: Path, text: str, fences: Fences) -> None:
    """Adds to a file, which is created where it is missing. Raises OSError as `write_text` does."""
    descriptor = open_descriptor(path)
    if descriptor is not None:
        _fill(descriptor, text)
        return
    with reached(path, fences) as file:
        _fill(file.open(os.O_WRONLY | os.O_APPEND | os.O_CREAT), text)


def remove_file(path: Path, fences: Fences) -> None:
    """Removes a regular file, also where a link within its fence leads to it; leaves a pipe or a device.

    Raises OSError as `write_text` does, but not for a file that is missing.
    """
    if (descriptor := open_descriptor(path)) is not None:
        os.close(descriptor)
        return
    with contextlib.suppress(FileNotFoundError), reached(path, fences) as file:
        if is_regular(file.status()):
            os.unlink(file.name, dir_fd=file.folder)


def make_folders(path: Path, fences: Fences) -> None:
    """Makes the folder of a file where it is missing, and those above it. Raises as `write_text` does."""
    missing = [folder for folder in named_path(path).parents if not folder.exists()]
    for folder in reversed(missing):
        with reached(folder, fences) as there:
            os.mkdir(there.name, dir_fd=there.folder)


def why_not_writable(path: Path, fences: Fences, *, appends: bool = False) -> str:
    """Why `write_text` will fail there, or `append_text`, as far as can be known before; "" for nothing."""
    try:
        if (descriptor := open_descriptor(path)) is not None:
            os.close(descriptor)
            return ""
        with reached(path, fences) as file:
            about = file.status()
            if about is not None and stat.S_ISDIR(about.st_mode):
                return f"{path} is a directory"
            if about is None or (is_regular(about) and not appends):
                allowed, what = _is_allowed(".", os.W_OK | os.X_OK, file), "its directory"
            else:
                allowed, what = _is_allowed(file.name, os.W_OK, file), "it"
            return "" if allowed else f"{path} cannot be written: {what} is read-only, for this user at least"
    except IsADirectoryError:
        return f"{path} is a directory"
    except (FileNotFoundError, NotADirectoryError):
        return f"there is no directory {path.absolute().parent}"
    except RefusedPathError as error:
        return f"{path}: {error.strerror}: {error.remedy}"
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"


def _is_allowed(name: str, mode: int, file: ReachedFile) -> bool:
    by_effective_user = os.access in os.supports_effective_ids
    return os.access(name, mode, dir_fd=file.folder, effective_ids=by_effective_user)


def _replace(file: ReachedFile, before: os.stat_result | None, text: str) -> None:
    # Of a fixed length: with the file's name in it, it could be too long for a name.
    fresh = f".ecr-push-{os.urandom(16).hex()}"
    # A new file gets what the umask, or an ACL of the folder, leaves. One that others may not read is
    # not to be read while it is written either.
    mode = 0o666 if before is None else 0o600
    with interruption.held() as let_go:
        descriptor = os.open(fresh, _CREATE | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=file.folder)
        try:
            let_go()
            _fill(descriptor, text, None if before is None else before.st_mode & 0o777)
            os.replace(fresh, file.name, src_dir_fd=file.folder, dst_dir_fd=file.folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(fresh, dir_fd=file.folder)
            raise


def _fill(descriptor: int, text: str, mode: int | None = None) -> None:
    """Writes in pieces, and closes: encoding 50,000 findings at once would hold the text twice."""
    with open(descriptor, "w", encoding="utf-8", errors="replace", newline="") as file:
        for begin in range(0, len(text), _PIECE):
            file.write(text[begin : begin + _PIECE])
        if mode is not None:
            os.fchmod(descriptor, mode)
