"""`ecr-push gate`."""

from __future__ import annotations

import io
import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import ReportError, SettingsError
from ecr_push.cli.call import Call
from ecr_push.cli.commands.gate import judge_saved as judge_files
from ecr_push.cli.main import main
from tests.support.judged_images import answer
from tests.support.other_scanners import grype, grype_match, sarif, trivy, trivy_finding


def judge_saved(tmp_path: Path, saved: Any, **flags: Any) -> tuple[int, str, str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    code = judge_files([("saved.json", json.dumps(saved).encode())], Call({}, stdout, stderr, flags))
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


def test_an_unwritable_document_is_an_error_but_a_refusal_comes_first(
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
    printed = capsys.readouterr().err
    assert "boo" in printed and "##" not in printed


def test_gate_asks_no_aws_for_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.yml").write_text("extends: s3://bucket/key")
    with pytest.raises(SettingsError) as raised:
        judge_saved(tmp_path, answer(), policy="p.yml")
    assert "this command does not read from S3" in raised.value.problems[0]


def test_findings_are_read_from_a_pipe_and_not_through_a_link_out_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "checkout").mkdir()
    (tmp_path / "host.json").write_text(json.dumps(answer("LOW")))
    monkeypatch.chdir(tmp_path / "checkout")
    reading, writing = os.pipe()
    os.write(writing, json.dumps(answer("LOW")).encode())
    os.close(writing)
    assert main(["gate", f"/dev/fd/{reading}"]) == 0
    os.close(reading)
    assert main(["gate", "../host.json"]) == 0
    Path("findings.json").symlink_to("../host.json")
    assert main(["gate", "findings.json"]) == 2
    assert "it leads outside the checkout by a symlink" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (trivy(trivy_finding("CVE-1", "HIGH")), 10),
        (trivy(trivy_finding("CVE-1", "LOW")), 0),
        (grype(grype_match("CVE-1", "Critical")), 10),
        (sarif({"ruleId": "CVE-1", "level": "note"}), 0),
        ({**trivy(), "Results": None}, 5),
    ],
)
def test_the_report_of_another_scanner_is_judged_by_the_same_policy(
    tmp_path: Path, found: Any, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert judge_saved(tmp_path, found)[0] == code


def test_another_scanners_findings_are_added_to_ecrs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.json").write_text(json.dumps(trivy(trivy_finding("CVE-1", "HIGH"))))
    code, _, said = judge_saved(tmp_path, answer("LOW"), verdict_from=("other.json",))
    assert code == 10
    assert "scan       other.json: Trivy 0.70.0: 1 found, 1 of them not by ECR" in said
    assert judge_saved(tmp_path, answer("LOW"), verdict_from=("missing.json",))[0] == 5
    saved = {**answer("LOW"), "imageId": {"imageDigest": f"sha256:{7:064}"}}
    code, _, said = judge_saved(tmp_path, saved, verdict_from=("other.json",))
    assert (code, "other.json is about another image" in said) == (5, True)
