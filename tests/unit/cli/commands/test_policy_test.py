"""`ecr-push policy test`, with a repository in memory."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.cli.call import Call
from ecr_push.cli.commands.policy_test import show_trial
from ecr_push.pipeline.context import Tools
from ecr_push.registry.interface import Scanning
from ecr_push.registry.scan_api import EpssPage
from ecr_push.settings.declare import Settings
from tests.support.fakes import FakeRepository
from tests.support.judged_images import IMAGES, answer, tools
from tests.support.settings import settings


def tried(new: Settings, now: Settings, last: int = 10, world: Tools | None = None) -> str:
    stdout = io.StringIO()
    show_trial(last, new, now, world or tools(), Call({}, stdout, io.StringIO()))
    return stdout.getvalue()


BEFORE = settings(repository="team/app")


def test_a_new_policy_is_tried_on_recent_images_newest_first() -> None:
    lines = tried(settings(repository="team/app", fail_on=Severity.LOW), BEFORE).splitlines()
    rows = [line.split("  ") for line in lines[:5]]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["IMAGE", "PUSHED", "VERDICT", "CHANGE", "WHY"],
        ["clean", "2026-01-02", "accepted", "-"],
        ["low", "2026-01-01", "REFUSED", "accepted before", "no finding of LOW or worse: 1"],
        ["high", "2025-12-31", "REFUSED", "-", "no finding of LOW or worse: 2"],
        ["unscanned", "2025-12-30", "no answer", "-",
         f"there is no scan of {IMAGES['unscanned'].digest.short}"],
    ]  # fmt: skip
    assert lines[6:] == [
        "1 of 4 images would be accepted, 2 refused, 1 have no answer.",
        "Against the present policy 1 would be newly refused, 0 newly accepted.",
    ]


def test_the_last_images_alone_and_without_a_comparison() -> None:
    lines = tried(BEFORE, BEFORE, last=2).splitlines()
    assert "CHANGE" not in lines[0]
    assert lines[4] == "2 of 2 images would be accepted, 0 refused, 0 have no answer."


def test_as_json() -> None:
    milder = settings(repository="team/app", fail_on=Severity.CRITICAL, output="json")
    images = json.loads(tried(milder, BEFORE))["images"]
    assert [(one["tags"], one["accepted"], one["acceptedBefore"]) for one in images] == [
        (["clean"], True, True), (["low"], True, True), (["high"], True, False), (["unscanned"], None, None),
    ]  # fmt: skip


def test_what_aws_says_of_an_image_stays_text() -> None:
    said = "\x1b[31mno\n::error::boo ##[error]x"
    client = FakeRepository(
        tags={"one": IMAGES["clean"].digest}, manifests=[IMAGES["clean"]],
        answers=lambda _: {"imageScanStatus": {"status": "FAILED", "description": said}},
    )  # fmt: skip
    world = replace(tools(), open_repository=lambda target: client)
    shown = tried(BEFORE, BEFORE, 1, world)
    assert "boo" in shown and "\x1b" not in shown and "##[" not in shown
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


class Inspected(FakeRepository):
    def epss_page(self, digest: Digest, token: str = "") -> EpssPage:
        return EpssPage({"CVE-0": 0.01, "CVE-1": 0.9})


def test_a_rule_about_epss_is_tried_with_what_inspector_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    client = Inspected(
        tags={name: IMAGES[name].digest for name in ("low", "high")}, manifests=tuple(IMAGES.values()),
        answers={IMAGES["low"].digest: answer("LOW"), IMAGES["high"].digest: answer("LOW", "LOW")}.get,
        scanning=Scanning("enhanced", "CONTINUOUS_SCAN"),
    )  # fmt: skip
    with_epss = settings(repository="team/app", policy="p.yml", output="json")
    world = replace(tools(), open_repository=lambda target: client)
    Path("p.yml").write_text("max-epss: 0.5\nfail-on: none\n")
    found = json.loads(tried(with_epss, BEFORE, world=world))["images"]
    assert {one["tags"][0]: one["accepted"] for one in found} == {
        "low": True, "high": False,
    }  # fmt: skip
    client._scanning = Scanning("basic")  # which has none, so that a run would end without an answer
    found = json.loads(tried(with_epss, BEFORE, world=world))["images"]
    assert [one["accepted"] for one in found] == [None, None]


def test_a_trial_starts_no_scan_and_writes_nothing() -> None:
    world = tools()
    client: Any = world.open_repository(None)  # type: ignore[arg-type]
    tried(BEFORE, BEFORE, world=world)
    assert client.scans_started == [] and client.log == []


def test_a_repository_that_is_not_there() -> None:
    with pytest.raises(RegistryError, match="there is no repository team/app"):
        tried(BEFORE, BEFORE, world=tools(state=None))


def test_a_bad_policy_ends_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text("fail-onn: high")
    with pytest.raises(SettingsError):
        tried(settings(policy=str(tmp_path / "policy.yml")), BEFORE)
