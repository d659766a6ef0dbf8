"""Files that a command writes for the user: never over one that is there unasked, and all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.errors import ACCEPTED, DIFFERENT, SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.regex import lazy_regex
from ecr_push.base.safe_write import make_folders, why_not_writable, write_text
from ecr_push.cli.call import Call

if TYPE_CHECKING:
    from ecr_push.delivery.moving.found import Found
    from ecr_push.source.git.command import GitCommand

_LARGEST = 4 << 20
_MOST_FILES = 50_000  # that are looked at
_DEEPEST = 6  # folders
_SEEN = frozenset({".github", ".circleci"})  # of the hidden ones
_OWNER_AND_NAME = lazy_regex(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")


def read_text(path: str, limit: int = _LARGEST) -> str:
    """A file with its own line ends. Raises OSError, and ValueError where it is not UTF-8."""
    try:
        return read_bytes(Path(path), limit, Fences.of(".")).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None


def write_files(
    call: Call, files: Mapping[str, str], steps: Sequence[str], *, dry_run: bool, force: bool
) -> int:
    """Writes the files by their paths, or prints what is to be written; then says what is left to do.

    Returns the exit code: 13 where a file is there with another content, and nothing was written.
    Raises SettingsError for a file that cannot be written, before the first one is.
    """
    there = {path: _there(path) for path in files}
    new = {path: text for path, text in files.items() if there[path] != text}
    differing = [path for path in new if there[path] is not None]
    if dry_run or (differing and not force):
        for path, text in new.items():
            call.stdout.write(_printed(path, there[path], text, whole=dry_run))
        call.stdout.flush()
        if dry_run:
            return ACCEPTED
        _tell(call, [f"{', '.join(differing)}: there already, and different: nothing was written"])
        _tell(call, ["--force writes what is printed above; git keeps what was there, if it is committed"])
        return DIFFERENT
    _write(new)
    _tell(call, [f"{path}: {_what(path, new, there)}" for path in files])
    _tell(call, ["next:"] if steps else [])
    _tell(call, [f"  {number}. {step}" for number, step in enumerate(steps, 1)])
    return ACCEPTED


def above() -> str:
    """The way to the top folder of the checkout; "" in it, and outside of one."""
    from ecr_push.base.paths import find_top

    here = Path.cwd()
    top = find_top(here)
    return "" if top in (None, here) else os.path.relpath(top, here)


def look_around() -> tuple[str, Found]:
    """The name of the working directory, and what is in it. Raises SourceError as git's commands do."""
    from ecr_push.base.paths import find_top
    from ecr_push.delivery.moving.found import find
    from ecr_push.source.git.checkout import find_checkout

    here = Path.cwd()
    paths = tuple(_paths(here))
    if not find_top(here) or not (checkout := find_checkout(here, trusted=False)):
        return here.name, replace(find(paths, ()), has_history=False)
    git = checkout.git
    found = find(paths, git.run("tag", "--list").lines, _default_branch(git))
    has_history = git.ask("rev-parse", "--verify", "--quiet", "HEAD").status == 0
    return here.name, replace(found, has_history=has_history, remote=_on_github(git))


def _on_github(git: GitCommand) -> str:
    """OWNER/NAME of the remote; "" where it is not on GitHub, or has a name that GitHub does not give."""
    from ecr_push.source.git.address import public_url

    remote = git.ask("remote", "get-url", "origin")
    host, _, name = public_url(remote.output.strip()).partition("://github.com/")
    return name if host and remote.status == 0 and _OWNER_AND_NAME.fullmatch(name) else ""


def _default_branch(git: GitCommand) -> str:
    """The remote's, as the clone knows it; else the usual one that is there; else the present one."""
    remote = git.ask("symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    if remote.status == 0:
        return remote.output.strip().removeprefix("origin/")
    there = git.run("for-each-ref", "--format=%(refname:short)", "refs/heads").lines
    present = git.ask("symbolic-ref", "--short", "HEAD").output.strip()
    return next((one for one in ("main", "master") if one in there), present)


def _paths(top: Path) -> Iterator[str]:
    """The files below a folder, by their paths from there; links are not followed."""
    count = 0
    for folder, folders, names in os.walk(top):
        below = Path(folder).relative_to(top)
        deep = len(below.parts) >= _DEEPEST
        folders[:] = [] if deep else sorted(one for one in folders if one[0] != "." or one in _SEEN)
        for name in names:
            yield (below / name).as_posix()
        count += len(names)
        if count > _MOST_FILES:
            return


def _there(path: str) -> str | None:
    """The content of a file; None where there is none. Raises SettingsError for what cannot be read."""
    try:
        return read_text(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError([f"{path} cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise SettingsError([f"{path}: {error}"], remedy="move that file away, and try again") from error


def _printed(path: str, before: str | None, text: str, *, whole: bool) -> str:
    """A new file as it will be, and one that is there as its difference."""
    if before is None:
        return f"# {path}\n{text}\n" if whole else ""
    from difflib import unified_diff

    lines = unified_diff(before.splitlines(), text.splitlines(), path, path, lineterm="")
    return "\n".join(lines) + "\n"


def _write(files: Mapping[str, str]) -> None:
    fences = Fences.of(".")
    try:
        for path in files:
            make_folders(Path(path), fences)
        if wrong := [why for path in files if (why := why_not_writable(Path(path), fences))]:
            raise SettingsError(wrong, remedy="correct that: no file was written")
        for path, text in files.items():
            write_text(Path(path), text, fences)
    except OSError as error:
        raise SettingsError([f"{error.filename or 'a file'} cannot be written: {error.strerror}"]) from error


def _what(path: str, new: Mapping[str, str], there: Mapping[str, str | None]) -> str:
    if path not in new:
        return "is as it should be"
    return "written" if there[path] is None else "changed"


def _tell(call: Call, lines: Sequence[str]) -> None:
    from ecr_push.report.escape import log_line

    for line in lines:
        call.stderr.write(log_line(line) + "\n")
    call.stderr.flush()
