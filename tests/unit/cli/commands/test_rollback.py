"""`ecr-push rollback`, with a registry in memory: tests/unit/pipeline has its story."""

from __future__ import annotations

from tests.support.fakes import REPOSITORY
from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console


def test_a_tag_moves_to_the_image_that_is_named(console: Console) -> None:
    console.registry.tags["latest"] = IMAGES["high"].digest
    assert console.run("rollback", "latest", "-r", "team/app", "--to", "clean") == 0
    assert console.registry.tags["latest"] == IMAGES["clean"].digest
    assert console.out == f"{REPOSITORY.uri}@{IMAGES['clean'].digest}\n"


def test_a_refused_image_is_not_rolled_back_to(console: Console) -> None:
    console.registry.tags["latest"] = IMAGES["clean"].digest
    assert console.run("rollback", "latest", "-r", "team/app", "--to", "high") == 10
    assert console.registry.tags["latest"] == IMAGES["clean"].digest


def test_a_whole_name_names_the_repository_too(console: Console) -> None:
    console.registry.tags["latest"] = IMAGES["high"].digest
    assert console.run("rollback", "team/app:latest", "--to", "team/app:clean") == 0
    assert console.registry.tags["latest"] == IMAGES["clean"].digest


def test_a_whole_name_of_another_repository(console: Console) -> None:
    assert console.run("rollback", "team/app:latest", "-r", "team/web", "--to", "team/app:1.4.1") == 2
    assert "ecr-push rollback latest -r team/app" in console.err
    assert "--to: 'team/app:1.4.1' is not a valid image tag" in console.err
    assert "its tag is '1.4.1', its repository team/app" in console.err
    assert console.run("rollback", "127.0.0.1:5000/app", "-r", "team/app") == 2
    assert "ecr-push rollback TAG -r 127.0.0.1:5000/app" in console.err


def test_a_tag_with_its_repository_is_reported(console: Console) -> None:
    (console.folder / "imageDetail.json").write_text("accepted")
    reports = ("--report", "imageDetail.json", "--result", "r.json")
    assert console.run("rollback", "team/app:latest", "-r", "team/web", *reports) == 2
    assert not (console.folder / "imageDetail.json").exists()
    assert '"status": "failed"' in (console.folder / "r.json").read_text()
