"""Reading ten thousand tags and fifty thousand commits, against what git itself takes for them."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from given import Given
from timing import Comparison, Limit, Took, by_turns, median, run
from world import ECR_PUSH, PYTHON, environment

COMMITS, TAGS, BRANCH = 50_000, 10_000, 2_000

_READ = """\
import sys
from pathlib import Path
from ecr_push.ci.facts import CiFacts
from ecr_push.source.changes import read_changes
from ecr_push.source.git.read_options import GitReadOptions
from ecr_push.source.read import read_source
source = read_source(Path("."), CiFacts(), GitReadOptions({reading}))
found = sum(1 for change in read_changes(source, {changes})) if {counted} else ""
print(source.history.nearest, source.history.distance, found)
"""
_DESCRIBE = ("git", "describe", "--tags")
# All names are ordered, and `latest` and the lines are held against them.
_NAMES = ("git", "for-each-ref", "--sort=version:refname", "refs/tags")
_PATTERN = "^[a-z]+: "
_LOG = ("git", "log", "--format=%H%n%B", "--extended-regexp", f"--grep={_PATTERN}")


def _read(reading: str, changes: str = "", counted: bool = False) -> tuple[str, ...]:
    return (PYTHON, "-c", _READ.format(reading=reading, changes=changes, counted=counted))


@dataclass(frozen=True)
class Case:
    """What we run, on which branch, what git has to do for it at least, and what ours begins to say."""

    branch: str
    ours: tuple[str, ...]
    gits: tuple[tuple[str, ...], ...]
    says: str


CASES = {
    "tag at HEAD": Case("head", (ECR_PUSH, "tags"), (_DESCRIBE, _NAMES), "version  99.0.0 "),
    "ten commits after": Case("near", (ECR_PUSH, "tags"), (_DESCRIBE, _NAMES), "version  99.0.1-dev.10 "),
    "the only tag 50,000 commits away": Case(
        "far", (ECR_PUSH, "tags"), (_DESCRIBE, _NAMES), "version  0.9.1-dev.49999 "
    ),
    "changes": Case(
        "far",
        _read("need_commits=True", f"patterns=[{_PATTERN!r}]", counted=True),
        (_DESCRIBE, (*_LOG, "v0.9.0..HEAD")),
        "v0.9.0 49999 5000",
    ),
    "a prefix and paths": Case(
        "far",
        _read("tag_prefix='api/', paths=('api',)"),
        ((*_DESCRIBE, "--match=api/*"), ("git", "rev-list", "--count", "v0.9.0..HEAD", "--", "api")),
        "v0.9.0 5000",
    ),
}
_LIMIT = Limit(3)


def _stream() -> Iterator[bytes]:
    """For `git fast-import`: a trunk, and two branches of it.

    `far` reaches no tag but v0.9.0 on the first commit, `head` the ten thousand on its own last two thousand
    commits and v99.0.0 on the last one, `near` is ten commits on. Every tenth commit is a `feat:` and touches
    `api`.
    """
    for mark, text in ((1, b"a"), (2, b"b")):
        yield b"blob\nmark :%d\ndata 1\n%s\n" % (mark, text)
    number = 0

    def commit(branch: bytes, start: bytes = b"") -> bytes:
        nonlocal number
        number += 1
        feature = number % 10 == 0
        message = b"%s %d" % (b"feat: add" if feature else b"Change", number)
        path = b"api/f" if feature else b"f"
        return (
            b"commit refs/heads/%s\nmark :%d\ncommitter Ada <ada@example.com> %d +0000\ndata %d\n%s\n%s%s"
            % (
                branch,
                number + 2,
                1_600_000_000 + 60 * number,
                len(message),
                message,
                start,
                b"M 100644 :%d %s\n\n" % (1 + number // 10 % 2 if feature else 1 + number % 2, path),
            )
        )

    def tag(name: bytes, mark: int) -> bytes:
        return b"reset refs/tags/%s\nfrom :%d\n\n" % (name, mark)

    for _ in range(COMMITS - BRANCH):
        yield commit(b"far")
    yield tag(b"v0.9.0", 3)
    yield tag(b"api/v0.9.0", 3)
    trunk = number + 2
    for _ in range(BRANCH):
        yield commit(b"far")
    for index in range(BRANCH):
        yield commit(b"head", b"from :%d\n" % trunk if index == 0 else b"")
        for patch in range(TAGS // BRANCH):
            yield tag(b"v%d.%d.%d" % (1 + index // 100, index % 100, patch), number + 2)
    yield tag(b"v99.0.0", number + 2)
    yield b"reset refs/heads/near\nfrom :%d\n\n" % (number + 2)
    for _ in range(10):
        yield commit(b"near")


@dataclass(frozen=True)
class Trees:
    """Work trees of the large repository, by branch, and a small one, whose every cost is our start-up."""

    large: dict[str, Path]
    small: Path

    @classmethod
    def make(cls, root: Path) -> Trees:
        root.mkdir(exist_ok=True)
        app, small = root / "app", root / "small"
        _git(root, "init", "--quiet", "--initial-branch=main", str(app))
        _git(app, "fast-import", "--quiet", text=b"".join(_stream()))
        _git(app, "pack-refs", "--all")
        large = {branch: root / branch for branch in ("far", "near", "head")}
        for branch, path in large.items():
            _git(app, "worktree", "add", "--quiet", str(path), branch)
        _git(root, "init", "--quiet", "--initial-branch=main", str(small))
        (small / "api").mkdir()
        for content, message in (("a", "feat: add"), ("b", "feat: more")):
            (small / "api" / "f").write_text(content)
            _git(small, "add", "--all")
            _git(small, "commit", "--quiet", "--no-gpg-sign", f"--message={message}")
            if content == "a":
                _git(small, "tag", "v1.0.0")
                _git(small, "tag", "api/v1.0.0")
        return cls(large, small)


def _git(folder: Path, *arguments: str, text: bytes = b"") -> None:
    subprocess.run(("git", *arguments), cwd=folder, env=environment(), input=text, check=True)


def measure(given: Given) -> Iterator[Comparison]:
    """One comparison a case: our time beyond what the same command takes in a small repository."""
    trees = Trees.make(given.folder / "history")
    for name, case in CASES.items():
        taken = by_turns(_programs(case, trees), given.rounds)
        beyond = max(0.0, median(taken["ours"]) - median(taken["small"]))
        yield Comparison(f"history: {name}", "git", beyond, median(taken["git"]), _LIMIT)


def _programs(case: Case, trees: Trees) -> dict[str, Callable[[], Took]]:
    start = functools.partial(run, environ=environment())
    large = trees.large[case.branch]

    def gits() -> Took:
        took = [start(argv, large) for argv in case.gits]
        return Took(sum(one.seconds for one in took), max(one.peak_bytes for one in took))

    return {
        "ours": lambda: start(case.ours, large),
        "small": lambda: start(case.ours, trees.small),
        "git": gits,
    }
