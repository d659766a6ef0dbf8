"""`ecr-push promote`, with a registry in memory."""

from __future__ import annotations

from tests.support.fakes import REPOSITORY
from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console


def test_tags_move_to_an_accepted_image(console: Console) -> None:
    assert console.run("promote", "team/app:clean", "stable", "production") == 0
    assert console.registry.tags["stable"] == console.registry.tags["production"] == IMAGES["clean"].digest
    assert console.out == f"{REPOSITORY.uri}@{IMAGES['clean'].digest}\n"


def test_no_tag_moves_to_a_refused_image(console: Console) -> None:
    assert console.run("promote", "team/app:high", "stable") == 10
    assert "stable" not in console.registry.tags


def test_several_tags_in_one_word(console: Console) -> None:
    assert console.run("promote", "team/app:clean", "stable,production") == 2
    assert "ecr-push promote IMAGE stable production" in console.err
    assert console.registry.log == []


def test_several_tags_in_one_word_are_reported(console: Console) -> None:
    (console.folder / "run.env").write_text("VERDICT=accepted")
    assert console.run("promote", "team/app:clean", "stable,production", "--report", "run.env") == 2
    assert "VERDICT=failed" in (console.folder / "run.env").read_text()


def test_a_tag_is_given_without_its_repository(console: Console) -> None:
    assert console.run("promote", "team/app:clean", "team/app:stable", "localhost:5000/app") == 2
    assert "TAG: 'team/app:stable' is not a valid image tag: it is an image's whole name" in console.err
    assert "TAG: 'localhost:5000/app' is not a valid image tag" in console.err


def test_a_tag_of_the_repository(console: Console) -> None:
    assert console.run("promote", "clean", "stable", "-r", "team/app") == 0
    assert console.registry.tags["stable"] == IMAGES["clean"].digest
