from __future__ import annotations

import os
from pathlib import Path

import pytest

from ecr_push.builder.whole_context import unwanted_files


@pytest.mark.parametrize(
    ("instruction", "shown"),
    [
        ("COPY . /app", "COPY ."),
        ("copy ./ /app", "copy ./"),
        ("  ADD  --chown=1:1 --link . .", "ADD --chown=1:1 --link ."),
        ("COPY --from=build . /app", ""),
        ("COPY src /app", ""),
        ("COPY ./src .", ""),
        ("COPY .env.example /app", ""),
        ("RUN cp . /app", ""),
    ],
)
def test_what_copies_the_whole_context(tmp_path: Path, instruction: str, shown: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".env").touch()
    found = unwanted_files(f"FROM scratch\n{instruction}\n", tmp_path, tmp_path / "Dockerfile")
    taken = f"Dockerfile:2: {shown} takes .git, .env into the image, as there is no .dockerignore: "
    assert found == (f"{taken}name there what an image does not need" if shown else "")


@pytest.mark.parametrize("ignored", ["Dockerfile.dockerignore", ".dockerignore"])
def test_an_ignore_file_is_the_users_decision(tmp_path: Path, ignored: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ignored).touch()
    assert unwanted_files("FROM scratch\nCOPY . /\n", tmp_path, tmp_path / "Dockerfile") == ""


def test_a_context_without_anything_unwanted(tmp_path: Path) -> None:
    (tmp_path / "main.py").touch()
    assert unwanted_files("FROM scratch\nCOPY . /\n", tmp_path, tmp_path / "Dockerfile") == ""


def test_a_very_large_file_right_in_the_context(tmp_path: Path) -> None:
    for name, size in (("dump.tar", 412_000_000), ("app.bin", 99_000_000)):
        (tmp_path / name).touch()
        os.truncate(tmp_path / name, size)  # without as many bytes on the disk
    (tmp_path / "link.tar").symlink_to("dump.tar")
    taken = "Dockerfile:2: COPY . takes dump.tar (412 MB) into the image, as there is no .dockerignore: "
    found = unwanted_files("FROM scratch\nCOPY . /\n", tmp_path, tmp_path / "Dockerfile")
    assert found == f"{taken}name there what an image does not need"
    (tmp_path / ".dockerignore").touch()
    assert unwanted_files("FROM scratch\nCOPY . /\n", tmp_path, tmp_path / "Dockerfile") == ""


def test_a_files_name_makes_no_line_of_its_own(tmp_path: Path) -> None:
    name = tmp_path / "a\nwarning: b"
    name.touch()
    os.truncate(name, 412_000_000)
    found = unwanted_files("FROM scratch\nCOPY . /\n", tmp_path, tmp_path / "Dockerfile")
    assert "takes a\N{REPLACEMENT CHARACTER}warning: b (412 MB) into" in found
