from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.process import Completed
from ecr_push.builder.buildx import failure
from ecr_push.builder.plan import BuildPlan

PLAN = BuildPlan(Path("app"), Path("app/Dockerfile"))
NAME = "127.0.0.1:5000/app:candidate-1"
STEP = """\
#5 [2/2] RUN make  && true
#5 0.103 make: not found
------
 > [2/2] RUN make:
0.103 make: not found
------
Dockerfile:3
--------------------
   1 |     FROM scratch
   2 |
   3 | >>> RUN make
   4 |     COPY . .
--------------------
ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 127"""
COPY = """\
app/Dockerfile:2
--------------------
   1 |     FROM scratch
   2 | >>> COPY none /
--------------------
ERROR: failed to solve: failed to compute cache key: "/none": not found"""


@pytest.mark.parametrize(
    ("output", "what"),
    [
        (STEP, "Dockerfile:3: RUN make: exit code 127"),
        (f"{STEP}\n\nView build details: docker-desktop://x", "Dockerfile:3: RUN make: exit code 127"),
        (COPY, "app/Dockerfile:2: COPY none /"),
        ("ERROR: no builder", "docker buildx build failed with exit code 1"),
        ("", "docker buildx build failed with exit code 1"),
    ],
)
def test_the_headline_is_the_step_that_failed(output: str, what: str) -> None:
    error = failure(Completed(1, tuple(output.splitlines())), PLAN, NAME)
    assert isinstance(error, BuildError)
    assert error.what == what
    assert error.why == "\n".join(output.splitlines()[-15:])
    assert error.remedy.endswith("docker buildx build --file=app/Dockerfile app")


def test_a_failed_push_is_the_registrys_error() -> None:
    line = f"ERROR: failed to solve: failed to push {NAME}: 403 Forbidden"
    error = failure(Completed(1, (line,)), PLAN, NAME)
    assert isinstance(error, RegistryError)
    assert error.why == line.removeprefix("ERROR: ")
