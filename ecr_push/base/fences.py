"""Folders whose content may be an outsider's, and a walk along a path that follows no link out of them.

The author of a commit can have made any link in the checkout and in the working directory. What is outside of
both is the user's machine, whose links are followed. The walk opens one folder after the other, each relative
to the one before and never through a link: what was checked is what is opened, whatever is exchanged
meanwhile. See openat(2) and O_NOFOLLOW.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ecr_push.base.dataclass import dataclass
from ecr_push.base.paths import GIT_FOLDER, find_top, is_gits_own, named_path

# To pass through a folder is enough, as for the kernel: reading what is in it may not be allowed.
_SEARCH = getattr(os, "O_PATH", getattr(os, "O_SEARCH", os.O_RDONLY))
_FOLDER = _SEARCH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST_LINKS = 40  # as the kernel: path_resolution(7)
_LONGEST_SHOWN = 200  # characters of what a link says
REMEDY = "name the file itself, or put it where the link is"
# Names of what the process has open. The kernel makes links of them that name no file where it is a pipe.
_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTORS = ("/dev/fd", "/proc/self/fd")

Identity = tuple[int, int]  # device, inode


class RefusedPathError(OSError):
    """A path that is not used, though the system would. strerror says why, remedy what to do."""

    def __init__(self, number: int, why: str, path: Path, remedy: str = REMEDY) -> None:
        super().__init__(number, why, str(path))
        self.remedy = remedy


@dataclass(frozen=True)
class Fence:
    """A folder; links in it that lead out are not followed. paths: as it was named, and without links."""

    paths: tuple[Path, ...]
    identity: Identity

    def within(self, target: str) -> str | None:
        """The part of an absolute path that lies below; None for one that does not."""
        for path in map(str, self.paths):
            if target == path or target.startswith(path.rstrip("/") + "/"):
                return target[len(path) :]
        return None


@dataclass(frozen=True)
class Fences:
    """What may be an outsider's: the checkout around the build's context, and the working directory.

    here: the working directory where it is a fence itself, and not a folder within the checkout.
    """

    around: tuple[Fence, ...]
    here: Path | None = None

    @staticmethod
    def of(context: str | Path) -> Fences:
        """The fences of a run that builds context. Raises OSError without a working directory."""
        here, named = Path.cwd(), named_path(Path(context))
        top = find_top(named) or find_top(named.resolve()) or named
        # Within the checkout a link may lead anywhere; from the working directory around it into it.
        folders = [top] if top in (here, *here.parents) else [here, top]
        found = []
        for folder in folders:
            with contextlib.suppress(OSError):  # what does not exist holds nothing
                about = folder.stat()
                found.append(Fence((folder, folder.resolve()), (about.st_dev, about.st_ino)))
        return Fences(tuple(found), here if here in folders else None)

    def hold(self, path: Path) -> bool:
        """Whether an outsider may name path: it is below a fence, which no link leads out of, not git's."""
        below = (one.within(str(named_path(path))) for one in self.around)
        return any(one is not None and not is_gits_own(Path(one)) for one in below)

    def entered(self, folder: int) -> Fence | None:
        about = os.fstat(folder)
        return next((one for one in self.around if one.identity == (about.st_dev, about.st_ino)), None)


