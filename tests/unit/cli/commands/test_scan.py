"""`ecr-push scan`, with a registry in memory."""

from __future__ import annotations

import json

import pytest

from tests.support.fakes import REPOSITORY
from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console


def test_an_accepted_image_is_the_result(console: Console) -> None:
    assert console.run("scan", "team/app:clean") == 0
    assert console.out == f"{REPOSITORY.uri}@{IMAGES['clean'].digest}\n"
    assert "ACCEPTED" in console.err and console.registry.log == []


def test_a_refused_image_is_not_printed_as_a_result(console: Console) -> None:
    assert console.run("scan", "team/app:high") == 10
    assert console.out == "" and "REFUSED" in console.err


def test_as_json(console: Console) -> None:
    assert console.run("scan", "team/app:low", "--fail-on", "low", "--output", "json") == 10
    assert json.loads(console.out)["status"] == "refused"


@pytest.mark.parametrize("image", ["clean", ":clean", IMAGES["clean"].digest, "team/app:clean"])
def test_a_tag_or_a_digest_of_the_repository(console: Console, image: str) -> None:
    assert console.run("scan", str(image), "-r", "team/app") == 0
    assert console.out == f"{REPOSITORY.uri}@{IMAGES['clean'].digest}\n"


def test_the_repository_of_ecr_push_yml_is_that_of_a_tag_alone(console: Console) -> None:
    (console.folder / "ecr-push.yml").write_text("repository: team/app\n")
    assert console.run("scan", "clean") == 0
    assert console.run("scan", "team/app:high") == 10, "a whole name is taken as it is"


def test_a_tag_alone_needs_a_repository(console: Console) -> None:
    assert console.run("scan", "clean") == 2
    assert "-r names the repository of a tag or a digest alone" in console.err
    assert console.run("scan", "team/app:clean", "-r", "team/web") == 2
    assert "its repository is team/app, which contradicts --repository team/web" in console.err


def test_what_is_not_an_image(console: Console) -> None:
    assert console.run("scan", "team/app") == 2
    assert "IMAGE: 'team/app'" in console.err


def test_a_deploy_file_of_an_earlier_run_is_removed(console: Console) -> None:
    (console.folder / "imageDetail.json").write_text("accepted")
    assert console.run("scan", "team/app:high", "--report", "imageDetail.json") == 10
    assert not (console.folder / "imageDetail.json").exists()


def test_a_name_that_is_not_an_image_is_reported_where_an_earlier_run_was(console: Console) -> None:
    """Else the next step would deploy the earlier image."""
    (console.folder / "imageDetail.json").write_text("accepted")
    reports = ("--report", "imageDetail.json", "--result", "r.json", "--output", "json")
    assert console.run("scan", "team/app", *reports, "--fail-on", "hgih") == 2
    assert "IMAGE: 'team/app'" in console.err and "did you mean 'high'?" in console.err
    assert not (console.folder / "imageDetail.json").exists()
    assert json.loads((console.folder / "r.json").read_text())["status"] == "failed"
    assert json.loads(console.out)["status"] == "failed"
