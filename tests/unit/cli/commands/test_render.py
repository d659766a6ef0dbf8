"""`ecr-push render`: which files are changed, and what is said of them."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.commands.conftest import Console

DIGEST = f"sha256:{'7f' * 32}"
IMAGE = f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/shop@{DIGEST}"
MANIFEST = "# ours\r\ncontainers:\r\n- {name: web, image: 'team/shop:1'}\r\n"
CHANGED = MANIFEST.replace("team/shop:1", IMAGE)


def written(name: str) -> bytes:
    return Path(name).read_bytes()


def test_one_file_is_printed_and_stays(console: Console) -> None:
    Path("a.yaml").write_bytes(MANIFEST.encode())
    assert console.run("render", IMAGE, "a.yaml") == 0
    assert console.out.splitlines() == CHANGED.splitlines()
    assert console.err == f"a.yaml:3: team/shop:1 -> '{IMAGE}'\n"
    assert written("a.yaml") == MANIFEST.encode()


def test_files_are_changed_and_line_ends_stay(console: Console) -> None:
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_bytes(MANIFEST.encode())
    assert console.run("render", IMAGE, "a.yaml", "b.yaml", "--check") == 13
    assert written("a.yaml") == MANIFEST.encode()
    assert console.run("render", IMAGE, "a.yaml", "b.yaml", "--write") == 0
    assert written("a.yaml") == written("b.yaml") == CHANGED.encode()
    assert console.out == ""
    assert console.run("render", IMAGE, "a.yaml", "b.yaml", "--check") == 0
    assert console.err.splitlines() == [f"{name}: has {DIGEST[:19]} already" for name in ("a.yaml", "b.yaml")]


def test_all_mistakes_at_once_and_no_file_is_changed(console: Console) -> None:
    Path("a.yaml").write_bytes(MANIFEST.encode())
    Path("b.yaml").write_text("image: nginx\n")
    Path("c.yaml").write_bytes(b"image: \xff\n")
    assert console.run("render", IMAGE, "a.yaml", "b.yaml", "c.yaml", "no.yaml", "--write") == 2
    assert "- b.yaml: no container has an image of team/shop: it has image (line 1, nginx)" in console.err
    assert "- c.yaml: it is not UTF-8" in console.err
    assert "- no.yaml: cannot be read: No such file or directory" in console.err
    assert written("a.yaml") == MANIFEST.encode()


def test_what_contradicts_itself(console: Console) -> None:
    Path("a.yaml").write_bytes(MANIFEST.encode())
    argv = ("render", "team/shop:1", "a.yaml", "a.yaml", "--write", "--check", "--key", "a..b")
    assert console.run(*argv) == 2
    assert "--write and --check contradict each other" in console.err
    assert "IMAGE: 'team/shop:1' has no digest" in console.err
    assert "--key: 'a..b' is not a key" in console.err
    assert console.run("render", IMAGE, "a.yaml", "b.yaml") == 2
    assert "2 files are given, and one can be printed: --write changes them" in console.err


def test_a_link_out_of_the_checkout_is_not_followed(console: Console) -> None:
    Path(".git").mkdir()
    outside = Path("..", "outside.yaml")
    outside.write_bytes(MANIFEST.encode())
    Path("a.yaml").symlink_to(outside)
    assert console.run("render", IMAGE, "a.yaml", "--write") == 2
    assert "a.yaml: cannot be read: it leads outside the checkout by a symlink" in console.err
    assert outside.read_bytes() == MANIFEST.encode()
