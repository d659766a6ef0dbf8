"""`ecr-push lifecycle test`, with a registry in memory."""

from __future__ import annotations

import json
from pathlib import Path

from ecr_push.registry.lifecycle_api import PreviewedImage
from ecr_push.upkeep.lifecycle.sentences import as_json
from ecr_push.upkeep.lifecycle.text import read_policy_text
from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console

ASK = ("lifecycle", "test", "-r", "team/app", "--region", "eu-west-1")


def test_rules_with_what_they_take_and_when(console: Console) -> None:
    # The images are of 2026-01-02 and the days before: unscanned is the oldest.
    policy = read_policy_text("keep clean\nexpire un* after 4 days\nexpire any after 9 days\n")
    console.registry.lifecycle_policy = as_json(policy)
    assert console.run(*ASK) == 0, console.err
    assert console.out == (
        "   RULE                     SELECTS  TAKES  FIRST ON\n"
        "1  keep clean                     1      0  -\n"
        "2  expire un* after 4 days        1      1  2026-01-04\n"
        "3  expire any after 9 days        4      2  2026-01-10\n"
        "\n"
        "Within 30 days the policy deletes 3 of 4 images: 0.1 MB and 0.00 USD a month at most, "
        "since images share layers.\n"
        "  2026-01-04  deleted  unscanned  (rule 2)\n"
        "  2026-01-10  deleted  high  (rule 3)\n"
        "  2026-01-11  deleted  low  (rule 3)\n"
    )


def test_ecrs_preview_says_otherwise(console: Console) -> None:
    console.registry.lifecycle_policy = as_json(read_policy_text("keep last 3 of any"))
    high = IMAGES["high"].digest
    console.registry.lifecycle_preview = {high: PreviewedImage(high, "EXPIRE", 1)}
    assert console.run(*ASK, "--preview") == 0, console.err
    assert "ECR's preview differs:\n" in console.out
    assert "  high: rule 1 takes it in ECR's preview, and no rule takes it here\n" in console.out
    assert "  unscanned: no rule takes it in ECR's preview, and rule 1 takes it here\n" in console.out


def test_releases_are_those_of_the_scheme(console: Console) -> None:
    console.registry.tags |= dict.fromkeys(("2026.05.3", "sha-4f1e2d3c4b5a"), IMAGES["high"].digest)
    console.registry.lifecycle_policy = as_json(read_policy_text("expire sha-* after 4 days"))
    assert console.run(*ASK) == 0, console.err
    assert console.run(*ASK, "--version-scheme", "YYYY.0M.MICRO") == 10, console.err
    assert "deletes the release 2026.05.3" in console.out


def test_a_file_of_an_editor_on_windows(console: Console) -> None:
    Path("lifecycle.txt").write_bytes(b"\xef\xbb\xbfkeep clean\r\nexpire any after 9 days\r\n")
    assert console.run(*ASK, "--lifecycle", "lifecycle.txt") == 0, console.err
    assert "1  keep clean " in console.out


def test_no_policy_and_a_policy_that_cannot_be_read(console: Console) -> None:
    assert console.run(*ASK) == 4
    assert "has no lifecycle policy" in console.err
    console.registry.lifecycle_policy = '{"rules": [{"rulePriority": 1, "flavour": "x"}]}'.ljust(100)
    assert console.run(*ASK) == 4
    assert "rules[0].flavour is not known" in console.err


def test_an_image_in_use_ends_with_10(console: Console) -> None:
    Path("lifecycle.txt").write_text("expire any after 1 day\n")
    Path("images.txt").write_text(
        f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@{IMAGES['high'].digest}\n"
    )
    ask = (*ASK, "--lifecycle", "lifecycle.txt", "--in-use", "images.txt", "--days", "0")
    assert console.run(*ask, "--output", "json") == 10, console.err
    document = json.loads(console.out)
    assert [one["level"] for one in document["traps"]] == ["error"]
    assert document["traps"][0]["rule"] == 1
    assert {tag for one in document["taken"] for tag in one["tags"]} == {"high", "unscanned"}
