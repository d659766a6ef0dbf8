"""What registries say of base images, and what a build does with it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from ecr_push.base import background
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Repository
from ecr_push.base.source_name import SourceName
from ecr_push.builder.plan import Base
from ecr_push.pipeline import base_images
from ecr_push.pipeline.base_images import ask_bases, bases_of, look_up
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.timeline import untimed
from ecr_push.registry.layer_api import UnreachableError
from ecr_push.registry.options import RegistryOptions
from tests.support.fakes import FakeNarrator, FakeRepository, digest
from tests.support.settings import settings

NODE = "docker.io/library/node"


class World:
    """Repositories that are not ECR's, by their names: tags, an error, or an event that is waited for."""

    def __init__(self, repositories: Mapping[str, Any]) -> None:
        self.repositories = repositories
        self.narrator = FakeNarrator()
        self.asked: list[str] = []

    def open_other(self, repository: Repository, /, *, hurried: bool = False) -> FakeRepository:
        assert hurried
        self.asked.append(repository.uri)
        found = self.repositories[repository.uri]
        if isinstance(found, RegistryError):
            raise found
        if isinstance(found, threading.Event):
            found.wait(60)
            return FakeRepository()
        return FakeRepository(tags=found)

    @property
    def tools(self) -> Tools:
        return cast(Tools, self)


def test_a_digest_or_why_it_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_the_last(asked: Iterable[Future[Any]], seconds: float) -> None:
        """However long the others take on a machine that has much to do."""
        assert seconds == base_images.SECONDS
        wait(list(asked)[:-1], 60)

    monkeypatch.setattr(background, "wait", without_the_last)
    late = threading.Event()
    repositories = {
        NODE: {"22": digest("node")},
        "example.com/private": RegistryError("example.com/private cannot be read", why="HTTP 401"),
        "example.com/slow": late,
    }
    names = [f"{NODE}:22", f"{NODE}:21", "example.com/private:1", "example.com/slow:1"]
    asked = [SourceName.parse(name) for name in names]
    found = look_up([*asked, asked[0]], RegistryOptions(), World(repositories).tools)
    late.set()
    assert {str(image): said for image, said in found.items()} == {
        names[0]: digest("node"),
        names[1]: "its registry has no such tag",
        names[2]: "example.com/private cannot be read: HTTP 401",
        names[3]: f"no answer within {base_images.SECONDS:.0f} seconds",
    }


def test_a_registry_that_does_not_answer_is_not_asked_for_its_other_images(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(base_images, "AT_ONCE", 1)
    silent = [f"example.com/a{number}" for number in range(9)]
    repositories: dict[str, Any] = dict.fromkeys(silent, UnreachableError("example.com cannot be asked"))
    world = World({**repositories, NODE: {"22": digest("node")}})
    names = [*(f"{one}:1" for one in silent), f"{NODE}:22"]
    found = look_up([SourceName.parse(name) for name in names], RegistryOptions(), world.tools)
    assert [str(image) for image in found if found[image] == "example.com cannot be asked"] == names[:9]
    assert found[SourceName.parse(f"{NODE}:22")] == digest("node")
    assert world.asked == [silent[0], NODE]  # one of each registry first


def test_so_many_are_asked_for_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_images, "SECONDS", 30.0)
    number = 3 * base_images.AT_ONCE
    under_way, most, lock = 0, 0, threading.Lock()
    together = threading.Barrier(base_images.AT_ONCE, timeout=30)

    def look_up_one(image: SourceName, options: Any, tools: Any) -> Any:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait()
        with lock:
            under_way -= 1
        return digest("node")

    monkeypatch.setattr(base_images, "_look_up", look_up_one)
    names = [SourceName.parse(f"example.com/a{one}:1") for one in range(number)]
    found = look_up(names, RegistryOptions(), World({}).tools)
    assert len(found) == number and most == base_images.AT_ONCE


def built(folder: Path, text: str, **options: Any) -> Any:
    (folder / "Dockerfile").write_text(text)
    found = settings(repository="team/app", region="eu-west-1", **options)
    return replace(found, source=replace(found.source, context=str(folder)))


def test_a_build_gets_those_that_are_known(tmp_path: Path) -> None:
    world = World({NODE: {"22": digest("node")}, "docker.io/library/go": {}})
    given = built(tmp_path, "FROM go AS build\nFROM node:22\nCOPY --from=build /a /\n")
    wait = ask_bases(given, world.tools, untimed)
    assert world.narrator.said == world.narrator.warned == []
    assert wait() == (Base("node:22", f"{NODE}:22", digest("node")),)
    assert world.narrator.said == [f"base node:22 is {digest('node').short}"]
    assert world.narrator.warned == [
        "base go is not followed, for its digest is not known: its registry has no such tag"
    ]
    assert ask_bases(built(tmp_path, "FROM scratch\n"), world.tools, untimed)() == ()
    assert ask_bases(built(tmp_path, "FROM go AS go\nRUN x\n"), world.tools, untimed)() == ()
    assert world.narrator.warned[1:] == ["base go is not followed: a stage of the Dockerfile has its name"]


def test_images_that_the_build_is_given_are_not_asked_for(tmp_path: Path) -> None:
    text = "ARG OS=debian\nFROM $OS AS os\nFROM api\nFROM web\nCOPY --from=os /a /\nCOPY --from=api /a /\n"
    given = built(tmp_path, text, build_contexts=("web=docker-image://x",))
    assert bases_of(given) == ("debian", "api") and bases_of(given, {"api": "", "os": "OS"}) == ()
    assert bases_of(built(tmp_path, text, image="app:1")) == ()
