"""What benchmarks stand on: whose memory and time counts, when a step's first phase is, what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.act import OURS
from tests.support.benchmarks import FOLDER, benchmark

editions, first_phase, given, job, peers, start_up, timing, world = map(
    benchmark, ("editions", "first_phase", "given", "job", "peers", "start_up", "timing", "world")
)
_WORK = "import time; block = bytearray(200_000_000)\nwhile time.process_time() < 0.5: pass"
_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_WORK!r}], check=True)"


def test_memory_and_processor_time_of_a_run_are_those_of_its_own_process(tmp_path: Path) -> None:
    own, child = (timing.run((sys.executable, "-c", code), tmp_path, os.environ) for code in (_WORK, _CHILD))
    assert own.peak_bytes > 200_000_000 > 2 * child.peak_bytes > 0
    assert own.processor_seconds > child.processor_seconds


def test_a_program_that_fails_shows_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3:\nno index"):
        timing.run(("sh", "-c", "echo no index >&2; exit 3"), tmp_path, os.environ)


def test_the_first_phase_is_the_first_group_but_that_of_an_installation(tmp_path: Path) -> None:
    step = "echo '::group::install ecr-push'; touch installed; echo '::group::source'; exec sleep 600"
    assert first_phase.until_first_phase(("sh", "-c", step), tmp_path, os.environ) > 0
    assert (tmp_path / "installed").exists()


def test_a_step_that_does_not_come_to_a_phase_shows_what_it_said(tmp_path: Path) -> None:
    step = "echo '::group::install ecr-push'; echo no index; exit 2"
    with pytest.raises(RuntimeError, match=r"the step ended with 2:\n.*\nno index"):
        first_phase.until_first_phase(("sh", "-c", step), tmp_path, os.environ)


@dataclass(frozen=True)
class Installed:
    """This checkout, as it is in .venv."""

    name: str
    command: tuple[str, ...] = (sys.executable, "-I", "-m", "ecr_push.cli")


def test_start_up_compares_each_command_with_its_own_reference(tmp_path: Path) -> None:
    both = SimpleNamespace(ours=Installed("ours"), reference=Installed("then"))
    compared = start_up.commands(given.Given(tmp_path, 1, both, {}))
    assert [(one.name, one.reference) for one in compared] == [
        ("ecr-push --help", "python -c pass"),
        ("ecr-push tags, on a release commit", "at then"),
        ("ecr-push tags, on a branch commit", "at then"),
    ]


def test_the_reference_is_the_action_of_its_commit(tmp_path: Path) -> None:
    reference = editions.Editions(tmp_path, "HEAD").reference
    head = subprocess.check_output(("git", "rev-parse", "HEAD"), cwd=FOLDER, text=True)
    assert head.startswith(reference.name)
    assert (reference.action / "github" / "step.sh").is_file() and "step.sh" in reference.step


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["memory", "--reference", "f" * 40], "--reference: git has no commit ffff"),
        (["job", "--peers", "/nowhere"], "--peers: /nowhere/aws-actions/amazon-ecr-login has no action.yml"),
        (["jobs"], "there is no benchmark jobs"),
    ],
)
def test_what_is_missing_is_named(argv: list[str], said: str) -> None:
    done = subprocess.run([sys.executable, FOLDER / "run.py", *argv], capture_output=True, text=True)
    assert done.returncode == 2 and said in done.stderr and not done.stdout


def test_the_workflows_are_valid(tmp_path: Path) -> None:
    """As actionlint reads them, which knows the inputs of the peers."""
    (tmp_path / "ours.yml").write_text(job.WORKFLOW.format(action=OURS, repository="team/app"))
    (tmp_path / "peers.yml").write_text(peers.WORKFLOW)
    lint = Path(sys.executable).with_name("actionlint")
    done = subprocess.run([lint, *tmp_path.glob("*.yml")], capture_output=True, text=True)
    assert not done.returncode, done.stdout
