"""A run in memory: a folder without git, a fake builder and repository, and a clock that sleeps move on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import EcrPushError
from ecr_push.base.log import Redactor
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.record import Record
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.oci import Manifest
from ecr_push.registry.target import RepositoryTarget
from ecr_push.settings.declare import Settings
from ecr_push.source.git.command import Answer, GitCommand
from tests.support.builders import FakeBuilders
from tests.support.ci import ci_facts
from tests.support.fakes import START, FakeClock, FakeNarrator, FakeRepository, manifest
from tests.support.settings import settings
from tests.support.sources import COMMIT

FACTS = ci_facts(commit=COMMIT, branch="main", committed_at=START)


NO_REPOSITORY = Answer(128, "", "fatal: not a git repository (or any of the parent directories): .git")


def without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets git answer as it does in a folder that it does not know: the facts of the CI are all there is."""
    monkeypatch.setattr(GitCommand, "ask", lambda self, *words, **more: NO_REPOSITORY)


class Story:
    """The world of one checkout's runs. Each call of `run` is another run: it has an id of its own."""

    def __init__(self, folder: Path, repository: FakeRepository, image: Manifest | None = None) -> None:
        (folder / "Dockerfile").write_text("FROM scratch\n")
        self.folder = folder
        self.repository = repository
        self.builders = FakeBuilders(repository, image or manifest("built"))
        self.narrator = FakeNarrator()
        self.environ: dict[str, str] = {}
        self.clock = FakeClock()  # of the current run
        self.runs = 0

    def run(
        self,
        story: Callable[[Settings, CiFacts, Tools, Record], object],
        client: RepositoryClient | None = None,
        open_repository: Callable[[RepositoryTarget], RepositoryClient] | None = None,
        **values: Any,
    ) -> Outcome:
        """What became of it, however it ended."""
        self.runs += 1
        self.clock = FakeClock()
        narrator: Any = self.narrator
        opened: RepositoryClient = client or self.repository
        tools = Tools(
            open_repository or (lambda target: opened),
            self.builders.find,
            self.environ,
            self.clock,
            narrator,
            Redactor(),
            f"run{self.runs}",
        )
        record = Record(tools, sandbox=False)
        given = {"repository": "team/app", "context": str(self.folder), "version": "1.4.2", **values}
        try:
            story(settings(**given), FACTS, tools, record)
        except EcrPushError:
            assert record.outcome.failure, "an error outside of every phase"
        return record.outcome
