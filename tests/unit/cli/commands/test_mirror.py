"""`ecr-push mirror`, with a registry in memory that is source and destination."""

from __future__ import annotations

import json

from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console

REGION = ("--region", "eu-west-1")


def test_the_file_of_the_folder_is_read(console: Console) -> None:
    (console.folder / "ecr-mirror.yml").write_text(
        "images: [{from: team/app:clean, repository: team/copy}]\n"
    )
    assert console.run("mirror", *REGION) == 0, console.err
    assert f"  clean  {IMAGES['clean'].digest}  already\n" in console.out


def test_one_that_fails_does_not_hold_up_the_others(console: Console) -> None:
    (console.folder / "list.yml").write_text("images:\n- from: team/app:none\n- from: team/app:low\n")
    assert console.run("mirror", "list.yml", "--to", "team/copy", "--output", "json", *REGION) == 4
    found = [one["result"] for one in json.loads(console.out)["copies"]]
    assert found == ["failed", "copied"]
    assert "list.yml, line 2: team/app:none -> " in console.err


def test_every_mistake_at_once(console: Console) -> None:
    (console.folder / "ecr-mirror.yml").write_text("images: [{from: Team}, {form: x}]\n")
    assert console.run("mirror", "--to", "Team", "--fail-on", "high", *REGION) == 2
    for words in (
        "line 1: from: 'Team'",
        "'form' is not known",
        "--to: repository: 'Team'",
        "--fail-on: has no",
    ):
        assert words in console.err


def test_a_file_that_is_not_there(console: Console) -> None:
    assert console.run("mirror", *REGION) == 2
    assert "ecr-mirror.yml: cannot be read: No such file or directory" in console.err
