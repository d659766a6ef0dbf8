"""`ecr-push registry backfill`, where it asks nothing: tests/integration/test_replication.py has the rest."""

from __future__ import annotations

from tests.unit.cli.commands.conftest import Console


def test_the_wait_is_a_number_of_seconds(console: Console) -> None:
    assert console.run("registry", "backfill", "--wait", "long", "--region", "eu-west-1") == 2
    assert "'long' is not a valid number of seconds" in console.err
