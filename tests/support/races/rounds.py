"""Many rounds side by side, each in a repository of its own, and the table of what they showed."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from tests.support.races.checkouts import Checkouts, make_checkouts
from tests.support.races.judge import VIOLATIONS, WINDOW
from tests.support.races.stories import KINDS, STORIES, Kind, Table
from tests.support.races.world import World, open_world

# Rounds at once: they wait most of the time.
WIDTH = 24


@dataclass(frozen=True)
class Cell:
    """One story in one kind of repository."""

    story: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.story} / {self.kind.name}"


@dataclass
class Result:
    """What the rounds of one cell showed. violations: each with its seed and its words."""

    cell: Cell
    rounds: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """In how many rounds each violation was seen."""
        return Counter(name for name, _ in {(name, seed) for name, seed, _ in self.violations})

    @property
    def broken(self) -> list[tuple[str, str, str]]:
        """The violations of what is promised: where neither registry nor lock decides, all but the window."""
        if self.cell.kind.decides:
            return self.violations
        return [one for one in self.violations if one[0] not in WINDOW]


def cells(stories: Iterable[str] = STORIES, kinds: Iterable[Kind] = KINDS) -> list[Cell]:
    chosen = list(kinds)
    return [Cell(story, kind) for story in stories for kind in chosen]


def play(rounds: Sequence[tuple[Cell, int]], seed: str, root: Path) -> list[Result]:
    """Plays these rounds. One can be repeated by its seed and number."""
    results = {str(cell): Result(cell) for cell, _ in rounds}
    checkouts = make_checkouts(root)
    with open_world() as world, ThreadPoolExecutor(WIDTH) as pool:
        played = [
            (cell, number, pool.submit(_play, world, checkouts, cell, number, seed))
            for cell, number in rounds
        ]
        for cell, number, future in played:
            codes, found = future.result()
            result = results[str(cell)]
            result.rounds += 1
            result.codes[codes] += 1
            result.violations += [(name, f"{seed}:{number}", what) for name, what in found]
    return list(results.values())


def _play(
    world: World, checkouts: Checkouts, cell: Cell, number: int, seed: str
) -> tuple[str, list[tuple[str, str]]]:
    name = f"{cell.story}-{cell.kind.name}-{number}".replace(" ", "-")
    table = Table(world, checkouts, cell.kind, f"race/{name}", f"{seed}/{name}")
    done = STORIES[cell.story](table)
    return " ".join(sorted(str(one.code) for one in done.ended)), done.found


def table_of(results: Sequence[Result]) -> str:
    """Markdown: kind, repository, rounds, exit codes, and each violation that was seen at all."""
    seen = [name for name in VIOLATIONS if any(result.counts[name] for result in results)]
    head = ["race", "repository", "rounds", "exit codes", *seen]
    rows = [
        [
            result.cell.story,
            result.cell.kind.name,
            str(result.rounds),
            ", ".join(f"{codes} ({times})" for codes, times in result.codes.most_common()),
            *(str(result.counts[name]) for name in seen),
        ]
        for result in results
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="races", description="Races of pipelines on one sandbox.")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the number of the first round")
    parser.add_argument("--seed", default=time.strftime("%Y%m%d"))
    parser.add_argument("--story", action="append", choices=STORIES, default=None)
    parser.add_argument("--kind", action="append", choices=[one.name for one in KINDS], default=None)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes side by side")
    parser.add_argument("--verbose", action="store_true", help="print each violation")
    given = parser.parse_args(argv)
    kinds = [one for one in KINDS if one.name in (given.kind or [kind.name for kind in KINDS])]
    stories = given.story or list(STORIES)
    _say(f"seed {given.seed}, rounds {given.first} to {given.first + given.rounds - 1}")
    began = time.monotonic()
    numbers = range(given.first, given.first + given.rounds)
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        parts = [pool.submit(_play_apart, story, kinds, numbers, given.seed) for story in stories]
        results = [result for part in parts for result in part.result()]
    _say(table_of(results))
    broken = [(result.cell, *one) for result in results for one in result.broken]
    for cell, name, number, what in broken:
        _say(f"{cell}: {name} (--seed {number.partition(':')[0]} --first {number.partition(':')[2]}): {what}")
    if given.verbose:
        for result in results:
            for name, number, what in result.violations:
                _say(f"  {result.cell}: {name} ({number}): {what}")
    _say(f"{time.monotonic() - began:.0f} s; {len(broken)} violations where none may be")
    return 1 if broken else 0


def _play_apart(story: str, kinds: Sequence[Kind], rounds: Sequence[int], seed: str) -> list[Result]:
    """One story in a process of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # moto's server, which logs each request
    with tempfile.TemporaryDirectory(prefix="races-") as folder:
        wanted = [(cell, number) for number in rounds for cell in cells([story], kinds)]
        return play(wanted, seed, Path(folder))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
