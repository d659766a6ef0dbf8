from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base import process
from ecr_push.base.clock import SystemClock
from ecr_push.base.process import Completed, Stop
from ecr_push.cli.call import Call
from ecr_push.cli.images.child import Children, flags_of, of_image
from ecr_push.cli.images.lines import Lines
from ecr_push.settings.report_files import ReportFile
from ecr_push.settings.sources import read_sources, with_file

FILE = """\
report: report.html
images:
  api:
    repository: team/api
  web:
    repository: team/web
    report: web.md
"""


class Started:
    """In place of a process: what it was started with, and what it writes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: int = 0, document: str = "") -> None:
        self.argv: list[str] = []
        self.environ: dict[str, str] = {}

        def run(
            argv: list[str],
            *,
            environ: dict[str, str],
            on_line: Callable[[str], None],
            blank_lines: bool,
            stop: Stop,
        ) -> Completed:
            self.argv, self.environ = argv, environ
            on_line("::group::build")
            on_line("building")
            if blank_lines:
                on_line("")
            if document:
                result = next(word.partition("=")[2] for word in argv if word.startswith("--result="))
                Path(result).write_text(document)
            return Completed(code, ())

        monkeypatch.setattr(process, "run", run)


def children(folder: Path, environ: dict[str, str], log: io.StringIO, **flags: Any) -> Children:
    call = Call(environ, io.StringIO(), log, flags, program=("python", "-m", "it"))
    sources = with_file(read_sources(flags, environ))
    return Children(
        sources, call, folder, Lines(log, ["api", "web"], commands=True), SystemClock(), {"AWS_REGION": "x"}
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "ecr-push.yml").write_text(FILE)
    return tmp_path


def test_a_run_is_the_same_command_for_one_image(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started(monkeypatch, document='{"status": "accepted"}')
    environ = {"ECR_PUSH_CHANGED": "true", "ECR_PUSH_FAIL_ON": "low", "GITHUB_OUTPUT": "out"}
    environ |= {"ECRPUSH_JOB_REPORTS": "html=/r/report.html\nsarif=/r/it.sarif"}
    flags = {"changed": True, "jobs": "3", "result": "all.json", "build_args": ("A=1", "B=2"), "pull": True}
    log = io.StringIO()
    ended = children(folder, environ, log, **flags).run("api", Stop())
    assert started.argv == [
        *("python", "-m", "it", "run", "--build-arg=A=1", "--build-arg=B=2", "--pull", "--only=api"),
        *(f"--result={folder}/api.json", "--output=text", "--report=html=api-report.html"),
    ]
    assert started.environ["ECR_PUSH_FAIL_ON"] == "low" and "ECR_PUSH_CHANGED" not in started.environ
    assert started.environ["GITHUB_OUTPUT"] == "" and started.environ["AWS_REGION"] == "x"
    assert started.environ["ECRPUSH_JOB_REPORTS"] == "html=/r/api-report.html\nsarif=/r/api-it.sarif"
    assert (ended.code, ended.document) == (0, {"status": "accepted"})
    assert log.getvalue() == "api | build\napi | building\napi |\n"


def test_a_run_gets_what_the_file_says_of_its_image(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started(monkeypatch)
    environ = {"ECR_PUSH_REGION": "eu-west-1"}
    children(folder, environ, io.StringIO(), all_images=True).run("web", Stop())
    (folder / "ecr-push.yml").unlink()
    given = with_file(read_sources({"only": ("web",)}, started.environ))
    settings = given.settings()
    assert (settings.registry.repository, settings.registry.region) == ("team/web", "eu-west-1")
    assert [*given.images] == ["web"] and given.problems == ()


def test_a_run_reads_the_file_itself_where_aliases_make_it_large(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"  - &a A={'x' * 10_000}", *["  - *a"] * 120]
    (folder / "ecr-push.yml").write_text("build-arg:\n" + "\n".join(lines) + "\n" + FILE)
    started = Started(monkeypatch)
    children(folder, {}, io.StringIO(), all_images=True).run("web", Stop())
    assert started.argv and "ECRPUSH_HANDED_OVER" not in started.environ


def test_an_image_with_reports_of_its_own_keeps_their_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = Started(monkeypatch)
    children(folder, {}, io.StringIO(), all_images=True).run("web", Stop())
    assert not [word for word in started.argv if word.startswith("--report")]


@pytest.mark.parametrize(("code", "shown"), [(10, 10), (-9, 137), (0, 0)])
def test_what_a_run_ends_with(code: int, shown: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Started(monkeypatch, code=code, document="no JSON")
    ended = children(folder, {}, io.StringIO(), all_images=True).run("api", Stop())
    assert (ended.code, ended.document) == (shown, {})


def test_a_run_that_cannot_be_started_is_one_that_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(process, "run", run)
    log = io.StringIO()
    ended = children(folder, {}, log, all_images=True).run("api", Stop())
    assert ended.code == 1 and "no more processes" in log.getvalue()


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("report.html", "api-report.html"),
        ("out/scan.sarif.json", "out/api-scan.sarif.json"),
        ("out/{image}/report.html", "out/api/report.html"),
        ("imagedefinitions.json", "api-imagedefinitions.json"),
    ],
)
def test_the_report_of_an_image(path: str, own: str) -> None:
    assert of_image(ReportFile("html", path), "api").path == own


def test_flags_as_words() -> None:
    given = {
        "no_cache": True,
        "create_repository": False,
        "push": False,
        "region": "x",
        "labels": ("a=b", "-c=d"),
    }
    assert flags_of(given) == [
        *("--region=x", "--no-create-repository", "--no-cache", "--no-push"),
        *("--label=a=b", "--label=-c=d"),
    ]
