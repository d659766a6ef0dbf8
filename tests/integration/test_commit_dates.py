"""Histories whose commit dates do not rise (a rebase, a wrong clock, an import): distances are git's own."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecr_push.source.git.command import GitCommand
from ecr_push.source.git.history import find_releases, follow, highest_on, read_refs
from ecr_push.source.git.read_options import GitReadOptions
from tests.support.git_repository import git_environment

GRAPHS = 340  # of each kind


@dataclass(frozen=True)
class Graph:
    """A drawn history, made of commits by number; the last one is the head.

    parents:  of each commit.
    dates:    of each commit, in seconds.
    versions: the version that a commit is tagged with.
    """

    name: str
    parents: tuple[tuple[int, ...], ...]
    dates: tuple[int, ...]
    versions: dict[int, str]

    @classmethod
    def draw(cls, name: str, kind: str, draw: random.Random) -> Graph:
        parents: list[tuple[int, ...]] = [()]
        for number in range(1, draw.randrange(3, 60)):
            near = range(max(0, number - 4), number)
            parents.append(tuple(dict.fromkeys(draw.choices(near, k=draw.choice((1, 1, 2))))))
        count = len(parents)
        dates = {
            "rising": [60 * number for number in range(count)],
            "equal": [0] * count,
            "skewed": [draw.randrange(6000) for _ in range(count)],
        }[kind]
        tagged = [number for number in range(count - 1) if draw.random() < 0.3]
        versions = {number: f"{draw.randrange(1, 3)}.{draw.randrange(4)}.{number}" for number in tagged}
        return cls(name, tuple(parents), tuple(dates), versions)

    def stream(self, mark: int) -> str:
        """For `git fast-import`; every commit has a tag NAME/c-NUMBER, by which it can be found."""
        lines = []
        for number, parents in enumerate(self.parents):
            text = f"{self.name} {number}"
            lines += [f"commit refs/heads/{self.name}", f"mark :{mark + number}"]
            lines += [f"committer Ada <ada@example.com> {1_700_000_000 + self.dates[number]} +0000"]
            lines += [f"data {len(text)}", text]
            lines += [f"{'merge' if at else 'from'} :{mark + one}" for at, one in enumerate(parents)]
            names = [f"c-{number}", *([f"v{self.versions[number]}"] if number in self.versions else [])]
            for name in names:
                lines += [f"reset refs/tags/{self.name}/{name}", f"from :{mark + number}", ""]
        return "\n".join(lines) + "\n"

    def expected(self) -> str:
        """The release that the head follows, by its definition; of equally near ones the highest."""
        here = self._within(len(self.parents) - 1)
        since = {one: here - self._within(one) for one in self.versions if one in here}
        if not since:
            return ""
        near = min(since, key=lambda one: (len(since[one]), [-part for part in self._rank(one)]))
        top = max((near, *(one for one in since if one in since[near])), key=self._rank)
        return f"v{self.versions[top]}"

    def _rank(self, number: int) -> list[int]:
        return [int(part) for part in self.versions[number].split(".")]

    def _within(self, number: int) -> set[int]:
        found, todo = {number}, [number]
        while todo:
            new = [one for one in self.parents[todo.pop()] if one not in found]
            found.update(new)
            todo += new
        return found


@pytest.mark.parametrize("kind", ["rising", "equal", "skewed"])
def test_bases_and_distances_are_right_whatever_the_dates(kind: str, tmp_path: Path) -> None:
    def git(*words: str, stdin: str = "") -> str:
        done = subprocess.run(
            ("git", *words),
            cwd=tmp_path,
            env=git_environment(),
            input=stdin,
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout.strip()

    draw = random.Random(f"{kind} 1")
    graphs = [Graph.draw(f"g{number}", kind, draw) for number in range(GRAPHS)]
    git("init", "--quiet", "--bare")
    git("fast-import", "--quiet", stdin="".join(one.stream(1 + 100 * at) for at, one in enumerate(graphs)))
    command = GitCommand(tmp_path)
    refs = read_refs(command)
    wrong = []
    for graph in graphs:
        releases = find_releases(refs, GitReadOptions(tag_prefix=f"{graph.name}/"))
        head = refs.commits[f"{graph.name}/c-{len(graph.parents) - 1}"]
        way = follow(command, head, highest_on(releases))
        since = f"{graph.name}/{way.release}..{head}" if way.release else head
        counted = int(git("rev-list", "--count", since))
        if (way.release, way.distance) != (graph.expected(), counted):
            wrong.append(f"{graph}: {way}, expected {graph.expected()} and {counted}")
    assert not wrong, f"{len(wrong)} of {GRAPHS}, such as {wrong[0]}"
