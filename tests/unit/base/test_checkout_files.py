from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ecr_push.base.checkout_files import NotTextError, read_bytes, utf8
from ecr_push.base.fences import Fences, RefusedPathError

SECRET = "canary-of-the-host"
MIB = 1 << 20


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which we run, and beside it the host's files."""
    root = tmp_path / "checkout"
    for folder in (".git", "docker", "sub"):
        (root / folder).mkdir(parents=True)
    (root / ".git" / "config").write_text(f"extraheader = {SECRET}")
    (root / "docker" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "Dockerfile").write_text(SECRET)
    (tmp_path / "checkout-2").mkdir()
    (tmp_path / "checkout-2" / "Dockerfile").write_text(SECRET)
    monkeypatch.chdir(root)
    return root


def read(path: str | Path, limit: int = MIB, context: str | Path = ".", *, streams: bool = False) -> bytes:
    return read_bytes(Path(path), limit, Fences.of(context), streams=streams)


# What the link `docker/link` says, from {root}/docker.
LED_OUT = {
    "absolute": "{root}/../host/Dockerfile",
    "relative": "../../host/Dockerfile",
    "up and down again": "../../checkout/../host/Dockerfile",
    "absolute, by way of the checkout": "{root}/docker/../../host/Dockerfile",
    "a name that begins as the checkout's": "{root}-2/Dockerfile",
    "the process": "/proc/self/environ",
    "the process's own folder": "/proc/self/cwd/docker/Dockerfile",
    "the root by way of the process": "/proc/self/root/etc/passwd",
    "a device": "/dev/zero",
    "another name for standard input": "/dev/stdin",
    "up beyond the root": "../../../../../../../../../../../../etc/passwd",
}
GITS_OWN = {
    "git's configuration": "../.git/config",
    "in other letters": "../.GIT/config",
    "absolute": "{root}/.git/config",
}


@pytest.mark.parametrize("name", LED_OUT)
def test_no_link_leads_out_of_the_checkout(name: str, checkout: Path) -> None:
    (checkout / "docker" / "link").symlink_to(LED_OUT[name].format(root=checkout))
    with pytest.raises(RefusedPathError, match=r"leads outside the checkout .*docker/link -> ") as raised:
        read("docker/link")
    assert raised.value.remedy
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("name", GITS_OWN)
def test_no_link_leads_into_gits_own_folder_where_tokens_are(name: str, checkout: Path) -> None:
    (checkout / "docker" / "link").symlink_to(GITS_OWN[name].format(root=checkout))
    with pytest.raises(RefusedPathError, match=r"leads into \.git"):
        read("docker/link")


@pytest.mark.parametrize("way", ["folder", "chain", "context"])
def test_a_link_anywhere_in_the_path_counts(way: str, checkout: Path) -> None:
    if way == "folder":
        (checkout / "led").symlink_to("../host")
    elif way == "chain":
        (checkout / "led").symlink_to("sub/on")
        (checkout / "sub" / "on").symlink_to("../further")
        (checkout / "further").symlink_to(checkout.parent / "host")
    else:
        (checkout / "led").symlink_to(checkout.parent / "host", target_is_directory=True)
    with pytest.raises(RefusedPathError, match="leads outside the checkout"):
        read("led/Dockerfile", context="led" if way == "context" else ".")


def test_a_link_that_says_more_than_a_path_adds_no_line_to_a_message(checkout: Path) -> None:
    (checkout / "link").symlink_to("../\n::set-env name=x::y\n\x1b[31mTo do: nothing\udcff" + "x/" * 1000)
    with pytest.raises(RefusedPathError) as raised:
        read("link")
    assert "-> ../\ufffd::set-env name=x::y\ufffd\ufffd[31mTo do: nothing\ufffdx/" in raised.value.strerror
    assert raised.value.strerror.isprintable() and len(raised.value.strerror) < 1000


WITHIN = {
    "absolute": "{root}/docker/Dockerfile",
    "relative": "../docker/Dockerfile",
    "through a folder that is a link": "../linked/Dockerfile",
    "with dots": "./../docker/./Dockerfile",
}


@pytest.mark.parametrize("name", WITHIN)
def test_a_link_within_the_checkout_is_followed(name: str, checkout: Path) -> None:
    (checkout / "linked").symlink_to("docker")
    (checkout / "sub" / "link").symlink_to(WITHIN[name].format(root=checkout))
    assert read("sub/link") == b"FROM scratch\n"
    assert read("sub/link", context="sub") == b"FROM scratch\n", (
        "the checkout is what counts, not the context"
    )


def test_what_the_user_names_outside_is_his_own_with_his_links(checkout: Path) -> None:
    host = checkout.parent / "host"
    (host / "link").symlink_to("Dockerfile")
    (checkout.parent / "shared").symlink_to("host")
    for path in ("../host/Dockerfile", host / "link", "../shared/link"):
        assert read(path) == SECRET.encode()


def test_a_users_link_into_the_checkout_ends_at_the_fence_too(checkout: Path) -> None:
    (checkout.parent / "in").symlink_to(checkout / "docker")
    (checkout / "docker" / "link").symlink_to("../../host/Dockerfile")
    assert read("../in/Dockerfile") == b"FROM scratch\n"
    with pytest.raises(RefusedPathError):
        read("../in/link")


