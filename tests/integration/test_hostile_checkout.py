"""Checkouts whose author means ill: nothing of the machine is shown, written, removed or started."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository
from tests.support.judged_images import answer
from tests.support.registry import REPOSITORY

TOOL = "#!/bin/sh\necho the real tool\n"
SECRET = "canary-of-the-host"


@pytest.fixture
def tool(project: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of the machine. We run in the checkout."""
    monkeypatch.chdir(project.root)
    (tmp_path / "machine").mkdir()
    made = tmp_path / "machine" / "tool"
    made.write_text(TOOL)
    made.chmod(0o755)
    return made


def untouched(tool: Path) -> bool:
    return (
        [one.name for one in tool.parent.iterdir()] == ["tool"]
        and tool.read_text() == TOOL
        and stat.S_IMODE(tool.stat().st_mode) == 0o755
    )


def a_forks_run(cli: CommandLine, project: GitRepository, *arguments: str) -> Ended:
    """A run for a fork's pull request, which only builds and checks."""
    commit = project.commit("Hostile", {})
    head = {"sha": commit, "repo": {"full_name": "fork/app"}}
    event = {"pull_request": {"number": 7, "head": head}, "repository": {"full_name": "team/app"}}
    (cli.folder / "event.json").write_text(json.dumps(event))
    return cli.command(
        "run",
        *("-r", REPOSITORY),
        *arguments,
        GITHUB_ACTIONS="true",
        GITHUB_EVENT_NAME="pull_request_target",
        GITHUB_EVENT_PATH=str(cli.folder / "event.json"),
        GITHUB_REPOSITORY="team/app",
        GITHUB_SHA=commit,
        GITHUB_REF="refs/heads/main",
        GITHUB_HEAD_REF="x;$(touch${IFS}pwned)",
        GITHUB_RUN_ID="1",
    )


@pytest.mark.usefixtures("engine")
def test_links_by_the_names_of_temporary_files_lead_no_report_outside(
    cli: CommandLine, project: GitRepository, tool: Path
) -> None:
    last = int(Path("/proc/sys/kernel/ns_last_pid").read_text())
    for name in ("result.json", "r.md", "run.env"):
        for process in range(last, last + 2000):
            (project.root / f".{name}.{process}").symlink_to(tool)
    wanted = ("--result", "result.json", "--report", "r.md", "--report", "run.env")
    ended = a_forks_run(cli, project, *wanted)
    assert ended.code == 0, ended.stderr
    assert untouched(tool)
    for name in ("result.json", "r.md", "run.env"):
        assert (project.root / name).is_file() and not (project.root / name).is_symlink()
    assert not list(project.root.glob(".ecr-push*"))


REPORTS = {
    "a report": ("r.md", "{machine}/tool", "r.md"),
    "what an earlier run handed over": ("imagedefinitions.json", "{machine}/tool", "imagedefinitions.json"),
    "a folder": ("out", "{machine}", "out/tool"),
    "git's own": ("r.md", ".git/config", "r.md"),
    "a device": ("r.md", "/dev/null", "r.md"),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_a_link_leads_outside_is_wrong_before_anything_is_built(
    name: str, cli: CommandLine, project: GitRepository, tool: Path
) -> None:
    link, target, report = REPORTS[name]
    (project.root / link).symlink_to(target.format(machine=tool.parent))
    config = (project.root / ".git" / "config").read_text()
    ended = a_forks_run(cli, project, "--report", f"text={report}", "--result", "result.json")
    assert ended.code == 2, ended.stderr
    assert "by a symlink" in ended.stderr
    assert untouched(tool) and (project.root / link).is_symlink()
    assert (project.root / ".git" / "config").read_text() == config


def test_a_link_in_the_folder_of_saved_findings_neither_shows_nor_replaces_a_file(
    cli: CommandLine, project: GitRepository, tool: Path
) -> None:
    tool.write_text(json.dumps(answer("LOW")))
    (project.root / "findings.json").symlink_to(tool)
    ended = cli.command("gate", "findings.json", "--result", "r.json")
    assert ended.code == 2 and "it leads outside the checkout by a symlink" in ended.stderr
    ended = cli.command("gate", str(tool), "--result", "r.json")
    assert ended.code == 0 and (project.root / "r.json").is_file()


READ = {
    "a policy": ("policy.yml", ("--policy", "policy.yml"), "leads outside the checkout"),
    "what a policy extends": ("base.yml", ("--policy", "own.yml"), "leads outside the checkout"),
    "the settings": ("ecr-push.yml", (), "leads outside the checkout"),
}


@pytest.mark.parametrize("name", READ)
def test_a_file_that_a_link_leads_outside_is_not_shown(
    name: str, cli: CommandLine, project: GitRepository, tool: Path
) -> None:
    link, arguments, message = READ[name]
    tool.write_text(f"{SECRET}: 1\n")
    (project.root / "own.yml").write_text("extends: base.yml\n")
    (project.root / link).symlink_to(tool)
    project.commit("Hostile", {})
    ended = cli.command("policy", "show", *arguments)
    assert ended.code == 2 and message in ended.stderr
    assert SECRET not in ended.stderr + ended.stdout
    tool.write_text("fail-on: low\n")
    assert cli.command("policy", "show", "--policy", str(tool)).code == (2 if name == "the settings" else 0)


def test_the_cis_output_that_is_a_link_in_the_checkout_is_not_followed_outside(
    cli: CommandLine, project: GitRepository, tool: Path
) -> None:
    """A runner's own file lies elsewhere; a script that plays one may put it into the checkout."""
    (project.root / "output").symlink_to(tool)
    ended = cli.command(
        *("run", "-r", REPOSITORY, "--fail-on", "nonsense"),
        GITHUB_ACTIONS="true",
        GITHUB_OUTPUT="output",
        GITHUB_STEP_SUMMARY=str(project.root / "output"),
    )
    assert ended.code == 2
    assert untouched(tool)


def test_a_relative_folder_of_the_path_has_none_of_our_programs(
    cli: CommandLine, project: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`PATH=.:$PATH` of an agent's profile; an empty part of it is the working directory, too."""
    monkeypatch.chdir(project.root)
    project.commit("Hostile", {"git": "#!/bin/sh\ntouch started\nexit 1\n"})
    (project.root / "git").chmod(0o755)
    for path in (".:{}", ":{}", "bin/..:{}"):
        ended = cli.command("tags", PATH=path.format(os.environ["PATH"]))
        assert ended.code == 0, ended.stderr
    assert not (project.root / "started").exists()
