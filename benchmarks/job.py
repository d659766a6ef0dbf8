"""A whole job on GitHub, as nektos/act plays it, in which the action releases a commit.

Checkout, the action, and what the runner does around them, on a sandbox whose AWS calls take 50 ms and whose
scans take a second. Packages come from caches that are warm; a hosted runner has to download them too.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import peers
from editions import Edition
from given import Given
from pipelines import repository
from timing import Comparison, Limit, Took, best, by_turns, median, processor
from world import Checkout, Sandbox, sandbox

from tests.support.act import OURS, Act
from tests.support.git_repository import GitRepository
from tests.support.pythons import path_without_uv
from tests.support.registry import remove_images

LATENCY_SECONDS = 0.05
# Of the action with its bundle.
_LIMITS = {"pip": Limit(0.45), "uv": Limit(0.8)}
_PEERS, _BEST_OF_PEERS = Limit(0.6), Limit(0.7)
_PROCESSOR = "processor time, without the engine's"
WORKFLOW = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: {action}
        with:
          repository: {repository}
"""


def measure(given: Given) -> Iterator[Comparison]:
    """Without uv, which is the runner that most people have, and with it; then against others' actions."""
    ours, reference = given.editions.ours, given.editions.reference
    checkout = Checkout.make(given.folder / "app")
    workflows = {
        edition.name: WORKFLOW.format(action=OURS, repository=repository(edition))
        for edition in (ours, reference)
    }
    checkout.add_workflows({**workflows, "peers": peers.WORKFLOW})
    scenario = f'latency: {{api: {{"*": {LATENCY_SECONDS}}}}}\n'
    with sandbox(given.folder, scenario) as registry, peers.github() as github:
        for name in (repository(ours), repository(reference), peers.REPOSITORY):
            registry.create(name)
        runner = _Runner(given.folder, checkout, registry)
        programs = {
            f"{edition.name}, {installer}": runner.job(edition.name, path, {OURS: edition.action}, {})
            for installer, path in (("pip", path_without_uv(given.folder / "bin", script=False)), ("uv", ""))
            for edition in (ours, reference)
        }
        if given.peers:
            programs["peers"] = runner.job("peers", "", given.peers, github)
        try:
            taken = by_turns(programs, given.rounds)
        finally:
            remove_images(registry.host)
    yield from _compared(taken, ours, reference)


def _compared(taken: Mapping[str, Sequence[Took]], ours: Edition, reference: Edition) -> Iterator[Comparison]:
    def held(limit: Limit) -> Limit | None:
        return limit if ours.has_bundle else None

    for installer, limit in _LIMITS.items():
        now, then = taken[f"{ours.name}, {installer}"], taken[f"{reference.name}, {installer}"]
        name = f"a job, by {'its bundle' if ours.has_bundle else installer}"
        at = f"at {reference.name}, by {installer}"
        yield Comparison(name, at, median(now), median(then), held(limit))
        yield Comparison(_PROCESSOR, "its", processor(now), processor(then))
    if theirs := taken.get("peers"):
        now = taken[f"{ours.name}, pip"]
        yield Comparison("a job without uv", "the peers' chain", median(now), median(theirs), held(_PEERS))
        yield Comparison("the same, best runs", "its best", best(now), best(theirs), held(_BEST_OF_PEERS))
        yield Comparison(_PROCESSOR, "its", processor(now), processor(theirs))


class _Runner:
    """Plays pushes of one checkout's releases, each with a tag that no job has seen."""

    def __init__(self, folder: Path, checkout: Checkout, registry: Sandbox) -> None:
        self._folder = folder
        self._checkout = checkout
        self._aws = {name: value for name, value in registry.environ.items() if name.startswith("AWS_")}

    def job(
        self, workflow: str, path: str, actions: Mapping[str, Path], environ: Mapping[str, str]
    ) -> Callable[[], Took]:
        """path: the runner's PATH, with uv where it is empty. Processor time is that of all its programs."""
        act = Act(
            self._folder / f"act-{workflow}-{'pip' if path else 'uv'}",
            self._folder / "shared",
            {**self._aws, **environ},
            path,
            ("--secret", "GITHUB_TOKEN=not-a-token"),
            actions,
            keeps_secrets=False,
        )

        def run() -> Took:
            ref = f"refs/tags/{self._checkout.release()}"
            os.sync()
            began, before = time.perf_counter(), os.times()
            ended = act.push(GitRepository(self._checkout.root), ref, f"{workflow}.yml")
            seconds, after = time.perf_counter() - began, os.times()
            if ended.code:
                raise RuntimeError(f"the job {workflow} ended with {ended.code}:\n{ended.text}")
            processor = after.children_user + after.children_system
            return Took(seconds, 0, processor - before.children_user - before.children_system)

        return run
