"""The last look at the tags that a run set: each is where it was put, or the run says what became of it.

ECR has no compare-and-set for a tag that may move, and an answer to PutImage may not be true. So a run reads
back what it set. A floating version tag belongs to the highest version of its line, and to the image that
has that version's tag: every run sets its version's tag before the floating ones, and looks again after them,
so the one that moved a floating tag last finds whose it is, and gives it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.oci import Manifest
from ecr_push.release.claims import decider
from ecr_push.release.lost import LostError, commit_of
from ecr_push.release.moves import MovesTo
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.release.tag_owner import are_inherited, read_labels
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import BRANCH_LABEL, CREATED_LABEL

# Seconds before a tag that is not where it was put is looked at again: the answer may be older than the put.
PAUSES = (0.2, 0.4, 0.8)
# How often a run that lost its version follows the version's tag, which others may still be moving.
ROUNDS = 5


@dataclass(frozen=True)
class ReadBack:
    """seen: what the registry said before the tags were moved."""

    seen: MovesTo
    manifest: Manifest
    client: RepositoryClient
    clock: Clock

    def settle(self, promoted: Mapping[Tag, PromotedTag], *, again: bool = False) -> Iterator[PromotedTag]:
        """What became of the tags that are said to point to our image, where that is something else.

        again: floating tags were looked at before. Where they are now, someone who saw this release has put
        them, such as a rollback; they only move with the version, if that was lost.

        Raises LostError if another image has one that never moves, after giving the floating tags to that
        image; and RegistryError if a tag is not where it was put, and no other run explains it.
        """
        mine = [tag for tag in self.seen.tags if _is_ours(tag, promoted)]
        if not mine:
            return
        lined = [tag for tag in mine if _is_lined(tag) and not again]
        listed = background.start(self.client.tag_names, "list tags") if lined else None
        now = self._read(mine)
        given = {one.tag: one for one in self._give_to_higher(lined, listed.result() if listed else ())}
        yield from given.values()
        looked_at = [tag for tag in mine if tag.tag not in given and not (again and tag.floating)]
        if astray := self._astray(looked_at, now):
            yield from self._explain(astray, mine)

    def _explain(
        self, astray: Mapping[ReleaseTag, Digest | None], mine: Sequence[ReleaseTag]
    ) -> Iterator[PromotedTag]:
        versions = [tag for tag in mine if tag.kind is TagKind.VERSION]
        won = bool(versions) and not any(tag in astray for tag in versions)
        due = [
            tag
            for tag, at in astray.items()
            if _is_lined(tag) or (won and tag.kind is TagKind.COMMIT) or self._went_back(tag, at)
        ]
        taken = {
            tag: at
            for tag, at in astray.items()
            if tag.protected and tag not in due and at and at != tag.replaces
        }
        for tag, at in taken.items():
            yield PromotedTag(tag.tag, "kept", f"{at.short} got it at the same time")
        try:
            self.seen.knowing({tag.tag: at for tag, at in taken.items()}, self.client)
        except LostError:
            yield from self._follow([tag for tag in taken if tag.kind is TagKind.VERSION], mine)
            raise
        untrue: dict[ReleaseTag, Digest | None] = {}
        for tag in [tag for tag in astray if tag not in due and tag not in taken]:
            now = astray[tag]
            if now is None or now == self.seen.points_to.get(tag.tag):
                untrue[tag] = now
            else:
                yield PromotedTag(tag.tag, "kept", f"{now.short} was put there meanwhile")
        if untrue:
            raise self._untrue(untrue)
        yield from self._put_again({tag: astray[tag] for tag in due})

    def _went_back(self, tag: ReleaseTag, at: Digest | None) -> bool:
        """Whether a branch's tag was moved to an older image of the branch than ours, as a rollback does."""
        before = self.seen.before
        if before is None or at is None or tag.kind not in (TagKind.BRANCH, TagKind.LATEST):
            return False
        theirs = read_labels(self.client, at)
        created, ours = (labels.get(CREATED_LABEL, "") for labels in (theirs, before.image.labels))
        older = theirs.get(BRANCH_LABEL, "") == before.image.branch and "" < created < ours
        return older and not are_inherited(theirs, self.client, at)

    def _put_again(self, due: Mapping[ReleaseTag, Digest | None]) -> Iterator[PromotedTag]:
        """Takes tags that belong to our image from a run that lost its version, or from a rollback.

        A rollback that moved one while we released did not know our image: the newer release has the tag.
        """
        lined = [tag for tag in due if _is_lined(tag)]
        names = self.client.tag_names() if lined else frozenset[str]()
        ours = []
        for tag in due:
            if tag in lined and tag.line and (higher := tag.line.higher(names)) and not self._is_own(higher):
                yield PromotedTag(tag.tag, "kept", f"{higher} is higher, and was released meanwhile")
            else:
                ours.append(tag)
                self.client.put_tag(self.manifest, tag.tag)
        if not ours:
            return
        again = [tag for tag in lined if tag in ours]
        given = {
            one.tag: one for one in self._give_to_higher(again, self.client.tag_names() if again else ())
        }
        yield from given.values()
        rest = [tag for tag in ours if tag.tag not in given]
        if still := self._astray(rest, self._read(rest)):
            raise self._untrue(still)
        for tag in rest:
            at = due[tag]
            was = f"moved to {at.short}" if at else "removed"
            why = "" if tag.protected else ", and the newer release has it"
            yield PromotedTag(tag.tag, "moved", f"again: it was {was} meanwhile{why}")

    def _give_to_higher(self, tags: Sequence[ReleaseTag], names: Iterable[str]) -> Iterator[PromotedTag]:
        """Gives a tag to a higher version that was released between our look and our move.

        If two race, both end with the higher one.
        """
        for tag, line in [(tag, tag.line) for tag in tags if tag.line]:
            given = ""
            while higher := line.higher(names, than=line.bare(given)):
                digest = self.client.digests([Tag(higher)]).get(Tag(higher))
                if digest in (
                    None,
                    self.manifest.digest,
                ):  # removed again in the meantime, or a tag of our own
                    break
                self.client.put_tag(self.client.manifest(digest), tag.tag)
                given, names = higher, self.client.tag_names()
            if given:
                yield PromotedTag(tag.tag, "kept", f"{given} is higher, and was released meanwhile")

    def _is_own(self, name: str) -> bool:
        return self.client.digests([Tag(name)]).get(Tag(name)) == self.manifest.digest

    def _follow(self, lost: Sequence[ReleaseTag], mine: Sequence[ReleaseTag]) -> Iterator[PromotedTag]:
        """Gives tags of versions that we lost, as far as we set them, to the images that have those."""
        given: dict[Tag, PromotedTag] = {}
        put_there = {self.manifest.digest}
        for _ in range(ROUNDS if lost else 0):
            goals = self._goals(lost, mine)
            now = self.client.digests([*(tag.tag for tag in goals), *goals.values()])
            moves = {
                tag: now[goal]
                for tag, goal in goals.items()
                if goal in now and now.get(tag.tag) in put_there and now.get(tag.tag) != now[goal]
            }
            for tag, digest in moves.items():
                self.client.put_tag(self.client.manifest(digest), tag.tag)
                put_there.add(digest)
                given[tag.tag] = PromotedTag(tag.tag, "kept", f"{goals[tag]} is {digest.short}")
            if not moves:
                break
        yield from given.values()

    def _goals(self, lost: Sequence[ReleaseTag], mine: Sequence[ReleaseTag]) -> dict[ReleaseTag, Tag]:
        """The version's tag whose image each of our tags belongs to, in the order of promotion."""
        lined = [tag for tag in mine if _is_lined(tag)]
        names = self.client.tag_names() if lined else frozenset[str]()
        versions = {tag.tag for tag in lost}
        goals = {}
        for tag in mine:
            if tag.kind is TagKind.COMMIT and decider(tag.tag, self.seen.state) != "tag":
                if self._is_of_our_commit(lost[0].tag):
                    goals[tag] = lost[0].tag
            elif tag in lined and tag.line:
                version = Tag(f"{tag.line.prefix}{tag.line.version}{tag.line.suffix}")
                higher = tag.line.higher(names)
                if version in versions:
                    goals[tag] = Tag(higher) if higher else version
        return goals

    def _is_of_our_commit(self, version: Tag) -> bool:
        found = self.client.digests([version]).get(version)
        if found is None or self.seen.before is None:
            return False
        return commit_of(found, self.client) == self.seen.before.image.source.commit

    def _astray(
        self, tags: Sequence[ReleaseTag], now: Mapping[Tag, Digest]
    ) -> Mapping[ReleaseTag, Digest | None]:
        """The tags that do not point to our image, and go on not to; and where they point."""
        ours = self.manifest.digest
        astray = {tag: now.get(tag.tag) for tag in tags if now.get(tag.tag) != ours}
        for pause in PAUSES:
            if not astray:
                break
            self.clock.sleep(pause)
            now = self._read(list(astray))
            astray = {tag: now.get(tag.tag) for tag in astray if now.get(tag.tag) != ours}
        return astray

    def _read(self, tags: Sequence[ReleaseTag]) -> Mapping[Tag, Digest]:
        return self.client.digests([tag.tag for tag in tags]) if tags else {}

    def _untrue(self, astray: Mapping[ReleaseTag, Digest | None]) -> RegistryError:
        where = "; ".join(
            f"{tag} {f'points to {at.short}' if at else 'does not exist'}" for tag, at in astray.items()
        )
        names = ", ".join(str(tag) for tag in astray)
        return RegistryError(
            f"not moved, though ECR said so: {names}",
            why=f"ECR's answer to PutImage was that it put {self.manifest.digest.short}, but {where}",
            remedy="run again; if it stays like that, find out which other process moves this tag",
        )


def _is_ours(tag: ReleaseTag, promoted: Mapping[Tag, PromotedTag]) -> bool:
    """Whether a tag points to our image, as far as the run knows, and that is worth a second look."""
    one = promoted.get(tag.tag)
    return one is not None and (one.result == "moved" or (tag.protected and one.result == "already"))


def _is_lined(tag: ReleaseTag) -> bool:
    """Whether the tag goes by versions."""
    return bool(tag.floating and tag.line and tag.line.version)
