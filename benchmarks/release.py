"""How much a whole run adds to the build that it contains, when every AWS call takes 150 ms.

The build of both sides is the same, its cache useless to the same degree: each begins with a new
commit that changes what its two layers of work depend on. The bare side pushes one tag. Ours also
looks before it builds, waits for the scan, judges, and moves every release tag.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from timing import Comparison, Limit, Took, by_turns, median, run
from world import ECR_PUSH, Checkout, Sandbox, sandbox

LATENCY_SECONDS = 0.15
# To find the scan, to read its findings and to put tags cannot be done without asking AWS.
_LIMIT = Limit(1.5, 3 * LATENCY_SECONDS)
_SCENARIO = f'latency: {{api: {{"*": {LATENCY_SECONDS}}}}}\n'
_BARE = "docker buildx build --push"


@dataclass(frozen=True)
class Detail:
    """Of the last run: its AWS calls by operation, its seconds by phase, its peak memory in bytes.

    outside: seconds before the first phase and after the last: the interpreter's start, imports, the end.
    """

    name: str
    calls: Mapping[str, int]
    phases: Mapping[str, float]
    outside: float
    peak_bytes: int


class _Pipelines:
    """Both sides, on one checkout and one sandbox."""

    def __init__(self, folder: Path, checkout: Checkout, registry: Sandbox) -> None:
        self._folder = folder
        self._checkout = checkout
        self._registry = registry
        self._number = 0
        self._left: list[str] = []
        self.calls: Mapping[str, int] = {}

    def bare(self) -> Took:
        """No attestation, as ours: so both push the same, one plain manifest."""
        self._change(release=False)
        tag = f"{self._registry.host}/team/bare:{self._number}"
        self._left.append(tag)
        argv = ("docker", "buildx", "build", "--push", "--provenance=false", f"--tag={tag}", ".")
        return run(argv, self._checkout.root, self._registry.environ)

    def clear(self) -> None:
        """A bare build leaves its image in the engine."""
        run(("docker", "image", "rm", *self._left), self._checkout.root, self._registry.environ)

    def ours(self, *, release: bool) -> Took:
        self._change(release=release)
        self._registry.forget()
        argv = (ECR_PUSH, "run", "--repository=team/app", f"--result={self._folder / 'result.json'}")
        took = run(argv, self._checkout.root, self._registry.environ)
        self.calls = self._registry.requests()["api"]
        return took

    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self._folder / "result.json").read_text())
        return found

    def _change(self, *, release: bool) -> None:
        self._number += 1
        if release:
            self._checkout.release()
        else:
            self._checkout.commit(f"build {self._number}")
        os.sync()  # what the side before has written is not paid for by this one


def measure(folder: Path, rounds: int) -> Iterator[Comparison | Detail]:
    """A run on a branch commit (two tiers of tags) and on a release commit (three)."""
    checkout = Checkout.make(folder / "app")
    with sandbox(folder, _SCENARIO, ("--scan-delay=0",)) as registry:
        pipelines = _Pipelines(folder, checkout, registry)
        for repository in ("team/app", "team/bare"):
            registry.client().create_repository(
                repositoryName=repository, imageScanningConfiguration={"scanOnPush": True}
            )
        details: dict[str, Detail] = {}

        def ours(name: str, *, release: bool) -> Took:
            took = pipelines.ours(release=release)
            phases = pipelines.result()["seconds"]
            outside = took.seconds - sum(phases.values())
            details[name] = Detail(name, pipelines.calls, phases, outside, took.peak_bytes)
            return took

        names = {"ecr-push run, on a branch commit": False, "ecr-push run, on a release commit": True}
        programs = {_BARE: pipelines.bare} | {
            name: (lambda name=name, release=release: ours(name, release=release))
            for name, release in names.items()
        }
        try:
            taken = by_turns(programs, rounds)
        finally:
            pipelines.clear()
        reference = median(taken[_BARE])
        for name in names:
            yield Comparison(name, _BARE, median(taken[name]), reference, _LIMIT)
            yield details[name]
