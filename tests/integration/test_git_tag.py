"""A release's git tag, on real remotes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ecr_push.base.errors import ConflictError, GitTagError, SettingsError
from ecr_push.source.git import tag as git_tag
from ecr_push.source.git.command import GitCommand
from ecr_push.source.git.tag import Identity, check_git_tag, release_tag
from tests.support.git_repository import GitRepository

NAME = "v1.5.0"


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """git knows no user, and nothing of this machine's configuration."""
    for name in list(os.environ):
        if name.startswith("GIT_") or name == "EMAIL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def remote(tmp_path: Path) -> GitRepository:
    bare = GitRepository(tmp_path / "remote.git")
    bare.root.mkdir()
    bare.git("init", "--quiet", "--bare", "--initial-branch=main")
    return bare


@pytest.fixture
def repository(remote: GitRepository, tmp_path: Path) -> GitRepository:
    made = GitRepository.init(tmp_path / "app")
    made.commit()
    made.commit()
    made.git("remote", "add", "origin", f"file://{remote.root}")
    made.git("push", "--quiet", "--set-upstream", "origin", "main")
    return made


def git(repository: GitRepository) -> GitCommand:
    return GitCommand(repository.root)


def release(repository: GitRepository, name: str = NAME, message: str = "Release 1.5.0") -> str:
    return release_tag(git(repository), name, repository.head, message)


def on_remote(repository: GitRepository, name: str) -> str:
    """The commit that the remote's tag leads to, "" where it has none."""
    lines = repository.git("ls-remote", "origin", f"refs/tags/{name}^{{}}").split("\t")
    return lines[0]


def refs(repository: GitRepository) -> list[str]:
    return repository.git("for-each-ref", "--format=%(refname)").split("\n")


def test_a_tag_is_set_and_nothing_else_is_pushed(repository: GitRepository, remote: GitRepository) -> None:
    repository.commit()
    repository.tag("mine", annotated=True)
    repository.git("config", "push.followTags", "true")
    repository.git("config", "remote.origin.push", "+refs/heads/*:refs/heads/*")
    before = (repository.root / ".git/config").read_bytes()
    assert on_remote(repository, NAME) == ""
    assert release(repository, message="Release 1.5.0\n\n# Changes\n- ünïcode") == "pushed"
    assert refs(remote) == ["refs/heads/main", "refs/tags/v1.5.0"]
    assert on_remote(repository, NAME) == repository.head
    assert remote.git("cat-file", "-t", NAME) == "tag"
    shown = remote.git("for-each-ref", "--format=%(contents)", "refs/tags")
    assert shown.strip() == "Release 1.5.0\n\n# Changes\n- ünïcode"
    assert repository.git("rev-parse", NAME) == remote.git("rev-parse", NAME)
    assert (repository.root / ".git/config").read_bytes() == before


def test_the_same_again_is_already_there(repository: GitRepository, remote: GitRepository) -> None:
    assert not check_git_tag(git(repository), NAME, repository.head)
    assert release(repository) == "pushed"
    before = remote.git("rev-parse", NAME)
    assert check_git_tag(git(repository), NAME, repository.head)
    assert release(repository, message="other words") == "already"
    assert remote.git("rev-parse", NAME) == before


def test_a_tag_of_the_remote_that_this_clone_has_not_seen(
    repository: GitRepository, remote: GitRepository, tmp_path: Path
) -> None:
    clone = remote.clone(tmp_path / "clone")
    remote.tag(NAME, commit="main")
    assert release(clone) == "already"


@pytest.mark.parametrize("annotated", [False, True], ids=["lightweight", "annotated"])
def test_a_tag_that_was_set_but_not_pushed_is_pushed_as_it_is(
    repository: GitRepository, remote: GitRepository, annotated: bool
) -> None:
    repository.tag(NAME, annotated=annotated)
    assert release(repository) == "pushed"
    assert remote.git("rev-parse", NAME) == repository.git("rev-parse", NAME)


def test_a_tag_of_another_commit_is_a_conflict(repository: GitRepository, remote: GitRepository) -> None:
    other = repository.git("rev-parse", "HEAD~1")
    remote.tag(NAME, commit=other, annotated=True)
    for act in (check_git_tag, lambda *arguments: release_tag(*arguments, "Release")):
        with pytest.raises(ConflictError, match=f"origin has it on commit {other}") as caught:
            act(git(repository), NAME, repository.head)
    assert caught.value.exit_code == 2


def test_a_tag_of_another_commit_that_only_this_clone_has(repository: GitRepository) -> None:
    repository.tag(NAME, commit="HEAD~1")
    with pytest.raises(ConflictError, match=f"git -C .* tag --delete {NAME}`"):
        check_git_tag(git(repository), NAME, repository.head)


def refusing(remote: GitRepository, hook: str) -> None:
    path = remote.root / "hooks/update"
    path.write_text(f"#!/bin/sh\n{hook}\n", encoding="utf-8")
    path.chmod(0o755)


def test_a_push_that_is_refused_leaves_no_tag(repository: GitRepository, remote: GitRepository) -> None:
    refusing(remote, 'echo "no tags, https://robot:hunter2@git.example/" >&2; exit 1')
    with pytest.raises(GitTagError, match="could not be pushed") as caught:
        release(repository)
    assert "no tags, https://git.example/" in caught.value.why
    assert caught.value.exit_code == 4
    assert "refs/tags/v1.5.0" not in refs(repository)
    refusing(remote, "exit 0")
    repository.commit()
    repository.git("push", "--quiet")
    assert release(repository) == "pushed"  # the next commit's run may have the name


