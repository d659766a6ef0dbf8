"""What ends a command is reported to the CI: annotation, summary and outputs, with the exit code."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ecr_push.base.errors import DefectError, Interrupted, RegistryError, ReportError
from ecr_push.ci.facts import CiFacts
from ecr_push.cli import main as cli
from ecr_push.cli import read_settings, report_to_ci
from ecr_push.cli.call import Call
from ecr_push.cli.session import open_world
from ecr_push.report.document_schema import result_schema
from ecr_push.settings import sources
from tests.support.github_runner import read_outputs
from tests.support.settings import settings

SECRET = "dummy-of-a-secret-access-key-0123456789"


class Job:
    """A step on GitHub. ended is the exit code of what it ran."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_OUTPUT": str(folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        }
        self.log = ""

    def run(self, *argv: str) -> int:
        code = cli.main(argv)
        self.log = self._capsys.readouterr().err
        return code

    @property
    def outputs(self) -> dict[str, str]:
        path = self.folder / "outputs"
        return read_outputs(path.read_text()) if path.exists() else {}

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text()


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Job:
    made = Job(tmp_path, capsys)
    monkeypatch.setattr(cli.os, "environ", made.environ)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return made


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*arguments: Any, **more: Any) -> Any:
        raise error

    return fail


def test_a_usage_error_is_reported(job: Job) -> None:
    assert job.run("promote", "team/app:1") == 2
    assert "::error title=ecr-push%3A failed in phase settings::" in job.log
    assert "Missing argument 'TAG...'" in job.log and "Missing argument" in job.summary
    assert (job.outputs["verdict"], job.outputs["exit-code"]) == ("failed", "2")


def test_wrong_settings_are_in_the_reports_where_an_earlier_runs_were(job: Job) -> None:
    """Else a CI that keeps its workspace would publish an old pass."""
    names = ("r.json", "r.md", "r.xml", "r.sarif", "run.env", "imageDetail.json")
    for name in names:
        (job.folder / name).write_text("accepted")
    asked = [f"--report={job.folder / name}" for name in names[1:]]
    assert job.run("run", "-r", "a/b", "--fail-on", "hgih", f"--result={job.folder}/r.json", *asked) == 2
    left = {name: (job.folder / name).read_text() for name in names if (job.folder / name).exists()}
    assert set(left) == {"r.json", "r.md", "r.xml", "run.env"}
    document = json.loads(left["r.json"])
    Draft202012Validator(result_schema()).validate(document)
    assert (document["status"], document["exitCode"]) == ("failed", 2)
    assert left["r.md"].startswith("## ❌ Failed") and "did you mean" in left["r.md"]
    assert 'errors="1"' in left["r.xml"] and "VERDICT=failed\n" in left["run.env"]
    assert job.outputs["result"] == f"{job.folder}/r.json"


