"""Checkouts as CIs leave them: shallow, without tags, merged, another user's, or no checkout at all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base import background
from ecr_push.base.errors import Interrupted, SourceError
from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.source.changes import read_changes
from ecr_push.source.git import clone_repair
from ecr_push.source.git.read_options import GitReadOptions
from ecr_push.source.model import Source
from ecr_push.source.read import read_source
from ecr_push.versions.derive import derive_version
from tests.support.ci import JENKINS, ON_PULL_REQUEST, ci_facts
from tests.support.command_line import until
from tests.support.git_repository import GitRepository

NO_FACTS = CiFacts()
IN_CI = ci_facts("jenkins")


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """v1.4.2, and three commits since."""
    made = GitRepository.init(tmp_path / "app")
    made.commit("First", {"Dockerfile": "FROM scratch\n", "history.txt": "0\n"})
    made.tag("v1.4.2", annotated=True)
    for _ in range(3):
        made.commit()
    return made


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine where nothing answers, and that nothing else takes in the meantime."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def read(
    repository: GitRepository | Path,
    facts: CiFacts = NO_FACTS,
    *,
    say: Callable[[str], None] = lambda news: None,
    **reading: Any,
) -> Source:
    root = repository if isinstance(repository, Path) else repository.root
    return read_source(root, facts, GitReadOptions(**reading), say=say)


def version(source: Source) -> str:
    return str(derive_version(source.history))


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


# Shallow clones.


@pytest.mark.parametrize(
    "options", [(), ("--no-tags",), ("--no-single-branch",), ("--branch=v1.4.2",)], ids=str
)
def test_a_shallow_clone_is_deepened(
    repository: GitRepository, tmp_path: Path, options: tuple[str, ...]
) -> None:
    expected = "1.4.2" if "--branch=v1.4.2" in options else "1.4.3-dev.3"
    clone = repository.clone(tmp_path / "clone", "--depth=1", *options)
    configured = (clone.root / ".git/config").read_bytes()
    said: list[str] = []
    source = read(clone, say=said.append)
    assert (version(source), bool(source.lacked)) == (expected, True)
    assert said == ["the clone is shallow: fetching its history and tags from origin"]
    assert (clone.root / ".git/config").read_bytes() == configured
    again = read(clone, say=said.append)
    assert (version(again), bool(again.lacked), len(said)) == (expected, False, 1)


def test_the_only_remote_serves_where_none_is_origin(repository: GitRepository, tmp_path: Path) -> None:
    clone = repository.clone(tmp_path / "clone", "--depth=1", "--origin=upstream")
    assert version(read(clone)) == "1.4.3-dev.3"


def test_a_tag_that_the_clone_has_otherwise_stays(repository: GitRepository, tmp_path: Path) -> None:
    """actions/checkout leaves an annotated tag as a lightweight one, which a fetch may not overwrite."""
    clone = GitRepository.init(tmp_path / "clone")
    clone.git("remote", "add", "origin", f"file://{repository.root}")
    commit = repository.git("rev-parse", "v1.4.2^{commit}")
    clone.git("fetch", "--quiet", "--depth=1", "--no-tags", "origin", f"+{commit}:refs/tags/v1.4.2")
    clone.switch("v1.4.2")
    assert version(read(clone, ci_facts("github", tag="v1.4.2", commit=commit))) == "1.4.2"
    assert clone.git("cat-file", "-t", "v1.4.2") == "commit"


def test_no_hook_runs_and_no_tag_is_pruned(repository: GitRepository, tmp_path: Path) -> None:
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    clone.tag("mine")
    clone.git("config", "fetch.prune", "true")
    clone.git("config", "fetch.pruneTags", "true")
    script(clone.root / ".git/hooks/reference-transaction", f"touch {tmp_path}/ran")
    assert "mine" in read(clone).history.tags
    assert not (tmp_path / "ran").exists()


def test_a_remote_that_does_not_answer_is_reported_in_gits_words(
    repository: GitRepository, tmp_path: Path, closed_port: int
) -> None:
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    clone.git("remote", "set-url", "origin", f"http://robot:hunter2@127.0.0.1:{closed_port}/app.git")
    with pytest.raises(SourceError, match="shallow") as caught:
        read(clone, ci_facts("github"))
    assert "hunter2" not in str(caught.value)
    assert f"http://127.0.0.1:{closed_port}/app.git" in caught.value.why
    assert "fetch-depth: 0" in caught.value.remedy


def test_a_token_in_the_place_of_a_user_is_not_printed(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git itself asks for `Password for 'https://TOKEN@host'`: here a helper says it in its stead."""
    helper = script(tmp_path / "bin/git-remote-secret", "echo \"fatal: no Password for '$2'\" >&2; exit 1")
    monkeypatch.setenv("PATH", f"{helper.parent}:{os.environ['PATH']}")
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    clone.git("remote", "set-url", "origin", "secret://hunter2@git.example/app")
    with pytest.raises(SourceError) as caught:
        read(clone)
    assert "no Password for 'secret://git.example/app'" in caught.value.why


