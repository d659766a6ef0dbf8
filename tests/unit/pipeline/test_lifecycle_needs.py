"""Why images have to stay: by the tags that a repository has."""

from __future__ import annotations

import pytest

from ecr_push.pipeline.lifecycle_needs import needs_of
from ecr_push.upkeep.lifecycle.evaluate import DAY, Repository, forecast
from ecr_push.upkeep.lifecycle.lint import find_traps
from ecr_push.upkeep.lifecycle.text import read_policy_text
from ecr_push.versions.schemes.choice import SEMVER, parse_scheme
from tests.support.lifecycle import NOW, image

# The oldest first, as they were pushed.
FIRST = ("1.0.9", "1.0")
SECOND = ("1.4.2", "1.4", "1")
THIRD = ("2.0.1", "2.0", "2", "latest")
NEXT = ("2.1.0-rc.1",)


@pytest.mark.parametrize(
    ("tags", "releases"),
    [
        ((FIRST, SECOND, THIRD), {"1.0": "1.0.9", "1.4": "1.4.2", "1": "1.4.2"}),
        ((FIRST, SECOND, NEXT), {"1.0": "1.0.9"}),  # a pre-release is the newest of no line
        ((THIRD, ("1.0.9", "1.0.10", "1.0")), {"1.0": "1.0.10"}),
        ((THIRD, ("1.0",)), {}),  # its own release is not known
        ((THIRD, ("0.9.0", "1.0")), {}),
        ((("1.0", "sha-4f1e2d3c4b5a"),), {}),  # a repository without versions
    ],
)
def test_the_releases_that_tags_of_older_lines_go_with(
    tags: tuple[tuple[str, ...], ...], releases: dict[str, str]
) -> None:
    images = [image(own[0], 90 - place, *own) for place, own in enumerate(tags)]
    needs = [need for own in needs_of(images, SEMVER).values() for need in own]
    assert {need.tag: need.release for need in needs if need.release} == releases


def test_lines_are_those_of_the_scheme() -> None:
    images = [image("old", 90, "2025.11.0", "2025.11"), image("new", 9, "2026.01.0", "2026.01")]
    [old, new] = needs_of(images, parse_scheme("YYYY.0M.MICRO")).values()
    assert [need.release for need in (*old, *new)] == ["2025.11.0", "", "", ""]


@pytest.mark.parametrize(
    ("policy", "tags", "found"),
    [
        ("keep last 1 of *.*.*", (FIRST, SECOND, THIRD), ["warning"]),
        ("expire *.*.* after 60 days", (FIRST, SECOND, THIRD), ["error", "warning"]),
        (
            "keep last 1 of *.*.*",
            (FIRST, THIRD, NEXT),
            ["error", "warning"],
        ),  # a pre-release pushes latest out
        ("keep 1.0\nkeep last 1 of *.*.*", (FIRST, THIRD), []),
        ("expire any after 60 days", (FIRST,), ["error"]),
        ("keep last 1 of *.*", (("1.0",), ("1.1",)), []),
    ],
)
def test_what_a_policy_may_take(policy: str, tags: tuple[tuple[str, ...], ...], found: list[str]) -> None:
    images = [image(own[0], 90 - place, *own) for place, own in enumerate(tags)]
    read = read_policy_text(policy)
    taken = tuple(forecast(read, images, NOW, NOW + 30 * DAY))
    traps = find_traps(Repository(read, images, count_referrers=True), taken, needs_of(images, SEMVER))
    assert [trap.level for trap in traps] == found, traps
