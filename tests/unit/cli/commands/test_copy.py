"""`ecr-push copy`, with a registry in memory that is source and destination."""

from __future__ import annotations

import json

import pytest

from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console

REGION = ("--region", "eu-west-1")


def test_what_became_of_it_is_printed(console: Console) -> None:
    assert console.run("copy", "team/app:clean", "--to", "team/copy", "--as", "stable", *REGION) == 0, (
        console.err
    )
    assert console.out == (
        "team/app:clean -> 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app: copied\n"
        f"  stable  {IMAGES['clean'].digest}  set\n"
        "  nothing was sent: it was there\n"
    )
    assert console.registry.tags["stable"] == IMAGES["clean"].digest


def test_as_json(console: Console) -> None:
    argv = ("copy", "team/app", "--tags", "c*", "--to", "team/copy", "--output", "json", "--dry-run", *REGION)
    assert console.run(*argv) == 0, console.err
    [one] = json.loads(console.out)["copies"]
    assert (one["source"], one["result"], one["failure"]) == ("team/app", "planned", None)
    assert one["tags"] == [
        {
            "name": "clean",
            "digest": IMAGES["clean"].digest.value,
            "result": "already",
            "before": IMAGES["clean"].digest.value,
            "reason": "",
        }
    ]


def test_what_failed_is_printed_too(console: Console) -> None:
    assert console.run("copy", "team/app:none", "--to", "team/copy", *REGION) == 4
    assert ": failed\n  there is no image team/app:none\n" in console.out
    assert "To do: check the name" in console.err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["team/app"], "IMAGE: team/app names no tag: add :TAG, or give --tags or --all-tags"),
        (["team/app:1", "--all-tags"], "IMAGE: team/app:1 names one image: --all-tags has no effect"),
        (["team/app", "--tags", "a", "--all-tags"], "--all-tags: contradicts --tags"),
        (["team/app", "--tags", "a b"], "--tags: 'a b' is not a tag or a pattern of tags"),
        (["team/a:1", "team/b:1", "--as", "x"], "--as: names one image, and several are copied"),
        (["team/app:1", "--as", "claim-1"], "--as: 'claim-1': 'claim-' is reserved"),
        (["team/app:1", "--as", f"sha256-{'0' * 64}.sig"], "it is reserved for what is attached to an image"),
        (["team/app:1", "--as", "a b"], "--as: 'a b' is not a valid image tag"),
        (["team/app:1", "--platform", "linux"], "--platform: 'linux' is not OS/ARCH"),
        (["Team/app:1"], "IMAGE: 'Team/app' is not a valid repository name"),
        (["team/app:1", "--fail-on", "high"], "--fail-on: has no effect without --judge"),
        (["team/app:1", "--to", "regoin=x"], "--to: 'regoin=x': expected repository=…"),
    ],
)
def test_a_mistake(console: Console, argv: list[str], words: str) -> None:
    assert console.run("copy", *argv, "--to", "team/copy", *REGION) == 2
    assert words in console.err
    assert console.registry.log == []


def test_all_mistakes_at_once(console: Console) -> None:
    assert console.run("copy", "Team/app:1", "--as", "a b", "--platform", "x", "--to", "T") == 2
    assert "wrong in 4 places" in console.err


def test_without_a_destination(console: Console) -> None:
    assert console.run("copy", "team/app:1", *REGION) == 2
    assert "Missing option '--to'" in console.err
