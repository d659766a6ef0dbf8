"""The world of all rounds: one sandbox, one table of locks, and pipelines whose every call of AWS is slow.

The delay is drawn for each call, by a generator of the party's own, a part of it before the call is sent and
a part after it was answered; on the client's side: a delay in the sandbox would keep one of its threads.
"""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from ecr_push.base.clock import SystemClock
from ecr_push.base.errors import EcrPushError
from ecr_push.base.log import Redactor
from ecr_push.pipeline import early_source
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.roll_back import roll_back
from ecr_push.pipeline.run import run
from ecr_push.registry.aws.dynamodb import DynamoTable
from ecr_push.registry.aws.session import ATTEMPTS, Access, Aws, Endpoint
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.lock import NO_LOCK, PromotionLock, TableLock
from ecr_push.sandbox.records import Shelf
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support.ci import ci_facts
from tests.support.dynamodb import TABLE, LocksServer, locks_server
from tests.support.fakes import FakeNarrator
from tests.support.pusher import PushingBuilders, rootfs
from tests.support.races.checkouts import Checkout
from tests.support.settings import settings

LONGEST_DELAY = 0.8  # seconds
SCAN_SECONDS = 1.0

# The seconds that a call takes longer, and the share of them before it reaches the registry.
Draw = Callable[[], tuple[float, float]]


class SlowClient:
    """A client of boto3, each call of which takes longer."""

    def __init__(self, client: Any, draw: Draw) -> None:
        self._client = client
        self._draw = draw

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name not in self._client.meta.method_to_api_mapping:
            return found

        def slowly(**parameters: Any) -> Any:
            seconds, share = self._draw()
            time.sleep(seconds * share)
            try:
                return found(**parameters)
            finally:
                time.sleep(seconds * (1 - share))

        return slowly


class SlowAws(Aws):
    """The clients of another `Aws`, made slow."""

    def __init__(self, access: Access, shared: Aws, draw: Draw) -> None:
        super().__init__(access)
        self._shared = shared
        self._draw = draw

    @property
    def region(self) -> str:
        return self._shared.region

    def client(self, service: str, *, region: str = "", attempts: int = ATTEMPTS) -> Any:
        return SlowClient(self._shared.client(service, region=region, attempts=attempts), self._draw)


@dataclass(frozen=True)
class Ended:
    """How a pipeline ended.

    version: the one that it was to release. accepted: every image that it judged so. defect: a traceback.
    """

    name: str
    version: str
    outcome: Outcome
    said: tuple[str, ...]
    accepted: frozenset[str]
    defect: str = ""

    @property
    def code(self) -> int:
        return 1 if self.defect else self.outcome.exit_code

    @property
    def digest(self) -> str:
        return self.outcome.pushed.digest.value if self.outcome.pushed else ""

    @property
    def why(self) -> str:
        failure = self.outcome.failure
        return f"{failure.what}: {failure.why}" if failure else ""


class Judging(Record):
    """A record that knows every image of the run that was accepted: a run that lost a race has two."""

    accepted: frozenset[str] = frozenset()

    def note(self, **nouns: Any) -> None:
        super().note(**nouns)
        now = self.outcome
        if now.pushed and now.verdict and now.verdict.accepted:
            self.accepted |= {now.pushed.digest.value}


