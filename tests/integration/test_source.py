"""What git says, asked of real repositories."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import SourceError
from ecr_push.ci.facts import CiFacts, Ref
from ecr_push.source.git.checkout import Seen
from ecr_push.source.git.read_options import GitReadOptions
from ecr_push.source.model import Source
from ecr_push.source.read import read_source
from ecr_push.versions.derive import derive_version
from ecr_push.versions.history import ReleaseHistory
from tests.support.ci import ci_facts
from tests.support.git_repository import GitRepository
from tests.support.names import tags_of

NO_FACTS = CiFacts()


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    made = GitRepository.init(tmp_path / "app")
    made.commit("First", {"Dockerfile": "FROM scratch\n", "history.txt": "0\n"})
    return made


def read(repository: GitRepository, facts: CiFacts = NO_FACTS, **reading: Any) -> Source:
    return read_source(repository.root, facts, GitReadOptions(**reading))


def version(repository: GitRepository) -> str:
    return str(derive_version(read(repository).history))


def tags(repository: GitRepository) -> list[str]:
    source = read(repository)
    return [str(tag) for tag in tags_of(source)]


def test_a_commit_says_who_and_when_it_is(repository: GitRepository) -> None:
    source = read(repository)
    assert source == Source(
        root=repository.root,
        commit=repository.head,
        history=ReleaseHistory(
            committed_at=datetime(2023, 11, 14, 22, 14, 20, tzinfo=timezone.utc), branch="main", distance=1
        ),
        branches=("main",),
    )


def test_a_folder_of_the_checkout_finds_its_root(repository: GitRepository) -> None:
    repository.commit(files={"services/api/Dockerfile": "FROM scratch\n"})
    assert read_source(repository.root / "services/api", NO_FACTS).root == repository.root


@pytest.mark.parametrize("annotated", [False, True], ids=["lightweight", "annotated"])
@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_a_release_commit(repository: GitRepository, annotated: bool, packed: bool) -> None:
    repository.tag("v1.4.2", annotated=annotated)
    repository.tag("deployed", annotated=annotated)
    if packed:
        repository.git("pack-refs", "--all")
    source = read(repository)
    assert (source.history.tags, source.history.nearest, source.history.distance) == (
        ("deployed", "v1.4.2"),
        "v1.4.2",
        0,
    )
    assert tags(repository) == [f"sha-{repository.head[:12]}", "1.4.2", "1.4", "1", "latest"]


@pytest.mark.parametrize("annotated", [False, True], ids=["lightweight", "annotated"])
def test_a_branch_commit_counts_from_the_nearest_release(repository: GitRepository, annotated: bool) -> None:
    repository.tag("v1.4.2", annotated=annotated)
    repository.branch("feature/login")
    for _ in range(5):
        repository.commit()
    assert tags(repository) == [f"sha-{repository.head[:12]}", "1.4.3-dev.5", "feature-login"]


def test_of_several_tags_on_a_commit_the_highest_counts(repository: GitRepository) -> None:
    for name in ("v1.5.0-rc.2", "v1.5.0-rc.10", "v1.5.0", "v1.4.9", "v1"):
        repository.tag(name, annotated=name != "v1.5.0")  # describe alone would prefer annotated ones
    assert version(repository) == "1.5.0"
    repository.commit()
    assert read(repository).history.nearest == "v1.5.0"
    assert version(repository) == "1.5.1-dev.1"


@pytest.mark.parametrize(
    "name",
    ["v2", "v2.1", "2.0.0.1", "2026.01.05", "v2.0.0_x", "api/v2.0.0", "release-2.0.0", "v2.0.0-01", "V2.0.0"],
)
def test_tags_that_are_not_semantic_versions_are_passed_over(repository: GitRepository, name: str) -> None:
    repository.tag("v1.0.0")
    repository.commit()
    repository.tag(name)
    repository.commit()
    source = read(repository)
    assert (source.history.nearest, source.history.distance, source.history.release_tags) == (
        "v1.0.0",
        2,
        ("v1.0.0",),
    )


def test_a_tag_that_was_renamed_is_known_by_its_new_name(repository: GitRepository) -> None:
    repository.tag("v1.0.0", annotated=True)
    repository.git("update-ref", "refs/tags/v2.0.0", "refs/tags/v1.0.0")
    repository.git("tag", "--delete", "v1.0.0")
    repository.commit()
    assert read(repository).history.nearest == "v2.0.0"


def test_a_branch_and_a_tag_of_one_name(repository: GitRepository) -> None:
    repository.tag("v1.0.0")
    repository.commit()
    repository.branch("v1.0.0")
    repository.commit()
    source = read(repository)
    assert (source.branch, source.history.nearest, source.history.distance) == ("v1.0.0", "v1.0.0", 2)


def test_a_merged_hotfix_of_an_older_line_does_not_lower_the_version(repository: GitRepository) -> None:
    repository.tag("v1.4.2")
    repository.branch("release/1.4")
    repository.commit()
    repository.tag("v1.4.3")
    repository.switch("main")
    repository.commit()
    repository.tag("v1.5.0")
    for _ in range(3):
        repository.commit()
    repository.merge("release/1.4")
    assert version(repository) == "1.5.1-dev.5"  # three, the hotfix and the merge
    repository.tag("v1.4.4", commit="HEAD^2")
    assert version(repository) == "1.5.1-dev.5"


def test_a_merged_higher_release_raises_the_version(repository: GitRepository) -> None:
    repository.tag("v1.4.2")
    repository.branch("next")
    for _ in range(4):
        repository.commit()
    repository.tag("v2.0.0")
    repository.switch("main")
    repository.commit()
    repository.tag("v1.4.3")
    repository.merge("next")
    assert version(repository) == "2.0.1-dev.2"


def test_releases_of_other_branches_count_for_latest_alone(repository: GitRepository) -> None:
    repository.tag("v1.4.2")
    repository.branch("next")
    repository.commit()
    repository.tag("v2.0.0")
    repository.switch("main")
    repository.commit()
    assert version(repository) == "1.4.3-dev.1"
    repository.tag("v1.4.3")
    assert tags(repository) == [f"sha-{repository.head[:12]}", "1.4.3", "1.4", "1"]


def test_a_history_without_a_reachable_release_counts_all_commits(repository: GitRepository) -> None:
    repository.commit()
    assert version(repository) == "0.1.0-dev.2"
    repository.branch("other")
    repository.commit()
    repository.tag("v3.0.0")
    repository.switch("main")
    assert version(repository) == "0.1.0-dev.2"


def _stage(repository: GitRepository) -> None:
    repository.dirty("Dockerfile")
    repository.git("add", "Dockerfile")


DIRT: dict[str, Callable[[GitRepository], object]] = {
    "changed": lambda r: r.dirty("Dockerfile"),
    "staged": _stage,
    "deleted": lambda r: (r.root / "Dockerfile").unlink(),
    "renamed": lambda r: r.git("mv", "Dockerfile", "Containerfile"),
    "executable": lambda r: (r.root / "Dockerfile").chmod(0o755),
}


@pytest.mark.parametrize("change", DIRT.values(), ids=DIRT)
def test_a_dirty_checkout_is_never_a_release(
    repository: GitRepository, change: Callable[[GitRepository], object]
) -> None:
    repository.tag("v1.4.2")
    change(repository)
    assert "Dockerfile" in read(repository).dirty
    assert version(repository) == "1.4.3-dev.0+dirty"
    assert tags(repository) == [f"dirty-{repository.head[:12]}"]


def test_of_a_checkout_that_was_seen_only_the_content_is_looked_at(repository: GitRepository) -> None:
    repository.commit("More", {"api/f": "1", "web/f": "1"})
    seen = Seen(repository.root, repository.head, ("docs/guide",))
    reading = {"seen": seen, "content": ("api",)}
    repository.dirty("web/f")
    assert read(repository, **reading).dirty == ("docs/guide",)
    repository.dirty("api/f")
    assert read(repository, **reading).dirty == ("api/f", "docs/guide")
    in_api = read_source(repository.root / "api", NO_FACTS, GitReadOptions(**reading))
    assert in_api.dirty == ("api/f", "docs/guide"), "paths are from the top, wherever the context is"

    whole = ("api/f", "web/f")
    assert read(repository, seen=seen).dirty == whole, "the content may be all of it"
    other = replace(seen, root=repository.root / "api")
    assert read(repository, seen=other, content=("api",)).dirty == whole, "it is another checkout"
    repository.git("commit", "--quiet", "--allow-empty", "--message=Next")
    assert read(repository, **reading).dirty == whole, "another commit is checked out since"


def test_dirty_paths_are_named_as_they_are(repository: GitRepository) -> None:
    names = ("a b.txt", "nötig/ü.txt", 'quo"te.txt', "new\nline.txt")
    repository.commit(files=dict.fromkeys(names, "1\n"))
    repository.write(dict.fromkeys(names, "2\n"))
    assert set(read(repository).dirty) == set(names)


def test_untracked_and_touched_files_are_not_dirt(repository: GitRepository) -> None:
    repository.write({"target/app.jar": "built"})
    (repository.root / "Dockerfile").touch()
    assert read(repository).dirty == ()


def test_an_unfinished_merge_is_dirt(repository: GitRepository) -> None:
    repository.branch("other")
    repository.commit(files={"Dockerfile": "FROM a\n"})
    repository.switch("main")
    repository.commit(files={"Dockerfile": "FROM b\n"})
    with pytest.raises(AssertionError, match="merge"):
        repository.git("merge", "other")
    assert read(repository).dirty == ("Dockerfile",)


def test_reading_writes_nothing(repository: GitRepository) -> None:
    (repository.root / "Dockerfile").touch()
    index = repository.root / ".git/index"
    before = index.read_bytes()
    read(repository)
    assert index.read_bytes() == before


# Where the CI and git meet.


def test_a_detached_head_takes_the_branch_from_the_ci(repository: GitRepository) -> None:
    repository.git("checkout", "--quiet", "--detach")
    assert read(repository).branch == ""
    facts = ci_facts("github", branch="main", commit=repository.head, default_branch="main")
    assert (read(repository, facts).branch, read(repository, facts).default_branch) == ("main", "main")
    assert read(repository, ci_facts("jenkins", branch="main")).branch == "main"


def test_a_run_for_another_commit_says_nothing_about_this_one(repository: GitRepository) -> None:
    facts = ci_facts(branch="feature", tag="v9.9.9", commit="f" * 40, repository_url="https://x.example/a/b")
    source = read(repository, facts)
    assert (source.branch, source.remote_url) == ("main", "")


@pytest.mark.parametrize(
    ("remote", "reported", "branch"),
    [
        ("upstream", "upstream/main", "main"),
        ("upstream", "team/main", "team/main"),
        ("up/stream", "up/stream/x/y", "x/y"),
    ],
)
def test_a_remotes_name_is_what_git_says(
    repository: GitRepository, remote: str, reported: str, branch: str
) -> None:
    repository.git("remote", "add", remote, "https://git.example/acme/app")
    repository.git("checkout", "--quiet", "--detach")
    of_remote = ci_facts("jenkins", branch=reported, of_remote=True, commit=repository.head)
    assert read(repository, of_remote).branch == branch
    assert read(repository, ci_facts(branch=reported, commit=repository.head)).branch == reported


def test_without_a_commit_the_run_is_for_what_is_checked_out(repository: GitRepository) -> None:
    """Jenkins' scripted pipelines; another repository may be there, which lacks the run's tag."""
    repository.git("checkout", "--quiet", "--detach")
    facts = ci_facts("jenkins", branch="main", default_branch="main")
    assert (read(repository, facts).branch, read(repository, facts).default_branch) == ("main", "main")
    assert read(repository, ci_facts("jenkins", tag="v9.9.9")).history.tags == ()
    repository.tag("v1.4.2")
    assert read(repository, ci_facts("jenkins", tag="v1.4.2")).history.tags == ("v1.4.2",)


def test_a_commit_on_top_of_the_runs_is_not_of_its_branch(repository: GitRepository) -> None:
    before = repository.head
    repository.git("checkout", "--quiet", "--detach")
    repository.commit("Raise the version")
    facts = ci_facts("jenkins", branch="main", commit=before, run_commit=before)
    source = read(repository, facts)
    assert source.branch == ""
    assert "comes after the run's commit" in source.notes[0] and "--branch" in source.notes[0]
    named = ci_facts("jenkins", branch="main", commit=before, user=Ref("main"))
    assert (read(repository, named).branch, read(repository, named).notes) == ("main", ())


@pytest.mark.parametrize(
    ("untrusted", "branch"),
    [
        ({}, "main"),
        ({"origin": "fork"}, ""),
        ({"anyone_can_start": True}, ""),
        ({"anyone_can_start": True, "user": Ref("main")}, "main"),
    ],
)
def test_without_git_untrusted_files_are_of_no_branch(
    tmp_path: Path, untrusted: dict[str, Any], branch: str
) -> None:
    """They may be another run's artifact, while the CI names main."""
    facts = ci_facts("github", branch="main", commit="f" * 40, **untrusted)
    assert read_source(tmp_path, facts, now=datetime.now(timezone.utc)).branch == branch


