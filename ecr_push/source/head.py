"""The commit that is checked out, as far as one must know it to say what changed since an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SourceError
from ecr_push.ci.facts import CiFacts
from ecr_push.source.applicable_facts import applicable_branch
from ecr_push.source.git.checkout import Checkout, Commit, find_checkout, read_commit, read_status
from ecr_push.source.git.clone_repair import Repair
from ecr_push.source.git.command import GitCommand
from ecr_push.source.git.compare import differing_files, merge_base, tags_at, tree_of
from ecr_push.source.git.read_options import GitReadOptions
from ecr_push.source.git.remote import read_remote
from ecr_push.source.pull_request import describes_commit, meant_commit


@dataclass(frozen=True)
class Head:
    """The commit in the work tree.

    git:      at the checkout's top.
    commit:   the one that images are named after: see `Source`.
    branch:   that it is built for, "" where that is unknown, and for a pull request.
    dirty:    tracked paths that differ from the commit.
    tags:     the git tags on it.
    base:     where a pull request left its target branch, "" for anything else, and where that is unknown.
    pull_request: its number.
    """

    git: GitCommand
    built: Commit
    commit: str
    branch: str = ""
    dirty: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    base: str = ""
    pull_request: str = ""
    deepen: Callable[[], None] = lambda: None

    def files_since(self, trees: Sequence[str]) -> list[tuple[str, ...]]:
        """The files that differ from each of these trees, and in the work tree. Raises SourceError."""
        own = tree_of(self.git, self.built.id)
        pairs = [(tree, own) for tree in trees]
        try:
            found = differing_files(self.git, pairs)
        except SourceError:
            self.deepen()  # a treeless clone lacks the trees of earlier commits
            found = differing_files(self.git, pairs)
        return [(*files, *self.dirty) for files in found]


def read_head(
    context: Path, facts: CiFacts, *, may_fetch: bool, say: Callable[[str], None] = lambda news: None
) -> Head:
    """Reads the checkout that context is in. say is called before the network is used.

    Raises SourceError where there is none, or where its history is missing and cannot be fetched.
    """
    checkout = find_checkout(context, trusted=facts.unattended)
    if checkout is None:
        raise SourceError(
            f"{context} is not in a git repository",
            why="which images changed comes from git",
            remedy="run in a clone, or build every image: --all",
        )
    git = checkout.at_top
    if checkout.shallow:
        _repair(checkout, facts, may_fetch, say).deepen()
    head, local, dirty = read_status(git)
    built = read_commit(git, head)
    applies = describes_commit(facts, built)
    ref = facts.ref if applies else facts.user_ref
    commit = meant_commit(facts, built, ())

    def fetch_trees() -> None:
        _repair(checkout, facts, may_fetch, say).fetch_trees(built)

    return Head(
        git,
        built,
        commit,
        applicable_branch(facts, ref, local, may_be_fork=facts.trust.may_be_fork("" if dirty else built.id)),
        dirty,
        () if ref.pull_request else tags_at(git, built.id),
        _base(git, built, commit, ref.base) if ref.pull_request else "",
        ref.pull_request,
        fetch_trees,
    )


def _base(git: GitCommand, built: Commit, commit: str, target: str) -> str:
    """The target's side of a merge commit; else where the request left its target, as last fetched."""
    if commit != built.id:
        return next((one for one in built.parents if one != commit), "")
    if not target:
        return ""
    remote = read_remote(git).name or "origin"
    refs = (f"refs/remotes/{remote}/{target}", f"refs/heads/{target}")
    return next((base for ref in refs if (base := merge_base(git, ref, built.id))), "")


def _repair(checkout: Checkout, facts: CiFacts, may_fetch: bool, say: Callable[[str], None]) -> Repair:
    options = GitReadOptions(paths=(".",), deepen=may_fetch)
    return Repair(checkout.git, checkout.root, read_remote(checkout.git), facts, options, say)
