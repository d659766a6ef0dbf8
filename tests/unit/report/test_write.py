from __future__ import annotations

import io
import json
import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError, ReportError
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.reports import RENDERERS
from ecr_push.cli.session import open_world
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import RELEASABLE, Outcome
from ecr_push.report import formats
from ecr_push.report.redact import prepare_outcome
from ecr_push.report.write import remove_earlier_reports, write_reports
from ecr_push.settings.report_files import parse_report
from ecr_push.settings.report_options import ReportOptions
from tests.support.outcomes import ACCEPTED, OUTCOMES, REFUSED, with_facts
from tests.support.settings import settings


def writing(*reports: str, result: str = "") -> ReportOptions:
    return ReportOptions(reports=tuple(parse_report(one) for one in reports), result=result)


def test_every_report_is_written_and_the_result_document_too(tmp_path: Path) -> None:
    wanted = [f"{tmp_path}/{name}" for name in ("r.md", "r.sarif", "r.xml", "r.json", "r.cdx.json", "r.txt")]
    write_reports(
        REFUSED,
        writing(*wanted, f"comment={tmp_path}/c", result=f"{tmp_path}/result.json"),
        RENDERERS,
        str,
        ".",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "c", "r.cdx.json", "r.json", "r.md", "r.sarif", "r.txt", "r.xml", "result.json",
    ]  # fmt: skip
    assert (tmp_path / "r.json").read_bytes() == (tmp_path / "result.json").read_bytes()
    assert all(path.stat().st_size for path in tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_reported_after_the_rest(tmp_path: Path) -> None:
    wanted = [f"{tmp_path}/gone/r.md", f"{tmp_path}/r.md", f"{tmp_path}/gone/r.xml"]
    with pytest.raises(ReportError) as raised:
        write_reports(REFUSED, writing(*wanted), RENDERERS, str, ".")
    assert raised.value.why.count("No such file") == 2
    assert (tmp_path / "r.md").exists()


def test_a_defect_in_one_report_costs_no_other(tmp_path: Path) -> None:
    def defect(outcome: Outcome) -> str:
        raise AttributeError("junit")

    broken = {**RENDERERS, "junit": defect}
    with pytest.raises(AttributeError):
        write_reports(REFUSED, writing(f"{tmp_path}/r.xml", f"{tmp_path}/r.md"), broken, str, ".")
    assert (tmp_path / "r.md").exists()


def test_a_report_is_whole_or_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.md"
    path.write_text("before")
    path.chmod(0o640)
    monkeypatch.setattr(
        os, "replace", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(ReportError, match="could not write every report"):
        write_reports(REFUSED, writing(str(path)), RENDERERS, str, ".")
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["r.md"], "nothing is left beside it"
    monkeypatch.undo()
    write_reports(REFUSED, writing(str(path)), RENDERERS, str, ".")
    assert path.read_text().startswith("## ❌ Refused")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_report_can_be_read_by_others_as_the_umask_has_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_reports(ACCEPTED, writing(f"{tmp_path}/r.md"), RENDERERS, str, ".")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "r.md").stat().st_mode) == 0o644


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "r.md").symlink_to(tmp_path / "real.md")
    write_reports(ACCEPTED, writing(f"{tmp_path}/r.md"), RENDERERS, str, ".")
    assert (tmp_path / "r.md").is_symlink()
    assert (tmp_path / "real.md").read_text().startswith("## ✅ Accepted")


def test_a_pipe_is_written_to_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_reports(ACCEPTED, writing(f"markdown={pipe}"), RENDERERS, str, ".")
    reader.join(60)
    assert read[0].startswith("## ✅ Accepted")
    assert pipe.is_fifo()


def test_a_step_in_the_history_and_an_option_show_no_secret() -> None:
    found = replace(
        with_facts(REFUSED, options=("--sign-key", "a*b")), layer_steps={"sha256:1": "RUN curl a*b"}
    )
    shown = prepare_outcome(found, lambda text: text.replace("a*b", "…"))
    assert (shown.run.options, shown.layer_steps) == (("--sign-key", "…"), {"sha256:1": "RUN curl …"})


