"""Traps in policies, files that name images in use, and the bytes that go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ecr_push.registry.stored_image import StoredImage
from ecr_push.upkeep.lifecycle.evaluate import DAY, Repository, forecast
from ecr_push.upkeep.lifecycle.in_use import images_in_use
from ecr_push.upkeep.lifecycle.lint import Need, Trap, find_traps
from ecr_push.upkeep.lifecycle.size import freed_bytes
from ecr_push.upkeep.lifecycle.text import read_policy_text
from tests.support.fakes import HOST
from tests.support.lifecycle import NOW, digest, image

RELEASE = image("release", 40, "1.4.2", "1.4", "latest", "sha-4f1e2d3c4b5a")
REFUSED = image("refused", 40, "candidate-1")
YOUNG = image("young", 1, "sha-111111111111", "main")
NEEDS = {RELEASE.digest: [Need("the release 1.4.2", "1.4.2"), Need("what latest points to", "latest")]}


def traps(text: str, *images: StoredImage, needs: object = NEEDS) -> Sequence[Trap]:
    policy = read_policy_text(text)
    taken = tuple(forecast(policy, images, NOW, NOW + 30 * DAY))
    return find_traps(Repository(policy, images, count_referrers=True), taken, needs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "level", "words"),
    [
        (
            "expire sha-* after 30 days",
            "error",
            "(expire sha-* after 30 days) deletes the release 1.4.2 (2026-11-30), what latest points to",
        ),
        (
            "keep 1.*\nexpire sha-* after 30 days\nkeep last 3 of beta-*",
            "warning",
            "rule 3 (keep last 3 of beta-*) selects no image",
        ),
        ("keep *-*\nexpire sha-* after 90 days", "warning", "rule 2 (expire sha-* after 90 days) never acts"),
        (
            "archive any not pulled for 30 days",
            "error",
            "archives, so that it cannot be pulled, the release 1.4.2",
        ),
    ],
)
def test_a_trap(policy: str, level: str, words: str) -> None:
    found = traps(policy, RELEASE, REFUSED, YOUNG)
    assert [one.level for one in found if words in str(one)] == [level], found


def test_releases_taken_later_are_warned_of_today() -> None:
    young = replace(RELEASE, pushed_at=NOW)
    [trap] = traps("expire sha-* after 60 days", young)
    assert (trap.level, trap.what) == (
        "warning",
        "takes releases, too: each has a tag sha-…, and a promotion makes no image younger",
    )


@pytest.mark.parametrize(
    "policy",
    [
        "keep last 20 of *.*.*\nexpire sha-* after 30 days\nexpire candidate-* after 3 days",
        "keep latest\nkeep last 1 of 1.*\nexpire candidate-* after 3 days",
    ],
)
def test_no_trap(policy: str) -> None:
    assert traps(policy, RELEASE, REFUSED, YOUNG) == ()


def test_a_rule_may_take_what_it_is_for() -> None:
    old = image("old", 90, "1.3.0")
    needs = {**NEEDS, old.digest: [Need("the release 1.3.0", "1.3.0")]}
    assert traps("keep last 1 of *.*.*", RELEASE, old, needs=needs) == ()
    # What is in use is needed by no name.
    [trap] = traps(
        "keep last 1 of *.*.*", RELEASE, old, needs={old.digest: [Need("old, which tasks.json names")]}
    )
    assert trap.level == "error"


def test_the_tag_of_an_older_line_goes_with_its_release() -> None:
    lines = [
        image(line, 90 - place, f"{line}.9", line) for place, line in enumerate(("1.0", "1.1", "1.2", "1.3"))
    ]
    needs = {
        one.digest: [Need(f"what {line} points to", line, release), Need(f"the release {release}", release)]
        for one in lines
        for release, line in [sorted(one.tags, reverse=True)]
    }
    [trap] = traps("keep last 1 of *.*.*", RELEASE, *lines, needs=needs)
    assert trap.level == "warning"
    assert trap.what.startswith("deletes what the tags of older lines point to: 1.3 (2026-11-30), 1.2 (")
    assert trap.what.endswith(" and 1 more")
    assert trap.remedy.endswith("for each that stays: keep 1.3")
    # A rule for other tags than the release's is not meant to take it.
    [trap] = traps("keep last 1 of 1.0*\nexpire any after 60 days", RELEASE, *lines, needs=needs)
    assert (trap.level, "the release 1.3.9" in trap.what) == ("error", True)


def test_signatures_fill_a_count() -> None:
    images = [image("A", 9), image("signature", 1, subject="release"), RELEASE]
    [trap] = traps("keep last 2 of untagged", *images)
    assert trap.what == "counts 1 signatures or other referrers among the 2 that it keeps"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'{{"image": "{HOST}/team/app@{RELEASE.digest}"}}', {"release"}),
        (f"image: {HOST}/team/app:main\n", {"young"}),
        ("team/app:1.4.2 team/app:candidate-1", {"release", "refused"}),
        ("127.0.0.1:5000/team/app:latest", {"release"}),
        ("It runs team/app:1.4.2.", {"release"}),
        ("other/team/app:latest another-team/app:latest", set()),
        ("team/app:nope team/other:latest", set()),
        (f"team/app:main@{RELEASE.digest}", {"release"}),
        (f"docker://{HOST}/team/app:main oci://{HOST}/team/app:candidate-1", {"young", "refused"}),
        (f"kustomize edit set image team/app={HOST}/team/app:1.4.2", {"release"}),
        ('{"team/app": "main"}', {"young"}),
        (f'{{"image": "{HOST}\\/team\\/app:main"}}', {"young"}),
        # Of Helm and kustomize, in either order.
        (f"image:\n  repository: {HOST}/team/app\n  tag: main\n", {"young", "release"}),
        ('images: [{newTag: "candidate-1", name: team/app}]', {"refused", "release"}),
        ('image:\n  repository: team/other\n  tag: "main"\n', set()),
        ('{"team/app": {"tag": "main"}}', {"young", "release"}),
        ("FROM team/app", {"release"}),  # which is latest
    ],
)
def test_images_in_use(text: str, found: set[str]) -> None:
    images = [RELEASE, REFUSED, YOUNG]
    assert set(images_in_use(text, "team/app", images)) == {digest(name) for name in found}


def test_a_layer_is_stored_once() -> None:
    images = [
        replace(image("A", 9), blobs={"base": 100, "a": 10}, size=110),
        replace(image("B", 9), blobs={"base": 100, "b": 20}, size=120),
        replace(image("C", 900, archived=9), size=7),
    ]
    assert freed_bytes(images, {digest("A")}) == 10
    assert freed_bytes(images, {digest("A"), digest("B")}) == 130
    assert freed_bytes(images, {digest("C")}) == 7
