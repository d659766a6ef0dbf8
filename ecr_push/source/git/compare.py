"""Which files differ between commits: one git command for however many pairs of them."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.source.git.command import GitCommand


@dataclass(frozen=True)
class Step:
    """A commit on the way back along first parents, and its tree."""

    commit: str
    tree: str


def first_parents(git: GitCommand, head: str) -> Generator[Step, None, None]:
    """The commit and its first parents, as git finds them: what a branch was at, one state after the other.

    git is stopped when the consumer stops. Raises SourceError where git fails.
    """
    log = git.stream(
        "log", "--first-parent", "--no-show-signature", "--no-patch", "--format=tformat:%H %T", head, "--"
    )
    try:
        for line in log:
            if line:
                commit, _, tree = line.partition(" ")
                yield Step(commit, tree)
    finally:
        log.close()


def tree_of(git: GitCommand, commit: str) -> str:
    """The tree of a commit. Raises SourceError for what is not a commit."""
    return git.run("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}").lines[0]


def merge_base(git: GitCommand, one: str, other: str) -> str:
    """The last commit that both have; "" where there is none, or one of them is not known here."""
    answer = git.ask("merge-base", "--", one, other)
    return "" if answer.status else answer.lines[0]


def tags_at(git: GitCommand, commit: str) -> tuple[str, ...]:
    """The git tags on a commit."""
    return tuple(filter(None, git.run("tag", "--points-at", commit).lines))


def tags_of_commits(git: GitCommand) -> Mapping[str, Sequence[str]]:
    """All git tags, by the commit that each is on."""
    found: dict[str, list[str]] = {}
    form = "--format=%(objectname) %(*objectname) %(refname:strip=2)"
    for line in filter(None, git.run("for-each-ref", form, "refs/tags").lines):
        own, peeled, name = line.split(" ", 2)
        found.setdefault(peeled or own, []).append(name)
    return found


def differing_files(git: GitCommand, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The files, by their path from the top, in which the trees of each pair differ.

    Of a renamed file both names. Raises SourceError where git lacks a tree, as a treeless clone does.
    https://git-scm.com/docs/git-diff-tree#Documentation/git-diff-tree.txt---stdin
    """
    if not pairs:
        return []
    answer = git.run(
        *("diff-tree", "--stdin", "-r", "-z", "--name-only", "--no-renames"),
        stdin="".join(f"{old} {new}\n" for old, new in pairs),
    )
    found: list[list[str]] = []
    for piece in answer.output.split("\0"):
        name = piece
        # Each pair begins with a line of its own, which no file's name can begin with: it names both trees.
        while len(found) < len(pairs) and name.startswith(begin := "{} {}\n".format(*pairs[len(found)])):
            found.append([])
            name = name.removeprefix(begin)
        if name:
            found[-1].append(name)
    return [tuple(files) for files in found]


def text_at(git: GitCommand, commit: str, path: str) -> str:
    """What a file has in a commit; "" where it is not there."""
    answer = git.ask("cat-file", "blob", f"{commit}:{path}")
    return "" if answer.status else answer.output
