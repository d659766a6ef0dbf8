from __future__ import annotations

import pytest

from ecr_push.builder.machine import Machine
from ecr_push.builder.refused import container_program, nothing_runs_an_image

NO_DOCKER = "there is no docker command in the PATH"


@pytest.mark.parametrize(
    ("machine", "program"),
    [
        (Machine("28.5.2", "0.29.1"), "docker"),
        (Machine("28.5.2", "0.29.1", tools=("podman",)), "docker"),
        # Its engine does not answer, or there is a socket alone.
        (Machine("", "0.29.1", "no engine", tools=("podman", "buildah")), "podman"),
        (Machine("28.5.2", "", has_docker=False), ""),
        (Machine("", "", NO_DOCKER, has_docker=False, tools=("podman",)), "podman"),
        (Machine("", "", NO_DOCKER, has_docker=False, tools=("buildah",)), ""),
    ],
)
def test_what_runs_an_image(machine: Machine, program: str) -> None:
    assert container_program(machine) == program


def test_why_nothing_does() -> None:
    assert NO_DOCKER in nothing_runs_an_image(Machine("", "", NO_DOCKER, has_docker=False)).problems[0]
    assert "no docker command" in nothing_runs_an_image(Machine("28", "", has_docker=False)).problems[0]
