"""The commands `gate`, `policy test` and `policy show`, with a repository in memory."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecr_push.base.errors import RegistryError, ReportError, SettingsError
from ecr_push.base.log import Redactor
from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.cli.commands.gate import gate
from ecr_push.cli.commands.policy import show_policy
from ecr_push.cli.commands.policy import test_policy as try_policy
from ecr_push.cli.main import main
from ecr_push.pipeline.run import Tools
from ecr_push.registry.interface import Scanning
from ecr_push.registry.scan_api import EpssPage
from ecr_push.settings.declare import Settings
from tests.support.fakes import START, FakeClock, FakeNarrator, FakeRepository, manifest

IMAGES = {name: manifest(name) for name in ("clean", "low", "high", "unscanned")}


def answer(*severities: str) -> dict[str, Any]:
    found = [
        {"name": f"CVE-{number}", "severity": severity, "attributes": []}
        for number, severity in enumerate(severities)
    ]
    body = {"findings": found, "imageScanCompletedAt": START.isoformat()}
    return {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": body}


def tools(**more: Any) -> Tools:
    ages = {one.digest: START - timedelta(days=number) for number, one in enumerate(IMAGES.values())}
    answers = {
        IMAGES["clean"].digest: answer(), IMAGES["low"].digest: answer("LOW"),
        IMAGES["high"].digest: answer("HIGH", "LOW"),
    }  # fmt: skip
    client = FakeRepository(
        tags={name: one.digest for name, one in IMAGES.items()}, manifests=tuple(IMAGES.values()),
        answers=answers.get, pushed_at=ages, **more,
    )  # fmt: skip
    narrator: Any = FakeNarrator()
    return Tools(lambda target: client, {}, Path(), FakeClock(), narrator, Redactor(), "run")


def tried(new: Settings, now: Settings, last: int = 10) -> str:
    stdout = io.StringIO()
    assert try_policy(last, new, now, tools(), stdout) == 0
    return stdout.getvalue()


BEFORE = Settings(repository="team/app")


def test_a_new_policy_is_tried_on_recent_images_newest_first() -> None:
    lines = tried(Settings(repository="team/app", fail_on=Severity.LOW), BEFORE).splitlines()
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
    milder = Settings(repository="team/app", fail_on=Severity.CRITICAL, output="json")
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
    stdout = io.StringIO()
    world = replace(tools(), open_repository=lambda target: client)
    try_policy(1, BEFORE, BEFORE, world, stdout)
    shown = stdout.getvalue()
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
    stdout = io.StringIO()
    with_epss = Settings(repository="team/app", policy="p.yml", output="json")
    world = replace(tools(), open_repository=lambda target: client)
    Path("p.yml").write_text("max-epss: 0.5\nfail-on: none\n")
    try_policy(10, with_epss, BEFORE, world, stdout)
    assert {one["tags"][0]: one["accepted"] for one in json.loads(stdout.getvalue())["images"]} == {
        "low": True, "high": False,
    }  # fmt: skip
    client._scanning = Scanning("basic")  # which has none, so that a run would end without an answer
    stdout = io.StringIO()
    try_policy(10, with_epss, BEFORE, world, stdout)
    assert [one["accepted"] for one in json.loads(stdout.getvalue())["images"]] == [None, None]


def test_a_trial_starts_no_scan_and_writes_nothing() -> None:
    world = tools()
    client: Any = world.open_repository(None)  # type: ignore[arg-type]
    try_policy(10, BEFORE, BEFORE, world, io.StringIO())
    assert client.scans_started == [] and client.log == []


def test_a_repository_that_is_not_there() -> None:
    with pytest.raises(RegistryError, match="there is no repository team/app"):
        try_policy(10, BEFORE, BEFORE, tools(state=None), io.StringIO())


def test_a_bad_policy_ends_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text("fail-onn: high")
    with pytest.raises(SettingsError):
        try_policy(10, Settings(policy=str(tmp_path / "policy.yml")), BEFORE, tools(), io.StringIO())


def test_what_is_shown_is_a_policy_with_the_places_that_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "central.yml").write_text("max-epss: 0.5\nlocked: [max-epss]\n")
    (tmp_path / "policy.yml").write_text(
        "extends: central.yml\nfail-on: medium\nexceptions: [{package: x}]\n"
    )
    stdout = io.StringIO()
    shown = Settings(policy=str(tmp_path / "policy.yml"), baseline="latest")
    assert show_policy(shown, tools(), stdout) == 0
    text = stdout.getvalue().replace(f"{tmp_path}/", "")
    assert "fail-on: medium  # policy.yml, line 2\n" in text
    assert "max-epss: 0.5  # central.yml, line 1; locked by central.yml, line 2\n" in text
    assert "baseline: latest  # --baseline\n" in text
    assert "max-cvss: none  # the default\n" in text
    (tmp_path / "again.yml").write_text(stdout.getvalue())
    again = io.StringIO()
    show_policy(Settings(policy=str(tmp_path / "again.yml")), tools(), again)
    assert yaml.safe_load(again.getvalue()) == yaml.safe_load(stdout.getvalue())


# ------------------------------------------------------------------------- gate


def judge_saved(tmp_path: Path, saved: Any, **flags: Any) -> tuple[int, str, str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    code = gate([("saved.json", json.dumps(saved).encode())], flags, {}, stdout, stderr)
    return code, stdout.getvalue(), stderr.getvalue()


@pytest.mark.parametrize(
    ("saved", "flags", "code"),
    [
        (answer("LOW"), {}, 0),
        (answer("HIGH"), {}, 10),
        (answer("HIGH"), {"fail_on": "critical"}, 0),
        ({**answer(), "imageScanStatus": {"status": "IN_PROGRESS"}}, {}, 5),
        ({**answer(), "nextToken": "more"}, {}, 5),
        ({"imageScanStatus": {"status": "UNSUPPORTED_IMAGE"}}, {}, 5),
        ({"imageScanStatus": {"status": "UNSUPPORTED_IMAGE"}}, {"unscannable": "warn"}, 0),
    ],
)
def test_a_saved_answer_has_an_exit_code(
    tmp_path: Path, saved: Any, flags: dict[str, Any], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found, stdout, stderr = judge_saved(tmp_path, saved, output="json", **flags)
    assert found == code
    assert json.loads(stdout)["exitCode"] == code
    assert {0: "ACCEPTED", 10: "REFUSED", 5: "NO-ANSWER"}[code] in stderr


def test_a_saved_answer_is_judged_by_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    today = datetime.now(timezone.utc).date()
    for until, code in ((today + timedelta(days=1), 0), (today - timedelta(days=1), 10)):
        Path("ecr-push.yml").write_text(
            f"policy:\n  exceptions:\n  - {{vulnerability: CVE-0, until: {until}}}\n"
        )
        assert judge_saved(tmp_path, answer("HIGH"))[0] == code


def test_a_document_that_cannot_be_written_is_told_and_does_not_cover_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReportError):
        judge_saved(tmp_path, answer(), result="/dev/full")
    code, stdout, stderr = judge_saved(tmp_path, answer("HIGH"), result="/dev/full", output="json")
    assert code == json.loads(stdout)["exitCode"] == 10
    assert "could not write every report" in stderr


def test_an_error_about_a_file_drives_no_ci(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "saved.json"
    path.write_text(json.dumps({**answer(), "imageId": {"imageDigest": "##[error]boo ##vso[task.complete]"}}))
    assert main(["gate", str(path)]) == 2
    told = capsys.readouterr().err
    assert "boo" in told and "##" not in told


def test_gate_asks_no_aws_for_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.yml").write_text("extends: s3://bucket/key")
    with pytest.raises(SettingsError) as raised:
        judge_saved(tmp_path, answer(), policy="p.yml")
    assert "objects in S3 are not read here" in raised.value.problems[0]
