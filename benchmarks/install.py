"""How long the action takes to be there, against installing its packages and nothing else."""

from __future__ import annotations

import functools
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from timing import Comparison, Limit, Took, by_turns, median, run
from world import Checkout, environment

ROOT = Path(__file__).resolve().parents[1]
# Ours adds our own code, and a first command, whose modules have no bytecode yet. Measured: 2.0 and 1.1.
_LIMITS = {"uv": Limit(3), "pip": Limit(1.5)}
_PACKAGES = """
. "$GITHUB_ACTION_PATH/requirements/environment.sh"
find_python
install_lock "$1" "$GITHUB_ACTION_PATH/requirements/$(lock_for '')"
"""


def measure(folder: Path, rounds: int) -> Iterator[Comparison]:
    """With uv, where it is on the PATH, and with pip; both from caches that are warm after the first time."""
    checkout = Checkout.make(folder / "app")
    for name, path in _paths(folder / "python").items():
        environ = environment(
            PATH=path,
            UV_CACHE_DIR=str(folder / "uv-cache"),
            PIP_CACHE_DIR=str(folder / "pip-cache"),
            GITHUB_ACTION_PATH=str(ROOT),
            GITHUB_OUTPUT=os.devnull,
            ARGUMENTS="",
            WORKING_DIRECTORY=".",
            COMMAND="tags",
        )
        reference = f"its packages, by {name}"
        programs = {
            "ours": functools.partial(_action, folder, checkout.root, environ),
            reference: functools.partial(_packages, folder, environ),
        }
        taken = by_turns(programs, rounds)
        ours, alone = median(taken["ours"]), median(taken[reference])
        yield Comparison(f"the action is there, by {name}", reference, ours, alone, _LIMITS[name])


def _action(folder: Path, checkout: Path, environ: dict[str, str]) -> Took:
    runner = folder / secrets.token_hex(4)  # an environment is kept for the rest of a job
    runner.mkdir()
    step = str(ROOT / "github" / "step.sh")
    took = run(("sh", step), checkout, {**environ, "RUNNER_TEMP": str(runner)})
    shutil.rmtree(runner)
    return took


def _packages(folder: Path, environ: dict[str, str]) -> Took:
    place = folder / secrets.token_hex(4)
    took = run(("sh", "-euc", _PACKAGES, "sh", str(place)), folder, environ)
    shutil.rmtree(place)
    return took


def _paths(folder: Path) -> dict[str, str]:
    """PATHs with uv and without, by what installs there."""
    folder.mkdir()
    (folder / "python3").symlink_to(sys.executable)
    found = os.environ["PATH"].split(os.pathsep)
    without = [one for one in found if not (Path(one) / "uv").exists()]
    paths = {"pip": os.pathsep.join([str(folder), *without])}
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), *found]))
    return ({"uv": os.pathsep.join([str(Path(uv).parent), *found])} if uv else {}) | paths
