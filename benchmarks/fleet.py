"""Thousands of pipelines that wait for their scans on one account, on a simulated clock.

Each of them runs the wait of the product itself; what is simulated is AWS:

- DescribeImageScanFindings: a token bucket for the account. ECR publishes no quota for it
  (https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html); assumed are
  50 calls a second, and 100 at once.
- Scans: lognormal around 45 s, from 5 s to 10 minutes; an image of two platforms in every third pipeline.
- Events: 1 to 5 s after the scan, one in 50 is lost (EventBridge promises best effort).
- SQS: a queue keeps an event for 60 s; ReceiveMessage shows ten of those that are there, by chance, to
  each caller. A queue serves seven repositories: 2,000 of them need 286 rules, and an account has 300.
"""

from __future__ import annotations

import heapq
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from ecr_push.base.errors import EcrPushError
from ecr_push.base.reference import Digest
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import Access, Aws
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import Scanning
from ecr_push.registry.scan_api import Heard
from ecr_push.registry.scan_events import LONGEST_WAIT_SECONDS, MESSAGES, QueueEvents
from ecr_push.scan.pace import Pace
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.turns import Pause, Wait
from ecr_push.scan.wait import LISTENING_SECONDS, wait_for_scan

DAWN = datetime(2026, 11, 2, tzinfo=timezone.utc)
ACCOUNT = "123456789012"
# What a call of ReceiveMessage takes that finds something at once.
RECEIVE_SECONDS = 0.02


@dataclass(frozen=True)
class Fleet:
    """What is assumed. Rates a second; window: seconds in which all pipelines begin to wait."""

    pipelines: int = 2000
    window: float = 300.0
    describe_rate: float = 50.0
    describe_burst: float = 100.0
    listens: bool = False
    repositories_a_queue: int = 7
    retention: float = 60.0
    lost: float = 0.02
    timeout: float = 900.0
    seed: int = 4
    scan_seconds: float = 0.0  # of every scan; 0 for chance
    platforms: int = 0  # of every image; 0 for two in every third one
    event_delay: tuple[float, float] = (1.0, 5.0)


@dataclass
class Result:
    """What became of a fleet. delays: seconds from the end of the last platform's scan to the answer."""

    delays: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    calls: int = 0
    throttled: int = 0
    receives: int = 0
    calls_in: Counter[int] = field(default_factory=Counter)

    @property
    def busiest(self) -> int:
        """The most calls in a second, those that were refused too."""
        return max(self.calls_in.values())

    def delay(self, share: float) -> float:
        return sorted(self.delays)[min(int(share * len(self.delays)), len(self.delays) - 1)]


class SimulatedClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return DAWN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing sleeps on a simulated clock")


class Silence:
    """A narrator that prints nothing."""

    def phase(self, name: str) -> None: ...
    def say(self, text: str) -> None: ...
    def warn(self, text: str) -> None: ...
    def detail(self, line: str) -> None: ...
    def close(self) -> None: ...


class Ecr:
    """DescribeImageScanFindings for all, and its quota."""

    def __init__(self, fleet: Fleet, clock: SimulatedClock, result: Result) -> None:
        self._fleet, self._clock, self._result = fleet, clock, result
        self._tokens, self._filled_at = fleet.describe_burst, 0.0
        self.done_at: dict[Digest, float] = {}

    @property
    def scans(self) -> Ecr:
        return self

    def page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        now = self._clock.seconds
        self._result.calls += 1
        self._result.calls_in[int(now)] += 1
        earned = (now - self._filled_at) * self._fleet.describe_rate
        self._tokens = min(self._tokens + earned, self._fleet.describe_burst)
        self._filled_at = now
        if self._tokens < 1:
            self._result.throttled += 1
            raise AwsRefusedError(
                "ThrottlingException", "Rate exceeded", "ecr:DescribeImageScanFindings", 400
            )
        self._tokens -= 1
        if now < self.done_at[digest]:
            return {"imageScanStatus": {"status": "IN_PROGRESS"}}
        return {
            "imageScanStatus": {"status": "COMPLETE"},
            "imageScanFindings": {
                "imageScanCompletedAt": DAWN + timedelta(seconds=self.done_at[digest]),
                "findings": [],
            },
        }


class Queue:
    """An SQS queue as its readers see it: at a visibility timeout of 0 nothing goes until it is too old."""

    def __init__(self, fleet: Fleet, clock: SimulatedClock, result: Result, chance: random.Random) -> None:
        self._fleet, self._clock, self._result, self._chance = fleet, clock, result, chance
        self._messages: list[tuple[float, dict[str, Any]]] = []
        self._sent = 0
        # What to do with each reader whose ReceiveMessage waits for something to come.
        self.waiting: dict[int, Callable[[], None]] = {}

    def send(self, body: str) -> None:
        """Puts an event there for all, those who wait for one included."""
        self._sent += 1
        sent_at = str(int(self._clock.now().timestamp() * 1000))
        message = {"MessageId": str(self._sent), "Body": body, "Attributes": {"SentTimestamp": sent_at}}
        self._messages.append((self._clock.seconds + self._fleet.retention, message))
        for wake in list(self.waiting.values()):
            wake()

    @property
    def messages(self) -> list[dict[str, Any]]:
        self._messages = [one for one in self._messages if one[0] > self._clock.seconds]
        return [message for _, message in self._messages]

    def receive_message(self, **parameters: Any) -> dict[str, Any]:
        self._result.receives += 1
        there = self.messages
        return {"Messages": self._chance.sample(there, min(MESSAGES, len(there)))}


