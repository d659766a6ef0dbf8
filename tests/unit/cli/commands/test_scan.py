"""`ecr-push scan`, with a registry in memory."""

from __future__ import annotations

import json

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
