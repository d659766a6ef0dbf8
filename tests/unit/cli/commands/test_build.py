"""`ecr-push build`, as far as it comes without an engine: tests/integration/test_parts.py has the rest."""

from __future__ import annotations

from tests.unit.cli.commands.conftest import Console


def test_a_repository_is_needed(console: Console) -> None:
    assert console.run("build") == 2
    assert "--repository: is required" in console.err


def test_it_takes_no_option_that_judges_or_releases(console: Console) -> None:
    for option in ("--fail-on=high", "--git-tag", "--part=x", "--lock=dynamodb:x", "--sandbox"):
        assert console.run("build", "-r", "team/app", option) == 2
        assert option.partition("=")[0] in console.err


def test_what_builds_has_no_effect_with_parts(console: Console) -> None:
    assert console.run("run", "-r", "team/app", "--part", "x", "--image", "y", "--builder", "z") == 2
    assert "--image: has no effect with --part" in console.err
    assert "--builder: has no effect with --part" in console.err


def test_a_part_that_names_neither_a_file_nor_an_image(console: Console) -> None:
    (console.folder / "Dockerfile").write_text("FROM scratch\n")
    named = ("--commit", "4f1e2d3c4b5a" + "0" * 28, "--version", "1.0.0")
    assert console.run("run", "-r", "team/app", *named, "--part", "x", "--part", "team/app:1") == 2
    assert "--part x: No such file" in console.err and "--part team/app:1: No such file" in console.err
    assert console.registry.log == []
