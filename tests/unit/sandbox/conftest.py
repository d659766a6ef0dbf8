from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sandbox.api import Api


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """A control plane with nothing in it."""
    api = Api(tmp_path / "state")
    yield api
    api.close()


@pytest.fixture
def app(api: Api) -> Api:
    """A control plane with the empty repository team/app."""
    api.call("CreateRepository", repositoryName="team/app")
    return api