def test_wrong_settings_are_the_result_document_too(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "-r", "a/b", "--fail-on", "hgih", "--output", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["status"] == "failed"


def test_a_report_that_is_itself_the_mistake_is_not_written(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job.folder / "profile").write_text("content")
    (job.folder / "checkout").mkdir()
    monkeypatch.chdir(job.folder / "checkout")
    Path("r.md").symlink_to(job.folder / "profile")
    assert job.run("run", "-r", "a/b", "--report", "r.md") == 2
    assert "leads outside the checkout by a symlink" in job.log
    assert (job.folder / "profile").read_text() == "content"


def test_a_result_outside_is_not_written_though_a_report_is_wrong_too(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job.folder / "profile").write_text("content")
    (job.folder / "checkout").mkdir()
    monkeypatch.chdir(job.folder / "checkout")
    Path("r.json").symlink_to(job.folder / "profile")
    assert job.run("run", "-r", "a/b", "--result", "r.json", "--report", "nonsense=x") == 2
    assert "leads outside the checkout by a symlink" in job.log
    assert (job.folder / "profile").read_text() == "content"


def test_what_another_command_is_not_to_write_stays(job: Job) -> None:
    (job.folder / "r.md").write_text("accepted")
    job.environ["ECR_PUSH_REPORT"] = f"{job.folder}/r.md"
    assert job.run("tags", "--version-scheme", "nonsense") == 2
    assert "--version-scheme" in job.log
    assert (job.folder / "r.md").read_text() == "accepted"


def test_an_error_before_a_report_says_where_to_read_on(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the settings does not: it names the option, and what is expected."""
    monkeypatch.setattr(read_settings, "read_settings", raising(RegistryError("AWS refused", remedy="ask")))
    assert job.run("run", "-r", "team/app") == 4
    lines = job.log.splitlines()
    page = (
        "https://github.com/ecr-push/ecr-push/blob/main/docs/troubleshooting.md#exit-code-4-registry-and-aws"
    )
    at = lines.index("  To do: ask.")
    assert lines[at + 1] == f"  Read on: registry and AWS: {page}"
    assert job.run("login", "--region", "nowhere!") == 2
    assert "Read on" not in job.log


def test_an_unknown_option_is_reported(job: Job) -> None:
    assert job.run("run", "--faul-on", "high") == 2
    assert "::error" in job.log and job.outputs["exit-code"] == "2"


def test_an_internal_error_has_its_traceback_in_the_log(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_settings, "read_settings", raising(KeyError("::add-mask::what")))
    assert job.run("run", "-r", "team/app") == 1
    assert (
        "::error title=ecr-push%3A failed in phase run::internal error: KeyError (a bug in ecr-push)"
        in job.log
    )
    _, _, group = job.log.partition("::group::traceback\n")
    lines = group.partition("::endgroup::")[0].splitlines()
    assert lines[0].startswith("Traceback") and any("test_main.py" in line for line in lines)
    assert not any(line.startswith("::") for line in lines)
    assert (job.outputs["verdict"], job.outputs["exit-code"]) == ("failed", "1")
    assert "internal error: KeyError" in job.summary
    assert not list(job.folder.glob("*.log")), "a hosted runner's disk goes with it"


def test_an_internal_error_on_a_laptop_leaves_its_traceback_in_a_file(
    job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job.environ.clear()
    job.environ["TMPDIR"] = str(tmp_path)
    monkeypatch.setattr(read_settings, "read_settings", raising(KeyError("what")))
    assert job.run("run", "-r", "team/app") == 1
    [log] = tmp_path.glob("ecr-push-*.log")
    assert str(log) in job.log and "KeyError" in log.read_text()
    assert "::" not in job.log and not job.outputs


def test_an_internal_error_in_what_reads_the_ci_has_a_traceback_too(
    job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job.environ["TMPDIR"] = str(tmp_path)
    for module in (read_settings, report_to_ci):
        monkeypatch.setattr(module, "read_facts", raising(KeyError("what")))
    assert job.run("run", "-r", "team/app") == 1
    [log] = tmp_path.glob("ecr-push-*.log")
    assert str(log) in job.log and "internal error: KeyError" in job.log


def test_another_ci_gets_the_traceback_without_commands(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job.environ.clear()
    job.environ["JENKINS_URL"] = "https://ci.example"
    monkeypatch.setattr(read_settings, "read_settings", raising(KeyError("what")))
    assert job.run("run", "-r", "team/app") == 1
    assert "traceback:\nTraceback" in job.log and "::" not in job.log


def test_a_report_that_could_not_be_written_changes_the_exit_code_alone(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run was reported before: its verdict stands."""
    monkeypatch.setattr(
        read_settings, "read_settings", raising(ReportError("could not write every report", why="full"))
    )
    assert job.run("run", "-r", "team/app") == 1
    assert job.outputs == {"exit-code": "1"}
    assert "could not write every report%0Afull" in job.log
    assert not (job.folder / "summary").exists()


def test_an_interruption_before_the_run_is_reported(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_settings, "read_settings", raising(Interrupted(15)))
    assert job.run("run", "-r", "team/app") == 143
    assert (job.outputs["verdict"], job.outputs["exit-code"]) == ("interrupted", "143")


@pytest.mark.parametrize("flags", [[], ["--fail-on", "hgih"], ["--no-such-option"]])
def test_a_file_that_leaves_the_ci_alone_counts_though_settings_are_wrong(
    job: Job, flags: list[str], tmp_path: Path
) -> None:
    (tmp_path / "ecr-push.yml").write_text("ci-output: none\n")
    job.environ["ECR_PUSH_CONTEXT"] = str(tmp_path)
    assert job.run("run", *flags) == 2
    assert "::" not in job.log and not job.outputs


def test_an_invalid_variable_is_reported(job: Job) -> None:
    job.environ["DOCKER_METADATA_SHORT_SHA_LENGTH"] = "seven"
    assert job.run("run", "-r", "team/app") == 2
    assert "::error" in job.log and job.outputs["exit-code"] == "2"


def test_a_failed_report_to_the_ci_keeps_the_exit_code(job: Job) -> None:
    job.environ["GITHUB_OUTPUT"] = str(job.folder / "nowhere" / "outputs")
    assert job.run("run") == 2
    assert "is required" in job.summary


def test_the_traceback_of_an_internal_error_shows_no_secret() -> None:
    environ = {"AWS_SECRET_ACCESS_KEY": SECRET, "HOME": "/nowhere"}
    call = Call(environ, io.StringIO(), io.StringIO())
    with pytest.raises(DefectError) as caught, open_world(settings(), CiFacts(), call):
        raise KeyError(f"it is {SECRET}")
    assert SECRET not in caught.value.traceback + caught.value.why
    assert "it is [redacted]" in caught.value.traceback


def test_a_removed_working_directory_is_not_an_internal_error(
    job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert job.run("tags") == 2
    assert "the working directory no longer exists" in job.log


def test_help_breaks_no_name_at_its_hyphens(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("run", "sandbox", "scan", "policy test"):
        assert cli.main((*command.split(), "--help")) == 0
        shown = capsys.readouterr().out
        assert not [line for line in shown.splitlines() if line.endswith("-")]
        assert "\N{NON-BREAKING HYPHEN}" not in shown, "what is copied from it works"


@pytest.mark.parametrize(("number", "name"), [(1, "SIGHUP"), (2, "SIGINT"), (15, "SIGTERM")])
def test_a_signal_has_a_name(number: int, name: str) -> None:
    assert str(Interrupted(number)) == f"interrupted by {name}"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("run", "--fail-on", "hgih"), 2),
        (("run", "-r", "team/app", "--report", "r.md", "--report", "gone/r.md"), 2),
        (("tags", "--fail-on"), 2),  # click's mistake: read to know whom to report it to
        (("gate", "missing.json"), 2),
        (("policy", "test", "-r", "team/app", "--fail-on", "hgih"), 2),
    ],
)
def test_the_settings_are_read_once(
    argv: tuple[str, ...], code: int, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(job.folder)
    (job.folder / "ecr-push.yml").write_text("tag: a\n")
    read: list[str] = []

    def spy(name: str) -> None:
        real = getattr(sources, name)

        def counted(*given: Any) -> Any:
            read.append(name)
            return real(*given)

        monkeypatch.setattr(sources, name, counted)

    spy("_read_environment")
    spy("read_entries")
    assert job.run(*argv) == code
    assert sorted(read) == ["_read_environment", "read_entries"]


@pytest.mark.parametrize(("file", "shown"), [("regoin: x\n", True), ("tag: a\n", False)])
def test_what_else_is_wrong_hides_no_remedy(
    file: str, shown: bool, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing Dockerfile says itself what to do; a wrong key leads to the page of the file."""
    monkeypatch.chdir(job.folder)
    (job.folder / "ecr-push.yml").write_text(file)
    assert job.run("run", "-r", "team/app", "--dockerfile", "gone") == 2
    assert "--dockerfile gone: no such file" in job.log
    assert ("docs/settings.md#the-file" in job.log) is shown
