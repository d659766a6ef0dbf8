"""What is left after a run and after its re-run, held to the promises of docs/how-it-works.md. Pure.

The facts come from clients that are not ours: boto3, git, /proc, the file system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Kind = Literal["lost", "doubled", "unjudged", "half", "moved back", "wrong exit", "leftover"]
KINDS: tuple[Kind, ...] = ("lost", "doubled", "unjudged", "half", "moved back", "wrong exit", "leftover")
KILLED = -9
# Tags of ours that release nothing.
_OURS = ("candidate-", "claim-")
_INTERNAL = re.compile(r"Traceback|internal error", re.IGNORECASE)


@dataclass(frozen=True)
class Violation:
    kind: Kind
    what: str


@dataclass(frozen=True)
class Registry:
    """One look at a repository: tag -> digest, and every digest in it, untagged ones too.

    attached: of each image with a tag, the kinds of what has it as its subject, each as often as it is there.
    broken:   images with a tag that name what is not there.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    images: frozenset[str] = frozenset()
    attached: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()

    @property
    def released(self) -> dict[str, str]:
        return {tag: digest for tag, digest in self.tags.items() if not tag.startswith(_OURS)}

    def ours(self, digest: str) -> list[str]:
        """The tags of ours on an image."""
        return sorted(tag for tag, of in self.tags.items() if of == digest and tag.startswith(_OURS))


@dataclass(frozen=True)
class After:
    """What a command left. document is None where it wrote none; leftovers name files and processes."""

    code: int
    stdout: str
    stderr: str
    document: Mapping[str, Any] | None
    registry: Registry
    leftovers: tuple[str, ...] = ()
    git_tags: Mapping[str, str] = field(default_factory=dict)
    """Of the remote: tag -> commit."""
    copies: tuple[Registry, ...] = ()
    """The repositories that the image is for, too; nothing was released there before."""

    @property
    def accepted(self) -> str:
        """The digest that the document says was accepted; "" for none."""
        document = self.document or {}
        verdict, image = document.get("verdict") or {}, document.get("image") or {}
        return str(image.get("digest") or "") if verdict.get("accepted") else ""


@dataclass(frozen=True)
class Expected:
    """What a cell may end like.

    codes:     of the faulted run, by docs/how-it-works.md.
    version:   what is released; floating: the tags that move with it.
    git_tag:   of the version, and the commit that it belongs to.
    earlier:   what was released before, and the tags that it had.
    removed:   the test itself removed the earlier images or this one.
    undone:    it undid a move behind the run's back, which the run can only tell afterwards.
    attached:  what an image that is released has attached to it: kinds.
    """

    codes: frozenset[int]
    version: str
    floating: tuple[str, ...]
    git_tag: tuple[str, str]
    earlier: Registry
    removed: bool = False
    undone: bool = False
    attached: frozenset[str] = frozenset()


def judge(expected: Expected, first: After, second: After) -> list[Violation]:
    """Judges the faulted run by what it left, and by what its re-run makes of that."""
    accepted = {first.accepted, second.accepted, *expected.earlier.released.values()} - {""}
    return [
        *_exit(expected, first),
        *_lost(expected, first),
        *(_complete(expected, first, "ended with 0, and") if first.code == 0 else ()),
        *_tags(expected, first, accepted),
        *_git_tag(expected, first),
        *_attached(expected, first),
        *_copies(expected, first, accepted),
        *(Violation("leftover", one) for one in first.leftovers),
        *_converged(expected, second, accepted),
    ]


def _exit(expected: Expected, after: After) -> Iterator[Violation]:
    if after.code not in expected.codes:
        wanted = " or ".join(map(str, sorted(expected.codes)))
        yield Violation("wrong exit", f"ended with {after.code}, not {wanted}")
    if _INTERNAL.search(after.stderr):
        yield Violation("wrong exit", "reported as an internal error")
    if after.code == KILLED:
        return
    if after.document is None:
        yield Violation("wrong exit", "no result document")
    elif after.document.get("exitCode") != after.code and not _is_unwritten_report(after):
        yield Violation(
            "wrong exit", f"ended with {after.code}, the document says {after.document['exitCode']}"
        )


def _is_unwritten_report(after: After) -> bool:
    """The document is one of the reports: it was written before another one could not be."""
    return after.code == 1 and bool(after.accepted) and "could not" in after.stderr


def _lost(expected: Expected, after: After) -> Iterator[Violation]:
    printed = after.stdout.strip().partition("@")[2]
    for digest in {printed, after.accepted if after.code == 0 else ""} - {""}:
        if digest not in after.registry.images:
            yield Violation("lost", f"accepted {digest[7:15]} with {after.code}, and it is not there")
    if not expected.removed:
        for digest in set(expected.earlier.released.values()) - after.registry.images:
            yield Violation("lost", f"the earlier release {digest[7:15]} is gone")


