"""Which images a policy takes: AWS's own examples, and properties against a slow reading of the rules."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest
from hypothesis import given

from ecr_push.base.reference import Digest
from ecr_push.registry.stored_image import StoredImage
from ecr_push.upkeep.lifecycle.evaluate import DAY, evaluate, forecast
from ecr_push.upkeep.lifecycle.model import COUNT, LifecyclePolicy, Rule
from tests.support.lifecycle import (
    LONG_ARCHIVED,
    NOW,
    UNPULLED,
    count,
    digest,
    image,
    older,
    policies,
    repositories,
)

# What AWS's page of examples says of its own examples, and what follows from the rules.
TABLE: Mapping[str, tuple[Sequence[Rule], Mapping[str, StoredImage], set[str]]] = {
    "as old as the days is not older": (
        [older(1, 14, "prod*")],
        {
            "A": image("A", 15, "prod1"),
            "B": image("B", 14, "prod2"),
            "C": image("C", 40, "dev1"),
            "D": image("D", 40, "my-prod"),
        },
        {"A"},
    ),
    "the youngest stay": (
        [count(1, 1, status="untagged")],
        {"A": image("A", 3), "B": image("B", 2), "C": image("C", 1), "D": image("D", 9, "x")},
        {"A", "B"},
    ),
    "what a rule selects, no later rule takes": (
        [count(1, 1, "prod*"), count(2, 1, "beta*")],
        {
            "A": image("A", 10, "beta-1", "prod-1"),
            "B": image("B", 9, "beta-2", "prod-2"),
            "C": image("C", 8, "beta-3"),
        },
        {"A"},
    ),
    "every pattern has to match some tag": (
        [older(1, 5, "alpha*", "beta*")],
        {
            "A": image("A", 12, "alpha-1"),
            "B": image("B", 11, "beta-1"),
            "C": image("C", 10, "alpha-2", "beta-2"),
            "D": image("D", 2, "alpha-3", "beta-3"),
        },
        {"C"},
    ),
    "any takes images with tags and without": (
        [count(1, 1, status="any")],
        {
            "A": image("A", 4, "alpha-1"),
            "B": image("B", 3, "beta-1"),
            "C": image("C", 2),
            "D": image("D", 1, "alpha-2"),
        },
        {"A", "B", "C"},
    ),
    "three rules over one repository": (
        [count(1, 1, "alpha*"), older(2, 1, status="untagged"), count(3, 1, status="any")],
        {
            "A": image("A", 4, "alpha-1", "beta-1"),
            "B": image("B", 3),
            "C": image("C", 2, "alpha-2"),
            "D": image("D", 1, "4f1e2d3"),
            "E": image("E", 0.9),
        },
        {"A", "B", "D"},
    ),
    "of a pull, a restoration and a push the last one counts": (
        [UNPULLED],
        {
            "A": image("A", 200, "a", pulled=10),
            "B": image("B", 200, "b"),
            "C": image("C", 200, "c", pulled=150, restored=30),
            "D": image("D", 20, "d"),
        },
        {"B"},
    ),
    "an index keeps its images, which are not counted": (
        [count(1, 2, status="any")],
        {
            "X": image("X", 1, "latest", children=["X1", "X2"]),
            "X1": image("X1", 20),
            "X2": image("X2", 20),
            "P": image("P", 9, "p"),
            "Q": image("Q", 8, "q"),
        },
        {"P"},
    ),
    "a restored image is as old as its restoration": (
        [count(1, 1, "v*")],
        {"A": image("A", 100, "v1", restored=1), "B": image("B", 5, "v2")},
        {"B"},
    ),
    "the archive has rules of its own": (
        [UNPULLED, LONG_ARCHIVED],
        {"A": image("A", 900, "a", archived=400), "B": image("B", 900, "b", archived=100)},
        {"A"},
    ),
    "what is archived is not counted in the standard class": (
        [count(1, 1, "v*")],
        {"A": image("A", 9, "v1"), "B": image("B", 1, "v2", archived=1)},
        set(),
    ),
    "a prefix is text": (
        [Rule(1, "tagged", "sinceImagePushed", 1, prefixes=("a*",))],
        {"A": image("A", 9, "a*b"), "B": image("B", 9, "ab")},
        {"A"},
    ),
    "a wildcard stands for nothing, too, and a pattern is matched whole": (
        [older(1, 1, "*-rc*1")],
        {
            "A": image("A", 9, "1.0-rc1"),
            "B": image("B", 9, "1.0-rc.1"),
            "C": image("C", 9, "1.0-rc.1-slim"),
            "D": image("D", 9, "-rc"),
        },
        {"A", "B"},
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_table(case: str) -> None:
    rules, images, expected = TABLE[case]
    taken = evaluate(LifecyclePolicy(tuple(rules)), list(images.values()), NOW)
    names = {one.digest: name for name, one in images.items()}
    assert {names[one.image.digest] for one in taken} == expected


def test_an_index_goes_first_and_its_images_a_day_later() -> None:
    images = [image("X", 9, "x", children=["X1"]), image("X1", 9)]
    policy = LifecyclePolicy((older(1, 7, status="any"),))
    taken = list(forecast(policy, images, NOW, NOW + 3 * DAY))
    assert [(one.image.digest, one.at) for one in taken] == [
        (digest("X"), NOW),
        (digest("X1"), NOW + DAY),
    ]


def test_a_referrer_goes_with_its_image() -> None:
    images = [
        image("A", 9, "1.0"),
        image("sbom", 0.1, subject="A"),
        image("signature of the sbom", 0.1, subject="sbom"),
        image("other", 0.1, subject="B"),
    ]
    taken = list(forecast(LifecyclePolicy((older(1, 7, "1*"),)), images, NOW, NOW + 2 * DAY))
    assert [(one.image.digest, one.rule is None) for one in taken] == [
        (digest("A"), False),
        (digest("sbom"), True),
        (digest("signature of the sbom"), True),
    ]


def test_referrers_fill_a_count_or_do_not() -> None:
    images = [image("A", 9), image("signature", 1, subject="B"), image("B", 8, "b")]
    policy = LifecyclePolicy((count(1, 1, status="untagged"),))
    assert [one.image.digest for one in evaluate(policy, images, NOW)] == [digest("A")]
    assert evaluate(policy, images, NOW, count_referrers=False) == ()


def test_archived_first_and_deleted_a_year_later() -> None:
    policy = LifecyclePolicy((UNPULLED, LONG_ARCHIVED))
    taken = list(forecast(policy, [image("A", 89.5, "a")], NOW, NOW + 600 * DAY))
    # Older than 90 days on the first day after; archived for more than 365 on the day after those.
    assert [(one.expires, one.at) for one in taken] == [(False, NOW + DAY), (True, NOW + 367 * DAY)]


def test_days_without_a_change_are_skipped() -> None:
    policy = LifecyclePolicy((older(1, 3000, "a"),))
    assert [one.at for one in forecast(policy, [image("A", 0, "a")], NOW, NOW + 4000 * DAY)] == [
        NOW + 3001 * DAY
    ]


def slow(policy: LifecyclePolicy, images: Sequence[StoredImage]) -> dict[Digest, int]:
    """The documentation's words, image by image: which rule takes each."""
    taken: dict[Digest, int] = {}
    kept: set[Digest] = set()
    for rule in policy.rules:
        selected = [one for one in images if _selects(rule, one, images)]
        for one in selected:
            younger = sum(
                (_born(other), other.digest.value) > (_born(one), one.digest.value) for other in selected
            )
            clock = {
                "sinceImagePushed": _born(one),
                "sinceImagePulled": one.pulled_at or one.pushed_at,
                "sinceImageTransitioned": one.archived_at or NOW,
            }.get(rule.count_type, NOW)
            marked = younger >= rule.number if rule.count_type == COUNT else NOW - clock > rule.number * DAY
            if marked and one.digest not in kept:
                taken[one.digest] = rule.priority
        kept |= {one.digest for one in selected}
    return taken


