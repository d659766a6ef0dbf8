"""`scripts/release` from end to end: a clone of this project, and a bare repository as its remote."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from releasing import changelog, commits, documents
from releasing.archive import is_archived
from tests.support.git_repository import git_environment
from tests.support.paths import ROOT
from tests.support.releases import CHANGELOG, Project, bare_source

BUNDLE = {"bundle.json", "start.py"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bare_source(tmp_path_factory.mktemp("source"), checks=False)


@pytest.fixture
def project(source: Path, tmp_path: Path) -> Project:
    return Project.made_in(tmp_path, source)


@pytest.fixture(scope="module")
def first(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bare repository after 1.0.0."""
    return released_first(source, tmp_path_factory.mktemp("first"))


@pytest.fixture
def released(first: Path, tmp_path: Path) -> Project:
    """A project that has released 1.0.0."""
    return Project.made_in(tmp_path, first)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bare repository after 1.0.0, of a project whose checks are the real ones."""
    source = bare_source(tmp_path_factory.mktemp("checked-source"), checks=True)
    return released_first(source, tmp_path_factory.mktemp("checked"))


def released_first(source: Path, folder: Path) -> Path:
    project = Project.made_in(folder, source)
    ended = project.release("1.0.0", "--push")
    assert ended.code == 0, ended.stderr
    return project.remote.root


def state(project: Project) -> tuple[str, dict[str, str], str]:
    """What the remote has, and whether the clone is clean."""
    return project.remote.head, project.tags(), project.clone.git("status", "--porcelain")


# ------------------------------------------------------------------------- one release


def test_the_first_release(released: Project) -> None:
    tags, main = released.tags(), released.remote.head
    assert set(tags) == {"v1.0.0", "v1.0", "v1"}
    [commit] = set(tags.values())
    git = released.remote.git
    assert git("log", "--format=%s", main) == "ecr-push 1.0.0\nThe project"
    assert git("rev-parse", f"{commit}^") == main
    assert git("cat-file", "-t", "v1.0.0") == "tag"
    # The branch's history has no bundle; besides, the release names what archives leave out.
    assert not released.bundle(main)
    assert released.bundle(commit) == BUNDLE
    changed = git("diff", "--name-only", main, commit).splitlines()
    assert {Path(name).name for name in changed} == {*BUNDLE, ".gitattributes"}


def test_the_archive_of_a_release_has_what_the_wrappers_run(released: Project, tmp_path: Path) -> None:
    """A runner gets the action so; what it leaves out is in a clone."""
    released.remote.git("archive", f"--output={tmp_path / 'action.tar'}", "v1.0.0")
    with tarfile.open(tmp_path / "action.tar") as archive:
        found = {one.name for one in archive if one.isfile()}
    in_a_clone = released.remote.git("ls-tree", "-r", "--name-only", "v1.0.0").splitlines()
    assert found == {path for path in in_a_clone if is_archived(path)}
    assert {f"{commits.BUNDLE}/start.py", "action.yml", "github/step.sh"} <= found < set(in_a_clone)


def test_a_release_says_what_it_is(checked: Path, tmp_path: Path) -> None:
    released = Project.made_in(tmp_path, checked)
    project, text = released.file("v1", "pyproject.toml"), released.file("v1", "CHANGELOG.md")
    assert 'version = "1.0.0"' in project
    notes = changelog.section(text, "1.0.0")
    assert notes == changelog.section(CHANGELOG, "Unreleased")
    assert changelog.section(text, "Unreleased") == ""
    assert released.remote.git("tag", "--list", "--format=%(contents)", "v1.0.0").strip() == (
        f"ecr-push 1.0.0\n\n{notes}"
    )
    clone = released.clone.root
    for path in documents.documents(clone):
        page = path.read_text(encoding="utf-8")
        assert "until the first release" not in page
        for _, numbers, count in documents.named_versions(page):
            assert numbers == {1: "1", 3: "1.0.0"}[count]


def test_the_commit_of_a_release_can_be_made_again(released: Project) -> None:
    """By anyone, from main's commit: its id depends on that and on the bundle alone."""
    commit = released.tags()["v1.0.0"]
    again = Project.made_in(released.folder / "again", released.remote.root)
    for repository in (again.remote, again.clone):
        repository.git("tag", "--delete", "v1.0.0", "v1.0", "v1")
    ended = again.release("1.0.0", GIT_AUTHOR_NAME="Eve", GIT_COMMITTER_NAME="Eve", TZ="Asia/Tokyo")
    assert ended.code == 0, ended.stderr
    assert again.clone.git("rev-parse", "v1.0.0^{}") == commit


