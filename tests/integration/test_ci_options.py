"""Options for what a CI says: they count in a plain environment, against every CI, and without git."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import images
from tests.support.ci import ON_BRANCH, ON_PULL_REQUEST
from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository

OTHER = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    return CommandLine.at(tmp_path / "cli", {})


@pytest.fixture
def ahead(project: GitRepository) -> GitRepository:
    """Two commits after v1.4.2, on main."""
    project.commit()
    project.commit()
    return project


def names(ended: Ended) -> set[str]:
    assert ended.code == 0, ended.stderr
    return {one["tag"] for one in json.loads(ended.stdout)["tags"]}


def tags(cli: CommandLine, folder: Path, *options: str, **environ: str) -> set[str]:
    return names(cli.command("tags", folder, "--output", "json", *options, **environ))


def sha(commit: str) -> str:
    return f"sha-{commit[:12]}"


@pytest.mark.parametrize("ci", ["", *ON_BRANCH])
def test_a_branch_that_is_said_wins(ci: str, cli: CommandLine, ahead: GitRepository) -> None:
    environ = {name: text.replace(OTHER, ahead.head) for name, text in ON_BRANCH.get(ci, {}).items()}
    assert "main" in tags(cli, ahead.root, **environ)
    for options in (("--branch", "next"), ()):
        more = {} if options else {"ECR_PUSH_BRANCH": "next"}
        found = tags(cli, ahead.root, *options, **{**environ, **more})
        assert found == {sha(ahead.head), "1.4.3-dev.2", "next"}


def test_a_branch_that_is_said_wins_where_the_ci_speaks_of_another_commit(
    cli: CommandLine, ahead: GitRepository
) -> None:
    """A job that checked out a second repository."""
    assert "next" in tags(cli, ahead.root, "--branch", "next", **ON_BRANCH["github"])


def test_a_detached_checkout_has_the_branch_that_is_said(cli: CommandLine, ahead: GitRepository) -> None:
    ahead.git("checkout", "--quiet", "--detach")
    assert "main" not in tags(cli, ahead.root)
    assert "main" in tags(cli, ahead.root, "--branch", "refs/heads/main")


def test_a_tag_that_is_said(cli: CommandLine, project: GitRepository) -> None:
    project.tag("nightly")
    rule = ("--tags", "type=ref,event=tag")
    assert tags(cli, project.root, *rule) == {"v1.4.2", "latest"}
    assert tags(cli, project.root, *rule, "--tag-ref", "nightly") == {"nightly", "latest"}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--tag-ref", "v1.4.2"), "is not on the commit that is checked out"),
        (("--tag-ref", "v9"), "the tag 'v9' is not in the git checkout"),
        (("--commit", OTHER), "is not the commit that is checked out"),
        (("--commit", OTHER[:12]), "40 or 64 hexadecimal digits"),
        (("--tag-ref", "v1.4.2", "--branch", "main"), "a run is for one of them"),
    ],
)
def test_what_is_said_must_hold_of_the_checkout(
    options: tuple[str, ...], problem: str, cli: CommandLine, ahead: GitRepository
) -> None:
    ended = cli.command("tags", ahead.root, *options)
    assert ended.code == 2
    assert problem in ended.stderr


def test_a_pull_request_that_is_said_is_its_own_commit(cli: CommandLine, ahead: GitRepository) -> None:
    base = ahead.head
    ahead.branch("fix", start="HEAD~1")
    head = ahead.commit(files={"fix.txt": "fixed\n"})
    ahead.git("checkout", "--quiet", "--detach", base)
    ahead.git("merge", "--quiet", "--no-ff", "--message", f"Merge {head} into {base}", head)
    merge = ahead.head
    plain = tags(cli, ahead.root)
    assert sha(merge) in plain and "pr-12" not in plain
    named = tags(cli, ahead.root, "--pull-request", "12")
    assert {"pr-12", sha(head)} < named and sha(merge) not in named
    # A merge whose message says nothing: the commit can be said too.
    ahead.git("commit", "--quiet", "--amend", "--message", "Merge")
    assert sha(head) in tags(cli, ahead.root, "--pull-request", "12", "--commit", head)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("--branch", "main"), {"main"}),
        (("--pull-request", "12", "--branch", "fix"), {"pr-12"}),
        (("--tag-ref", "v1.4.2"), {"1.4.2", "1.4", "1", "latest"}),
    ],
)
def test_without_git_what_is_said_is_enough(
    said: tuple[str, ...], expected: set[str], cli: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    GitRepository(folder).write(images.CLEAN)
    assert tags(cli, folder, "--commit", OTHER, *said) == {sha(OTHER), *expected}
    assert cli.command("tags", folder, *said).code == 2, "a commit is needed"


def test_the_default_branch_that_is_said_wins(cli: CommandLine, ahead: GitRepository) -> None:
    rule = ("--tags", "type=edge,enable={{is_default_branch}}")
    environ: dict[str, Any] = {
        name: text.replace(OTHER, ahead.head) for name, text in ON_BRANCH["gitlab"].items()
    }
    assert tags(cli, ahead.root, *rule, "--default-branch", "main", **environ) == {"edge"}
    assert not tags(cli, ahead.root, *rule, "--default-branch", "other", **environ)


def test_a_warning_names_a_ci_that_does_not_report_forks(cli: CommandLine, ahead: GitRepository) -> None:
    environ = {name: text.replace(OTHER, ahead.head) for name, text in ON_PULL_REQUEST["codebuild"].items()}
    options = ("--sandbox", "--create-repository", "-r", "team/app")
    ended = cli.command("plan", ahead.root, *options, **environ)
    assert ended.code == 0 and "does not report whether pull request 12 is from a fork" in ended.stderr
    for known in (ON_BRANCH["codebuild"], ON_PULL_REQUEST["github"]):
        ended = cli.command("plan", ahead.root, *options, **known)
        assert ended.code == 0 and "does not report" not in ended.stderr