def test_a_merge_queues_branch_is_none(repository: GitRepository) -> None:
    repository.branch("gh-readonly-queue/main/pr-12-0123456")
    assert read(repository, ci_facts(commit=repository.head, queued=True)).branch == ""


def test_a_pull_request_has_no_branch_of_ours(repository: GitRepository) -> None:
    repository.branch("main-of-a-fork")
    head = repository.commit()
    repository.switch("main")
    repository.commit(files={"README": "1\n"})
    repository.git("checkout", "--quiet", "--detach")
    repository.merge("main-of-a-fork")
    source = read(repository, ci_facts("github", branch="main", commit=head, pull_request="12"))
    assert (source.branch, source.pull_request) == ("", "12")
    assert (source.commit, source.built_from) == (head, repository.head)
    rendered = [str(tag) for tag in tags_of(source)]
    assert rendered == [f"sha-{head[:12]}", "0.1.0-dev.4", "pr-12"]  # four are in the work tree


def test_a_tag_that_may_not_be_fetched_is_an_error(repository: GitRepository, tmp_path: Path) -> None:
    repository.tag("v1.4.2")
    clone = repository.clone(tmp_path / "clone", "--no-tags")
    facts = ci_facts("jenkins", tag="v1.4.2", commit=clone.head)
    with pytest.raises(SourceError, match=r"git -C .* fetch --tags`"):
        read(clone, facts, deepen=False)
    clone.git("fetch", "--quiet", "--tags")
    assert read(clone, facts).history.tags == ("v1.4.2",)