def test_without_push_the_command_is_printed(project: Project) -> None:
    before = state(project)
    ended = project.release("1.0.0")
    assert ended.code == 0, ended.stderr
    assert state(project) == before
    [line] = ended.stdout.splitlines()
    subprocess.run(shlex.split(line), cwd=project.clone.root, env=git_environment(), check=True)
    assert set(project.tags()) == {"v1.0.0", "v1.0", "v1"}
    assert project.remote.head == project.clone.head


def test_a_dry_run_changes_nothing(project: Project) -> None:
    before, head = state(project), project.clone.head
    ended = project.release("1.0.0", "--dry-run", "--push")
    assert (ended.code, ended.stdout) == (0, ""), ended.stderr
    assert (state(project), project.clone.head, project.clone.git("tag")) == (before, head, "")
    for said in (
        "would commit",
        "would create v1.0.0",
        "would create v1\n",
        "would push main, v1.0.0, v1.0, v1 to",
    ):
        assert said in ended.stderr


# ------------------------------------------------------------------------- one after the other


def test_floating_tags_never_move_back(released: Project) -> None:
    """1.1.0 from main, then 1.0.1 from the branch of its line, then a pre-release of 2.0.0."""
    first = released.tags()["v1.0.0"]
    released.change("A feature.")
    assert released.release("1.1.0", "--push").code == 0
    tags = released.tags()
    assert tags["v1.0.0"] == tags["v1.0"] == first
    assert tags["v1.1.0"] == tags["v1.1"] == tags["v1"] != first

    released.clone.branch("1.0.x", start="v1.0.0^{}~1")
    released.change("A correction.")
    ended = released.release("1.0.1", "--push")
    assert ended.code == 0, ended.stderr
    after = released.tags()
    assert after == {**tags, "v1.0.1": after["v1.0.1"], "v1.0": after["v1.0.1"]}
    assert released.remote.git("log", "-1", "--format=%s", "1.0.x") == "ecr-push 1.0.1"
    assert "A feature." not in released.file("v1.0.1", "CHANGELOG.md")

    released.clone.switch("main")
    released.change("Another feature.")
    assert released.release("2.0.0-rc.1", "--push").code == 0
    assert released.tags() == {**after, "v2.0.0-rc.1": released.tags()["v2.0.0-rc.1"]}
    assert 'version = "2.0.0rc1"' in released.file("v2.0.0-rc.1", "pyproject.toml")
    # What changed stays unreleased until it is, and the pages name what is released.
    assert changelog.section(released.file("main", "CHANGELOG.md"), "Unreleased") == "- Another feature."
    assert "uses: ecr-push/ecr-push@v1\n" in released.file("main", "README.md")


def test_a_bad_release_is_undone_as_contributing_says(project: Project) -> None:
    assert project.release("1.2.2", "--push").code == 0
    good = project.tags()["v1.2.2"]
    project.change("What turns out to be bad.")
    assert project.release("1.2.3", "--push").code == 0
    bad = project.tags()["v1.2.3"]
    assert project.tags()["v1"] == project.tags()["v1.2"] == bad

    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [undo] = [block for block in re.findall(r"^ +```sh\n(.*?)^ +```$", text, re.M | re.S) if "lease" in block]
    subprocess.run(["sh", "-euc", undo], cwd=project.clone.root, env=git_environment(), check=True)
    assert project.tags() == {"v1.2.2": good, "v1.2.3": bad, "v1.2": good, "v1": good}
    # The same version again changes nothing, and the next one moves the tags.
    assert project.release("1.2.3", "--push").code == 0
    assert project.tags()["v1"] == good
    project.change("A correction.")
    assert project.release("1.2.4", "--push").code == 0
    assert project.tags()["v1"] == project.tags()["v1.2"] == project.tags()["v1.2.4"]