def _born(one: StoredImage) -> datetime:
    return one.restored_at or one.pushed_at


def _selects(rule: Rule, one: StoredImage, images: Sequence[StoredImage]) -> bool:
    if any(one.digest in other.children for other in images):
        return False
    if (one.status == "ARCHIVED") != (rule.storage_class == "archive"):
        return False
    if rule.tag_status == "untagged":
        return not one.tags
    return rule.tag_status == "any" or all(
        any(fnmatch.fnmatchcase(tag, pattern) for tag in one.tags) for pattern in rule.patterns
    )


@given(policies(), repositories())
def test_the_same_as_a_slow_reading(policy: LifecyclePolicy, images: list[StoredImage]) -> None:
    taken = evaluate(policy, images, NOW)
    assert len({one.image.digest for one in taken}) == len(taken)  # one rule or none acts on an image
    assert {one.image.digest: one.rule.priority for one in taken if one.rule} == slow(policy, images)


@given(policies(), repositories())
def test_a_rule_changes_nothing_above_it(policy: LifecyclePolicy, images: list[StoredImage]) -> None:
    last = policy.rules[-1]
    above = evaluate(LifecyclePolicy(policy.rules[:-1]), images, NOW)
    assert tuple(one for one in evaluate(policy, images, NOW) if one.rule != last) == above


@given(policies(), repositories())
def test_no_image_goes_before_its_index(policy: LifecyclePolicy, images: list[StoredImage]) -> None:
    gone: dict[Digest, datetime] = {}
    for one in forecast(policy, images, NOW, NOW + 500 * DAY):
        if one.expires:
            assert one.image.digest not in gone
            gone[one.image.digest] = one.at
    for index in images:
        for child in index.children:
            # A referrer goes with its image, whatever lists it.
            if child in gone and not next(one for one in images if one.digest == child).subject:
                assert gone.get(index.digest, NOW + 501 * DAY) < gone[child]


@given(policies(), repositories())
def test_the_end_is_stable(policy: LifecyclePolicy, images: list[StoredImage]) -> None:
    taken = [one for one in forecast(policy, images, NOW, NOW + 2000 * DAY) if one.expires]
    left = {one.digest for one in images} - {one.image.digest for one in taken}
    assert len(left) + len(taken) == len(images)
