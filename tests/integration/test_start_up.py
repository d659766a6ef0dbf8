"""Commands that need no network load nothing that takes long. benchmarks/start_up.py measures them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.git_repository import GitRepository

# What takes tens of milliseconds to import, and by which commands it is not needed.
HEAVY = ("boto3", "botocore", "docker", "urllib3", "rich", "pydantic", "yaml", "git", "semver", "asyncio")
LOADS = """\
import json, sys
from ecr_push.cli.main import main
sys.stdout = open({devnull!r}, "w")
code = main({argv!r})
print(json.dumps([code, sorted(sys.modules)]), file=sys.__stdout__)
"""


@pytest.mark.parametrize(
    ("argv", "may_load"),
    [
        (["--help"], ()),
        (["run", "--help"], ()),
        (["tags"], ("semver",)),
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


FIRST_LINE = """\
import io, json, sys
from ecr_push.cli.main import main
class Screen(io.StringIO):
    loaded = None
    def write(self, text):
        if self.loaded is None:
            Screen.loaded = [text, sorted(sys.modules)]
        return super().write(text)
sys.stderr = Screen()
main({argv!r})
print(json.dumps(Screen.loaded))
"""


@pytest.mark.parametrize(
    "command", [["run"], ["plan"], ["scan", "team/app:1"], ["rollback", "latest"]], ids=" ".join
)
def test_the_first_line_is_there_before_anything_heavy_is_loaded(tmp_path: Path, command: list[str]) -> None:
    """In a folder that is not a checkout, without AWS: what comes after it fails."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")  # a missing one is a mistake of the settings
    argv = [*command, "--region", "eu-west-1", *([] if command[0] == "scan" else ["-r", "team/app"])]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    script = FIRST_LINE.format(argv=argv)
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, env=environ
    )
    text, loaded = json.loads(ran.stdout.splitlines()[-1])
    assert text == f"ecr-push {version('ecr-push')}, no ecr-push.yml\n"
    assert not set(HEAVY) & set(loaded)
    assert not any(one.startswith(("ecr_push.pipeline", "ecr_push.registry.aws")) for one in loaded)


READING = """\
import json, sys
import ecr_push.pipeline.early_source as early
loaded = []
read = early.start_reading
def start_reading(*given):
    loaded.append(sorted(sys.modules))
    return read(*given)
early.start_reading = start_reading
from ecr_push.cli.main import main
main({argv!r})
print(json.dumps(loaded))
"""


@pytest.mark.parametrize("command", ["run", "plan", "build"])
def test_git_reads_the_checkout_while_the_rest_is_loaded(tmp_path: Path, command: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    GitRepository.init(tmp_path).commit()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
    }
    script = READING.format(argv=[command, "--region", "eu-west-1", "-r", "team/app"])
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, env=environ
    )
    (loaded,) = json.loads(ran.stdout.splitlines()[-1])
    assert not set(HEAVY) & set(loaded)
    assert not {"ecr_push.pipeline.run", "ecr_push.builder.choose", "ecr_push.report.text"} & set(loaded)