# ------------------------------------------------------------------------- interrupted, and again


@pytest.mark.parametrize("program", ["render-docs", "bundle"])
def test_a_failure_leaves_what_is_complete_and_a_second_start_goes_on(project: Project, program: str) -> None:
    before = state(project)
    if program == "bundle":
        ended = project.release("1.0.0", "--push", RELEASE_TEST_STOPS="the index is down")
        assert "no bundle today: the index is down" in ended.stderr
        assert project.clone.git("log", "-1", "--format=%s") == "ecr-push 1.0.0"
    else:
        hook = project.clone.root / ".git" / "hooks" / "pre-commit"
        hook.write_text("#!/bin/sh\necho 'not today' >&2\nexit 1\n")
        hook.chmod(0o755)
        ended = project.release("1.0.0", "--push")
        hook.unlink()
        assert "not today" in ended.stderr
        assert project.clone.git("log", "-1", "--format=%s") == "The project"
    assert ended.code == 1
    assert "Run it again" in ended.stderr
    assert (state(project), project.clone.git("tag")) == (before, "")

    ended = project.release("1.0.0", "--push")
    assert ended.code == 0, ended.stderr
    assert project.remote.git("log", "--format=%s", "main") == "ecr-push 1.0.0\nThe project"
    assert len(set(project.tags().values())) == 1
    assert project.clone.git("worktree", "list").count("\n") == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing_beside_the_checkout_and_a_second_start_goes_on(
    project: Project, tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "temporary").mkdir()
    waits = tmp_path / "waits"
    started = project.start_release(
        "1.0.0", "--push", TMPDIR=str(tmp_path / "temporary"), RELEASE_TEST_WAITS=str(waits)
    )
    while not waits.exists():
        assert started.poll() is None
        time.sleep(0.05)
    # Ctrl-C is sent to each process of the terminal, and `kill` to the one that it names.
    (os.killpg if number == signal.SIGINT else os.kill)(started.pid, number)
    _, said = started.communicate()
    assert (started.returncode, said.splitlines()[-1]) == (
        130,
        "release: interrupted. Run it again: it continues from here",
    )
    assert "Traceback" not in said
    assert list((tmp_path / "temporary").iterdir()) == []
    assert project.clone.git("worktree", "list").count("\n") == 0

    assert project.release("1.0.0", "--push").code == 0
    assert len(set(project.tags().values())) == 1


def test_a_release_whose_tags_are_set_in_part_goes_on(project: Project) -> None:
    assert project.release("1.0.0").code == 0
    commit = project.clone.git("rev-parse", "v1.0.0^{}")
    project.clone.git("tag", "--delete", "v1.0", "v1")
    # No bundle is made for it: there it is.
    ended = project.release("1.0.0", "--push", python="python3.99", RELEASE_TEST_STOPS="not made again")
    assert ended.code == 0, ended.stderr
    assert project.tags() == {"v1.0.0": commit, "v1.0": commit, "v1": commit}

    again = project.release("1.0.0", "--push")
    assert (again.code, again.stdout) == (0, "")
    assert "1.0.0 is released already" in again.stderr


def test_a_push_that_is_refused_moves_nothing(project: Project) -> None:
    """main moved on the remote while the release was made: the whole push is refused."""
    other = project.remote.clone(project.folder / "other")
    ended = project.release("1.0.0")
    other.commit("Meanwhile")
    other.git("push", "--quiet", "origin", "main")
    before = state(project)
    pushed = subprocess.run(
        shlex.split(ended.stdout),
        cwd=project.clone.root,
        env=git_environment(),
        capture_output=True,
        text=True,
    )
    assert pushed.returncode != 0
    assert state(project) == before
    assert before[1] == {}

    behind = "main is behind origin/main, or beside it: git reset --hard HEAD~1, then git pull --rebase"
    assert project.mistakes("1.0.0") == behind
    project.clone.git("reset", "--quiet", "--hard", "HEAD~1")
    project.clone.git("pull", "--quiet", "--rebase")
    stale = "v1.0.0 exists here alone, and is not of this checkout: git tag --delete v1.0.0"
    assert project.mistakes("1.0.0") == stale
    project.clone.git("tag", "--delete", "v1.0.0")
    again = project.release("1.0.0", "--push")
    assert again.code == 0, again.stderr
    assert set(project.tags()) == {"v1.0.0", "v1.0", "v1"}
    assert project.remote.git("log", "--format=%s", "main") == "ecr-push 1.0.0\nMeanwhile\nThe project"