def test_a_remote_that_is_shallow_itself(repository: GitRepository, tmp_path: Path) -> None:
    middle = repository.clone(tmp_path / "middle", "--depth=2")
    clone = middle.clone(tmp_path / "clone", "--depth=1")
    with pytest.raises(SourceError, match="origin"):
        read(clone)


@pytest.mark.parametrize("remotes", [(), ("one", "two")])
def test_no_remote_to_ask(repository: GitRepository, tmp_path: Path, remotes: tuple[str, ...]) -> None:
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    clone.git("remote", "remove", "origin")
    for name in remotes:
        clone.git("remote", "add", name, f"file://{repository.root}")
    with pytest.raises(SourceError, match="none is `origin`" if remotes else "no remote"):
        read(clone)


@pytest.fixture
def sleeping_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ssh that never ends, with a child of its own; the file names both processes."""
    pids = tmp_path / "pids"
    monkeypatch.setenv(
        "GIT_SSH_COMMAND", f"{script(tmp_path / 'ssh', f'sleep 3600 & echo $$ $! > {pids}; wait')}"
    )
    return pids


def all_end(pids: Path) -> bool:
    """Whether they end by themselves long before an hour: a process closes its pipes, which we wait for, just
    before it ends."""
    deadline = time.monotonic() + 60
    while any(map(runs, pids.read_text(encoding="utf-8").split())):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def runs(pid: str) -> bool:
    """Neither ended nor waiting to be collected."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def ssh_clone(repository: GitRepository, tmp_path: Path) -> GitRepository:
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    clone.git("remote", "set-url", "origin", "ssh://git@git.example/app")
    return clone


def test_a_remote_that_never_ends_is_left_with_its_children(
    repository: GitRepository, tmp_path: Path, sleeping_ssh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = background.start

    def start_and_wait_for_ssh(call: Callable[[], Any], name: str) -> Future[Any]:
        reading = start(call, name)
        until(lambda: sleeping_ssh.exists() and sleeping_ssh.read_text(encoding="utf-8"), "ssh")
        return reading

    monkeypatch.setattr(background, "start", start_and_wait_for_ssh)
    monkeypatch.setattr(clone_repair, "FETCH_SECONDS", 0.5)
    with pytest.raises(SourceError, match=r"no end within 0\.5 seconds"):
        read(ssh_clone(repository, tmp_path))
    assert all_end(sleeping_ssh)


def test_an_interruption_ends_git_and_its_children(
    repository: GitRepository, tmp_path: Path, sleeping_ssh: Path
) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise Interrupted(number)

    def once_git_waits() -> None:
        until(lambda: sleeping_ssh.exists() and sleeping_ssh.read_text(encoding="utf-8"), "ssh")
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)

    clone = ssh_clone(repository, tmp_path)
    before = signal.signal(signal.SIGALRM, interrupt)
    waiting = threading.Thread(target=once_git_waits)
    waiting.start()
    try:
        with pytest.raises(Interrupted):
            read(clone)
    finally:
        waiting.join()
        signal.signal(signal.SIGALRM, before)
    assert all_end(sleeping_ssh)


SSH = {
    "ssh itself": ({}, {}, "-o BatchMode=yes"),
    "the user's GIT_SSH": ({"GIT_SSH": "{ssh}"}, {}, "-o BatchMode=yes"),
    "the user's GIT_SSH_COMMAND": ({"GIT_SSH_COMMAND": "{ssh} -4"}, {}, "-4 "),
    "the user's core.sshCommand": ({}, {"core.sshCommand": "{ssh} -6"}, "-6 "),
}