@dataclass(frozen=True)
class ReachedFile:
    """Where a path leads: a name in an open folder, which is not a link, or not there yet.

    folder: a file descriptor, open as long as it is used. fenced: whether it may be an outsider's.
    """

    path: Path
    folder: int
    name: str
    fenced: bool

    def status(self) -> os.stat_result | None:
        """About what is there now, a link made meanwhile included; None where there is nothing."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def open(self, flags: int, mode: int = 0o666) -> int:
        """Opens what is there, never through a link. Raises OSError."""
        return os.open(
            self.name, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY, mode, dir_fd=self.folder
        )


def open_descriptor(path: Path) -> int | None:
    """A copy of what `/dev/stdout`, `/dev/fd/63` and their like name; None for any other path."""
    named = named_path(path)
    number = _STREAMS.get(str(named))
    if number is None and str(named.parent) in _DESCRIPTORS and named.name.isascii() and named.name.isdigit():
        number = int(named.name)
    return None if number is None else os.dup(number)


@contextlib.contextmanager
def reached(path: Path, fences: Fences) -> Iterator[ReachedFile]:
    """Walks to the file that path names, as the user gave it, and keeps its folder open.

    Raises RefusedPathError where a link leads out of a fence, or into git's own folder, which can hold a
    token; OSError where a folder is missing or closed to us.
    """
    if "\0" in str(path):
        raise OSError(errno.EINVAL, "a path cannot contain a NUL", str(path))
    walk = _Walk(path, fences)
    try:
        name = walk.last_name()
        yield ReachedFile(path, walk.folders[-1], name, fenced=walk.fence is not None)
    finally:
        walk.close()


def refusal(path: Path, fences: Fences) -> RefusedPathError | None:
    """Why path is not used, a folder or a file; None where it is, or where it is missing."""
    try:
        with reached(path, fences):
            return None
    except RefusedPathError as error:
        return error
    except OSError:  # it is missing, or the root itself
        return None


class _Walk:
    """folders: open, from the root to where the walk is. base: how many of them the fence's own is."""

    def __init__(self, path: Path, fences: Fences) -> None:
        named = named_path(path)
        self._path = path
        self._fences = fences
        # The folders above the working directory may be closed to us.
        starts_here = fences.here is not None and fences.here in (named, *named.parents)
        start = fences.here if fences.here and starts_here else Path("/")
        # What is left to go, the next last, each with the link that it comes from: "" for the user's words.
        self._todo = [(word, "") for word in reversed(named.relative_to(start).parts)]
        self._names = list(start.parts[1:])
        self._links = 0
        self.fence: Fence | None = None
        self._base = 0
        self.folders: list[int] = [os.open("." if starts_here else "/", _FOLDER)]
        self._enter()

    def close(self) -> None:
        while self.folders:
            os.close(self.folders.pop())

    def last_name(self) -> str:
        while self._todo:
            word, link = self._todo.pop()
            if word == "..":
                self._up(link)
                continue
            if link and self.fence and word.casefold() == GIT_FOLDER:
                raise self._refused(link, f"into {GIT_FOLDER}, where credentials can be,")
            target = self._link_at(word)
            if target is not None:
                self._follow(word, target)
            elif not self._todo:
                return word
            else:
                self._down(word, link)
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self._path))

    def _link_at(self, word: str) -> str | None:
        """What the link says, None where there is none."""
        try:
            return os.readlink(word, dir_fd=self.folders[-1])
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.EINVAL:  # no link
                return None
            raise self._about(error) from error

    def _down(self, word: str, link: str) -> None:
        try:
            folder = os.open(word, _FOLDER, dir_fd=self.folders[-1])
        except OSError as error:
            if self._link_at(word) is None:
                raise self._about(error) from error
            self._todo.append((word, link))  # it has become a link meanwhile, which the walk follows itself
            return
        self.folders.append(folder)
        self._names.append(word)
        self._enter()

    def _about(self, error: OSError) -> OSError:
        return OSError(error.errno, error.strerror, str(self._path))

    def _enter(self) -> None:
        if entered := self._fences.entered(self.folders[-1]):
            self.fence, self._base = entered, len(self.folders)

    def _up(self, link: str) -> None:
        if self.fence and len(self.folders) == self._base:
            raise self._refused(link)
        if len(self.folders) > 1:
            os.close(self.folders.pop())
            self._names.pop()

    def _follow(self, word: str, target: str) -> None:
        self._links += 1
        if self._links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(self._path))
        said = target if len(target) <= _LONGEST_SHOWN else target[:_LONGEST_SHOWN] + "…"
        link = _on_one_line(f"{'/'.join(['', *self._names, word])} -> {said}")
        rest = target
        if target.startswith("/"):
            keep = 1
            if self.fence:
                below = self.fence.within(target)
                if below is None:
                    raise self._refused(link)
                rest, keep = below, self._base
            while len(self.folders) > keep:
                os.close(self.folders.pop())
                self._names.pop()
        self._todo += [(one, link) for one in reversed(rest.split("/")) if one not in ("", ".")]

    def _refused(self, link: str, where: str = "outside the checkout") -> RefusedPathError:
        return RefusedPathError(errno.ELOOP, f"it leads {where} by a symlink, {link}", self._path)


def _on_one_line(text: str) -> str:
    """An outsider chose it: it must not look like more of the message."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def is_regular(about: os.stat_result | None) -> bool:
    return about is not None and stat.S_ISREG(about.st_mode)
