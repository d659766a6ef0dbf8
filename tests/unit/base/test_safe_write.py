from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from ecr_push.base.fences import Fences, RefusedPathError
from ecr_push.base.safe_write import append_text, remove_file, why_not_writable, write_text

TOOL = "#!/bin/sh\necho the real tool\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which we run, and beside it a tool of the host."""
    root = tmp_path / "checkout"
    for folder in (root / ".git", root / "out", tmp_path / "host"):
        folder.mkdir(parents=True)
    tool = tmp_path / "host" / "tool"
    tool.write_text(TOOL)
    tool.chmod(0o755)
    monkeypatch.chdir(root)
    return root


def host(checkout: Path) -> dict[str, tuple[str, int]]:
    """Every file outside of the checkout, with content and mode."""
    return {
        one.name: (one.read_text(), stat.S_IMODE(one.stat().st_mode))
        for one in (checkout.parent / "host").iterdir()
    }


UNTOUCHED = {"tool": (TOOL, 0o755)}


def write(path: str | Path, text: str = "report") -> None:
    write_text(Path(path), text, Fences.of("."))


def append(path: str | Path, text: str) -> None:
    append_text(Path(path), text, Fences.of("."))


def remove(path: str | Path) -> None:
    remove_file(Path(path), Fences.of("."))


LED_OUT = {
    "the report itself": ("out/r.json", "../../host/tool"),
    "the report itself, absolute": ("out/r.json", "{host}/tool"),
    "a new file": ("out/r.json", "../../host/new"),
    "its folder": ("out/to/r.json", "../../host"),
    "a device": ("out/r.json", "/dev/null"),
    "a terminal": ("out/r.json", "/dev/stderr"),
    "git's hooks": ("out/r.json", "../.git/hook"),
}


@pytest.mark.parametrize("name", LED_OUT)
def test_no_link_of_the_checkout_leads_what_is_written_or_removed_outside(name: str, checkout: Path) -> None:
    path, target = LED_OUT[name]
    hook = checkout / ".git" / "hook"
    hook.write_text(TOOL)
    link = checkout / "out" / ("to" if path.count("/") > 1 else "r.json")
    link.symlink_to(target.format(host=checkout.parent / "host"))
    for act in (lambda: write(path), lambda: append(path, "x"), lambda: remove(path)):
        with pytest.raises(RefusedPathError):
            act()
    assert "by a symlink" in why_not_writable(Path(path), Fences.of("."))
    assert host(checkout) == UNTOUCHED
    assert link.is_symlink() and hook.read_text() == TOOL
    assert [one.name for one in (checkout / "out").iterdir()] == [link.name], "nothing is left beside it"


def test_links_by_every_name_that_could_be_guessed_lead_nothing_outside(checkout: Path) -> None:
    for name in (f".r.json.{os.getpid()}", ".r.json.tmp", ".r.json", ".ecr-push", f".ecr-push-{os.getpid()}"):
        (checkout / name).symlink_to("../host/tool")
    write("r.json")
    assert Path("r.json").read_text() == "report" and not Path("r.json").is_symlink()
    assert host(checkout) == UNTOUCHED


