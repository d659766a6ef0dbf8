"""`ecr-push prune`, with a registry in memory."""

from __future__ import annotations

import json

import pytest

from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console

ASK = ("prune", "-r", "team/app", "--region", "eu-west-1")


@pytest.fixture
def candidates(console: Console) -> Console:
    """unscanned, of 2025-12-30, is a candidate; the other images have tags of their own."""
    tags = console.registry.tags
    tags["candidate-7"] = tags.pop("unscanned")
    return console


def test_nothing_is_deleted_unless_it_is_said(candidates: Console) -> None:
    assert candidates.run(*ASK) == 0, candidates.err
    assert candidates.out == (
        "2025-12-30  candidate-7  a candidate that was not released\n"
        "Nothing needs 1 of 4 images, 0.1 MB at most. Nothing was deleted: --yes deletes them.\n"
    )
    assert "candidate-7" in candidates.registry.tags


def test_a_candidate_goes_by_its_tag(candidates: Console) -> None:
    assert candidates.run(*ASK, "--yes", "--output", "json") == 0, candidates.err
    assert json.loads(candidates.out)["deleted"] == 1
    assert candidates.registry.log == ["-candidate-7"]
    assert set(candidates.registry.tags) == {"clean", "low", "high"}


def test_a_younger_one_stays(candidates: Console) -> None:
    assert candidates.run(*ASK, "--yes", "--candidates", "4d") == 0
    assert candidates.out == "Each of 4 images is needed, or too young.\n"


def test_what_is_in_use_stays(candidates: Console) -> None:
    (candidates.folder / "images.txt").write_text(f"team/app@{IMAGES['unscanned'].digest}\n")
    assert candidates.run(*ASK, "--yes", "--in-use", "images.txt") == 0
    assert "candidate-7" in candidates.registry.tags


def test_every_mistake_at_once(candidates: Console) -> None:
    assert candidates.run(*ASK, "--candidates", "3", "--yes") == 2
    assert "--candidates: '3' has no unit: 3d are days, 3h hours" in candidates.err
    assert candidates.run("prune", "-r", "public.ecr.aws/acme/app") == 2
    assert "is one of ECR Public" in candidates.err
    assert "candidate-7" in candidates.registry.tags
    assert candidates.run("prune", "--candidates", "soon", "--untagged", "-1") == 2
    for words in (
        "--candidates: 'soon' is not a valid duration",
        "--untagged: '-1'",
        "repository: is required",
    ):
        assert words in candidates.err