@pytest.mark.parametrize(("environ", "configuration", "begins"), SSH.values(), ids=SSH)
def test_ssh_asks_for_no_password(
    repository: GitRepository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environ: Mapping[str, str],
    configuration: Mapping[str, str],
    begins: str,
) -> None:
    ssh = script(tmp_path / "bin/ssh", f'echo "$*" >> {tmp_path}/asked; exit 1')
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    for name, value in environ.items():
        monkeypatch.setenv(name, value.format(ssh=ssh))
    clone = ssh_clone(repository, tmp_path)
    for name, value in configuration.items():
        clone.git("config", name, value.format(ssh=ssh))
    with pytest.raises(SourceError):
        read(clone)
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert asked
    assert all(line.startswith(begins) for line in asked), asked


def test_what_git_forbids_by_default_stays_forbidden(repository: GitRepository, tmp_path: Path) -> None:
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    clone.git("remote", "set-url", "origin", f"ext::sh -c touch% {tmp_path}/ran")
    with pytest.raises(SourceError, match="'ext' not allowed"):
        read(clone)
    assert not (tmp_path / "ran").exists()


# Clones without tags.


def test_a_ci_that_fetched_no_tags(repository: GitRepository, tmp_path: Path) -> None:
    """As Jenkins does by default."""
    clone = repository.clone(tmp_path / "clone", "--no-tags")
    said: list[str] = []
    source = read(clone, IN_CI, say=said.append)
    assert (version(source), bool(source.lacked), source.notes) == ("1.4.3-dev.3", True, ())
    assert said == ["no version tag is in the clone: asking origin", "fetching tags from origin"]


def test_on_a_laptop_no_remote_is_asked(repository: GitRepository, tmp_path: Path) -> None:
    clone = repository.clone(tmp_path / "clone", "--no-tags")
    said: list[str] = []
    source = read(clone, say=said.append)
    assert (version(source), bool(source.lacked), said) == ("0.1.0-dev.4", False, [])


def test_where_tags_may_not_be_fetched_no_version_is_guessed(
    repository: GitRepository, tmp_path: Path
) -> None:
    clone = repository.clone(tmp_path / "clone", "--no-tags")
    with pytest.raises(SourceError, match="no version tags") as caught:
        read(clone, IN_CI, deepen=False)
    assert "origin has 1" in caught.value.why
    assert "Fetch tags" in caught.value.remedy


def test_a_repository_without_versions_is_one(repository: GitRepository, tmp_path: Path) -> None:
    repository.git("tag", "--delete", "v1.4.2")
    repository.tag("deployed")
    clone = repository.clone(tmp_path / "clone", "--no-tags")
    source = read(clone, IN_CI)
    assert (version(source), bool(source.lacked), source.notes) == ("0.1.0-dev.4", False, ())


def test_a_remote_that_cannot_be_asked_for_tags_is_noted(
    repository: GitRepository, tmp_path: Path, closed_port: int
) -> None:
    clone = repository.clone(tmp_path / "clone", "--no-tags")
    clone.git("remote", "set-url", "origin", f"http://robot:hunter2@127.0.0.1:{closed_port}/app.git")
    source = read(clone, IN_CI)
    assert version(source) == "0.1.0-dev.4"
    assert len(source.notes) == 1
    assert "origin could not be asked" in source.notes[0]
    assert "hunter2" not in source.notes[0]


def test_the_tag_of_the_run_is_fetched(repository: GitRepository, tmp_path: Path) -> None:
    repository.tag("v0.9.0")
    clone = repository.clone(tmp_path / "clone", "--no-tags")
    clone.tag("v1.0.0")
    repository.tag("v1.5.0")
    source = read(clone, ci_facts("jenkins", tag="v1.5.0", commit=clone.head))
    assert (version(source), bool(source.lacked)) == ("1.5.0", True)


def test_the_tag_of_the_run_is_fetched_though_another_differs(
    repository: GitRepository, tmp_path: Path
) -> None:
    clone = repository.clone(tmp_path / "clone", "--no-tags")
    clone.tag("v1.4.2")
    repository.tag("v1.5.0")
    source = read(clone, ci_facts("jenkins", tag="v1.5.0", commit=clone.head))
    assert (version(source), source.history.tags) == ("1.5.0", ("v1.4.2", "v1.5.0"))