def test_the_temporary_file_is_created_exclusively_and_under_a_new_name_each_time(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were its name known after all, the link by that name would not be followed."""
    seen: list[str] = []
    real = os.open

    def watching(path: str, flags: int, *rest: int, **more: int) -> int:
        if flags & os.O_CREAT:
            seen.append(path)
            if len(seen) == 3:
                os.symlink("../host/tool", path, dir_fd=more["dir_fd"])
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", watching)
    write("r.json")
    write("r.json")
    with pytest.raises(FileExistsError):
        write("r.json", "third")
    assert len(set(seen)) == 3 and all(len(one) > 32 for one in seen)
    assert Path("r.json").read_text() == "report"
    assert host(checkout) == UNTOUCHED


def test_a_link_that_stays_within_is_kept(checkout: Path) -> None:
    Path("r.json").symlink_to("out/real.json")
    Path("absolute.json").symlink_to(checkout / "out" / "other.json")
    Path("folder").symlink_to("out")
    for name in ("r.json", "absolute.json", "folder/third.json"):
        assert why_not_writable(Path(name), Fences.of(".")) == ""
        write(name)
    assert Path("r.json").is_symlink() and Path("absolute.json").is_symlink()
    assert sorted(one.name for one in Path("out").iterdir()) == ["other.json", "real.json", "third.json"]
    remove("r.json")
    assert Path("r.json").is_symlink() and not Path("out/real.json").exists()


def test_what_the_user_names_outside_is_written_with_his_links(checkout: Path) -> None:
    outside = checkout.parent / "host"
    (outside / "link").symlink_to("real")
    (checkout.parent / "linked").symlink_to("host")
    for path in (outside / "link", "../host/up.json", checkout.parent / "linked" / "by.json"):
        assert why_not_writable(Path(path), Fences.of(".")) == ""
        write(path)
    assert (outside / "link").is_symlink()
    assert set(host(checkout)) == {"tool", "link", "real", "up.json", "by.json"}


def test_a_hard_link_is_not_written_through(checkout: Path) -> None:
    Path("r.json").hardlink_to(checkout.parent / "host" / "tool")
    write("r.json")
    assert Path("r.json").read_text() == "report"
    remove("r.json")
    assert host(checkout) == UNTOUCHED


def test_a_file_keeps_who_may_read_it_and_not_the_right_to_run_as_its_owner(checkout: Path) -> None:
    for mode, then in ((0o600, 0o600), (0o640, 0o640), (0o444, 0o444), (0o4755, 0o755)):
        Path("r.json").write_text("before")
        Path("r.json").chmod(mode)
        write("r.json")
        assert stat.S_IMODE(Path("r.json").stat().st_mode) == then
        Path("r.json").unlink()
    before = os.umask(0o027)
    try:
        write("r.json")
        append("output", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path("r.json").stat().st_mode) == 0o640
    assert stat.S_IMODE(Path("output").stat().st_mode) == 0o640


def test_what_was_private_is_private_while_it_is_written(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("r.json").write_text("before")
    Path("r.json").chmod(0o600)
    modes: list[int] = []
    real = os.replace

    def watching(source: str, target: str, **folders: int) -> None:
        modes.append(stat.S_IMODE(os.stat(source, dir_fd=folders["src_dir_fd"]).st_mode))
        real(source, target, **folders)

    made: list[int] = []
    real_open = os.open

    def opening(path: str, flags: int, *mode: int, **more: int) -> int:
        if flags & os.O_CREAT:
            made.append(mode[0])
        return real_open(path, flags, *mode, **more)

    monkeypatch.setattr(os, "replace", watching)
    monkeypatch.setattr(os, "open", opening)
    write("r.json")
    assert (made, modes) == ([0o600], [0o600])


def test_a_name_of_the_longest_length_can_be_replaced(checkout: Path) -> None:
    name = "r" * 250 + ".json"
    write(name, "one")
    write(name, "two")
    assert Path(name).read_text() == "two"


def test_streams_are_written_to(checkout: Path) -> None:
    pipe = checkout / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write(pipe, "to the pipe")
    reader.join(60)
    assert read == ["to the pipe"] and pipe.is_fifo()

    reading, writing = os.pipe()  # as the shell makes of >(…)
    write(f"/dev/fd/{writing}", "one ")
    append(f"/proc/self/fd/{writing}", "two")
    remove(f"/dev/fd/{writing}")
    os.close(writing)
    assert os.read(reading, 100) == b"one two"
    os.close(reading)
    assert why_not_writable(Path("/dev/fd/9999"), Fences.of(".")).startswith("/dev/fd/9999 cannot be written")
    write("/dev/null")


def test_standard_output_that_is_a_file_goes_on_where_it_was(checkout: Path) -> None:
    """It would be replaced, and what we print later would go to a file that no name leads to."""
    with Path("log").open("w") as log:
        log.write("first\n")
        log.flush()
        write(f"/dev/fd/{log.fileno()}", "second\n")
        log.seek(0, os.SEEK_END)
        log.write("third\n")
    assert Path("log").read_text() == "first\nsecond\nthird\n"


def test_a_folder_or_a_missing_one_is_reported(checkout: Path) -> None:
    for path in ("out", ".", "out/.."):
        with pytest.raises(IsADirectoryError):
            write(path)
        assert why_not_writable(Path(path), Fences.of(".")) == f"{Path(path)} is a directory"
    with pytest.raises(FileNotFoundError):
        write("gone/r.json")
    assert why_not_writable(Path("gone/r.json"), Fences.of(".")) == f"there is no directory {checkout}/gone"
    remove("gone/r.json")
    remove("gone.json")


def test_only_regular_files_are_removed(checkout: Path) -> None:
    os.mkfifo("pipe")
    Path("file").write_text("stale")
    for name in ("pipe", "out", "file"):
        remove(name) if name != "out" else None
    assert Path("pipe").is_fifo() and not Path("file").exists()


def test_text_that_is_not_unicode_is_written_all_the_same(checkout: Path) -> None:
    write("r.json", "half \ud800")
    assert Path("r.json").read_bytes() == b"half ?"


def test_an_error_while_it_is_written_leaves_the_file_before_and_nothing_beside_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("out/r.json", "before")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("fchmod", "replace"):
        with monkeypatch.context() as patched, pytest.raises(OSError, match="No space left"):
            patched.setattr(os, name, full)
            write("out/r.json", "after")
    assert [one.read_text() for one in Path("out").iterdir()] == ["before"]


def test_a_folder_that_is_swapped_for_a_link_while_we_write_changes_nothing_outside(checkout: Path) -> None:
    """1,000 reports against a thread that exchanges their folder for a link out and back again."""
    done = threading.Event()
    (checkout / "link").symlink_to("../host")

    def swap() -> None:
        while not done.is_set():
            (checkout / "out").rename(checkout / "real")
            (checkout / "link").rename(checkout / "out")
            (checkout / "out").rename(checkout / "link")
            (checkout / "real").rename(checkout / "out")

    swapping = threading.Thread(target=swap)
    swapping.start()
    ended = {"written": 0, "refused": 0}
    try:
        for count in range(1000):
            try:
                (write, remove)[count % 4 == 3]("out/tool")  # a name that is outside too
                ended["written"] += 1
            except OSError:  # refused, or what the exchange leaves nothing of
                ended["refused"] += 1
    finally:
        done.set()
        swapping.join()
    assert host(checkout) == UNTOUCHED
    assert all(ended.values()), ended
    assert not list((checkout / "out").glob(".*")), "no temporary file stays"


def test_where_nothing_may_be_written_is_known_before(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is replaced, which its directory has to allow; one that is added to has to allow that itself."""
    Path("r.json").write_text("{}")
    fences = Fences.of(".")
    asked: list[str] = []
    denied = {"."}

    def access(name: str, mode: int, **more: object) -> bool:
        asked.append(name)
        return name not in denied

    monkeypatch.setattr(os, "access", access)
    for path in ("r.json", "new.json"):
        assert why_not_writable(Path(path), fences) == (
            f"{path} cannot be written: its directory is read-only, for this user at least"
        )
    assert why_not_writable(Path("r.json"), fences, appends=True) == ""
    denied.add("r.json")
    assert "it is read-only" in why_not_writable(Path("r.json"), fences, appends=True)
    assert set(asked) == {".", "r.json"}
