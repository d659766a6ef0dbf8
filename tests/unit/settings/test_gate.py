from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.registry.destination import Destination
from tests.support.settings import loaded, problems

PUBLIC = "public.ecr.aws/acme/app"


def test_the_private_one_is_the_runs_own_and_the_public_one_a_destination(tmp_path: Path) -> None:
    flags = {"repository": PUBLIC, "gate_in": "team/app", "region": "eu-west-1", "to": ["team/copy"]}
    registry = loaded(tmp_path, flags=flags).registry
    assert (registry.repository, registry.region) == ("team/app", "eu-west-1")
    assert registry.to == (Destination(PUBLIC), Destination("team/copy"))


def test_from_the_file_too(tmp_path: Path) -> None:
    text = f"repository: {PUBLIC}\ngate-in: team/app\n"
    registry = loaded(tmp_path, file=text, flags={"repository": None}).registry
    assert (registry.repository, registry.to) == ("team/app", (Destination(PUBLIC),))


@pytest.mark.parametrize(
    ("repository", "gate", "words"),
    [
        (
            "team/app",
            "team/gate",
            "is for ECR Public: expected --repository public.ecr.aws/ALIAS/NAME, not team/app",
        ),
        (PUBLIC, "public.ecr.aws/acme/gate", "names ECR Public, which has no scanning"),
        (PUBLIC, "Team", "'Team' is not a valid repository name"),
    ],
)
def test_a_gate_that_is_none(tmp_path: Path, repository: str, gate: str, words: str) -> None:
    [found] = problems(tmp_path, flags={"repository": repository, "gate_in": gate})
    assert found.startswith("--gate-in: ") and words in found


def test_what_is_wrong_beside_it_is_found(tmp_path: Path) -> None:
    """As if the private repository had been given."""
    given = {"repository": PUBLIC, "gate_in": "team/app", "to": [PUBLIC], "sandbox": True}
    found = problems(tmp_path, flags=given)
    assert any("is the same repository" in one or "with --sandbox" in one for one in found)
