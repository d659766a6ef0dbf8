"""`ecr-push registry show`, without AWS: tests/integration/test_registry_settings.py has the rest."""

from __future__ import annotations

from tests.unit.cli.commands.conftest import Console


def test_a_region_is_needed(console: Console) -> None:
    assert console.run("registry", "show") == 2
    assert "no AWS region is known" in console.err
