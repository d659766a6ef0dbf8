"""How long a job waits from the start of the action's step to the run's first phase.

Cold: each time the action's folder is as the runner has just fetched it, without bytecode, and so is the
folder of the job. The packages that pip installs for the reference come from a cache that is warm.
"""

from __future__ import annotations

import functools
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import javascript
from editions import Edition
from given import Given
from timing import Comparison, Limit, Took, by_turns, median, run
from world import Checkout, environment

from tests.support.pythons import path_without_uv

# Of the action with its bundle.
_REFERENCE, _JAVASCRIPT = Limit(0.2), Limit(1.5)
# A namespace with nothing but a loopback that is down; without root where the kernel allows that.
_OFFLINE = ("unshare", "--net", "--map-root-user")
_NODE = "node, AWS's SDK imported"


def measure(given: Given) -> Iterator[Comparison]:
    """Without uv; with its bundle our action has no network either."""
    checkout = Checkout.make(given.folder / "step")
    ours, reference = given.editions.ours, given.editions.reference
    environ = _environ(given.folder, checkout)
    offline = _OFFLINE if ours.has_bundle and _may_go_offline() else ()
    step = functools.partial(_step, given.folder, checkout, environ)
    program = javascript.program(given.folder / "javascript")
    programs = {
        ours.name: lambda: step(ours, offline),
        reference.name: lambda: step(reference, ()),
        _NODE: lambda: run(program, given.folder, environ),
    }
    # An installation takes as long as many starts.
    taken = {name: median(took) for name, took in by_turns(programs, max(1, given.rounds // 3)).items()}
    name = f"step to first phase{', no network' if offline else ''}"
    for other, known_as, limit in (
        (reference.name, f"at {reference.name}, by pip", _REFERENCE),
        (_NODE, _NODE, _JAVASCRIPT),
    ):
        figures = taken[ours.name], taken[other]
        yield Comparison(name, known_as, *figures, limit if ours.has_bundle else None)


def _environ(folder: Path, checkout: Checkout) -> dict[str, str]:
    """What the runner gives the step of a push; nothing listens where AWS would be."""
    return environment(
        PATH=path_without_uv(folder / "bin", script=False),
        PIP_CACHE_DIR=str(folder / "pip-cache"),
        GITHUB_ACTIONS="true",
        GITHUB_EVENT_NAME="push",
        GITHUB_REF="refs/heads/main",
        GITHUB_REPOSITORY="acme/app",
        GITHUB_SHA=checkout.head,
        GITHUB_OUTPUT=os.devnull,
        GITHUB_STEP_SUMMARY=os.devnull,
        COMMAND="run",
        ARGUMENTS="",
        WORKING_DIRECTORY=".",
        ECR_PUSH_REPOSITORY="team/app",
        AWS_REGION="eu-west-1",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ACCESS_KEY_ID="AKIAEXAMPLE",
        AWS_SECRET_ACCESS_KEY="example",
        DOCKER_HOST="unix:///nowhere.sock",
    )


def _may_go_offline() -> bool:
    if not shutil.which(_OFFLINE[0]):
        return False
    return not subprocess.run((*_OFFLINE, "true"), check=False, capture_output=True).returncode


def _step(
    folder: Path, checkout: Checkout, environ: Mapping[str, str], edition: Edition, prefix: tuple[str, ...]
) -> Took:
    job = folder / secrets.token_hex(4)
    shutil.copytree(edition.action, job / "action")
    (job / "temp").mkdir()
    paths = {"GITHUB_ACTION_PATH": str(job / "action"), "RUNNER_TEMP": str(job / "temp")}
    argv = (*prefix, "sh", "-e", "-c", edition.step)
    seconds = until_first_phase(argv, checkout.root, {**environ, **paths})
    shutil.rmtree(job)
    return Took(seconds)


def until_first_phase(argv: tuple[str, ...], folder: Path, environ: Mapping[str, str]) -> float:
    """Seconds until a step opens the group of a run's phase; it is then ended.

    Raises RuntimeError with its last lines where it ends before that.
    """
    began = time.perf_counter()
    lines: list[str] = []
    with subprocess.Popen(
        argv, cwd=folder, env=environ, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        for line in program.stdout:
            lines.append(line)
            if line.startswith("::group::") and "install" not in line:
                seconds = time.perf_counter() - began
                os.killpg(program.pid, signal.SIGKILL)
                return seconds
    raise RuntimeError(f"the step ended with {program.returncode}:\n{''.join(lines)[-3000:]}")
