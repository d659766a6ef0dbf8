"""What git says about the checkout: commit, branch, tags, distance, dirtiness, time.

Git does the walking, in a handful of commands; nothing here loops over commits. Where git cannot
know the answer (a shallow clone, tags that were not fetched), we refuse and never guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ecr_push import precedence
from ecr_push.ci.facts import CiFacts
from ecr_push.errors import SourceError
from ecr_push.git_command import Answer, GitCommand
from ecr_push.history import REMOTE_HEAD, Refs, follow, read_refs
from ecr_push.remote import public_url

_FULL_CLONE = {
    "": "git fetch --unshallow --tags",
    "github": "give actions/checkout `fetch-depth: 0`, or run: git fetch --unshallow --tags",
    "jenkins": "switch off `Shallow clone` and switch on `Fetch tags` under the Git source's "
    "advanced clone behaviours, or run: git fetch --unshallow --tags",
    "codebuild": "set the source's `Git clone depth` to Full, or run: git fetch --unshallow --tags",
}


@dataclass(frozen=True)
class Source:
    """A commit in a checkout, and what git and the CI know about it.

    root:           the work tree's top folder.
    commit:         the commit that is checked out, in full: on a pull request maybe a merge commit.
    committed_at:   the committer's date, in UTC.
    branch:         empty on a detached HEAD of which the CI says nothing. Never a pull request's.
    tags:           all tags on this commit, in order of name.
    dirty:          tracked paths that differ from the commit, from the root on; untracked files are
                    not counted, as in `git describe --dirty`.
    nearest:        the release tag that this commit follows, or "": see `history.follow`.
    distance:       commits since nearest; all commits up to this one where there is no nearest.
    release_tags:   every tag of the repository that is a full semantic version.
    branches:       the branches that this clone knows, its own and its remotes'.
    remote_url:     where the source is, as https and without credentials; empty where that is unknown.
    default_branch: empty where neither git nor the CI says.
    pull_request:   its number, when the CI runs for one.
    """

    root: Path
    commit: str
    committed_at: datetime
    branch: str = ""
    tags: tuple[str, ...] = ()
    dirty: tuple[str, ...] = ()
    nearest: str = ""
    distance: int = 0
    release_tags: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    remote_url: str = ""
    default_branch: str = ""
    pull_request: str = ""

    @property
    def short(self) -> str:
        """The commit's first 12 digits, as tags show them."""
        return self.commit[:12]


def read_source(context: Path, facts: CiFacts) -> Source:
    """What git says about the checkout that context is in, completed by what the CI says.

    Starts git six to nine times, and reaches no network. Raises SourceError, with a remedy, where
    context is in no checkout, has no commit, or misses history or tags. A shallow clone is always
    refused, even on a release tag: which tags are on this commit, and which release is the highest
    (so what `latest` may be), depends on tags that such a clone need not have.
    """
    git = GitCommand(context)
    root = _root(git, facts)
    branch, dirty = _status(git)
    seconds, commit, *parents = git.tell(
        "rev-list", "--max-count=1", "--parents", "--timestamp", "HEAD"
    ).output.split()
    refs = read_refs(git)
    told = _told(facts, commit, parents, refs)
    release_tags = tuple(filter(precedence.is_release_tag, refs.commits))
    tags = tuple(refs.tags.get(commit, ()))
    here = precedence.highest(tags)
    nearest, distance = (here, 0) if here else follow(git, refs, release_tags)
    return Source(
        root=root,
        commit=commit,
        committed_at=datetime.fromtimestamp(int(seconds), timezone.utc),
        branch=_branch(facts, told, branch),
        tags=tags,
        dirty=dirty,
        nearest=nearest,
        distance=distance,
        release_tags=release_tags,
        branches=refs.branches,
        remote_url=public_url(_remote(git)) or told.repository_url,
        default_branch=told.default_branch or _default_branch(git, refs),
        pull_request=facts.pull_request,
    )


