"""`ecr-push run`, as far as it comes without an engine: tests/integration has the whole of it."""

from __future__ import annotations

import io
import json
from pathlib import Path

from ecr_push.cli.call import Call
from ecr_push.cli.read_settings import read_settings
from tests.unit.cli.commands.conftest import COMMIT, Console


def test_code_from_a_fork_is_refused_where_that_is_asked_for(console: Console) -> None:
    console.in_a_forks_pull_request()
    (console.folder / "Dockerfile").write_text("FROM scratch")
    assert console.run("run", "-r", "team/app", "--on-fork", "fail", "--report", "r.md") == 2
    assert "this is a pull request from a fork, which is not pushed" in console.err
    assert Path("r.md").read_text().startswith("## ❌ Failed")
    assert console.registry.log == []


def test_a_repository_is_needed(console: Console) -> None:
    assert console.run("run") == 2
    assert "--repository: is required" in console.err


def test_all_mistakes_on_this_machine_are_listed_at_once(console: Console) -> None:
    (console.folder / "policy.yml").write_text("fail-on: dire\n")
    flags = ("--version", "1.4", "--policy", "policy.yml", "--secret", "id=npm,src=~/.npmrc")
    assert console.run("run", "-r", "team/app", *flags) == 2
    assert "the settings are wrong in 4 places" in console.err
    for mistake in ("--version: '1.4' is not", "no Dockerfile", "--secret id=npm", "policy.yml"):
        assert mistake in console.err
    assert console.registry.log == []


def test_a_missing_dockerfile_is_in_the_reports(console: Console) -> None:
    assert console.run("run", "-r", "team/app", "--report", "r.md", "--result", "r.json") == 2
    assert "there is no Dockerfile" in Path("r.md").read_text()
    assert json.loads(Path("r.json").read_text())["failure"]["phase"] == "settings"


def test_a_repository_in_place_of_the_directory(console: Console) -> None:
    assert console.run("run", "team/shop") == 2
    assert "'team/shop' is not a directory: ecr-push run -r team/shop" in console.err


def test_a_fork_needs_no_repository_but_other_settings_are_checked(console: Console) -> None:
    console.in_a_forks_pull_request()
    assert console.run("run", "--container-name", "a b") == 2
    assert "--container-name" in console.err and "--repository" not in console.err


def test_a_forks_repository_in_the_sandbox_has_some_name(console: Console) -> None:
    """The sandbox is a registry as any other: what is pushed to it and scanned there has a name."""
    console.in_a_forks_pull_request()
    (console.folder / "Dockerfile").write_text("FROM scratch")
    call = Call(console.environ, io.StringIO(), io.StringIO(), {"sandbox": True})
    settings, _ = read_settings(call, "run")
    assert settings.registry.repository == "unnamed"


def test_an_image_has_to_be_named_where_the_file_lists_some(console: Console) -> None:
    (console.folder / "ecr-push.yml").write_text("images: {api: {repository: team/api, context: api}}\n")
    assert console.run("run") == 2
    assert "ecr-push.yml lists images: name one of api, --changed or --all" in console.err
    assert "no Dockerfile" not in console.err
    assert console.run("run", "apii") == 2
    assert "lists no such image, but api; did you mean 'api'?" in console.err


def test_a_dry_run_prints_the_plan(console: Console) -> None:
    console.in_a_forks_pull_request()
    (console.folder / "Dockerfile").write_text("FROM scratch")
    assert console.run("run", "--dry-run") == 0
    assert f"commit      {COMMIT}" in console.out