@dataclass
class World:
    """histories: of each repository, where every tag pointed after each change."""

    sandbox: Sandbox
    locks: LocksServer
    aws: Aws
    locks_aws: Aws
    http: urllib3.PoolManager
    histories: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def release(
        self, checkout: Checkout, repository: str, draw: Draw, *, lock: bool = False, **values: Any
    ) -> Ended:
        """One pipeline, from its checkout to its released tags."""
        given = {"repository": repository, "context": str(checkout.folder), "scan_timeout": 900.0, **values}
        builders = PushingBuilders(self.sandbox.url, self.http, rootfs(checkout.content))
        return self._story(
            checkout.name,
            checkout.version,
            lambda tools, record: run(settings(**given), ci_facts(), tools, record),
            builders,
            draw,
            lock,
        )

    def roll_back(self, tag: str, repository: str, draw: Draw, *, lock: bool = False, **values: Any) -> Ended:
        given = settings(**{"repository": repository, **values})
        builders = PushingBuilders(self.sandbox.url, self.http, {})
        return self._story(
            "rollback",
            "",
            lambda tools, record: roll_back(tag, "", given, tools, record),
            builders,
            draw,
            lock,
        )

    def _story(
        self,
        name: str,
        version: str,
        story: Callable[[Tools, Record], object],
        builders: PushingBuilders,
        draw: Draw,
        lock: bool,
    ) -> Ended:
        fake, clock, number = FakeNarrator(), SystemClock(), _number()
        narrator: Any = fake

        def open_repository(target: RepositoryTarget) -> RepositoryClient:
            return PrivateRepository(SlowAws(Access(), self.aws, draw), target.name, "", clock)

        def open_lock(target: RepositoryTarget) -> PromotionLock:
            if not lock:
                return NO_LOCK
            table = DynamoTable(SlowAws(Access(), self.locks_aws, draw), TABLE)
            return TableLock(table, number, f"{name} {number}", clock, narrator)

        tools = Tools(
            open_repository, builders.find, {}, clock, narrator, Redactor(), number, open_lock=open_lock
        )
        record = Judging(tools, sandbox=False)
        defect = ""
        try:
            story(tools, record)
        except EcrPushError:
            pass
        except Exception:
            defect = traceback.format_exc()
        said = (*fake.said, *fake.warned)
        return Ended(name, version, record.outcome, said, record.accepted, defect)

    def images(self, repository: str) -> dict[str, set[str]]:
        """The images that are there now, with their tags."""
        found = self.sandbox.state.images.all("private", repository)
        return {image.digest: set(image.tags) for image in found}

    def history(self, repository: str) -> list[dict[str, str]]:
        """Where every tag pointed after each change of the repository."""
        return self.histories.get(repository, [])

    def delete(self, repository: str, **image: str) -> None:
        self.sandbox.state.images.delete("private", repository, **image)


_numbers = iter(range(1, 10**9))
_numbering = threading.Lock()


def _number() -> str:
    with _numbering:
        return f"run{next(_numbers)}"


def delays(seed: str, longest: float = LONGEST_DELAY) -> Draw:
    """Drawn by a generator with this seed."""
    drawn, lock = random.Random(seed), threading.Lock()

    def draw() -> tuple[float, float]:
        with lock:
            return drawn.uniform(0, longest), drawn.random()

    return draw


def at_once() -> tuple[float, float]:
    return 0.0, 0.0


@contextmanager
def open_world() -> Iterator[World]:
    with Sandbox(SandboxOptions(scan_delay=SCAN_SECONDS)) as sandbox, locks_server() as locks:
        locks.create()
        keys = sandbox.environment
        region = keys["AWS_REGION"]
        aws, locks_aws = (
            Aws(Access(region, endpoint=Endpoint(url, access, secret)))
            for url, access, secret in (
                (sandbox.url, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"]),
                (locks.url, "dummy", "dummy"),
            )
        )
        world = World(sandbox, locks, aws, locks_aws, urllib3.PoolManager(maxsize=32))
        with _watched(world), _read_once():
            yield world


@contextmanager
def _watched(world: World) -> Iterator[None]:
    """Keeps where the tags pointed after each change: saved under the sandbox's own lock."""
    shelves = world.sandbox.state._shelves
    save = shelves.save

    def saving(shelf: Shelf) -> None:
        save(shelf)
        world.histories.setdefault(shelf.repository.name, []).append(dict(shelf.tags))

    shelves.save = saving  # type: ignore[method-assign]
    try:
        yield
    finally:
        shelves.save = save  # type: ignore[method-assign]


@contextmanager
def _read_once() -> Iterator[None]:
    """Reads each checkout with git once: the rounds share them."""
    read, known, lock = early_source.read_source_and_version, dict[Path, Any](), threading.Lock()

    def once(given: Any, facts: Any, now: Any, say: Any, seen: Any) -> Any:
        with lock:
            folder = Path(given.source.context)
            if folder not in known:
                known[folder] = read(given, facts, now, say, seen)
            return known[folder]

    early_source.read_source_and_version = once
    try:
        yield
    finally:
        early_source.read_source_and_version = read
