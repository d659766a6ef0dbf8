"""`--wait-replication`: the wait until ECR has copied the released image, and its tags, to other registries.

ECR copies an image once for each of its tags. Where a tag is immutable in the destination and names another
image, the copy arrives without it, and its status is COMPLETE all the same:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
So the destinations themselves are asked what the tags name there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.replica import Replica
from ecr_push.registry.interface import Reader
from ecr_push.registry.replication_status import COMPLETE, FAILED, IN_PROGRESS, ReplicationStatus
from ecr_push.registry.target import RepositoryTarget
from ecr_push.settings.declare import Settings

# How long ECR may name no destination: no document says how soon it does. In seconds.
LONGEST_SILENCE = 60.0
_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
_RELEASED = "the release stands in its own repository"


def await_replication(
    target: RepositoryTarget, digest: Digest, client: Reader, settings: Settings, tools: Tools, record: Record
) -> None:
    """Waits for every destination, if that is asked for, and notes what became of each.

    Raises RegistryError where one has not the image with its tags. The release stands then.
    """
    tags = [one.tag for one in record.outcome.promoted if one.result in ("moved", "already")]
    with record.phase("replicate"):
        wait = _Wait(target, digest, tags, client, tools, record)
        wait.until_whole(settings.release.replication_timeout)


class _Wait:
    """For one image. A look asks ECR how far it is, then every destination that is COMPLETE for its tags."""

    def __init__(
        self,
        target: RepositoryTarget,
        digest: Digest,
        tags: Sequence[Tag],
        client: Reader,
        tools: Tools,
        record: Record,
    ) -> None:
        self._target = target
        self._digest = digest
        self._tags = tags
        self._client = client
        self._tools = tools
        self._record = record
        self._said: dict[str, str] = {}

    def until_whole(self, seconds: float) -> None:
        clock: Clock = self._tools.clock
        began, pause = clock.monotonic(), _PAUSE
        while True:
            found = self._look()
            self._record.note(replicas=found)
            self._say(found)
            waited = clock.monotonic() - began
            if not found and waited >= LONGEST_SILENCE:
                raise _no_destination(self._digest, waited)
            late = waited >= seconds
            if found and (late or all(map(_is_settled, found))):
                _raise_for_incomplete(found, waited, late=late)
                return
            if late:
                raise _no_destination(self._digest, waited)
            clock.sleep(min(pause, max(seconds - waited, 0.1)))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _look(self) -> tuple[Replica, ...]:
        statuses = self._client.replication_statuses(self._digest)
        look: list[Callable[[], Replica]] = [partial(self._replica, one) for one in statuses]
        return tuple(background.all_of(look, "look at replica"))

    def _replica(self, status: ReplicationStatus) -> Replica:
        place = status.place
        found = Replica(place.region, place.account, status=status.status, failure=status.failure)
        if not _is_settled(found):
            return found
        there = replace(self._target, region=place.region, registry_id=place.account, host="")
        try:
            client = self._tools.open_repository(there)
            state = client.describe()
            named = client.digests(self._tags) if state else {}
        except RegistryError as error:
            is_failed = found.status == FAILED  # which says enough
            return found if is_failed else replace(found, unread=f"{error.what}: {error.why}".rstrip(": "))
        if found.status == FAILED:
            # A backfill, or a push there, may have brought it since: that is what counts.
            if not self._tags or any(named.get(tag) != self._digest for tag in self._tags):
                return found
            found = replace(found, status=COMPLETE, failure="")
        if state is None:
            return replace(found, status=IN_PROGRESS)
        found = replace(
            found,
            reference=state.repository.pinned(self._digest),
            tags=tuple(tag.name for tag in self._tags if named.get(tag) == self._digest),
            others=tuple(
                (tag.name, str(named.get(tag, ""))) for tag in self._tags if named.get(tag) != self._digest
            ),
        )
        missing = [tag for tag in self._tags if named.get(tag) != self._digest]
        taken = [tag for tag in missing if tag in named and state.freezes(tag)]
        return found if taken == missing else self._tagged(found, missing)

    def _tagged(self, found: Replica, missing: Sequence[Tag]) -> Replica:
        """With what ECR says of the tags that are not there: each is a copy of its own, and may be late."""
        for tag in missing:
            for one in self._client.replication_statuses(self._digest, tag):
                if (one.place.region, one.place.account) != (found.region, found.account):
                    continue
                if one.status == FAILED:
                    return replace(found, status=FAILED, failure=one.failure)
        return replace(found, status=IN_PROGRESS)

    def _say(self, found: Sequence[Replica]) -> None:
        for one in found:
            text = one.words
            if self._said.get(one.place) != text:
                self._said[one.place] = text
                say = self._tools.narrator.warn if one.unread else self._tools.narrator.say
                say(f"replication to {one.place}: {text}")


def _is_settled(one: Replica) -> bool:
    return one.status in (COMPLETE, FAILED)


def _no_destination(digest: Digest, waited: float) -> RegistryError:
    return RegistryError(
        "ECR replicates the image nowhere, which --wait-replication waits for",
        why=f"it has no replication status of {digest} {waited:.0f} s after it was asked",
        remedy=f"{_RELEASED}; name the repository in a rule of the registry's replication, and copy what is "
        "there already: `ecr-push registry backfill`",
    )


def _raise_for_incomplete(found: Sequence[Replica], waited: float, *, late: bool) -> None:
    bad = [one for one in found if not one.is_whole]
    if not bad:
        return
    immutable = any(one.status == COMPLETE for one in bad)
    failed = [one.place for one in bad if one.status == FAILED]
    again = "run again, which goes on waiting" if late else "run again after the cause is removed"
    if failed:  # ECR does not try again by itself
        again = (
            f"remove the cause, copy it with `ecr-push registry backfill {' '.join(failed)}`, and run again"
        )
    remedy = f"{_RELEASED}; {again}"
    if immutable:
        remedy += (
            "; a tag that is immutable there stays where it is: deploy by the digest, or except it there"
        )
    after = f" after {waited:.0f} s" if late else ""
    raise RegistryError(
        f"the release is not whole in {len(bad)} of {len(found)} destinations of the replication{after}",
        why="\n".join(f"- {one.place}: {one.words}" for one in bad),
        remedy=remedy,
    )
