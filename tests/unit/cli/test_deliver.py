"""However a story ends, its outcome is reported in every way asked for, and its exit code is kept."""

from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.cli import main as cli
from ecr_push.cli.reports import RENDERERS
from ecr_push.pipeline import judge_image
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.report import write
from tests.support.github_runner import read_outputs
from tests.support.outcomes import ACCEPTED, REFUSED

SECRET = "dummy-of-a-secret-access-key-0123456789"
NAMES = ("r.json", "r.md", "r.xml", "r.sarif", "run.env")
OLD = "accepted, an hour ago"

Story = Callable[[Tools, Record], None]


class Job:
    """A step on GitHub that scans an image, with the reports of an earlier step in place."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder, self._patch, self._capsys = folder, monkeypatch, capsys
        self.environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_SHA": "c" * 40,
            "GITHUB_OUTPUT": f"{folder}/outputs",
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }
        monkeypatch.setattr(cli.os, "environ", self.environ)
        monkeypatch.chdir(folder)
        for name in NAMES:
            (folder / name).write_text(OLD)

    def run(self, story: Story) -> int:
        def judge(image: Any, tags: Any, settings: Any, tools: Tools, record: Record) -> None:
            story(tools, record)

        self._patch.setattr(judge_image, "judge_image", judge)
        code = cli.main(["scan", "team/app:1", "--result=r.json", *(f"--report={one}" for one in NAMES[1:])])
        self.log = self._capsys.readouterr().err
        return code

    def read_log(self) -> str:
        return self._capsys.readouterr().err

    @property
    def document(self) -> Any:
        return json.loads((self.folder / "r.json").read_text())

    @property
    def left(self) -> dict[str, str]:
        return {name: (self.folder / name).read_text() for name in NAMES if (self.folder / name).exists()}

    @property
    def outputs(self) -> dict[str, str]:
        return read_outputs((self.folder / "outputs").read_text())


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Job:
    return Job(tmp_path, monkeypatch, capsys)


def in_phase(name: str, error: BaseException) -> Story:
    def story(tools: Tools, record: Record) -> None:
        with record.phase(name):
            raise error

    return story


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (KeyError(SECRET), 1, "defect"),
        (RecursionError("maximum recursion depth exceeded"), 1, "defect"),
        (AssertionError(), 1, "defect"),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), 3, "machine"),
        (OSError(errno.EMFILE, "Too many open files"), 3, "machine"),
        (MemoryError(), 3, "machine"),
        (RuntimeError("can't start new thread"), 3, "machine"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 1, "defect"),  # a connection's, not standard output's
        (BuildError("it broke"), 3, "build"),
    ],
)
def test_whatever_ends_a_story_is_in_every_report(error: Exception, code: int, kind: str, job: Job) -> None:
    assert job.run(in_phase("judge", error)) == code
    failure = job.document["failure"]
    assert (job.document["exitCode"], failure["kind"], failure["phase"]) == (code, kind, "judge")
    assert (job.outputs["verdict"], job.outputs["exit-code"]) == ("failed", str(code))
    assert job.left["r.md"].startswith("## ❌ Failed") and f"EXIT_CODE={code}" in job.left["run.env"]
    assert 'errors="1"' in job.left["r.xml"] and "r.sarif" not in job.left
    assert "  reports    r.json, r.md, r.xml, run.env\n" in job.log, (
        "those that were written, as they were named"
    )
    assert ("::group::traceback" in job.log) is (kind == "defect")
    assert SECRET not in job.log + "".join(job.left.values())


def test_a_report_in_a_folder_that_is_removed_is_not_named(job: Job, tmp_path: Path) -> None:
    ours = tmp_path / "ecr-push-abc"
    ours.mkdir()
    for name in ("ecr-push-report.md", str(ours / "r.md")):
        assert cli.main(["scan", "team/app:1", f"--report={name}"]) != 0
        assert Path(name).is_file()
        assert ("  reports    " in job.read_log()) is (name == "ecr-push-report.md")


def test_reports_of_an_earlier_run_are_gone_before_the_story_begins(job: Job) -> None:
    seen: list[dict[str, str]] = []
    job.run(lambda tools, record: seen.append(job.left))
    assert seen == [{}]


def as_outcome(outcome: Any) -> Story:
    return lambda tools, record: setattr(record, "outcome", outcome)


@pytest.mark.parametrize(("outcome", "code"), [(ACCEPTED, 0), (REFUSED, 10)])
@pytest.mark.parametrize("error", [KeyError("a bug"), OSError(errno.ENOSPC, "No space left on device")])
def test_one_format_that_fails_loses_no_other_and_no_verdict(
    outcome: Any, code: int, error: Exception, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any) -> str:
        raise error

    monkeypatch.setitem(RENDERERS, "markdown", fail)
    assert job.run(as_outcome(outcome)) == (code or 1)
    assert set(job.left) == set(NAMES) - {"r.md"}
    assert job.document["exitCode"] == code
    assert job.outputs["exit-code"] == str(code or 1)
    assert ("No space left" in job.log) or ("internal error: KeyError" in job.log)


def test_an_interruption_while_the_outcome_is_reported_leaves_no_half(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second signal, while the rest is reported, ends nothing."""
    real = write.write_text

    def interrupted(path: Path, *given: Any) -> None:
        if path.name == "r.md":
            os.kill(os.getpid(), signal.SIGTERM)
        real(path, *given)

    monkeypatch.setattr(write, "write_text", interrupted)
    assert job.run(as_outcome(ACCEPTED)) == 143
    assert job.document["status"] == "interrupted" and job.document["exitCode"] == 143
    assert all(text != OLD for text in job.left.values())
    assert job.outputs["exit-code"] == "143"


