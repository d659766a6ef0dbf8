"""What became of a round, held against the promises: each violation with its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ecr_push.tags.temporary import CLAIM_PREFIX, is_temporary
from tests.support.races.world import Ended

VIOLATIONS = (
    "unjudged",
    "two winners",
    "no winner",
    "version moved",
    "floats apart",
    "moved back",
    "image gone",
    "candidate left",
    "claim left",
    "silent loser",
    "ended late",
    "no convergence",
    "wrong exit",
    "defect",
)
# What runs do to each other where neither the registry nor a lock decides: the window that the pages state.
WINDOW = frozenset({"two winners", "version moved", "floats apart", "no winner"})


@dataclass(frozen=True)
class Round:
    """What is there after a round. before: what earlier, undisturbed runs had released.

    history: where every tag pointed after each change. images: what is there now, with its tags.
    """

    ended: Sequence[Ended]
    images: Mapping[str, set[str]]
    history: Sequence[Mapping[str, str]]
    before: Sequence[Ended] = ()
    found: list[tuple[str, str]] = field(default_factory=list)

    @property
    def tags(self) -> dict[str, str]:
        return {tag: digest for digest, tags in self.images.items() for tag in tags}

    def ever(self, tag: str) -> list[str]:
        """The images that a tag pointed to, one after the other."""
        seen: list[str] = []
        for state in self.history:
            if tag in state and (not seen or seen[-1] != state[tag]):
                seen.append(state[tag])
        return seen

    def bad(self, name: str, what: str) -> None:
        assert name in VIOLATIONS
        self.found.append((name, what))


def short(digest: str) -> str:
    return digest[7:15]


def check_always(done: Round) -> None:
    """What every round has to keep, whatever raced."""
    accepted = {digest for one in (*done.ended, *done.before) for digest in one.accepted}
    released = {
        (tag, digest)
        for state in (*done.history, done.tags)
        for tag, digest in state.items()
        if not is_temporary(tag)
    }
    for tag, digest in released:
        if digest not in accepted:
            done.bad("unjudged", f"{tag} pointed to {short(digest)}")
    for one in done.ended:
        if one.defect:
            done.bad("defect", one.defect)
        elif one.code not in (0, 2, 4, 5):
            done.bad("wrong exit", f"{one.name} ended with {one.code}: {one.why}")
        elif one.code == 0 and one.digest not in done.images:
            done.bad("image gone", f"{one.name} ended with 0, and {short(one.digest)} is gone")
        elif one.code and not one.why:
            done.bad("silent loser", f"{one.name} ended with {one.code} and says nothing")
    everyone = (*done.before, *done.ended)
    words = "\n".join(line for one in everyone for line in (*one.said, one.why))
    named = {one.outcome.candidate.name for one in everyone if one.code and one.outcome.candidate}
    for digest, tags in done.images.items():
        for tag in sorted(tags):
            if tag.startswith("candidate-") and any(not is_temporary(one) for one in tags):
                said = (f"the released image keeps {tag}", f"{tag} stays", f"back as {tag}")
                if tag not in named and not any(one in words for one in said):
                    done.bad("candidate left", f"{tag} is on {short(digest)}, which is released")
            elif tag.startswith(CLAIM_PREFIX) and any(
                one.code == 0 and one.digest == digest for one in done.ended
            ):
                done.bad("claim left", f"{tag} is on {short(digest)}, which is released")


def check_one_version(done: Round, version: str, floats: Sequence[str]) -> None:
    """Several pipelines released one version from commits of their own: one of them did."""
    won = [one for one in done.ended if one.code == 0]
    if len(won) != 1:
        codes = ", ".join(f"{one.name} {one.code} {one.why}" for one in done.ended)
        done.bad("two winners" if won else "no winner", codes)
    pointed = done.ever(version)
    if len(set(pointed)) > 1:
        done.bad("version moved", f"{version}: {' -> '.join(map(short, pointed))}")
    where = {tag: done.tags.get(tag, "") for tag in (version, *floats)}
    if won and len(set(where.values())) > 1:
        done.bad("floats apart", ", ".join(f"{tag} {short(at)}" for tag, at in where.items()))
    for one in done.ended:
        if one.code and won and short(won[0].digest) not in one.why and version not in one.why:
            done.bad("silent loser", f"{one.name}: {one.why}")


def check_line(done: Round, floats: Sequence[str]) -> None:
    """Older and newer versions were released at once: all are there, and the floats are at the highest."""
    for one in done.ended:
        if one.code:
            done.bad("wrong exit", f"{one.name} ended with {one.code}: {one.why}")
        check_stays(done, one)
    released = [one for one in done.ended if one.code == 0]
    if not released:
        return
    highest = max(released, key=lambda one: one.version)
    for tag in floats:
        if done.tags.get(tag) != highest.digest:
            done.bad("moved back", f"{tag} is at {short(done.tags.get(tag, ''))}, not at {highest.version}")


def check_stays(done: Round, one: Ended) -> None:
    """A version's tag is where its run put it, and never was elsewhere."""
    pointed = done.ever(one.version)
    if one.code == 0 and pointed != [one.digest]:
        done.bad("version moved", f"{one.version}: {' -> '.join(map(short, pointed)) or 'nowhere'}")


def backwards(done: Round, tag: str, order: Sequence[str]) -> int:
    """How often a tag went from a newer image to an older one, if only for a moment."""
    places = [order.index(one) for one in done.ever(tag) if one in order]
    return sum(after < before for before, after in pairwise(places))
