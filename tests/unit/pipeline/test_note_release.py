"""A record of a release is kept before its tags move; without it none does. The whole story, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.run import dry_run, run
from ecr_push.settings.declare import Settings
from tests.support.fakes import FakeRepository
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git

TAGS = ["sha-0123456789ab", "1.4.2", "1.4", "1", "latest"]


@pytest.fixture(autouse=True)
def _without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


class FakePublisher:
    """noted: the tags of each record, and which release's tags there were then."""

    keeps_audit = True

    def __init__(self, repository: FakeRepository, error: RegistryError | None = None) -> None:
        self.noted: list[tuple[list[str], list[str]]] = []
        self._repository = repository
        self._error = error

    def releasing(self, outcome: Outcome, tags: Sequence[Tag]) -> None:
        assert outcome.verdict and outcome.policy and outcome.pushed
        there = [name for name in self._repository.tags if not name.startswith("candidate-")]
        self.noted.append(([tag.name for tag in tags], there))
        if self._error:
            raise self._error

    def ended(self, outcome: Outcome) -> None: ...


def story(
    folder: Path, severity: str, error: RegistryError | None = None, of: Any = run
) -> tuple[Any, Any, Any]:
    repository = FakeRepository(answers=lambda image: answer(severity))
    publisher = FakePublisher(repository, error)

    def tell(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> None:
        of(settings, facts, replace(tools, publisher=publisher), record)

    return Story(folder, repository).run(tell), repository, publisher


def test_before_the_first_tag_moves(tmp_path: Path) -> None:
    outcome, repository, publisher = story(tmp_path, "LOW")
    assert outcome.status == "accepted" and set(repository.tags) == set(TAGS)
    assert publisher.noted == [(TAGS, [])]
    assert "audit" in outcome.seconds


def test_without_it_no_tag_moves_and_the_candidate_stays(tmp_path: Path) -> None:
    outcome, repository, _ = story(tmp_path, "LOW", RegistryError("the audit could not be written"))
    assert (outcome.status, outcome.failure.phase, outcome.exit_code) == ("failed", "audit", 4)
    assert list(repository.tags) == [outcome.candidate.name]
    assert isinstance(repository.tags[outcome.candidate.name], Digest)


@pytest.mark.parametrize(("severity", "of"), [("CRITICAL", run), ("LOW", dry_run)])
def test_there_is_none_of_what_is_not_released(tmp_path: Path, severity: str, of: Any) -> None:
    _, _, publisher = story(tmp_path, severity, of=of)
    assert publisher.noted == []
