"""What benchmarks say of what they have measured."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.benchmarks import benchmark

timing, run, peers, world = map(benchmark, ("timing", "run", "peers", "world"))
Comparison, Limit = timing.Comparison, timing.Limit


@pytest.mark.parametrize(
    ("limit", "holds", "said"),
    [
        (Limit(0.5), True, "limit 0.5 x = 50 MB: holds"),
        (Limit(0.4), True, "limit 0.4 x = 40 MB: holds"),
        (Limit(0.3), False, "limit 0.3 x = 30 MB: BROKEN"),
        (Limit(0.3, 10), True, "limit 0.3 x + 10 s = 40 MB: holds"),
        (None, True, "for information"),
    ],
)
def test_a_limit_is_held_against_the_reference(limit: object, holds: bool, said: str) -> None:
    compared = Comparison("a run's peak memory", "then", 40.0, 100.0, limit, "MB")
    assert compared.holds is holds
    assert run._line(compared).split("x   ")[1] == said
    assert " 0.40 x " in run._line(compared)


def test_the_median_and_the_best_of_runs() -> None:
    taken = [timing.Took(seconds) for seconds in (3.0, 1.0, 9.0)]
    assert (timing.median(taken), timing.best(taken)) == (3.0, 1.0)


def test_every_program_warms_up_before_the_rounds_and_takes_its_turn_in_each() -> None:
    turns = []

    def program(name: str) -> object:
        return lambda: turns.append(name) or timing.Took(len(turns))

    taken = timing.by_turns({name: program(name) for name in "AB"}, 2)
    assert turns == list("ABABAB")
    assert {name: [one.seconds for one in runs] for name, runs in taken.items()} == {"A": [3, 5], "B": [4, 6]}


def test_the_peers_are_those_that_their_workflow_uses(tmp_path: Path) -> None:
    for name in peers.VERSIONS:
        (tmp_path / name / "dist").mkdir(parents=True)
        (tmp_path / name / "action.yml").touch()
    steps = yaml.safe_load(peers.WORKFLOW)["jobs"]["image"]["steps"]
    used = {step["uses"] for step in steps if "uses" in step}
    assert set(peers.actions(tmp_path)) == used - {"actions/checkout@v6"}


@pytest.mark.parametrize("without", ["action.yml", "dist"])
def test_a_peer_that_is_not_there_is_named_with_its_version(without: str, tmp_path: Path) -> None:
    for name in peers.VERSIONS:
        (tmp_path / name / "dist").mkdir(parents=True)
        (tmp_path / name / "action.yml").touch()
    lacking = tmp_path / "docker" / "metadata-action" / without
    lacking.rename(lacking.with_name("elsewhere"))
    with pytest.raises(world.MissingError, match=r"--peers: .*/docker/metadata-action has no .* v6\.2\.0"):
        peers.actions(tmp_path)
