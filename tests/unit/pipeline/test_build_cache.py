"""A run's own build cache: its repository, and that nothing of it fails a run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from ecr_push.base.errors import AuthenticationError
from ecr_push.base.log import Redactor
from ecr_push.builder.cache import BuildCache
from ecr_push.ci.facts import CiFacts, Trust
from ecr_push.pipeline.build_cache import CacheRepository, with_cache
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.run import dry_run, run
from ecr_push.registry.interface import RepositoryState, WantedRepository
from ecr_push.sandbox.lifecycle import read_policy
from tests.support.builders import no_builders
from tests.support.ci import ci_facts
from tests.support.fakes import REPOSITORY, FakeClock, FakeNarrator, FakeRepository
from tests.support.judged_images import answer
from tests.support.plans import PULL_REQUEST, SOURCE, plan
from tests.support.settings import settings
from tests.support.sources import changed
from tests.support.stories import Story, without_git

MAIN = BuildCache("ecr", "team/app-cache", ("cache-main",), "cache-main")


class Creating(FakeRepository):
    """Keeps what it was created as."""

    wanted: WantedRepository | None = None

    def create(self, wanted: WantedRepository) -> RepositoryState:
        self.wanted = wanted
        return super().create(wanted)


def prepared(
    client: FakeRepository,
    state: Callable[[], RepositoryState | None],
    *,
    create: bool,
    cache: BuildCache = MAIN,
) -> FakeNarrator:
    """What is said when the cache's repository is prepared, which is described as state says."""
    narrator = FakeNarrator()
    tools = Tools(
        lambda target: cast(Any, client),
        no_builders,
        {},
        FakeClock(),
        cast(Any, narrator),
        Redactor(),
        "run1",
    )
    described: Future[RepositoryState | None] = Future()
    try:
        described.set_result(state())
    except AuthenticationError as error:
        described.set_exception(error)
    made = plan(create_repository=create, kms_key="alias/app")
    CacheRepository(client, described, tools).prepare(replace(made, build=replace(made.build, cache=cache)))
    return narrator


def refused() -> RepositoryState | None:
    raise AuthenticationError("AWS refused ecr:DescribeRepositories")


def test_it_is_created_for_caches_alone() -> None:
    client = Creating(state=None)
    narrator = prepared(client, lambda: None, create=True)
    assert client.wanted and narrator.said and not narrator.warned
    assert (client.wanted.mutability, client.wanted.exclusions) == ("MUTABLE", ())
    assert (client.wanted.scan_on_push, client.wanted.kms_key) == (False, "alias/app")
    assert [rule.rule_priority for rule in read_policy(client.wanted.lifecycle).rules] == [1, 2]


@pytest.mark.parametrize(
    ("state", "create", "cache", "warning"),
    [
        (lambda: None, False, MAIN, "there is no repository team/app-cache for the build cache"),
        (lambda: None, False, replace(MAIN, writes=""), "there is no repository team/app-cache"),
        (lambda: None, True, replace(MAIN, writes=""), ""),
        (refused, True, MAIN, "the repository of the build cache: AWS refused ecr:DescribeRepositories"),
        (lambda: RepositoryState(REPOSITORY), True, MAIN, ""),
        (lambda: RepositoryState(REPOSITORY, "IMMUTABLE"), True, MAIN, "exclude cache* from"),
        (lambda: RepositoryState(REPOSITORY, "IMMUTABLE"), True, replace(MAIN, writes=""), ""),
        (lambda: RepositoryState(REPOSITORY, "IMMUTABLE_WITH_EXCLUSION", ("cache*",)), True, MAIN, ""),
        (lambda: RepositoryState(REPOSITORY, scan_on_push=True), True, MAIN, "turn its scans off"),
        (lambda: None, False, BuildCache(), ""),
    ],
)  # fmt: skip
def test_what_keeps_it_from_its_use_is_a_warning(
    state: Callable[[], RepositoryState | None], create: bool, cache: BuildCache, warning: str
) -> None:
    client = Creating(state=None)
    narrator = prepared(client, state, create=create, cache=cache)
    assert client.wanted is None
    assert len(narrator.warned) == bool(warning)
    assert not warning or warning in narrator.warned[0]


@pytest.mark.parametrize(
    ("source", "facts", "more", "reads", "writes"),
    [
        (SOURCE, CiFacts(), {}, True, True),
        (SOURCE, CiFacts(), {"no_cache": True}, False, True),
        (SOURCE, ci_facts(tag="v1.4.2"), {}, True, False),
        (changed(SOURCE, default_branch="main"), CiFacts(trust=Trust("fork")), {}, True, False),
        (SOURCE, CiFacts(trust=Trust("fork")), {}, False, False),
        (PULL_REQUEST, ci_facts(pull_request="12", branch="fix"), {}, True, True),
        (SOURCE, CiFacts(), {"image": "app:1", "cache": "none"}, False, False),
    ],
)
def test_the_cache_of_a_run(source: Any, facts: CiFacts, more: Any, reads: bool, writes: bool) -> None:
    given = {"repository": "team/app", "cache": "ecr", **more}
    cache = with_cache(plan(source, **given), settings(**given), facts).build.cache
    assert (bool(cache.reads), bool(cache.writes)) == (reads, writes)


def test_builds_of_other_platforms_and_stages_do_not_replace_it() -> None:
    def writes(**more: Any) -> str:
        given = {"repository": "team/app", "cache": "ecr", **more}
        return with_cache(plan(**given), settings(**given), CiFacts()).build.cache.writes

    names = [
        writes(),
        writes(platforms=("linux/arm64",)),
        writes(platforms=("linux/arm64", "linux/amd64")),
        writes(target="debug"),
        writes(dockerfile="docker/web"),
    ]
    assert len(set(names)) == len(names)
    assert writes(platforms=("linux/amd64", "linux/aarch64")) == names[2]


def test_a_plan_says_what_would_be_created_and_creates_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_git(monkeypatch)
    client = Creating(state=None)
    story = Story(tmp_path, client)
    assert story.run(dry_run, cache="ecr", create_repository=True).exit_code == 0
    assert "would create team/app-cache" in story.narrator.said
    assert client.wanted is None


def test_the_workflows_cache_without_its_token_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_git(monkeypatch)
    story = Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))
    assert story.run(run, cache="gha").exit_code == 0
    assert any("type=gha is not used: ACTIONS_RUNTIME_TOKEN" in one for one in story.narrator.warned)
    story.environ = {"ACTIONS_RUNTIME_TOKEN": "dummy"}
    story.narrator.warned.clear()
    assert story.run(run, cache="gha", version="1.4.3").exit_code == 0
    assert not any("gha" in one for one in story.narrator.warned)


@pytest.mark.parametrize("command", [run, dry_run])
def test_a_run_says_which_cache_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Any) -> None:
    without_git(monkeypatch)
    story = Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))
    found = story.run(command, cache="ecr")
    assert found.exit_code == 0 and found.plan and found.plan.build.cache.is_used
    assert "build cache team/app-cache: reads cache-main; writes cache-main" in story.narrator.said
    assert story.repository.state and story.repository.state.mutability == "MUTABLE"
