"""Commands that need no network load nothing that takes long. benchmarks/start_up.py measures them."""

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
from ecr_push.cli.main import main
sys.stdout = open({devnull!r}, "w")
code = main({argv!r})
print(json.dumps([code, sorted(sys.modules)]), file=sys.__stdout__)
"""


def test_the_benchmark_measures_them() -> None:
    argv = [sys.executable, str(BENCHMARK), "start-up", "--rounds=1"]
    measured = subprocess.run(argv, capture_output=True, text=True)
    assert measured.returncode == 0, measured.stderr
    assert [line.split("  ")[0] for line in measured.stdout.splitlines()] == [
        "ecr-push --help",
        "ecr-push tags, on a release commit",
        "ecr-push tags, on a branch commit",
    ]


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