def test_a_clone_knows_its_default_branch_and_the_others(repository: GitRepository, tmp_path: Path) -> None:
    repository.branch("feature/login")
    repository.branch("feature-login")
    repository.switch("main")
    clone = repository.clone(tmp_path / "clone")
    clone.switch("feature/login")
    source = read(clone)
    assert source.default_branch == "main"
    assert set(source.branches) == {"main", "feature/login", "feature-login"}
    branch_tag = tags_of(source)[-1]
    assert str(branch_tag).startswith("feature-login-")  # not the tag of the branch `feature-login`


def test_the_remote_is_shown_without_credentials(repository: GitRepository) -> None:
    assert read(repository).remote_url == ""
    repository.git("remote", "add", "mirror", "https://mirror.example/acme/app.git")
    assert read(repository).remote_url == "https://mirror.example/acme/app"
    repository.git("remote", "add", "origin", "https://robot:hunter2@github.com/acme/app.git")
    repository.git("config", "url.https://x:hunter2@github.com/.insteadOf", "https://github.com/")
    assert read(repository).remote_url == "https://github.com/acme/app"


# What cannot be answered.


@pytest.mark.parametrize("ref", ["", "v1.4.2"], ids=["branch", "on a release tag"])
def test_a_shallow_clone_is_refused_where_nothing_may_be_fetched(
    repository: GitRepository, tmp_path: Path, ref: str
) -> None:
    repository.commit()
    repository.tag("v1.4.2")
    shallow = repository.shallow_clone(tmp_path / "shallow", ref=ref)
    with pytest.raises(SourceError, match="shallow") as caught:
        read(shallow, ci_facts("github"), deepen=False)
    assert caught.value.exit_code == 2
    assert "fetch-depth: 0" in caught.value.remedy
    shallow.git("fetch", "--quiet", "--unshallow", "--tags")  # the remedy, followed
    assert version(shallow) == "1.4.2"


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not in a git repository"):
        read_source(tmp_path, NO_FACTS)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no directory"):
        read_source(tmp_path / "absent", NO_FACTS)