def test_a_ci_file_that_cannot_be_written_keeps_the_code_of_a_refusal(job: Job) -> None:
    job.environ["GITHUB_OUTPUT"] = f"{job.folder}/gone/outputs"
    assert job.run(as_outcome(REFUSED)) == 10
    assert "could not write the CI's output files" in job.log and job.document["status"] == "refused"
    assert job.run(as_outcome(ACCEPTED)) == 1


def test_a_command_line_that_is_wrong_leaves_no_earlier_report(job: Job) -> None:
    asked = ["--result", "r.json", *(f"--report={one}" for one in NAMES[1:])]
    assert cli.main(["scan", *asked, "--no-such-option", "x", "team/app:1"]) == 2
    assert (job.document["status"], job.document["exitCode"]) == ("failed", 2)
    assert "No such option" in job.document["failure"]["why"]
    assert "r.sarif" not in job.left and OLD not in job.left.values()


@pytest.mark.parametrize(
    "line",
    [
        "deploy ecs team/app:1 --no-such-option --result r.json",
        "deploy lambda --result=r.json",
        "deploy batch team/app:1 --dry-run --result r.json --deploy-timeout soon",
        "--region eu-west-1 deploy sagemaker team/app:1 --result r.json",
        "--region eu-west-1 run --result r.json",
    ],
)
def test_nor_does_one_of_a_command_of_two_words_or_with_an_option_before_it(line: str, job: Job) -> None:
    assert cli.main(line.split()) == 2
    assert (job.document["status"], job.document["exitCode"]) == ("failed", 2)
    assert job.document["failure"]["why"]


@pytest.mark.parametrize(
    "line", ["runn team/app:1", "deploy eks team/app:1", "deploy team/app:1", "policy tset", "", "--region x"]
)
def test_nor_does_one_that_names_no_command(line: str, job: Job) -> None:
    assert cli.main([*line.split(), "--result", "r.json", "--report", "r.md"]) == 2
    assert (job.document["status"], job.document["exitCode"]) == ("failed", 2)
    assert job.document["failure"]["why"] and job.left["r.md"] != OLD


@pytest.mark.parametrize("line", ["runn", "policy tset"])
def test_a_report_that_the_environment_names_may_be_that_of_another_command(line: str, job: Job) -> None:
    job.environ["ECR_PUSH_RESULT"] = "r.json"
    assert cli.main(line.split()) == 2
    assert job.left["r.json"] == OLD


def test_reports_named_in_the_environment_count_too(job: Job) -> None:
    job.environ["ECR_PUSH_RESULT"] = "r.json"
    assert cli.main(["scan"]) == 2
    assert "Missing argument" in job.document["failure"]["why"]


@pytest.mark.parametrize(
    "argv", [("gate", "gone.json"), ("gate", "bad.json"), ("gate", "bad.json", "--policy", "gone.yml")]
)
def test_a_gate_that_cannot_read_says_so_in_its_result(argv: tuple[str, ...], job: Job) -> None:
    (job.folder / "bad.json").write_text("[]")
    assert cli.main([*argv, "--result", "r.json"]) == 2
    assert (job.document["status"], job.document["exitCode"]) == ("failed", 2)
