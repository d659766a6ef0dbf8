"""The commits since the last final release, from real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ecr_push.base.errors import SourceError
from ecr_push.ci.facts import CiFacts
from ecr_push.source.changes import Change, read_changes
from ecr_push.source.git.read_options import GitReadOptions
from ecr_push.source.model import Source
from ecr_push.source.read import read_source
from tests.support.git_repository import GitRepository

PATTERNS = ("^[a-z]+(\\([^)]*\\))?!?: ", "^BREAKING[ -]CHANGE: ")


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    made = GitRepository.init(tmp_path / "app")
    made.commit("feat: first", {"api/main.py": "0\n"})
    made.tag("v1.4.2", annotated=True)
    return made


def read(repository: GitRepository, prefix: str = "", paths: tuple[str, ...] = ()) -> Source:
    reading = GitReadOptions(tag_prefix=prefix, paths=paths, need_commits=True)
    return read_source(repository.root, CiFacts(), reading)


def titles(source: Source, *patterns: str, paths: tuple[str, ...] = ()) -> list[str]:
    return [change.title for change in read_changes(source, paths=paths, patterns=patterns)]


def test_changes_since_the_last_final_release_newest_first(repository: GitRepository) -> None:
    fix = repository.commit("fix: a leak\n\nIt leaked.\n\nBREAKING CHANGE: no more leaks")
    repository.tag("v1.5.0-rc.1")
    feat = repository.commit("feat(api): tea — naïve")
    source = read(repository)
    assert (source.history.nearest, source.history.nearest_final) == ("v1.5.0-rc.1", "v1.4.2")
    assert list(read_changes(source)) == [
        Change(feat, "feat(api): tea — naïve"),
        Change(fix, "fix: a leak\n\nIt leaked.\n\nBREAKING CHANGE: no more leaks"),
    ]


def test_a_release_has_no_changes(repository: GitRepository) -> None:
    source = read(repository)
    assert (source.history.nearest_final, titles(source)) == ("v1.4.2", [])


@pytest.mark.parametrize("both", [False, True])
def test_a_pre_release_on_this_commit(repository: GitRepository, both: bool) -> None:
    repository.commit("fix: it")
    repository.tag("v1.5.0-rc.1")
    if both:
        repository.tag("v1.5.0")
    source = read(repository)
    assert source.history.nearest_final == ("v1.5.0" if both else "v1.4.2")
    assert titles(source) == ([] if both else ["fix: it"])


def test_before_the_first_final_release_all_counts(repository: GitRepository) -> None:
    repository.git("tag", "--delete", "v1.4.2")
    repository.tag("v0.1.0-alpha.1")
    repository.commit("fix: second")
    source = read(repository)
    assert (source.history.nearest_final, titles(source)) == ("", ["fix: second", "feat: first"])


def test_a_higher_final_release_that_was_merged_is_the_last_one(repository: GitRepository) -> None:
    repository.branch("next")
    repository.commit("feat!: second")
    repository.tag("v2.0.0")
    repository.switch("main")
    repository.commit("fix: main", {"main.txt": "1\n"})
    repository.tag("v2.1.0-rc.1")
    repository.merge("next")
    source = read(repository)
    assert (source.history.nearest, source.history.nearest_final) == ("v2.1.0-rc.1", "v2.0.0")
    assert titles(source) == ["Merge branch 'next'", "fix: main"]


def test_it_is_not_looked_for_unless_it_is_asked_for(repository: GitRepository) -> None:
    repository.commit()
    assert read_source(repository.root, CiFacts()).history.nearest_final == ""


def test_only_what_matches_and_merges_too(repository: GitRepository) -> None:
    repository.commit("Update the docs")
    repository.branch("side")
    repository.commit("feat(api): side", {"side.txt": "1\n"})
    repository.commit("Do something\n\nBREAKING CHANGE: it broke", {"side.txt": "2\n"})
    repository.switch("main")
    repository.git("merge", "--quiet", "--no-ff", "--message=feat!: merged by title (#12)", "side")
    source = read(repository)
    assert titles(source, *PATTERNS) == ["feat!: merged by title (#12)", "Do something", "feat(api): side"]
    assert len(titles(source)) == 4


def test_paths_and_a_prefix(repository: GitRepository) -> None:
    repository.tag("api/v2.0.0")
    repository.commit("fix: web", {"web/x": "1\n"})
    repository.commit("fix: api", {"api/x": "1\n"})
    repository.tag("v3.0.0")
    repository.commit("fix: both", {"api/x": "2\n", "web/x": "2\n"})
    source = read(repository, "api/", ("api",))
    assert (source.history.nearest_final, source.history.distance) == ("v2.0.0", 2)
    assert titles(source, paths=("api",)) == ["fix: both", "fix: api"]


def test_the_users_configuration_changes_nothing(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit("fix: it", {"api/main.py": "1\n"})
    repository.git("mv", "api/main.py", "api/moved.py")
    signed(repository, "fix: moved, naïvely")
    repository.git("notes", "add", "--message=fix: a note", "HEAD")
    before = titles(read(repository), "^fix: ", paths=("api/moved.py",))
    for key, value in {
        "log.follow": "true",
        "log.showSignature": "true",
        "gpg.program": f"touch {tmp_path}/ran",
        "log.date": "iso",
        "log.decorate": "full",
        "format.pretty": "fuller",
        "i18n.logOutputEncoding": "latin1",
        "color.ui": "always",
        "notes.displayRef": "refs/notes/*",
        "log.mailmap": "true",
        "grep.patternType": "fixed",
    }.items():
        repository.git("config", key, value)
    assert before == ["fix: moved, naïvely"]
    assert titles(read(repository), "^fix: ", paths=("api/moved.py",)) == before
    assert not (tmp_path / "ran").exists()


def signed(repository: GitRepository, message: str) -> None:
    """Commits with something that looks like a signature."""
    gpg = repository.root.parent / "gpg"
    gpg.write_text(
        "#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho signature\n", encoding="utf-8"
    )
    gpg.chmod(0o755)
    repository.git("add", "--all")
    repository.git("-c", f"gpg.program={gpg}", "commit", "--quiet", "--gpg-sign=x", f"--message={message}")
    assert "gpgsig" in repository.git("cat-file", "commit", "HEAD")


def test_another_encoding_and_other_bytes(repository: GitRepository) -> None:
    repository.git(
        "-c", "i18n.commitEncoding=latin1", "commit", "--allow-empty", "--quiet", "--message=fix: \udce9"
    )
    whole = subprocess.run(["git", "cat-file", "commit", "HEAD"], cwd=repository.root, capture_output=True)
    odd = whole.stdout.replace(b"encoding latin1\n", b"")  # a byte that is not UTF-8 where UTF-8 is expected
    write = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    written = subprocess.run(write, cwd=repository.root, input=odd, capture_output=True)
    repository.git("reset", "--quiet", written.stdout.decode().strip())
    repository.git(
        "-c", "i18n.commitEncoding=latin1", "commit", "--allow-empty", "--quiet", "--message=fix: \udce8"
    )
    assert titles(read(repository), "^fix: ") == ["fix: è", "fix: \\xe9"]


def test_messages_of_any_size(repository: GitRepository) -> None:
    long = "fix: long\n\n" + "\n".join("x" * 70 for _ in range(5000))
    repository.write({"message.txt": long})
    repository.git("commit", "--allow-empty", "--quiet", "--file=message.txt")
    repository.git("commit", "--allow-empty", "--allow-empty-message", "--quiet", "--message=")
    assert [len(change.message) for change in read_changes(read(repository))] == [0, len(long)]


def test_git_is_stopped_when_the_consumer_stops(repository: GitRepository) -> None:
    for number in range(5):
        repository.commit(f"fix: {number}")
    changes = read_changes(read(repository))
    assert next(changes).title == "fix: 4"
    changes.close()
    children = Path(f"/proc/self/task/{Path('/proc/thread-self').resolve().name}/children")
    names = [Path(f"/proc/{one}/comm").read_text().strip() for one in children.read_text().split()]
    assert set(names) <= {"sh"}  # what ends git if we are killed


def test_a_pattern_that_git_cannot_read(repository: GitRepository) -> None:
    repository.commit()
    with pytest.raises(SourceError, match="git log"):
        titles(read(repository), "(")