def _tags(expected: Expected, after: After, accepted: set[str]) -> Iterator[Violation]:
    released, earlier = after.registry.released, expected.earlier.released
    for tag, digest in released.items():
        if digest not in accepted:
            yield Violation("unjudged", f"{tag} is on {digest[7:15]}, which no document accepted")
    for tag, digest in earlier.items():
        if not expected.removed and tag not in expected.floating and released.get(tag) != digest:
            yield Violation("moved back", f"{tag} of the earlier release has moved")
    ours = {released[tag] for tag in released.keys() - earlier.keys()}
    if len(ours) > 1:
        yield Violation("doubled", f"{len(ours)} images for {expected.version}: {_shown(released)}")
    ranks = dict.fromkeys(earlier.values(), 1) | dict.fromkeys(ours, 2)
    for tag in expected.floating:
        if not expected.removed and tag in earlier and ranks.get(released.get(tag, ""), 0) < 1:
            yield Violation("moved back", f"{tag} is on {released.get(tag, 'nothing')[:15]}")
        ahead = ranks.get(released.get(tag, "")) == 2 and expected.version not in released
        if ahead and not (expected.undone and after.code):
            yield Violation("moved back", f"{tag} is ahead of {expected.version}, which is not there")
    for digest in ours:
        left = after.registry.ours(digest)
        if after.code == 0 and left and not any(tag in after.stderr for tag in left):
            yield Violation("doubled", f"{left[0]} stays on the released image without a word")


def _complete(expected: Expected, after: After, when: str) -> Iterator[Violation]:
    """Exit 0: every tag is on the one accepted image."""
    released = after.registry.released
    if {released.get(tag) for tag in (expected.version, *expected.floating)} != {after.accepted}:
        yield Violation("doubled", f"{when} the tags are on {_shown(released)}")


def _git_tag(expected: Expected, after: After) -> Iterator[Violation]:
    name, commit = expected.git_tag
    if after.git_tags.get(name, commit) != commit:
        yield Violation("doubled", f"the git tag {name} is on another commit")
    if name in after.git_tags and expected.version not in after.registry.released:
        yield Violation("unjudged", f"the git tag {name} is there, and the image {expected.version} is not")


def _attached(expected: Expected, after: After) -> Iterator[Violation]:
    """A signature or a statement is there once, and with each image that is released."""
    new = {digest for tag, digest in after.registry.released.items() if tag not in expected.earlier.released}
    for registry in (after.registry, *after.copies):
        for digest, kinds in registry.attached.items():
            for kind in {one for one in kinds if kinds.count(one) > 1}:
                yield Violation("doubled", f"{kinds.count(kind)} of {kind} are attached to {digest[7:15]}")
    for digest in new if expected.attached else ():
        if lacking := expected.attached - {*after.registry.attached.get(digest, ())}:
            yield Violation("half", f"{digest[7:15]} is released without {sorted(lacking)}")


def _copies(expected: Expected, after: After, accepted: set[str]) -> Iterator[Violation]:
    """No tag has moved anywhere before each repository has the whole image."""
    own = after.registry
    new = {digest for tag, digest in own.released.items() if tag not in expected.earlier.released}
    for copy in after.copies:
        for tag, digest in copy.released.items():
            if digest not in accepted:
                yield Violation("unjudged", f"{tag} of a copy is on {digest[7:15]}, which no one accepted")
            if {*own.attached.get(digest, ())} - {*copy.attached.get(digest, ())}:
                yield Violation("half", f"{tag} of a copy is on {digest[7:15]} without what belongs to it")
        for digest in copy.broken:
            yield Violation("half", f"a copy's {digest[7:15]} names what is not there")
        for digest in (new | {*copy.released.values()}) - copy.images if not expected.removed else ():
            yield Violation("half", f"{digest[7:15]} is released, and a copy does not have it")
        ranks = [tag in copy.released for tag in (expected.version, *expected.floating)]
        if ranks != sorted(ranks, reverse=True):
            yield Violation("moved back", f"in a copy a tag is ahead of {expected.version}")
        tagged = {copy.released.get(tag) for tag in (expected.version, *expected.floating)}
        if after.code == 0 and tagged != {after.accepted}:
            yield Violation("doubled", f"ended with 0, and a copy's tags are on {_shown(copy.released)}")


def _converged(expected: Expected, after: After, accepted: set[str]) -> Iterator[Violation]:
    """The same command again: exit 0, every tag on one accepted image, nothing of ours left on it."""
    if after.code != 0:
        yield Violation("wrong exit", f"the re-run ended with {after.code}: {after.stderr[-300:]}")
        return
    yield from _exit(replace(expected, codes=frozenset({0})), after)
    yield from _lost(expected, after)
    yield from _tags(expected, after, accepted)
    yield from _git_tag(expected, after)
    yield from _attached(expected, after)
    yield from _copies(expected, after, accepted)
    if expected.git_tag[0] not in after.git_tags:
        yield Violation("lost", f"after the re-run the git tag {expected.git_tag[0]} is not set")
    yield from _complete(expected, after, "after the re-run")
    for registry in (after.registry, *after.copies):
        if left := registry.ours(after.accepted):
            yield Violation("doubled", f"after the re-run {left[0]} is left on the released image")
    for one in after.leftovers:
        yield Violation("leftover", f"after the re-run: {one}")


def _shown(tags: Mapping[str, str]) -> str:
    return ", ".join(f"{tag} {digest[7:15]}" for tag, digest in sorted(tags.items()))
