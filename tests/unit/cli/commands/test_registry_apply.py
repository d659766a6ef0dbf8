"""`ecr-push registry apply`, without AWS: tests/integration/test_registry_settings.py has the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.cli import reach
from tests.unit.cli.commands.conftest import Console


@pytest.fixture(autouse=True)
def _no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that does not answer."""

    class Unreachable:
        region = "eu-west-1"

        def account(self) -> str:
            raise RegistryError("AWS could not be reached")

    monkeypatch.setattr(reach.Reach, "registry", lambda own: (Unreachable(), None))


def test_nothing_is_changed_where_the_file_has_a_mistake(console: Console) -> None:
    Path("ecr-registry.yml").write_text("settings: {blob-mounting: true}\nsignin: none\n")
    assert console.run("registry", "apply", "--region", "eu-west-1") == 2
    assert "line 2: 'signin' is not known; did you mean 'signing'?" in console.err