@pytest.mark.parametrize("depth", [(), ("--depth=1",)], ids=["full", "shallow"])
def test_a_tag_that_the_remote_has_no_more(
    repository: GitRepository, tmp_path: Path, depth: tuple[str, ...]
) -> None:
    clone = repository.clone(tmp_path / "clone", *depth)
    with pytest.raises(SourceError, match=r"tag 'v9\.9\.9' is not in the git checkout"):
        read(clone, ci_facts("jenkins", tag="v9.9.9", commit=clone.head))


def test_the_versions_of_a_part_are_fetched_though_others_are_there(
    repository: GitRepository, tmp_path: Path
) -> None:
    clone = repository.clone(tmp_path / "clone")
    repository.tag("api/v2.0.0", commit="HEAD~1")
    source = read(clone, IN_CI, tag_prefix="api/")
    assert (source.history.nearest, source.history.distance) == ("v2.0.0", 1)


# Pull requests, with what the CIs' environments say.


@pytest.fixture
def pull_request(repository: GitRepository) -> GitRepository:
    """main is a commit ahead of where `feature` left it two commits ago."""
    repository.branch("feature")
    repository.commit(files={"feature.txt": "1\n"})
    repository.commit(files={"feature.txt": "2\n"})
    repository.switch("main")
    repository.commit(files={"main.txt": "1\n"})
    return repository


def github(sha: str, event: Mapping[str, object], name: str = "pull_request", **variables: str) -> CiFacts:
    environ = {
        **ON_PULL_REQUEST["github"],
        "GITHUB_SHA": sha,
        "GITHUB_EVENT_NAME": name,
        "GITHUB_REF_NAME": "12/merge",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_HEAD_REF": "feature",
        **variables,
    }
    return read_facts(environ, {"event.json": json.dumps(event)}.__getitem__)


def merged_by_github(repository: GitRepository) -> tuple[str, str]:
    """refs/pull/12/merge as GitHub makes it: the merge commit and the head."""
    base, head = repository.head, repository.git("rev-parse", "feature")
    repository.git("checkout", "--quiet", "--detach", "main")
    repository.git("merge", "--quiet", "--no-ff", f"--message=Merge {head} into {base}", "feature")
    merge = repository.head
    repository.git("update-ref", "refs/pull/12/merge", merge)
    repository.switch("main")
    return merge, head


def actions_checkout(repository: GitRepository, root: Path, ref: str, *options: str) -> GitRepository:
    """What actions/checkout does: not a clone, but a fetch of one ref into an empty repository."""
    made = GitRepository.init(root)
    made.git("remote", "add", "origin", f"file://{repository.root}")
    made.git("fetch", "--quiet", "--no-tags", *options, "origin", f"+{ref}:refs/remotes/pull/12/merge")
    made.git("checkout", "--quiet", "--force", "refs/remotes/pull/12/merge")
    return made


@pytest.mark.parametrize("event", ["known", "missing"])
@pytest.mark.parametrize("depth", [("--depth=1",), ()], ids=["shallow", "full"])
def test_githubs_merge_commit_stands_for_the_head(
    pull_request: GitRepository, tmp_path: Path, event: str, depth: tuple[str, ...]
) -> None:
    merge, head = merged_by_github(pull_request)
    checkout = actions_checkout(pull_request, tmp_path / "checkout", "refs/pull/12/merge", *depth)
    payload = {"pull_request": {"number": 12, "head": {"sha": head}}} if event == "known" else {}
    source = read(checkout, github(merge, payload))
    assert (source.commit, source.built_from) == (head, merge)
    assert (source.pull_request, source.branch) == ("12", "")
    assert source.committed_at == read_at(pull_request, head)
    assert version(source) == "1.4.3-dev.7"  # what is in the work tree: three, one of main, two, the merge


def read_at(repository: GitRepository, commit: str) -> datetime:
    seconds = int(repository.git("show", "--no-patch", "--format=%ct", commit))
    return datetime.fromtimestamp(seconds, timezone.utc)


def test_a_head_that_merged_main_is_not_mistaken(pull_request: GitRepository) -> None:
    """GitHub, with `ref: ${{ github.event.pull_request.head.sha }}`, and Jenkins' head strategy."""
    pull_request.switch("feature")
    head = pull_request.merge("main")
    payload = {"pull_request": {"number": 12, "head": {"sha": head}}}
    assert read(pull_request, github("f" * 40, payload)).commit == head
    jenkins = read_facts({**JENKINS, "CHANGE_ID": "12", "GIT_COMMIT": head})
    assert read(pull_request, jenkins).commit == head