def test_secrets_are_taken_out_before_a_format_can_disguise_them(tmp_path: Path) -> None:
    """Markdown would put backslashes into this one, JSON would not."""
    secret = "QVdTOmV5_Jw*YX=="
    error = BuildError(f"push failed: {secret}", why=f"Authorization: {secret}", remedy=f"not {secret}")
    broken = replace(OUTCOMES["build failed"], failure=Failure.of(error, "build"))

    def clean(text: str) -> str:
        return text.replace(secret, "[redacted]")

    names = [f"{name}={tmp_path}/{name}" for name in formats.RENDERERS]
    write_reports(prepare_outcome(broken, clean), writing(*names), RENDERERS, clean, ".")
    for path in tmp_path.iterdir():
        text = path.read_text()
        assert "redacted" in text
        assert "QVdTOmV5" not in text, path.name


HANDED_OVER = ("imagedefinitions.json", "imageDetail.json")


@pytest.mark.parametrize("ending", [name for name in OUTCOMES if name != "accepted"])
def test_what_an_earlier_run_handed_over_goes_unless_this_one_is_accepted(
    ending: str, tmp_path: Path
) -> None:
    for name in HANDED_OVER:
        (tmp_path / name).write_text("of an earlier run")
    outcome = OUTCOMES[ending]
    write_reports(outcome, writing(*(f"{tmp_path}/{name}" for name in HANDED_OVER)), RENDERERS, str, ".")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == (set(HANDED_OVER) if outcome.status in RELEASABLE else set())


def test_a_stale_file_that_cannot_be_removed_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "imageDetail.json"
    path.write_text("of an earlier run")
    denied = PermissionError(13, "Permission denied")
    monkeypatch.setattr(os, "unlink", lambda *_, **__: (_ for _ in ()).throw(denied))
    remove_earlier_reports(writing(str(path)), ".")  # too early to tell
    with pytest.raises(ReportError, match="Permission denied"):
        write_reports(REFUSED, writing(str(path)), RENDERERS, str, ".")


def test_no_report_of_an_earlier_run_is_left_and_no_pipe_removed(tmp_path: Path) -> None:
    names = ("imagedefinitions.json", "imageDetail.json", "run.env", "run.md", "run.json", "result")
    for name in names:
        (tmp_path / name).write_text("of an earlier run")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    asked = (*(f"{tmp_path}/{name}" for name in names[:-1]), f"dotenv={pipe}")
    remove_earlier_reports(writing(*asked, result=f"{tmp_path}/result"), ".")
    assert {path.name for path in tmp_path.iterdir()} == {"pipe"}


def test_the_dockerfile_is_named_from_the_checkouts_top(tmp_path: Path) -> None:
    assert ACCEPTED.plan
    build = replace(ACCEPTED.plan.build, dockerfile=tmp_path / "images" / "Dockerfile")
    source = replace(ACCEPTED.plan.source, root=tmp_path)
    inside = replace(ACCEPTED.plan, build=build, source=source)
    assert prepare_outcome(replace(ACCEPTED, plan=inside), str).run.dockerfile == "images/Dockerfile"
    outside = replace(inside, source=replace(source, root=tmp_path / "elsewhere"))
    assert prepare_outcome(replace(ACCEPTED, plan=outside), str).run.dockerfile == ""
    unbuilt = replace(inside, build=replace(build, image="app:local"))
    assert prepare_outcome(replace(ACCEPTED, plan=unbuilt), str).run.dockerfile == ""


def test_numbers_and_words_of_the_run_are_in_the_document(tmp_path: Path) -> None:
    write_reports(prepare_outcome(ACCEPTED, str), writing(result=f"{tmp_path}/r.json"), RENDERERS, str, ".")
    read = json.loads((tmp_path / "r.json").read_text())
    assert read["run"] == {
        "startedAt": "2026-01-02T03:04:05+00:00",
        "url": "https://ci.example/run/7",
        "actor": "kim",
    }
    assert read["tool"]["name"] == "ecr-push"


def test_the_environments_aws_keys_are_secrets_and_a_dummys_word_is_none() -> None:
    environ = {"AWS_SECRET_ACCESS_KEY": "k0" * 20, "AWS_SESSION_TOKEN": "test"}
    stderr = io.StringIO()
    with open_world(settings(), CiFacts(), Call(environ, io.StringIO(), stderr)) as world:
        world.narrator.say(f"#9 {environ['AWS_SECRET_ACCESS_KEY']} in a test")
    assert "#9 [redacted] in a test" in stderr.getvalue()