class _Access(Aws):
    def __init__(self, queue: Queue) -> None:
        super().__init__(Access(region="eu-west-1"))
        self._queue = queue

    def client(self, service: str, *, region: str = "", attempts: int = 6) -> Any:
        return self._queue


@dataclass
class Pipeline:
    number: int
    repository: str
    images: tuple[PlatformImage, ...]
    wait: Wait
    done_at: float
    queue: Queue
    events: QueueEvents
    turn: int = 0


class Simulation:
    """Lets the pipelines wait, in the order of time."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._chance = random.Random(fleet.seed)
        self._clock = SimulatedClock()
        self._result = Result()
        self._ecr = Ecr(fleet, self._clock, self._result)
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._entries = 0

    def run(self) -> Result:
        count = -(-self._fleet.pipelines // self._fleet.repositories_a_queue)
        queues = [Queue(self._fleet, self._clock, self._result, self._chance) for _ in range(count)]
        for number in range(self._fleet.pipelines):
            self._begin(number, queues[number // self._fleet.repositories_a_queue])
        while self._agenda:
            self._clock.seconds, _, act = heapq.heappop(self._agenda)
            act()
        return self._result

    def _at(self, seconds: float, act: Callable[[], None]) -> None:
        self._entries += 1
        heapq.heappush(self._agenda, (seconds, self._entries, act))

    def _begin(self, number: int, queue: Queue) -> None:
        fleet, chance, repository = self._fleet, self._chance, f"team/app-{number}"
        starts_at = chance.uniform(0, fleet.window)
        images = []
        for platform in range(fleet.platforms or (2 if number % 3 == 0 else 1)):
            digest = Digest(f"sha256:{number:062x}{platform:02x}")
            took = fleet.scan_seconds or min(max(chance.lognormvariate(3.8, 0.7), 5.0), 600.0)
            self._ecr.done_at[digest] = starts_at + took
            images.append(PlatformImage(digest, f"linux/{platform}"))
            if fleet.listens and chance.random() >= fleet.lost:
                arrives_at = starts_at + took + chance.uniform(*fleet.event_delay)
                self._at(arrives_at, partial(queue.send, _event(repository, digest)))
        plan = ScanPlan(fleet.timeout, events_queue="scans" if fleet.listens else "")
        pipeline = Pipeline(
            number,
            repository,
            tuple(images),
            wait_for_scan(
                images,
                self._ecr,  # type: ignore[arg-type] # all that is asked of it here
                Scanning("basic", "SCAN_ON_PUSH"),
                plan,
                self._clock,
                Silence(),
                Pace(starts_at, chance.uniform),
            ),
            max(self._ecr.done_at[image.digest] for image in images),
            queue,
            QueueEvents(_Access(queue), f"https://sqs/{ACCOUNT}/scans", ACCOUNT, repository, self._clock),
        )
        self._at(starts_at, lambda: self._go_on(pipeline, None))

    def _go_on(self, pipeline: Pipeline, heard: Heard | None) -> None:
        pipeline.turn += 1
        try:
            pause = next(pipeline.wait) if pipeline.turn == 1 else pipeline.wait.send(heard)
        except StopIteration:
            self._result.delays.append(self._clock.seconds - pipeline.done_at)
        except EcrPushError as error:
            self._result.failures.append(f"{pipeline.repository}: {error.what}")
        else:
            self._rest(pipeline, pause)

    def _rest(self, pipeline: Pipeline, pause: Pause) -> None:
        """As `await_scan` lets a pause pass: asleep, or with an ear to the queue."""
        turn = pipeline.turn
        if not self._fleet.listens or not pause.digests or pause.seconds < LISTENING_SECONDS:
            heard = Heard() if self._fleet.listens else None
            self._at(self._clock.seconds + pause.seconds, lambda: self._go_on(pipeline, heard))
        elif pipeline.queue.messages:
            self._at(self._clock.seconds + RECEIVE_SECONDS, lambda: self._hear(pipeline, pause, turn))
        else:
            pipeline.queue.waiting[pipeline.number] = lambda: self._hear(pipeline, pause, turn)
            longest = self._clock.seconds + min(int(pause.seconds), LONGEST_WAIT_SECONDS)
            self._at(longest, lambda: self._hear(pipeline, pause, turn))

    def _hear(self, pipeline: Pipeline, pause: Pause, turn: int) -> None:
        if turn != pipeline.turn:
            return  # an event ended this pause before
        pipeline.queue.waiting.pop(pipeline.number, None)
        self._go_on(pipeline, pipeline.events.listen(pause.digests, pause.seconds))


def _event(repository: str, digest: Digest) -> str:
    """What ECR sends under basic scanning."""
    detail = {"scan-status": "COMPLETE", "repository-name": repository, "image-digest": digest.value}
    return json.dumps(
        {"source": "aws.ecr", "detail-type": "ECR Image Scan", "account": ACCOUNT, "detail": detail}
    )


def simulate(fleet: Fleet) -> Result:
    return Simulation(fleet).run()