def test_jenkins_own_merge_stands_for_the_head(pull_request: GitRepository) -> None:
    head, base = pull_request.git("rev-parse", "feature"), pull_request.head
    pull_request.git("checkout", "--quiet", "--detach", head)
    pull_request.git("merge", "--quiet", "--no-edit", base)
    facts = read_facts({**JENKINS, "CHANGE_ID": "12", "GIT_COMMIT": pull_request.head})
    source = read(pull_request, facts)
    assert (source.commit, source.built_from, source.pull_request) == (head, pull_request.head, "12")


def test_codebuilds_pull_request_is_its_head(pull_request: GitRepository) -> None:
    pull_request.switch("feature")
    environ = {
        **ON_PULL_REQUEST["codebuild"],
        "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/feature",
        "CODEBUILD_SOURCE_VERSION": "refs/heads/main^{%s}" % ("f" * 40),  # unreliable
        "CODEBUILD_RESOLVED_SOURCE_VERSION": pull_request.head,
    }
    source = read(pull_request, read_facts(environ))
    assert (source.commit, source.pull_request, source.branch) == (pull_request.head, "12", "")


def test_the_base_under_pull_request_target_is_not_the_pull_request(
    pull_request: GitRepository,
) -> None:
    head = pull_request.git("rev-parse", "feature")
    payload = {"pull_request": {"number": 12, "head": {"sha": head}}}
    base = {"GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main"}
    source = read(pull_request, github(pull_request.head, payload, "pull_request_target", **base))
    assert (source.commit, source.pull_request, source.branch) == (pull_request.head, "", "")
    (note,) = source.notes
    assert "the image has nothing of pull request 12" in note
    pull_request.switch(head)
    source = read(pull_request, github(pull_request.git("rev-parse", "main"), payload, "pull_request_target"))
    assert (source.commit, source.pull_request, source.notes) == (head, "12", ())


# How repositories are laid out.


@pytest.fixture
def superproject(repository: GitRepository, tmp_path: Path) -> GitRepository:
    made = GitRepository.init(tmp_path / "parent")
    url = f"file://{repository.root}"
    made.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "library")
    made.commit()
    return made


def test_another_commit_of_a_submodule_is_dirt(superproject: GitRepository) -> None:
    library = GitRepository(superproject.root / "library")
    assert read(superproject).dirty == ()
    library.switch("v1.4.2")
    assert read(superproject).dirty == ("library",)
    assert version(read(library)) == "1.4.2"


def test_a_submodule_that_was_not_fetched_is_an_error(superproject: GitRepository, tmp_path: Path) -> None:
    clone = superproject.clone(tmp_path / "clone")
    with pytest.raises(SourceError, match="submodule that was not fetched"):
        read(clone.root / "library")
    (clone.root / "empty").mkdir()
    assert read(clone.root / "empty").root == clone.root
    clone.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
    assert read(clone.root / "library").root == clone.root / "library"


def test_a_run_for_the_superproject_says_nothing_of_a_submodule(superproject: GitRepository) -> None:
    facts = ci_facts("github", commit=superproject.head, tag="v7.0.0", pull_request="12")
    source = read(superproject.root / "library", facts)
    assert (source.pull_request, source.history.nearest) == ("", "v1.4.2")


def test_a_shallow_linked_worktree(repository: GitRepository, tmp_path: Path) -> None:
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    clone.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    source = read(tmp_path / "tree")
    assert (source.root, version(source), bool(source.lacked)) == (tmp_path / "tree", "1.4.3-dev.3", True)


def test_a_sparse_checkout_is_clean(repository: GitRepository) -> None:
    repository.commit(files={"api/Dockerfile": "FROM scratch\n", "web/Dockerfile": "FROM scratch\n"})
    repository.git("sparse-checkout", "set", "api")
    assert not (repository.root / "web").exists()
    source = read(repository, paths=("web",))
    assert (source.dirty, source.history.distance, source.notes) == ((), 1, ())


