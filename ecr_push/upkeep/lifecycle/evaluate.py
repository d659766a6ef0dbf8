"""What a policy takes from a repository: today, and on each later day. Pure.

ECR evaluates all rules on the repository as it is, and then applies them by priority:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html. A rule *selects* images by
tags and storage class, *marks* the ones that are too many or too old, and *keeps* all that it selects from
the rules after it, whether it marks them or not. So one rule or none acts on an image.

An image that an index lists is selected by no rule as long as the index is there. It is not counted either
(seen in a preview of ECR's, DefangLabs/pulumi-defang#466). A referrer, such as a signature, goes when its
image has gone; whether ECR counts referrers as images is not documented, so this is asked of the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.registry.stored_image import StoredImage
from ecr_push.upkeep.lifecycle.model import COUNT, LifecyclePolicy, Rule
from ecr_push.upkeep.lifecycle.tag_index import TagIndex

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Taken:
    """An image that a rule acts on. rule: None for a referrer, which goes with its image."""

    image: StoredImage
    rule: Rule | None
    at: datetime

    @property
    def expires(self) -> bool:
        """Whether it is deleted; otherwise it is archived."""
        return self.rule is None or self.rule.action == "expire"


def evaluate(
    policy: LifecyclePolicy, images: Sequence[StoredImage], now: datetime, *, count_referrers: bool = True
) -> tuple[Taken, ...]:
    """What the rules act on at this moment, in the order of the rules, and of each the youngest first."""
    return Repository(policy, images, count_referrers=count_referrers).taken(now)


def forecast(
    policy: LifecyclePolicy,
    images: Sequence[StoredImage],
    now: datetime,
    until: datetime,
    *,
    count_referrers: bool = True,
) -> Iterator[Taken]:
    """What goes from now until then, day by day, if nothing is pushed or pulled. ECR acts within a day."""
    repository = Repository(policy, images, count_referrers=count_referrers)
    at: datetime | None = now
    while at is not None and at <= until:
        taken = repository.taken(at)
        yield from taken
        yield from repository.apply(taken, at)
        at = at + DAY if taken else repository.next_change(at)


class Repository:
    """A repository under a policy, as time passes."""

    def __init__(
        self, policy: LifecyclePolicy, images: Sequence[StoredImage], *, count_referrers: bool
    ) -> None:
        self.policy = policy
        # Sorted once, so that what a rule selects is sorted too. Ties in time are not documented.
        self._images = sorted(images, key=lambda image: (_born(image), image.digest.value), reverse=True)
        self._archived_at = [_archived_at(image) for image in self._images]
        self._is_there = [True] * len(self._images)
        self._indexes = _indexes_of(self._images)
        self._referrers = _referrers_of(self._images)
        self._rules = [
            (rule, sorted(selected))
            for rule, selected in _selected(policy, self._images, count_referrers=count_referrers)
        ]

    def taken(self, now: datetime) -> tuple[Taken, ...]:
        found = []
        kept = bytearray(len(self._images))
        for rule, selected in self._rules:
            here = [place for place in selected if self._is_selectable(place, rule)]
            for place in self._marked(rule, here, now):
                if not kept[place]:
                    found.append(Taken(self._images[place], rule, now))
            for place in here:
                kept[place] = 1
        return tuple(found)

    @property
    def is_empty(self) -> bool:
        return not self._images

    def selected(self, rule: Rule) -> tuple[list[StoredImage], list[StoredImage]]:
        """What a rule selects, the youngest first, and what of it no earlier rule selects."""
        earlier: set[int] = set()
        for other, places in self._rules:
            here = [place for place in places if self._is_selectable(place, other)]
            if other == rule:
                left = [place for place in here if place not in earlier]
                return [self._images[place] for place in here], [self._images[place] for place in left]
            earlier.update(here)
        raise ValueError(f"the policy has no rule {rule.priority}")

    def apply(self, taken: Sequence[Taken], now: datetime) -> Iterator[Taken]:
        """Deletes and archives what was taken. Returns the referrers that go with a deleted image."""
        places = {image.digest: place for place, image in enumerate(self._images)} if taken else {}
        for one in taken:
            place = places[one.image.digest]
            if not one.expires:
                self._archived_at[place] = now
                continue
            self._is_there[place] = False
            for referrer in self._all_referrers(place):
                if self._is_there[referrer]:
                    self._is_there[referrer] = False
                    if not any(other.image is self._images[referrer] for other in taken):
                        yield Taken(self._images[referrer], None, now)

    def next_change(self, now: datetime) -> datetime | None:
        """The next day, counted from now, on which time alone makes a rule act; None if there is none."""
        due = [
            clock + rule.number * DAY
            for rule, selected in self._rules
            if rule.count_type != COUNT
            for place in selected
            if self._is_selectable(place, rule) and (clock := self._clock(rule, place)) is not None
        ]
        # An image is taken when it is older than its days: exactly as old is not enough.
        later = min((moment for moment in due if moment >= now), default=None)
        return None if later is None else now + ((later - now) // DAY + 1) * DAY

    def _is_selectable(self, place: int, rule: Rule) -> bool:
        """By what changes with time: storage class, and whether an index needs it."""
        if not self._is_there[place] or self._images[place].status == "ACTIVATING":  # on its way back
            return False
        in_archive = self._archived_at[place] is not None
        needed = any(self._is_there[index] for index in self._indexes[place])
        return in_archive == (rule.storage_class == "archive") and not needed

    def _marked(self, rule: Rule, selected: Sequence[int], now: datetime) -> Sequence[int]:
        if rule.count_type == COUNT:
            return selected[rule.number :]
        limit = now - rule.number * DAY
        clocks = ((place, self._clock(rule, place)) for place in selected)
        return [place for place, clock in clocks if clock is not None and clock < limit]

    def _clock(self, rule: Rule, place: int) -> datetime | None:
        """The moment from which a rule counts its days."""
        image = self._images[place]
        if rule.count_type == "sinceImagePulled":
            return max(filter(None, (image.pulled_at, image.restored_at)), default=image.pushed_at)
        if rule.count_type == "sinceImageTransitioned":
            return self._archived_at[place]
        return _born(image)

    def _all_referrers(self, place: int) -> Iterator[int]:
        """Referrers of referrers too: a signature of an SBOM."""
        left = [place]
        while left:
            referrers = self._referrers.get(self._images[left.pop()].digest, ())
            yield from referrers
            left += referrers


def _born(image: StoredImage) -> datetime:
    """Restored images are as old as their restoration."""
    return image.restored_at or image.pushed_at


def _archived_at(image: StoredImage) -> datetime | None:
    """None for an image that is not archived. An archived one without a time has just been archived."""
    if image.status != "ARCHIVED":
        return None
    return image.archived_at or image.pushed_at


def _indexes_of(images: Sequence[StoredImage]) -> list[list[int]]:
    """The places of the indexes that list each image."""
    places = {image.digest: place for place, image in enumerate(images)}
    found: list[list[int]] = [[] for _ in images]
    for place, image in enumerate(images):
        for child in image.children:
            if child in places and child != image.digest:
                found[places[child]].append(place)
    return found


def _referrers_of(images: Sequence[StoredImage]) -> dict[Digest, list[int]]:
    found: dict[Digest, list[int]] = {}
    for place, image in enumerate(images):
        if image.subject and image.subject != image.digest:
            found.setdefault(image.subject, []).append(place)
    return found


def _selected(
    policy: LifecyclePolicy, images: Sequence[StoredImage], *, count_referrers: bool
) -> Iterator[tuple[Rule, set[int]]]:
    """The images of each rule by their tags alone, which do not change."""
    index = TagIndex([image.tags for image in images])
    counted = {place for place, image in enumerate(images) if count_referrers or image.subject is None}
    untagged = {place for place in counted if not images[place].tags}
    for rule in policy.rules:
        if rule.tag_status == "tagged":
            yield rule, index.selected(rule) & counted
        else:
            yield rule, untagged if rule.tag_status == "untagged" else counted
