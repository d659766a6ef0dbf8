"""What is nearly used up is named, with what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError
from ecr_push.base.place import Place
from ecr_push.pipeline.doctor.quotas import Use, near, of_registry, of_replication, of_repository, quotas
from ecr_push.pipeline.doctor.repository import Kept
from ecr_push.registry import quotas as ecr
from ecr_push.registry.registry_settings import CacheRule, ReplicationRule
from ecr_push.registry.stored_image import StoredImage
from tests.support.fakes import START, digest
from tests.support.judged_images import tools
from tests.support.settings import settings

MIB = 1024 * 1024
HOME = "123456789012"
RULES = tuple(
    ReplicationRule((Place("us-east-1", HOME), Place(f"xx-{number}", HOME)), ("a", "b")[: number + 1])
    for number in range(2)
)


def image(name: str, tags: int = 1, size: int = 1) -> StoredImage:
    names = frozenset(f"{name}-{number}" for number in range(tags))
    return StoredImage(digest(name), names, START, size=size)


@pytest.mark.parametrize("name", list(ecr.DOCUMENTED))
def test_one_that_is_nearly_used_up_is_a_warning_with_a_remedy(name: str) -> None:
    limit = ecr.DOCUMENTED[name]
    assert list(near([Use(name, limit * 9 // 10)], {})) == []
    [found] = near([Use(name, limit * 9 // 10 + 1, "sha256:abc")], {})
    assert (found.level, found.exit_code) == ("warning", 0)
    assert found.what == f"{name.lower()} (sha256:abc): {limit * 9 // 10 + 1:,} of {limit:,}"
    assert ("ask AWS for a higher quota" in found.remedy) == (name in ecr.ADJUSTABLE) and found.remedy


def test_the_accounts_own_quota_counts() -> None:
    uses = [Use(ecr.IMAGES, 95_000), Use(ecr.TAGS, 950)]
    found = list(near(uses, {ecr.IMAGES: 200_000, "Rate of PutImage requests": 10}))
    assert [one.what for one in found] == ["tags per image: 950 of 1,000"]


def test_what_a_repository_uses() -> None:
    policy = json.dumps({"rules": [{}, {}, {}]})
    found = list(of_repository(Kept((image("one", 3), image("two", 1, 50_000 * MIB)), policy)))
    assert [(one.name, one.used) for one in found] == [
        (ecr.IMAGES, 2),
        (ecr.TAGS, 3),
        (ecr.LAYER_MIB, 50_000),
        (ecr.LIFECYCLE_LENGTH, len(policy)),
        (ecr.LIFECYCLE_RULES, 3),
    ]
    assert str(digest("one")) in found[1].what and str(digest("two")) in found[2].what
    assert [one.name for one in of_repository(Kept((image("one"),), "no JSON"))] == [
        *(ecr.IMAGES, ecr.TAGS, ecr.LIFECYCLE_LENGTH)
    ]
    assert [one.name for one in of_repository(Kept((), ""))] == [ecr.IMAGES]


def test_what_replication_uses() -> None:
    assert [one.used for one in of_replication(RULES)] == [2, 3, 2]
    assert [one.used for one in of_replication(())] == [0, 0, 0]


class Registry:
    """Both the registry and its repositories."""

    def __init__(self, limits: dict[str, int] | None = None, *, closed: bool = False) -> None:
        self._limits, self._closed = limits, closed

    def quotas(self) -> dict[str, int] | None:
        return self._limits

    def all(self) -> dict[str, object]:
        return dict.fromkeys(map(str, range(3)))

    def account(self) -> str:
        if self._closed:
            raise AuthenticationError("AWS refused ecr:DescribeRegistry")
        return HOME

    def replication(self) -> tuple[ReplicationRule, ...]:
        return RULES

    def caches(self) -> dict[str, CacheRule]:
        return {"docker": CacheRule("registry-1.docker.io")}


def world(registry: Registry) -> Any:
    return replace(
        tools(),
        open_registry=lambda: (registry, None),  # type: ignore[arg-type,return-value]
        open_repositories=lambda options: registry,  # type: ignore[arg-type,return-value]
    )


def test_those_that_are_far_away_are_one_line() -> None:
    [fine] = quotas(Kept((image("one"),), ""), settings(), world(Registry()))
    assert (fine.level, fine.what.count(" of ")) == ("ok", 8)
    assert "registered repositories 3 of 100,000" in fine.what
    assert fine.what.endswith("(AWS's defaults of November 2026)")
    near_one, fine = quotas(None, settings(), world(Registry({ecr.REPOSITORIES: 3})))
    assert near_one.what == "registered repositories: 3 of 3"
    assert fine.what.endswith("(the account's quotas)")


def test_what_may_not_be_read_has_a_line() -> None:
    *_, last = quotas(None, settings(), world(Registry(closed=True)))
    assert (last.level, "may not be read" in last.what) == ("ok", True)


def test_another_accounts_rules_are_not_shown_as_this_ones() -> None:
    assert list(of_registry(settings(registry_id="210987654321"), world(Registry()))) == []