def test_the_checkout_is_fenced_wherever_the_run_was_started(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the folder above, which is a fence of its own, and somewhere else."""
    (checkout / "docker" / "link").symlink_to("../../host/Dockerfile")
    for folder in (checkout.parent, Path("/")):
        monkeypatch.chdir(folder)
        with pytest.raises(RefusedPathError):
            read(checkout / "docker" / "link", context=checkout)
    monkeypatch.chdir(checkout.parent)
    (checkout.parent / "Dockerfile").symlink_to("/etc/passwd")
    with pytest.raises(RefusedPathError):
        read("Dockerfile", context=checkout)


def test_sources_without_git_are_fenced_by_the_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "sources" / "VERSION").symlink_to("../secret")
    monkeypatch.chdir("/")
    with pytest.raises(RefusedPathError):
        read(tmp_path / "sources" / "VERSION", context=tmp_path / "sources")


def test_links_in_a_circle_end(checkout: Path) -> None:
    (checkout / "a").symlink_to("b")
    (checkout / "b").symlink_to("a")
    with pytest.raises(OSError, match="Too many levels"):
        read("a")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    os.mknod(path, 0o140600)


@pytest.mark.parametrize("make", [_pipe, _socket])
def test_what_is_not_a_regular_file_is_not_opened(make: Callable[[Path], None], checkout: Path) -> None:
    make(checkout / "Dockerfile")
    with pytest.raises(RefusedPathError, match="not a regular file"):
        read("Dockerfile", streams=True)


def test_a_folder_and_a_missing_file_are_the_systems_errors(checkout: Path) -> None:
    (checkout / "dangling").symlink_to("nothing")
    for path in ("docker", ".", "sub/..", "/"):
        with pytest.raises(IsADirectoryError):
            read(path)
    for path in ("nothing", "nothing/below", "dangling"):
        with pytest.raises(FileNotFoundError):
            read(path)
    with pytest.raises(NotADirectoryError):
        read("docker/Dockerfile/below")
    with pytest.raises(OSError, match="NUL"):
        read("a\0b")


def test_a_limit_is_of_bytes_and_larger_files_are_refused_not_cut(checkout: Path) -> None:
    (checkout / "file").write_bytes(b"x" * 2048)
    assert read("file", 2048) == b"x" * 2048
    (checkout / "file").write_bytes(b"x" * 2049)
    with pytest.raises(RefusedPathError, match="larger than 2 KiB"):
        read("file", 2048)
    with pytest.raises(RefusedPathError, match="larger than 10 bytes"):  # one that states no size
        read("/proc/self/status", 10)


def test_a_pipe_that_the_user_names_is_read_where_that_makes_sense(checkout: Path) -> None:
    pipe = checkout.parent / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(RefusedPathError, match="not a regular file"):
        read(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("piped",))
    writer.start()
    assert read(pipe, streams=True) == b"piped"
    writer.join(60)

    reading, writing = os.pipe()  # as the shell makes of <(…)
    os.write(writing, b"substituted")
    os.close(writing)
    assert read(f"/dev/fd/{reading}", streams=True) == b"substituted"
    with pytest.raises(RefusedPathError, match="not a regular file"):
        read(f"/proc/self/fd/{reading}")
    os.close(reading)


def test_a_folder_that_may_be_passed_through_need_not_be_readable(checkout: Path) -> None:
    (checkout / "docker").chmod(0o111)
    try:
        assert read("docker/Dockerfile") == b"FROM scratch\n"
    finally:
        (checkout / "docker").chmod(0o755)


def open_files() -> list[str]:
    return sorted(one.name for one in Path("/proc/self/fd").iterdir())


def test_folders_above_the_working_directory_may_be_closed_to_us(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def closed_above(path: str, flags: int, *rest: int, **more: int) -> int:
        if path == "/":
            raise PermissionError(13, "Permission denied", path)
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", closed_above)
    (checkout / "link").symlink_to("docker/Dockerfile")
    (checkout / "absolute").symlink_to(checkout / "docker" / "Dockerfile")
    for path in ("docker/Dockerfile", "link", "absolute", checkout / "link"):
        assert read(path) == b"FROM scratch\n"
    (checkout / "led").symlink_to("..")
    with pytest.raises(RefusedPathError):
        read("led/host/Dockerfile")
    with pytest.raises(PermissionError):
        read("../host/Dockerfile")


def test_nothing_stays_open(checkout: Path) -> None:
    (checkout / "docker" / "link").symlink_to("../../host/Dockerfile")
    before = open_files()
    read("docker/Dockerfile")
    for path in ("docker/link", "docker", "nothing/below"):
        with pytest.raises(OSError):
            read(path)
    assert open_files() == before


def test_a_folder_that_is_swapped_for_a_link_while_we_read_shows_nothing(checkout: Path) -> None:
    """1,000 readings against a thread that exchanges the folder for a link out and back again."""
    done = threading.Event()

    def swap() -> None:
        (checkout / "link").symlink_to("../host")
        while not done.is_set():
            (checkout / "docker").rename(checkout / "real")
            (checkout / "link").rename(checkout / "docker")
            (checkout / "docker").rename(checkout / "link")
            (checkout / "real").rename(checkout / "docker")

    swapping = threading.Thread(target=swap)
    swapping.start()
    seen = {"read": 0, "refused": 0}
    try:
        for _ in range(1000):
            try:
                assert read("docker/Dockerfile") == b"FROM scratch\n"
                seen["read"] += 1
            except OSError:  # refused, or what the exchange leaves nothing of
                seen["refused"] += 1
    finally:
        done.set()
        swapping.join()
    assert all(seen.values()), seen


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff", "it is not text in UTF-8"),
        (
            "fail-on: high".encode("utf-16"),
            "it is not text in UTF-8 but in UTF-16, as PowerShell writes it: save.*",
        ),
    ],
)
def test_what_is_not_utf8_is_said_without_the_words_of_a_codec(content: bytes, why: str) -> None:
    assert utf8("é".encode()) == utf8("é".encode("utf-8-sig")) == "é"
    with pytest.raises(NotTextError, match=f"^{why}$"):
        utf8(content)