@pytest.mark.parametrize("filtered", ["blob:none", "tree:0"])
def test_a_partial_clone_fetches_nothing_by_accident(
    repository: GitRepository, tmp_path: Path, filtered: str
) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = repository.clone(tmp_path / "clone", f"--filter={filtered}")
    # What a configuration allows by name is refused all the same.
    clone.git("config", "protocol.file.allow", "always")
    before = packed(clone)
    (clone.root / "history.txt").write_text("9\n", encoding="utf-8")  # of the same size: git has to look
    source = read(clone)
    assert (source.history.nearest, source.history.distance, source.dirty) == ("v1.4.2", 3, ("history.txt",))
    if filtered == "tree:0":
        with pytest.raises(SourceError, match="treeless") as caught:
            read(clone, paths=("history.txt",), deepen=False)
        assert "--no-deepen is set" in caught.value.why
        assert "filter: blob:none" in caught.value.remedy
    else:
        assert read(clone, paths=("Dockerfile",)).history.distance == 0
    assert packed(clone) == before


@pytest.mark.parametrize("depth", [(), ("--depth=1",)], ids=["full", "shallow"])
@pytest.mark.parametrize("tags", [(), ("--no-tags",)], ids=["tags", "no tags"])
def test_the_trees_of_a_treeless_clone_are_fetched_where_paths_count(
    repository: GitRepository, tmp_path: Path, depth: tuple[str, ...], tags: tuple[str, ...]
) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.commit(files={"web/page": "1"})
    clone = repository.clone(tmp_path / "clone", "--filter=tree:0", *depth, *tags)
    configured = (clone.root / ".git/config").read_bytes()
    said: list[str] = []
    source = read(clone, ci_facts("github"), say=said.append, paths=("web",))
    assert (source.history.nearest, source.history.distance, bool(source.lacked)) == ("v1.4.2", 1, True)
    assert said[-1] == "the clone is treeless: fetching its trees from origin"
    assert (clone.root / ".git/config").read_bytes() == configured
    refs = clone.git("for-each-ref")
    again = read(clone, say=said.append, paths=("history.txt",))
    assert (again.history.distance, bool(again.lacked), clone.git("for-each-ref")) == (3, False, refs)
    assert [change.title for change in read_changes(again, paths=("web",))] == ["Change"]


def test_a_merge_that_the_job_made_in_a_treeless_clone(repository: GitRepository, tmp_path: Path) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.branch("topic", start="HEAD~1")
    repository.commit(files={"web/page": "1"})
    clone = repository.clone(tmp_path / "clone", "--filter=tree:0")
    clone.merge("origin/main")
    assert read(clone, paths=("web",)).history.distance == 1


