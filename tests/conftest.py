"""What holds for every test.

The guard: a unit test touches neither processes nor sockets. Engines are tests/integration's alone.
The clock: no test asserts a time, and Hypothesis' deadlines and its check for slow examples are of that kind.
The workers of pytest-xdist: tests/support/workers.py decides which tests stay together.
"""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("many", settings.get_profile("any machine"), max_examples=10_000)
settings.register_profile("daily", settings.get_profile("any machine"), max_examples=20)
# Of each of the 14 kinds of files: ten thousand in all.
settings.register_profile(
    "ten thousand",
    settings.get_profile("any machine"),
    max_examples=720,
    phases=[Phase.reuse, Phase.generate, Phase.shrink],  # to explain a failure is to trace every example
)
# The same examples each time: no change is refused for what another has broken. The others look further.
GATE = "gate"
settings.register_profile(GATE, settings.get_profile("any machine"), derandomize=True)
settings.load_profile(GATE)

NO_CONSTANTS = providers._local_constants  # empty: no test has drawn yet
UNIT = Path(__file__).parent / "unit"
CLIENTS = Path(__file__).parent / "integration" / "clients"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--clients", action="store_true", help="Run the tests of clients that are large to install, alone."
    )
    parser.addoption(
        "--faults", choices=("sample", "all"), default="sample", help="How much of the fault matrix to play."
    )


@pytest.hookimpl(trylast=True)  # after Hypothesis has loaded the profile that its option names
def pytest_configure() -> None:
    """Hypothesis draws constants of the loaded modules, too, and which are loaded depends on the tests that a
    worker ran before: `derandomize` alone is not the same examples each time (Hypothesis 6.168)."""
    if settings.get_current_profile_name() == GATE:
        assert callable(providers._get_local_constants)
        providers._get_local_constants = lambda: NO_CONSTANTS


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make test` leaves out the clients that scripts/independent-clients installs."""
    is_theirs = CLIENTS in (collection_path, *collection_path.parents)
    return True if is_theirs and not config.getoption("clients") else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.support.workers import Scheduler

    return Scheduler(config, log)


@pytest.fixture(autouse=True)
def _guard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests cannot reach the world, and no test sees the settings of the CI that runs it."""
    for name in list(os.environ):
        if name.startswith(
            (
                *("ECR_PUSH_", "AWS_", "BUILDX_"),
                *("GITHUB_", "CODEBUILD_", "JENKINS_", "GITLAB_", "CI_", "BITBUCKET_"),
            )
        ):
            monkeypatch.delenv(name)
    if UNIT not in request.path.parents:
        return

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a unit test must not start a process or open a socket")

    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
    monkeypatch.setattr(os, "posix_spawn", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "bind", refuse)
