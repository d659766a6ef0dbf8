"""How often two pipelines that promote one version at the same time both succeed, where no one decides.

`python benchmarks/race_window.py [ROUNDS]`. The code is the real one; the registry is in memory, and time is
virtual, so that a round takes milliseconds. Each round has its own seed: the figures are the same on every
machine.

Assumptions, besides what is printed: each call takes effect at a moment drawn evenly from the time that it
takes; after that every call sees it; no call fails or is repeated; nothing else moves the repository's tags.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from random import Random

from virtual_registry import MUTABLE, VirtualClient, VirtualRegistry, image
from virtual_time import VirtualTime, virtual

from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest
from ecr_push.registry.interface import RepositoryState
from ecr_push.release.early_look import EarlyLook
from ecr_push.release.moves import TagMoves
from ecr_push.release.promote import promote
from ecr_push.tags.kinds import classify
from ecr_push.tags.labels import COMMIT_LABEL

ROUNDS = 10_000
TAGS = ("1.4.2", "1.4", "1", "latest")
WAITS_IN = ("ecr_push.release.promote",)

Latency = Callable[[Random], float]  # seconds of one call


def even(least: float, most: float) -> Latency:
    return lambda random: random.uniform(least, most)


def with_retries(random: Random) -> float:
    """One call in a hundred is throttled or lost, and answered late."""
    return random.uniform(1, 10) if random.random() < 0.01 else random.uniform(0.02, 0.2)


@dataclass(frozen=True)
class Assumed:
    """latency: of each call. apart: the second pipeline begins to promote up to so many seconds later."""

    name: str
    latency: Latency
    apart: float
    state: RepositoryState = MUTABLE


NO_ONE_DECIDES = (
    Assumed("20 to 800 ms a call, at most 1 s apart", even(0.02, 0.8), 1),
    Assumed("20 to 800 ms a call, at most 10 s apart", even(0.02, 0.8), 10),
    Assumed("20 to 200 ms, one in 100 1 to 10 s, 1 s apart", with_retries, 1),
    Assumed("20 to 200 ms, one in 100 1 to 10 s, 10 s apart", with_retries, 10),
)
FILTERS = RepositoryState(MUTABLE.repository, "MUTABLE_WITH_EXCLUSION", ("sha-*", "claim-*"))
DECIDED = (Assumed("the last but one, where claims decide", with_retries, 1, FILTERS),)


@dataclass(frozen=True)
class Round:
    """released: how many ended as released. moved: the version's tag went from one image to another.
    apart: a floating tag ended on another image than the version's tag."""

    released: int
    moved: bool
    apart: bool

    @property
    def broken(self) -> bool:
        return self.released == 2


class _Record:
    def tag_done(self, tag: object) -> None: ...

    def tag_given_back(self, tag: object) -> None: ...

    def candidate_retired(self, removed: bool) -> None: ...


class _Silent:
    def phase(self, name: str) -> None: ...

    def say(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def detail(self, line: str) -> None: ...

    def close(self) -> None: ...


# (time, pipeline, its image) -> what the pipeline holds while it promotes
Hold = Callable[[VirtualTime, str, Digest], AbstractContextManager[Callable[[], None]]]


def no_lock(time: VirtualTime, name: str, digest: Digest) -> AbstractContextManager[Callable[[], None]]:
    return nullcontext(lambda: None)


def play(assumed: Assumed, seed: int, hold: Hold = no_lock) -> Round:
    """One round: two images of one version, each promoted by a pipeline of its own."""
    time = VirtualTime(seed)
    registry = VirtualRegistry(time, assumed.state)
    narrator: Narrator = _Silent()
    later = time.random.uniform(0, assumed.apart)

    def pipeline(name: str, begins: float) -> Callable[[], object]:
        manifest = image(name)
        registry.push(manifest, f"candidate-{name}", labels={COMMIT_LABEL: name * 40})
        client = VirtualClient(registry, lambda: assumed.latency(time.random))

        def run() -> object:
            time.sleep(begins)
            moves = TagMoves(tuple(classify(TAGS, "1.4.2")), state=assumed.state)
            early = None
            if hold == no_lock:  # as a run whose scan is complete when it asks for it
                early = EarlyLook.start(partial(moves.look, client), time)
                time.sleep(assumed.latency(time.random))
            with hold(time, name, manifest.digest) as held:
                return promote(moves, manifest, client, _Record(), narrator, time, held, early)  # type: ignore[arg-type]

        return run

    with virtual(time, WAITS_IN):
        ended = time.run(pipeline("a", 0), pipeline("b", later))
    released = sum(not isinstance(one, BaseException) for one in ended)
    of_version = [digest for tag, digest, _ in registry.moves if tag == TAGS[0]]
    ends_on = {registry.tags.get(name) for name in TAGS}
    return Round(released, len(of_version) > 1, len(ends_on) > 1)


def main() -> int:
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    for assumed in (*NO_ONE_DECIDES, *DECIDED):
        played = [play(assumed, seed) for seed in range(rounds)]
        both = sum(one.broken for one in played)
        print(
            f"{assumed.name:50} both released {both:5} of {rounds} ({100 * both / rounds:.2f} %)   "
            f"none {sum(one.released == 0 for one in played):4}   "
            f"version moved {sum(one.moved for one in played):5}   "
            f"tags on two images {sum(one.apart for one in played):5}"
        )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