def test_a_floating_tag_that_moved_meanwhile_is_not_overwritten(released: Project) -> None:
    released.change("A feature.")
    ended = released.release("1.1.0")
    moved = released.remote.git("rev-parse", "main~1")
    released.remote.git("tag", "--force", "v1", moved)
    before = state(released)
    pushed = subprocess.run(
        shlex.split(ended.stdout),
        cwd=released.clone.root,
        env=git_environment(),
        capture_output=True,
        text=True,
    )
    assert pushed.returncode != 0
    assert "stale info" in pushed.stderr
    assert state(released) == before


# ------------------------------------------------------------------------- mistakes


def test_all_mistakes_are_reported_at_once_and_nothing_is_changed(checked: Path, tmp_path: Path) -> None:
    released = Project.made_in(tmp_path, checked)
    clone = released.clone
    # The remote is ahead, and the checkout has every other mistake.
    other = released.remote.clone(released.folder / "other")
    other.commit("Meanwhile")
    other.git("push", "--quiet", "origin", "main")
    settings = clone.root / "docs" / "settings.md"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("| `--region REGION`", "| `--regoin REGION`")
    )
    workflow = clone.root / ".github" / "workflows" / "checks.yml"
    workflow.write_text(workflow.read_text(encoding="utf-8").replace("de0fac2e", "0badc0de"))
    before = (released.tags(), clone.head, clone.git("tag"))

    ended = released.release("0.9.0", "--push", python="python3.99")
    assert (ended.code, ended.stdout) == (2, "")
    for said in (
        "0.9.0 cannot be released, and nothing was changed:\n",
        "- the checkout has changes: .github/workflows/checks.yml, docs/settings.md. Commit them",
        "- 0.9.0 is not greater than 1.0.0, which is released from here. An older line has a",
        "- main is behind origin/main, or beside it: git pull --rebase",
        "- CHANGELOG.md names no change under Unreleased",
        "- not found: python3.99. The bundle is compiled for each Python",
        "docs/settings.md is out of date",
        "To do: .venv/bin/python scripts/render-docs",
        "To do: enter the new pins in tests/unit/test_action_pins.py",
    ):
        assert said in ended.stderr, ended.stderr
    assert (released.tags(), clone.head, clone.git("tag")) == before


def test_what_is_not_a_version(project: Project) -> None:
    ended = project.release("1.0")
    said = "release: '1.0' is not a version: expected MAJOR.MINOR.PATCH, such as 1.2.3\n"
    assert (ended.code, ended.stderr) == (2, said)


def test_mistakes_about_version_branch_and_remote(released: Project) -> None:
    clone = released.clone
    clone.git("config", "user.name", "Ada")
    clone.git("config", "user.email", "ada@example.com")
    released.change("A feature.")
    assert released.mistakes("1.1.0") == ""
    assert "v1.0.0 exists, on " in released.mistakes("1.0.0")

    clone.commit("Not pushed")
    assert (
        released.mistakes("1.1.0")
        == "main has commits that origin/main has not: push them first, so that they are tested"
    )
    clone.git("remote", "set-url", "origin", str(released.folder / "nowhere"))
    assert released.mistakes("1.1.0").startswith("the remote does not answer")
    clone.git("remote", "set-url", "origin", str(released.remote.root))

    clone.branch("topic")
    topic, unpushed = released.mistakes("1.1.0").splitlines()
    assert topic.startswith("the branch is topic: a release is made on main, or on a branch such as 1.x")
    assert unpushed == "origin/topic does not exist: push the branch first, so that it is tested"
    clone.git("checkout", "--quiet", "--detach")
    assert released.mistakes("1.1.0").startswith("HEAD is detached: a release is made on main")
    clone.branch("1.0.x")
    assert released.mistakes("1.1.0").startswith("1.1.0 does not belong to the branch 1.0.x: check out main")
