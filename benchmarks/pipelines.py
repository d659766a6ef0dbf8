"""Whole runs and bare builds, on one checkout and one sandbox, that begin equal.

The build of every side is the same, its cache useless to the same degree: each begins with a new commit that
changes what its two layers of work depend on. The bare side pushes one tag. A run also looks before it
builds, waits for the scan, judges, and moves every release tag.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from editions import Edition
from timing import Took, run
from world import Checkout, Sandbox, sandbox

from tests.support.registry import remove_images

BARE = "docker buildx build --push"


class Pipelines:
    """calls: the AWS calls of the last run, by operation."""

    def __init__(self, folder: Path, checkout: Checkout, registry: Sandbox) -> None:
        self._result = folder / "result.json"
        self._checkout = checkout
        self._registry = registry
        self._number = 0
        self.calls: Mapping[str, int] = {}

    def bare(self) -> Took:
        """No attestation, as ours: so both push the same, one plain manifest."""
        self._change(release=False)
        tag = f"--tag={self._registry.host}/team/bare:{self._number}"
        argv = ("docker", "buildx", "build", "--push", "--provenance=false", tag, ".")
        return run(argv, self._checkout.root, self._registry.environ)

    def run(self, edition: Edition, *, release: bool) -> Took:
        command = edition.command
        self._change(release=release)
        self._registry.forget()
        argv = (*command, "run", f"--repository={repository(edition)}", f"--result={self._result}")
        took = run(argv, self._checkout.root, self._registry.environ)
        self.calls = self._registry.requests()["api"]
        return took

    def result(self) -> dict[str, Any]:
        """The result document of the last run."""
        found: dict[str, Any] = json.loads(self._result.read_text())
        return found

    def _change(self, *, release: bool) -> None:
        self._number += 1
        if release:
            self._checkout.release()
        else:
            self._checkout.commit(f"build {self._number}")
        os.sync()  # what the side before has written is not paid for by this one


def repository(edition: Edition) -> str:
    return f"team/{edition.name}"


@contextlib.contextmanager
def pipelines(folder: Path, latency: float, *editions: Edition) -> Iterator[Pipelines]:
    """On a sandbox whose every AWS call takes latency seconds, and which scans at once."""
    checkout = Checkout.make(folder / "app")
    scenario = f'latency: {{api: {{"*": {latency}}}}}\n'
    with sandbox(folder, scenario, ("--scan-delay=0",)) as registry:
        for name in ("team/bare", *map(repository, editions)):
            registry.create(name)
        try:
            yield Pipelines(folder, checkout, registry)
        finally:
            remove_images(registry.host)  # a bare build leaves its image in the engine