def test_of_two_that_race_the_second_learns_who_won(
    repository: GitRepository, remote: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    winner = repository.git("rev-parse", "HEAD~1")
    meanwhile(monkeypatch, lambda: remote.tag(NAME, commit=winner))
    with pytest.raises(GitTagError, match=f"origin has it on commit {winner}, set in the meantime"):
        release(repository)
    assert "refs/tags/v1.5.0" not in refs(repository)


def test_two_that_race_for_the_same_commit_both_succeed(
    repository: GitRepository, remote: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: remote.tag(NAME, commit="main", annotated=True))
    assert release(repository) == "already"
    assert remote.git("rev-parse", f"{NAME}^{{}}") == repository.head


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Does it after the remote was looked at, just before the push."""
    make = git_tag._make

    def delayed(*arguments: object) -> str:
        act()
        return make(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(git_tag, "_make", delayed)


def test_no_hook_of_the_checkout_runs(repository: GitRepository, tmp_path: Path) -> None:
    for hook in ("pre-push", "reference-transaction"):
        path = repository.root / ".git/hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n", encoding="utf-8")
        path.chmod(0o755)
    assert release(repository) == "pushed"
    assert not (tmp_path / "ran").exists()


TAGGERS = {
    "unknown": ({}, {}, "ecr-push <ecr-push@localhost>"),
    "configured": ({"user.name": "Ada", "user.email": "ada@example.com"}, {}, "Ada <ada@example.com>"),
    "half configured": ({"user.name": "Ada"}, {}, "ecr-push <ecr-push@localhost>"),
    "environment": (
        {},
        {"GIT_COMMITTER_NAME": "Bob", "GIT_COMMITTER_EMAIL": "b@example.com"},
        "Bob <b@example.com>",
    ),
}


@pytest.mark.parametrize(("configuration", "environ", "tagger"), TAGGERS.values(), ids=TAGGERS)
def test_who_sets_it(
    repository: GitRepository,
    remote: GitRepository,
    monkeypatch: pytest.MonkeyPatch,
    configuration: dict[str, str],
    environ: dict[str, str],
    tagger: str,
) -> None:
    for key, value in configuration.items():
        repository.git("config", key, value)
    for key, value in environ.items():
        monkeypatch.setenv(key, value)
    release(repository)
    assert remote.git("for-each-ref", "--format=%(taggername) %(taggeremail)", "refs/tags") == tagger


def test_a_given_identity(repository: GitRepository, remote: GitRepository) -> None:
    given = Identity("Robot", "robot@example.com")
    release_tag(git(repository), NAME, repository.head, "Release", identity=given)
    assert remote.git("for-each-ref", "--format=%(taggeremail)", "refs/tags") == "<robot@example.com>"


def test_a_configuration_that_signs_is_not_asked(repository: GitRepository) -> None:
    for key in ("tag.gpgSign", "tag.forceSignAnnotated", "push.gpgSign"):
        repository.git("config", key, "true")
    repository.git("config", "gpg.program", "false")
    assert release(repository) == "pushed"


@pytest.mark.parametrize(
    "name", ["-d", "a b", "v1..2", "v1.lock", "v~1", "", "a/", "--all", "v1\n", "v*", "v1^{}"]
)
def test_names_that_git_forbids(repository: GitRepository, name: str) -> None:
    with pytest.raises(SettingsError, match="is not a valid git tag name"):
        check_git_tag(git(repository), name, repository.head)


@pytest.mark.parametrize("name", ["api/v1.5.0", "$(touch${IFS}ran)", "ünïcode/v1.0.0", "x" * 200, "a'b\"c;&"])
def test_names_that_git_allows(repository: GitRepository, name: str) -> None:
    assert release(repository, name) == "pushed"
    assert release(repository, name) == "already"
    assert on_remote(repository, name) == repository.head
    assert not (repository.root / "ran").exists()


def test_a_longer_name_is_another_tag(repository: GitRepository, remote: GitRepository) -> None:
    for name in (f"api/{NAME}", f"{NAME}-rc.1", f"refs/tags/{NAME}"):
        remote.git("update-ref", f"refs/tags/{name}", "main")
    assert on_remote(repository, NAME) == ""


def test_a_remote_that_does_not_answer(repository: GitRepository, tmp_path: Path) -> None:
    repository.git("remote", "set-url", "origin", f"file://robot:hunter2@localhost/{tmp_path}/nothing")
    with pytest.raises(GitTagError, match="could not be asked") as caught:
        check_git_tag(git(repository), NAME, repository.head)
    assert "hunter2" not in str(caught.value)
    assert caught.value.exit_code == 4


def test_no_remote(repository: GitRepository) -> None:
    repository.git("remote", "remove", "origin")
    with pytest.raises(GitTagError, match="no remote"):
        release(repository)


def test_a_read_only_clone_still_tags_the_remote(repository: GitRepository, remote: GitRepository) -> None:
    """Another process holds the ref: the release is tagged all the same."""
    (repository.root / ".git/refs/tags").mkdir(exist_ok=True)
    (repository.root / f".git/refs/tags/{NAME}.lock").touch()
    assert release(repository) == "pushed"
    assert on_remote(repository, NAME) == repository.head
