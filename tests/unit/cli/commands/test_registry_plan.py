"""`ecr-push registry plan`, without AWS: tests/integration/test_registry_settings.py has the rest."""

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


def test_every_mistake_of_the_file_is_named_without_aws(console: Console) -> None:
    Path("ecr-registry.yml").write_text("scanning: {type: deep}\nreplication: [{to: [eu-west-1]}]\n")
    assert console.run("registry", "plan", "--region", "eu-west-1") == 2
    assert "ecr-registry.yml, line 1: type: 'deep' is not one of BASIC, ENHANCED" in console.err
    assert "ecr-registry.yml, line 2: to: eu-west-1 is this registry itself" in console.err


def test_a_file_that_is_not_there(console: Console) -> None:
    assert console.run("registry", "plan", "other.yml", "--region", "eu-west-1") == 2
    assert "other.yml: cannot be read: No such file or directory" in console.err
