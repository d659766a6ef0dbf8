"""Many repositories are read at once; what AWS throttles is asked for again, and nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ecr_push.base.errors import EcrPushError, SettingsError
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError
from ecr_push.registry.repositories import Repositories, RepositorySettings
from ecr_push.upkeep.found import AT_ONCE, describe_named, read_settings
from tests.support.fakes import FakeClock

NAMES = [f"team/{number:03}" for number in range(100)]


class Registry(Repositories):
    """Refuses calls in the first seconds, and counts how many are made at once."""

    def __init__(self, seconds: float = 0, error: EcrPushError | None = None) -> None:
        self.clock = FakeClock()
        self.refused = 0
        self.asked = Counter[str]()
        self.most = 0
        self._seconds = seconds
        self._error = error or AwsRefusedError("ThrottlingException", "Rate exceeded", "ecr:X", 400)
        self._now = 0
        self._lock = threading.Lock()

    def all(self) -> Mapping[str, Mapping[str, Any]]:
        self.asked["all"] += 1
        return {name: {} for name in NAMES}

    def describe(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {name: {} for name in names if name in NAMES}

    def settings(self, name: str, described: Mapping[str, Any]) -> RepositorySettings:
        return RepositorySettings(name, f"arn/{name}", "MUTABLE", (), True, "AES256", "")

    def lifecycle(self, name: str) -> str:
        return self._answer(f"lifecycle of {name}")

    def policy(self, name: str) -> str:
        return self._answer(f"policy of {name}")

    def tags(self, arn: str) -> Mapping[str, str]:
        return {"of": self._answer(arn)}

    def _answer(self, text: str) -> str:
        with self._lock:
            self.asked[text] += 1
            self._now += 1
            self.most = max(self.most, self._now)
            refused = self.clock.monotonic() < self._seconds
            self.refused += refused
        with self._lock:
            self._now -= 1
        if refused:
            raise self._error
        return text


@pytest.mark.parametrize(
    "error",
    [
        None,
        AwsRefusedError("ServerException", "", "ecr:X", 500),
        AwsUnreachableError("the connection ended"),
    ],
)
def test_no_call_is_lost(error: EcrPushError | None) -> None:
    registry = Registry(60, error)
    found = read_settings(registry.all(), registry, registry.clock)
    assert list(found) == NAMES
    for name, one in found.items():
        assert (one.lifecycle, one.policy) == (f"lifecycle of {name}", f"policy of {name}")
        assert one.tags == {"of": f"arn/{name}"}
    assert sum(registry.asked.values()) == 1 + 3 * len(NAMES) + registry.refused
    assert registry.refused
    assert registry.most <= AT_ONCE


def test_what_does_not_pass_ends_it() -> None:
    registry = Registry(1, AwsRefusedError("AccessDeniedException", "no", "ecr:GetLifecyclePolicy", 400))
    with pytest.raises(AwsRefusedError, match="ecr:GetLifecyclePolicy"):
        read_settings(registry.all(), registry, registry.clock)


def test_names_and_patterns() -> None:
    registry = Registry()
    assert list(describe_named((), registry)) == NAMES
    assert list(describe_named(("team/00*", "team/017"), registry)) == [*NAMES[:10], "team/017"]
    assert registry.asked["all"] == 2
    assert list(describe_named(("team/017",), registry)) == ["team/017"]
    assert registry.asked["all"] == 2
    with pytest.raises(SettingsError, match="there is no repository team/0170; did you mean 'team/0"):
        describe_named(("team/0170",), registry)
    with pytest.raises(SettingsError) as refused:
        describe_named(("tem/017", "other/*", "team/017"), registry)
    assert refused.value.problems == (
        "there is no repository tem/017; did you mean 'team/017'?",
        "there is no repository other/*",
    )