def test_no_commit(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no commit yet"):
        read(GitRepository.init(tmp_path / "empty"))


def test_a_bare_repository(tmp_path: Path) -> None:
    bare = GitRepository(tmp_path)
    bare.git("init", "--quiet", "--bare")
    with pytest.raises(SourceError, match="bare"):
        read(bare)


def test_a_git_folder_without_its_work_tree(repository: GitRepository) -> None:
    with pytest.raises(SourceError, match="work tree"):
        read_source(repository.root / ".git", NO_FACTS)


def test_dubious_ownership_names_the_command(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # git's own switch for its own tests: the owner is another, without a need for root here.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SourceError, match="does not trust") as caught:
        read(repository)
    command = caught.value.remedy.split(": ", 1)[1]
    assert command == f"git config --global --add safe.directory {repository.root}"
    subprocess.run(command.split(), check=True)  # the remedy, followed
    assert read(repository).branch == "main"


def test_a_broken_repository_is_reported_in_gits_words(repository: GitRepository) -> None:
    (repository.root / ".git/index").write_bytes(b"no index")
    with pytest.raises(SourceError, match="index file"):
        read(repository)


@pytest.mark.parametrize("has_file", [False, True], ids=["no file", "not executable"])
def test_no_git(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_file: bool
) -> None:
    if has_file:
        (tmp_path / "git").write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git is not installed"):
        read(repository)


# What may surprise in the environment.


def test_the_folder_counts_and_not_git_dir(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = GitRepository.init(tmp_path / "other")
    other.commit()
    for name, path in {"GIT_DIR": ".git", "GIT_WORK_TREE": ".", "GIT_INDEX_FILE": ".git/index"}.items():
        monkeypatch.setenv(name, str(other.root / path))
    source = read(repository)
    assert (source.root, source.commit) == (repository.root, repository.git("rev-parse", "HEAD"))
    assert source.dirty == ()


def test_a_relative_folder(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository.root / "api").mkdir()
    monkeypatch.chdir(repository.root)
    assert read_source(Path("api"), NO_FACTS).root == repository.root


def test_the_users_configuration_changes_nothing(repository: GitRepository) -> None:
    repository.tag("v1.0.0")
    repository.commit()
    before = read(repository)
    for key, value in {
        "status.showUntrackedFiles": "all",
        "status.relativePaths": "false",
        "status.branch": "false",
        "log.showSignature": "true",
        "core.quotePath": "true",
        "color.ui": "always",
        "core.abbrev": "4",
        "core.fsmonitor": "touch fsmonitor-ran",
    }.items():
        repository.git("config", key, value)
    assert read(repository) == before
    assert not (repository.root / "fsmonitor-ran").exists()


def test_a_worktree_and_a_submodule(repository: GitRepository, tmp_path: Path) -> None:
    repository.tag("v1.0.0")
    repository.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    tree = read_source(tmp_path / "tree", NO_FACTS)
    assert (tree.root, tree.branch, tree.history.tags) == (tmp_path / "tree", "other", ("v1.0.0",))

    parent = GitRepository.init(tmp_path / "parent")
    url = f"file://{repository.root}"
    parent.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "library")
    parent.commit()
    assert read_source(parent.root / "library", NO_FACTS).commit == repository.head
    (parent.root / "library/untracked").touch()
    assert read(parent).dirty == ()
    (parent.root / "library/Dockerfile").write_text("FROM other\n")
    assert read(parent).dirty == ("library",)


@pytest.mark.parametrize(
    "name",
    [
        'quo"te',
        "$(touch${IFS}ran)",
        "`touch${IFS}ran`",
        "a;b",
        "ünïcode",
        "日本",
        "x" * 200,
        "#1",
        "&=",
        "sep\u2028arator",
        "@",
    ],
)
def test_hostile_branch_names_are_only_names(repository: GitRepository, name: str) -> None:
    repository.git("checkout", "--quiet", "-b", name)
    source = read(repository)
    assert source.branch == name
    assert len(tags_of(source)) == 3
    assert not (repository.root / "ran").exists()


def test_ten_thousand_tags_take_a_few_processes(repository: GitRepository) -> None:
    head = repository.head
    updates = "".join(f"create refs/tags/v1.{n // 100}.{n % 100} {head}\n" for n in range(10_000))
    subprocess.run(
        ["git", "update-ref", "--stdin"], cwd=repository.root, input=updates, text=True, check=True
    )
    repository.git("pack-refs", "--all")
    repository.commit()
    source = read(repository)
    assert (source.history.nearest, source.history.distance, len(source.history.release_tags)) == (
        "v1.99.99",
        1,
        10_000,
    )
