"""Commands that need no network answer at once. The limits are those of benchmarks/start_up.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.git_repository import GitRepository
from tests.support.paths import ROOT

BENCHMARK = ROOT / "benchmarks" / "run.py"

# What takes tens of milliseconds to import, and by which commands it is not needed.
HEAVY = ("boto3", "botocore", "docker", "urllib3", "rich", "pydantic", "yaml", "git", "semver", "asyncio")
LOADS = """\
import json, sys
from ecr_push.cli import main
sys.stdout = open({devnull!r}, "w")
code = main({argv!r})
print(json.dumps([code, sorted(sys.modules)]), file=sys.__stdout__)
"""


def test_help_and_tags_keep_within_their_limits() -> None:
    """Up to three times, more rounds each time: what a busy machine does to one measurement is no defect."""
    for rounds in (5, 9, 15):
        argv = [sys.executable, str(BENCHMARK), "start-up", "--check", f"--rounds={rounds}"]
        measured = subprocess.run(argv, capture_output=True, text=True)
        if measured.returncode == 0:
            return
    pytest.fail(measured.stdout + measured.stderr)


@pytest.mark.parametrize(
    ("argv", "may_load"),
    [
        (["--help"], ()),
        (["run", "--help"], ()),
        (["tags"], ("git", "semver")),
    ],
    ids=" ".join,
)
def test_commands_load_only_what_they_need(
    tmp_path: Path, argv: list[str], may_load: tuple[str, ...]
) -> None:
    GitRepository.init(tmp_path).commit()
    script = LOADS.format(argv=argv, devnull=os.devnull)
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    code, loaded = json.loads(ran.stdout)
    assert code == 0, ran.stderr
    assert set(HEAVY) & set(loaded) <= set(may_load)