def test_a_treeless_clone_with_a_git_that_cannot_fetch_again(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = repository.clone(tmp_path / "clone", "--filter=tree:0")
    real = shutil.which("git")
    refused = 'echo "error: unknown option \\`refetch\'" >&2; echo "usage: git fetch" >&2; exit 129'
    old = script(tmp_path / "bin/git", f'case " $* " in *" --refetch "*) {refused};; esac\nexec {real} "$@"')
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
    assert version(read(clone)) == "1.4.3-dev.3"
    with pytest.raises(SourceError, match="treeless") as caught:
        read(clone, paths=("web",))
    assert caught.value.why.endswith("; fetching them needs git 2.36")


def test_a_treeless_clone_whose_remote_does_not_answer(
    repository: GitRepository, tmp_path: Path, closed_port: int
) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = repository.clone(tmp_path / "clone", "--filter=tree:0")
    clone.git("remote", "set-url", "origin", f"http://robot:hunter2@127.0.0.1:{closed_port}/app.git")
    with pytest.raises(SourceError, match="treeless") as caught:
        read(clone, paths=("web",))
    assert f"http://127.0.0.1:{closed_port}/app.git" in caught.value.why
    assert "hunter2" not in str(caught.value)


def packed(repository: GitRepository) -> list[str]:
    return sorted(path.name for path in (repository.root / ".git/objects/pack").iterdir())


def test_replaced_commits_are_a_matter_of_one_clone(repository: GitRepository) -> None:
    before = read(repository)
    first = repository.git("rev-list", "--max-parents=0", "HEAD")
    repository.git("replace", "HEAD~1", first)
    assert repository.git("rev-list", "--count", "HEAD") == "2"
    assert read(repository) == before


# Another user's checkout.


@pytest.fixture
def foreign(repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    """A clone that belongs to another user, as a container sees the runner's."""
    if os.getuid():
        pytest.skip("only root can give files away")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    clone = repository.clone(tmp_path / "clone", "--depth=2")
    script(clone.root / ".git/hooks/reference-transaction", f"touch {tmp_path}/ran")
    clone.git("config", "core.fsmonitor", f"touch {tmp_path}/ran")
    for path in (clone.root, *clone.root.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    (tmp_path / "ran").unlink(missing_ok=True)
    return clone


def test_a_ci_reads_another_users_checkout(foreign: GitRepository, tmp_path: Path) -> None:
    source = read(foreign, IN_CI, need_commits=True)
    assert (version(source), source.foreign, bool(source.lacked)) == ("1.4.3-dev.3", True, True)
    assert len(list(read_changes(source))) == 3
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "home").exists()  # nothing was declared safe for good


def test_on_a_laptop_another_users_checkout_is_refused_unless_trusted(foreign: GitRepository) -> None:
    with pytest.raises(SourceError, match="does not trust") as caught:
        read(foreign)
    assert "safe.directory" in caught.value.remedy
    assert read(foreign, trusted=True).foreign


def test_our_own_checkout_needs_no_trust(repository: GitRepository) -> None:
    assert not read(repository, IN_CI, trusted=True).foreign


# No `.git`.

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
SHA = "0123456789abcdef0123456789abcdef01234567"


def test_without_git_the_facts_of_the_ci_apply(tmp_path: Path) -> None:
    facts = ci_facts(
        "codebuild",
        commit=SHA,
        branch="main",
        default_branch="main",
        repository_url="https://github.com/acme/app",
    )
    source = read_source(tmp_path, facts, now=NOW)
    assert (source.root, source.commit, source.built_from, source.committed_at) == (tmp_path, SHA, SHA, NOW)
    assert (source.branch, source.default_branch) == ("main", "main")
    assert source.remote_url == "https://github.com/acme/app"
    assert (source.history.nearest, source.history.tags, source.dirty, source.has_git) == ("", (), (), False)
    assert "is not in a git repository" in source.notes[0]
    assert list(read_changes(source)) == []


def test_a_relative_path_that_leads_out_of_a_checkout_is_outside_of_git(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(repository.root)
    with pytest.raises(SourceError, match="is not in a git repository"):
        read(Path("../out"))


def test_a_symlink_that_leads_out_of_a_checkout_is_not_the_cis_commit(
    repository: GitRepository, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (repository.root / "link").symlink_to(tmp_path / "out")
    with pytest.raises(SourceError, match="could not read the checkout"):
        read_source(repository.root / "link", ci_facts("codebuild", commit=SHA), now=NOW)


def test_without_git_the_event_knows_the_time(tmp_path: Path) -> None:
    at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    facts = ci_facts("github", commit=SHA, committed_at=at)
    assert read_source(tmp_path, facts, now=NOW).committed_at == at
    with pytest.raises(SourceError, match="not in a git repository"):
        read_source(tmp_path, ci_facts("codebuild", commit=SHA))


@pytest.mark.parametrize(
    ("tag", "prefix", "tags", "expected"),
    [
        ("v1.4.2", "", ("v1.4.2",), "1.4.2"),
        ("api/v1.4.2", "api/", ("v1.4.2",), "1.4.2"),
        ("deployed", "", ("deployed",), ""),  # nothing is guessed
        ("web/v1.4.2", "api/", (), ""),
    ],
)
def test_without_git_the_tag_of_the_run_is_on_the_commit(
    tmp_path: Path, tag: str, prefix: str, tags: tuple[str, ...], expected: str
) -> None:
    facts = ci_facts("codebuild", commit=SHA, tag=tag)
    source = read_source(tmp_path, facts, GitReadOptions(tag_prefix=prefix), now=NOW)
    assert (source.history.tags, version(source)) == (tags, expected)


def test_without_git_a_pull_request_is_its_head(tmp_path: Path) -> None:
    facts = ci_facts("github", commit=SHA, run_commit="f" * 40, branch="feature", pull_request="12")
    source = read_source(tmp_path, facts, now=NOW)
    assert (source.commit, source.built_from) == (SHA, "f" * 40)
    assert (source.branch, source.pull_request) == ("", "12")


def test_neither_git_nor_a_ci(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not in a git repository") as caught:
        read_source(tmp_path, CiFacts(), now=NOW)
    assert "Full clone" in caught.value.remedy


@pytest.mark.parametrize("broken", ["folder", "file", "no HEAD"])
def test_a_broken_git_folder_is_an_error(repository: GitRepository, tmp_path: Path, broken: str) -> None:
    root = tmp_path / "broken"
    (root / "api").mkdir(parents=True)
    if broken == "folder":
        (root / ".git").mkdir()
    elif broken == "file":
        (root / ".git").write_text("gitdir: /nowhere\n", encoding="utf-8")
    else:
        root = repository.root
        (root / "api").mkdir()
        (root / ".git/HEAD").unlink()
    with pytest.raises(SourceError, match="could not read the checkout"):
        read_source(root / "api", ci_facts("codebuild", commit=SHA), now=NOW)


# One part of a monorepo.


def test_a_prefix_picks_a_parts_tags(repository: GitRepository) -> None:
    for name in ("api/v2.0.0", "web/v9.0.0", "api/latest", "api/web/v8.0.0", "apiv7.0.0"):
        repository.tag(name, commit="HEAD~1")
    repository.tag("v3.0.0")
    repository.tag("api/deployed")
    source = read(repository, tag_prefix="api/")
    assert (source.history.nearest, source.history.distance, source.history.release_tags) == (
        "v2.0.0",
        1,
        ("v2.0.0",),
    )
    assert (source.history.tags, source.history.tag_prefix) == (("deployed",), "api/")
    assert source.history.git_tag(source.history.nearest) == "api/v2.0.0"
    repository.tag("api/v2.1.0")
    assert read(repository, tag_prefix="api/").history.tags == ("deployed", "v2.1.0")


@pytest.mark.parametrize("prefix", ["a*/", "[ab]/", "?/", "a\\", "--all/"])
def test_a_prefix_is_not_a_pattern(repository: GitRepository, prefix: str) -> None:
    repository.tag("a/v2.0.0")
    assert read(repository, tag_prefix=prefix).history.nearest == ""


def test_only_commits_that_touch_the_paths_count(repository: GitRepository) -> None:
    repository.commit(files={"api/main.py": "1\n"})
    repository.commit(files={"api*/main.py": "1\n"})
    repository.commit(files={"lib/x.py": "1\n", "api/main.py": "2\n"})
    for paths, distance in {
        (): 6,
        ("api",): 2,
        ("api/",): 2,
        ("api*",): 1,
        ("api", "history.txt"): 5,
        ("none",): 0,
        (".",): 6,
    }.items():
        source = read(repository, paths=paths)
        assert (source.history.nearest, source.history.distance) == ("v1.4.2", distance), paths
        assert (
            read_source(repository.root / "lib", NO_FACTS, GitReadOptions(paths=paths)).history.distance
            == distance
        )


def test_paths_outside_are_an_error(repository: GitRepository) -> None:
    with pytest.raises(SourceError, match="outside"):
        read(repository, paths=("../other",))


# Names that someone else chose.

HOSTILE = [
    "$(touch${IFS}ran)",
    "`touch${IFS}ran`",
    "quo\"te's",
    "日本",
    "x" * 240,
    "v1.2.3;rm",
    "&&",
    "v1.2.3-\udcff",  # a byte that is not UTF-8
    "v1.2.3-ü",
    "v1.2.3|",
    "%s",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tags_are_only_names(repository: GitRepository, name: str) -> None:
    repository.git("update-ref", f"refs/tags/{name}", "HEAD")
    repository.git("update-ref", f"refs/tags/pre/{name}/v2.0.0", "HEAD")
    source = read(repository)
    assert (source.history.nearest, source.history.distance, len(source.history.tags)) == ("v1.4.2", 3, 2)
    clean = name if "\udcff" not in name else name.replace("\udcff", "\\xff")
    assert clean in source.history.tags
    assert read(repository, tag_prefix=f"pre/{clean}/").history.nearest == "v2.0.0"
    assert not (repository.root / "ran").exists()


def test_two_names_of_other_bytes_stay_two(repository: GitRepository) -> None:
    for name in ("b-\udcff", "b-\udcfe"):
        repository.git("checkout", "--quiet", "-b", name)
    source = read(repository)
    assert source.branch == "b-\\xfe"
    assert set(source.branches) == {"main", "b-\\xff", "b-\\xfe"}
