"""The checkout that a folder is in: where its top is, whether git can read it, which commit is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SourceError
from ecr_push.base.paths import find_top, named_path
from ecr_push.base.regex import lazy_regex
from ecr_push.source.git.command import Answer, GitCommand, unreadable

# git's message where neither the folder nor one above it has a repository.
_NO_REPOSITORY = lazy_regex(r"not a git repository \(or any ")


@dataclass(frozen=True)
class Checkout:
    """A work tree. git runs in the folder that was asked for; root is the top."""

    git: GitCommand
    root: Path
    shallow: bool

    @property
    def at_top(self) -> GitCommand:
        return GitCommand(self.root, self.git.foreign)


@dataclass(frozen=True)
class Commit:
    """A commit object. committed_at is the committer's date, in UTC."""

    id: str
    parents: tuple[str, ...]
    committed_at: datetime
    message: str


@dataclass(frozen=True)
class Seen:
    """What another process of the same command has read of a checkout, whose top is root.

    dirty: tracked paths that differ from the commit.
    """

    root: Path
    commit: str
    dirty: tuple[str, ...]


def find_checkout(context: Path, *, trusted: bool) -> Checkout | None:
    """The checkout that context is in; None where neither it nor a folder above has a `.git`.

    trusted: go on where the checkout belongs to another user. Raises SourceError, with a remedy, where it
    is not trusted, or cannot be read.
    """
    if not context.is_dir():
        raise SourceError(f"there is no directory {context}", remedy="name the directory to build")
    git = GitCommand(context)
    answer = _find(git)
    if answer.status and trusted and "safe.directory" in answer.error:
        git = git.trusting()
        answer = _find(git)
    if answer.status:
        # With a `.git`, git skipped it, since it is not a repository.
        # With a `.git`, git skipped it, since it is not a repository; or a symlink in a checkout leads to a
        # folder outside, which is not the CI's commit.
        folders = (named_path(context), context.resolve())
        if _NO_REPOSITORY.search(answer.error) and not any(map(find_top, folders)):
            return None
        raise _unreadable(context, answer)
    _, shallow, root, *_ = answer.lines
    checkout = Checkout(git, Path(root), shallow == "true")
    _refuse_absent_submodule(checkout)
    return checkout


def commit_there(context: Path, dockerfile: Path, *, trusted: bool) -> str:
    """The commit that is checked out, where it is all that is built; "" otherwise, or where that is unknown.

    A patch may be applied to it, or what is built may lie in a folder of its own. Files that git ignores are
    not considered: mostly the build itself creates them.
    """
    try:
        checkout = find_checkout(context, trusted=trusted)
        commit, _, dirty = read_status(checkout.git) if checkout else ("", "", ())
    except SourceError:
        return ""
    whole = checkout and not dirty and _is_tracked(checkout.git, dockerfile)
    return commit if whole else ""


def _is_tracked(git: GitCommand, dockerfile: Path) -> bool:
    """Whether git tracks all of the folder that it runs in, except what it ignores, and the Dockerfile."""
    has = git.ask("ls-files", "--cached", "--", ".")
    lacks = git.ask("ls-files", "--others", "--exclude-standard", "--directory", "--", ".")
    if has.status or not has.output or lacks.status or lacks.output:
        return False
    # A path outside of the work tree is an error.
    return not git.ask("ls-files", "--error-unmatch", "--", str(dockerfile.absolute())).status


def _find(git: GitCommand) -> Answer:
    return git.ask("rev-parse", "--is-bare-repository", "--is-shallow-repository", "--show-toplevel")


def _unreadable(folder: Path, answer: Answer) -> SourceError:
    message = answer.message
    # git prints the command to use, with the path quoted for a shell.
    fix = next((line for line in message.split("\n") if "safe.directory" in line), "")
    if fix:
        return SourceError(
            "git does not trust the checkout",
            why=f'{folder} belongs to another user ("dubious ownership"), as is usual in containers',
            remedy=f"run as the folder's owner, or declare it safe: {fix}",
        )
    if answer.lines[0] == "true":
        return SourceError(
            f"{folder} is a bare git repository",
            why="it has no files to build from",
            remedy=f"build in a clone: git clone {folder} CHECKOUT",
        )
    return unreadable(folder, f"git rev-parse: {message}")


def _refuse_absent_submodule(checkout: Checkout) -> None:
    """In a submodule that was not fetched git finds the repository around it: a different commit."""
    context = checkout.git.folder
    if context.resolve() == checkout.root.resolve() or any(context.iterdir()):
        return
    # An entry of the index with mode 160000: https://git-scm.com/docs/git-fast-import#_filemodify
    if checkout.git.run("ls-files", "--stage", "--", ".").output.startswith("160000 "):
        raise SourceError(
            f"{context} is a git submodule that was not fetched",
            why="it is empty, and its commit is unknown",
            remedy="git submodule update --init (actions/checkout: `submodules: true`)",
        )


def read_status(git: GitCommand, paths: Sequence[str] = ()) -> tuple[str, str, tuple[str, ...]]:
    """The commit, the branch ("" when HEAD is detached), and the tracked paths that differ from the commit.

    paths: look at these alone, from the folder that git runs in; () for the whole checkout.

    A submodule differs when another commit of it is checked out, or when it has changes of its own.
    https://git-scm.com/docs/git-status#_porcelain_format_version_2
    """
    entries = git.run(
        *("status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z"),
        *("--untracked-files=no", "--ignore-submodules=untracked", "--no-renames", "--", *paths),
    ).output.split("\0")
    headers = dict(entry[2:].split(" ", 1) for entry in entries if entry.startswith("# "))
    commit, branch = headers["branch.oid"], headers["branch.head"]
    if commit == "(initial)":
        raise SourceError(
            f"{git.folder} has no commit yet",
            why="an image is named after the commit that it is built from",
            remedy="commit first: git add --all && git commit",
        )
    # Changed entries have eight fields before the path, unmerged ones ten.
    fields = {"1": 8, "u": 10}
    dirty = [entry.split(" ", fields[entry[0]])[-1] for entry in entries if entry[:1] in fields]
    return commit, "" if branch == "(detached)" else branch, tuple(dirty)


def read_commit(git: GitCommand, commit: str) -> Commit:
    """A commit as its object states it: a shallow clone knows the parents' ids, too."""
    head, _, message = git.run("cat-file", "commit", commit).output.partition("\n\n")
    fields = [line.split(" ", 1) for line in head.split("\n") if not line.startswith(" ")]
    parents = tuple(value for name, value in fields if name == "parent")
    committer = next(value for name, value in fields if name == "committer")
    seconds = int(committer.rsplit(" ", 2)[1])
    return Commit(commit, parents, datetime.fromtimestamp(seconds, timezone.utc), message)