def _branch(facts: CiFacts, told: CiFacts, local: str) -> str:
    """The CI's word comes first where it speaks of this commit: its checkouts are mostly detached."""
    if facts.pull_request:
        return ""
    return told.branch or local or ("" if facts.commit else facts.branch)


def _root(git: GitCommand, facts: CiFacts) -> Path:
    """The top folder of the work tree. Raises SourceError where there is none, or no full history."""
    if not git.folder.is_dir():
        raise SourceError(f"there is no directory {git.folder}", remedy="name the directory that is built")
    answer = git.ask("rev-parse", "--is-bare-repository", "--is-shallow-repository", "--show-toplevel")
    if answer.status:
        raise _unreadable(git.folder, answer)
    _, shallow, root, *_ = answer.lines
    if shallow == "true":
        raise SourceError(
            "the git checkout is shallow",
            why=f"{root} lacks history and tags, and a version guessed from the rest would be wrong",
            remedy=_FULL_CLONE[facts.provider],
        )
    return Path(root)


def _unreadable(folder: Path, answer: Answer) -> SourceError:
    said = answer.error.strip()
    # git prints the command to use, with the path quoted for a shell.
    fix = next((line.strip() for line in said.split("\n") if "safe.directory" in line), "")
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
    if "not a git repository (or any" in said:
        return SourceError(
            f"{folder} is in no git repository",
            why="the image's version, tags and labels come from git",
            remedy="run in a clone, or in a pipeline that keeps the .git folder",
        )
    return SourceError(f"git could not read the checkout in {folder}", why=f"git rev-parse: {said}")


def _status(git: GitCommand) -> tuple[str, tuple[str, ...]]:
    """The branch ("" when HEAD is detached), and the tracked paths that differ from the commit.

    https://git-scm.com/docs/git-status#_porcelain_format_version_2
    """
    entries = git.tell(
        *("status", "--porcelain=v2", "--branch", "-z"),
        *("--untracked-files=no", "--ignore-submodules=untracked", "--no-renames"),
    ).output.split("\0")
    headers = dict(entry[2:].split(" ", 1) for entry in entries if entry.startswith("# "))
    if headers["branch.oid"] == "(initial)":
        raise SourceError(
            f"{git.folder} has no commit yet",
            why="an image is named after the commit that it was built from",
            remedy="commit first: git add --all && git commit",
        )
    # Changed entries have eight fields before the path, unmerged ones ten.
    fields = {"1": 8, "u": 10}
    dirty = [entry.split(" ", fields[entry[0]])[-1] for entry in entries if entry[:1] in fields]
    branch = headers["branch.head"]
    return "" if branch == "(detached)" else branch, tuple(dirty)


def _told(facts: CiFacts, commit: str, parents: list[str], refs: Refs) -> CiFacts:
    """What the CI says about this very commit: nothing, where its run is for another one.

    A job may check out a second repository, or an older commit. The run's commit as a parent is a pull
    request's merge commit, or a commit that the job made.
    """
    if facts.commit not in (commit, *parents):
        return CiFacts()
    if facts.tag and facts.tag not in refs.commits:
        raise SourceError(
            f"the tag {facts.tag!r} is not in the git checkout",
            why="the CI runs for this tag, but the clone was made without tags",
            remedy="git fetch --tags",
        )
    return facts


def _remote(git: GitCommand) -> str:
    """The address of `origin`, or of the first remote, as it is configured.

    Not `git remote get-url`: that applies `insteadOf`, through which CIs put tokens into addresses.
    """
    entries = git.tell("config", "-z", "--get-regexp", r"^remote\..*\.url$", fine=(0, 1)).output.split("\0")
    urls = dict(entry.split("\n", 1) for entry in entries if "\n" in entry)
    return urls.get("remote.origin.url") or next(iter(urls.values()), "")


def _default_branch(git: GitCommand, refs: Refs) -> str:
    if not refs.has_default:
        return ""
    answer = git.ask("symbolic-ref", "--quiet", REMOTE_HEAD)
    return answer.output.strip().removeprefix("refs/remotes/origin/")
