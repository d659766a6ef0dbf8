"""Where private files go, on a real file system: never into what a build sends."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from pathlib import Path

import pytest

from ecr_push.base import private_folder
from ecr_push.base.errors import SettingsError
from ecr_push.base.private_folder import PrivateFolders


@pytest.fixture(autouse=True)
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of the test's own: usual, which stands for /tmp, and memory, which stands for /dev/shm."""
    for name in ("usual", "memory", "app"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(private_folder, "_USUAL", (str(tmp_path / "usual"),))
    monkeypatch.setattr(private_folder, "_MEMORY", str(tmp_path / "memory"))
    monkeypatch.setattr(private_folder, "_LONGEST_PLACE", 4096)
    monkeypatch.chdir(tmp_path / "app")


def place_of(context: Path, *, large: bool = False, **environ: str) -> Path:
    with PrivateFolders(environ, (context,)).made(large=large) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()
    return folder.parent


def test_the_runtime_folder_comes_first_and_is_not_for_large_files(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    given = {"XDG_RUNTIME_DIR": str(runtime), "TMPDIR": str(tmp_path / "memory")}
    assert place_of(tmp_path / "app", **given) == runtime
    assert place_of(tmp_path / "app", large=True, **given) == tmp_path / "memory"
    runtime.chmod(0o755)  # others may look into it: not as the specification wants it
    assert place_of(tmp_path / "app", **given) == tmp_path / "memory"
    assert place_of(tmp_path / "app", XDG_RUNTIME_DIR="runtime") == tmp_path / "usual"


def test_another_users_runtime_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As sudo hands it on."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert place_of(tmp_path / "app", XDG_RUNTIME_DIR=str(runtime)) == tmp_path / "usual"


@pytest.mark.parametrize(
    "given", [".tmp", "{app}/.tmp", "{app}/../app/.tmp", "{tmp}/link", "{tmp}/link/.tmp"]
)
def test_a_temporary_folder_in_the_context_is_not_used(tmp_path: Path, given: str) -> None:
    app = tmp_path / "app"
    (app / ".tmp").mkdir()
    (tmp_path / "link").symlink_to(app)
    text = given.format(app=app, tmp=tmp_path)
    for context in (app, Path(), Path("../app"), tmp_path / "link"):
        assert place_of(context, TMPDIR=text) == tmp_path / "usual"
        assert place_of(context, large=True, TMPDIR=text) == tmp_path / "usual"
    assert list((app / ".tmp").iterdir()) == []


def test_a_folder_beside_the_context_is_used(tmp_path: Path) -> None:
    assert place_of(tmp_path / "usual" / "x" / "app") == tmp_path / "usual"
    assert place_of(tmp_path / "app", TMPDIR=str(tmp_path)) == tmp_path
    (tmp_path / "app-tmp").mkdir()
    assert place_of(tmp_path / "app", TMPDIR=str(tmp_path / "app-tmp")) == tmp_path / "app-tmp"


@pytest.mark.parametrize("marker", ["folder", "file"])  # a worktree or submodule has a file
def test_nor_is_one_in_the_checkout_around_the_context_or_around_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marker: str
) -> None:
    for checkout in (tmp_path / "one", tmp_path / "two"):
        (checkout / "services" / "api").mkdir(parents=True)
        (checkout / "tmp").mkdir()
        git = checkout / ".git"
        git.mkdir() if marker == "folder" else git.write_text("gitdir: elsewhere")
    monkeypatch.chdir(tmp_path / "two" / "services")
    context = tmp_path / "one" / "services" / "api"
    for checkout in ("one", "two"):
        assert place_of(context, TMPDIR=str(tmp_path / checkout / "tmp")) == tmp_path / "usual"


def test_a_context_that_holds_the_usual_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ecr-push run /`"""
    monkeypatch.setattr(private_folder, "_USUAL", (str(tmp_path / "app" / "tmp"),))
    (tmp_path / "app" / "tmp").mkdir()
    assert place_of(tmp_path / "app") == tmp_path / "memory"
    with pytest.raises(SettingsError, match="no place for the run's private files") as raised:
        place_of(tmp_path)
    assert raised.value.exit_code == 2
    assert f"in {tmp_path}, which a build may send" in str(raised.value)
    with pytest.raises(SettingsError):
        PrivateFolders({}, (tmp_path,)).keep("text", ".log")
    assert not list(tmp_path.rglob("ecr-push-*"))


def test_the_working_directory_is_never_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own choice where there is no other."""
    monkeypatch.setattr(private_folder, "_USUAL", (str(tmp_path / "none"),))
    monkeypatch.setattr(private_folder, "_MEMORY", str(tmp_path / "none"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "app"))
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="no temporary folder exists"):
        place_of(tmp_path / "other", TMPDIR=str(tmp_path / "file"), TEMP="", TMP=str(tmp_path / "no"))
    assert list((tmp_path / "app").iterdir()) == []


def test_where_others_may_exchange_folders_comes_last(tmp_path: Path) -> None:
    (tmp_path / "usual").chmod(0o777)
    assert place_of(tmp_path / "app") == tmp_path / "memory"
    (tmp_path / "usual").chmod(0o1777)
    assert place_of(tmp_path / "app") == tmp_path / "usual"


def test_a_path_that_is_too_long_for_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_folder, "_LONGEST_PLACE", len(str(tmp_path / "memory")))
    deep = tmp_path / "a-path-of-many-characters"
    deep.mkdir()
    assert place_of(tmp_path / "app", TMPDIR=str(deep)) == tmp_path / "usual"
    assert place_of(tmp_path / "app", large=True, TMPDIR=str(deep)) == deep


def test_a_path_that_a_path_of_programs_cannot_name(tmp_path: Path) -> None:
    """docker finds the helper for its credentials by the PATH."""
    odd = tmp_path / "a:b"
    odd.mkdir()
    assert place_of(tmp_path / "app", TMPDIR=str(odd)) == tmp_path / "usual"
    assert place_of(tmp_path / "app", large=True, TMPDIR=str(odd)) == odd


def test_it_is_removed_after_an_exception_too(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), PrivateFolders({}).made() as folder:
        (folder / "file").touch()
        raise KeyboardInterrupt
    assert not folder.exists()


def test_what_a_killed_run_left_is_cleared_and_what_lives_is_not(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    left, others, empty, linked = (usual / f"ecr-push-{name}" for name in ("left", "others", "empty", "link"))
    for folder in (left, others, empty):
        folder.mkdir(mode=0o700)
    (left / "lock").touch()
    (left / "contexts").symlink_to(tmp_path / "app")
    (tmp_path / "app" / "mine").touch()
    (others / "lock").touch()
    others.chmod(0o755)  # not as ours are
    linked.symlink_to(left)
    with PrivateFolders({}).made() as first:
        assert not left.exists()
        with PrivateFolders({}).made() as second:
            assert first.exists()
            assert second != first
    assert (tmp_path / "app" / "mine").exists()
    assert sorted(one.name for one in usual.iterdir()) == sorted(one.name for one in (others, empty, linked))


def test_a_folder_that_another_run_took_for_a_left_one_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its making and its lock."""
    made: list[int] = []
    lock = fcntl.flock

    def late(file: int, how: int) -> None:
        made.append(file)
        if len(made) == 1:
            for one in (tmp_path / "usual").iterdir():
                (one / "lock").unlink()
                one.rmdir()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with PrivateFolders({}).made() as folder:
        assert folder.exists()
    assert len(made) == 2


def test_a_file_that_stays_is_ours_alone(tmp_path: Path) -> None:
    kept = PrivateFolders({}, (Path(),)).keep("traceback", ".log")
    assert (kept.parent, kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == (
        tmp_path / "usual",
        "traceback",
        0o600,
    )
