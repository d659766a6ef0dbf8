"""Ten thousand tags and fifty thousand commits: what reading them costs, against what git itself takes."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import measuring
from tests.support.git_repository import GitRepository, git_environment
from tests.support.measuring import Took

COMMITS, TAGS, BRANCH = 50_000, 10_000, 2_000
MEGABYTE = 1024  # ru_maxrss counts kilobytes

TAGS_COMMAND = (sys.executable, "-c", "from ecr_push.cli import console; console()", "tags")
READ = """\
import sys
from pathlib import Path
from ecr_push.source.changes import read_changes
from ecr_push.ci.facts import CiFacts
from ecr_push.source.git.reading import Reading
from ecr_push.source.read import read_source
source = read_source(Path("."), CiFacts(), Reading({reading}))
found = sum(1 for change in read_changes(source, {changes})) if {counted} else ""
print(source.history.nearest, source.history.distance, found)
"""
DESCRIBE = ("git", "describe", "--tags")
PATTERN = "^[a-z]+: "


def read_command(reading: str, changes: str = "", counted: bool = False) -> tuple[str, ...]:
    return (sys.executable, "-c", READ.format(reading=reading, changes=changes, counted=counted))


def stream() -> Iterator[bytes]:
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
    """Work trees of the large repository, by branch, and a small one."""

    large: dict[str, Path]
    small: Path


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    root = tmp_path_factory.mktemp("large")
    repository = GitRepository.init(root / "app")
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=repository.root, input=b"".join(stream()), check=True
    )
    repository.git("pack-refs", "--all")
    large = {branch: root / branch for branch in ("far", "near", "head")}
    for branch, path in large.items():
        repository.git("worktree", "add", "--quiet", str(path), branch)
    small = GitRepository.init(root / "small")
    small.commit("feat: add", {"api/f": "a"})
    small.tag("v1.0.0")
    small.tag("api/v1.0.0")
    small.commit("feat: more", {"api/f": "b"})
    return Trees(large, small.root)


def took(argv: tuple[str, ...], folder: Path) -> Took:
    return measuring.took(argv, folder, git_environment())


@dataclass(frozen=True)
class Case:
    """What we run, on which branch, and what git has to do for it at least."""

    branch: str
    ours: tuple[str, ...]
    gits: tuple[tuple[str, ...], ...]
    says: str


LOG = ("git", "log", "--format=%H%n%B", "--extended-regexp", f"--grep={PATTERN}")
CASES = {
    "tag at HEAD": Case("head", TAGS_COMMAND, (DESCRIBE,), "version  99.0.0 "),
    "ten commits after": Case("near", TAGS_COMMAND, (DESCRIBE,), "version  99.0.1-dev.10 "),
    "the only tag fifty thousand commits away": Case(
        "far", TAGS_COMMAND, (DESCRIBE,), "version  0.9.1-dev.49999 "
    ),
    "changes": Case(
        "far",
        read_command("changes=True", f"patterns=[{PATTERN!r}]", counted=True),
        (DESCRIBE, (*LOG, "v0.9.0..HEAD")),
        "v0.9.0 49999 5000",
    ),
    "a prefix and paths": Case(
        "far",
        read_command("tag_prefix='api/', paths=('api',)"),
        ((*DESCRIBE, "--match=api/*"), ("git", "rev-list", "--count", "v0.9.0..HEAD", "--", "api")),
        "v0.9.0 5000",
    ),
}
# What describe need not do: all names are ordered, and `latest` and the lines are held against them.
SECONDS_FOR_TAGS = 0.08


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_takes_no_more_than_twice_what_git_takes(trees: Trees, case: Case) -> None:
    """Beyond our start-up, which is what the same command takes in a small repository.

    Up to three times, more rounds each time: what a busy machine does to one measurement is no defect.
    """
    folder = trees.large[case.branch]
    assert took(case.ours, folder).output.startswith(case.says)
    for rounds in (3, 5, 9):
        ours, start, least, nothing = [], [], [], []
        for _ in range(rounds):
            ours.append(took(case.ours, folder).seconds)
            least.append(sum(took(one, folder).seconds for one in case.gits))
            start.append(took(case.ours, trees.small).seconds)
            nothing.append(took((sys.executable, "-c", "pass"), folder).seconds)
        we, git, up, python = map(statistics.median, (ours, least, start, nothing))
        report = (
            f"{we * 1000:.0f} ms; start-up {up * 1000:.0f} ms, git {git * 1000:.0f} ms: "
            f"{(we - up) / git:.2f} x git beyond the start-up, {we / python:.0f} x `python -c pass`"
        )
        sys.stdout.write(f"{report}\n")
        if we <= up + 2 * git + SECONDS_FOR_TAGS:
            return
    pytest.fail(report)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_memory_does_not_grow_with_the_commits(trees: Trees, case: Case) -> None:
    """Ten thousand tags take some megabytes; fifty thousand commits and their messages none."""
    small = took(case.ours, trees.small).kilobytes
    # git's own memory counts where it is larger than ours: it maps its packs.
    git = max(took(one, trees.large[case.branch]).kilobytes for one in case.gits)
    large = took(case.ours, trees.large[case.branch]).kilobytes
    assert large <= max(small + 12 * MEGABYTE, git + 2 * MEGABYTE)
