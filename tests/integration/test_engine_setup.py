"""scripts/engine: what answers is used as it is, what it started it stops, and nothing else is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import until
from tests.support.paths import ROOT

SCRIPTS = ROOT / "scripts"
ENGINE = SCRIPTS / "engine"

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can install an engine or change the user"
)
needs_apt = pytest.mark.skipif(not shutil.which("apt-get"), reason="an engine is installed on Debian only")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for an engine, with a path short enough for the sockets below it; not made yet."""
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        yield Path(folder) / "home"


def engine(verb: str, home: Path, *within: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs scripts/engine, started by the program `within`, with the given variables on top of ours."""
    variables = {**os.environ, "ENGINE_HOME": str(home), **environment}
    return subprocess.run(
        [*within, ENGINE, verb], env=variables, capture_output=True, text=True, timeout=1800
    )


def test_an_engine_that_answers_is_used_as_it_is(home: Path) -> None:
    done = engine("up", home)
    assert done.returncode == 0, done.stderr
    assert "used as it is" in done.stderr
    assert not home.exists()


def test_status_says_that_nothing_answers(home: Path) -> None:
    done = engine("status", home, DOCKER_HOST=f"unix://{home}.sock")
    assert done.returncode == 1
    assert f"no engine answers at unix://{home}.sock" in done.stderr


def test_a_local_engine_does_not_replace_a_remote_one_without_answer(home: Path) -> None:
    done = engine("up", home, DOCKER_HOST="tcp://127.0.0.1:1")
    assert done.returncode == 1
    assert "nothing answers at tcp://127.0.0.1:1" in done.stderr
    assert "unset DOCKER_HOST" in done.stderr
    assert not home.exists()


@needs_root
def test_without_root_it_says_what_to_install(home: Path) -> None:
    with ENGINE.open() as script:  # the other user may be unable to read this checkout
        done = subprocess.run(
            ["bash", "-s", "up"],
            stdin=script,
            cwd="/",
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOCKER_HOST": f"unix://{home}.sock"},
            user=65534,
            capture_output=True,
            text=True,
            timeout=600,
        )
    assert done.returncode == 1
    assert "needs root" in done.stderr
    assert "https://docs.docker.com/engine/install/" in done.stderr


def test_down_leaves_a_process_that_is_not_our_engine(home: Path) -> None:
    home.mkdir()
    with subprocess.Popen(["sleep", "3600"]) as stranger:
        (home / "dockerd.pid").write_text(str(stranger.pid))
        try:
            done = engine("down", home)
            assert stranger.poll() is None
        finally:
            stranger.terminate()
    assert done.returncode == 0
    assert "nothing to stop" in done.stderr


def test_with_engine_passes_on_how_the_command_ended() -> None:
    done = subprocess.run([SCRIPTS / "with-engine", "sh", "-c", "exit 7"], capture_output=True, timeout=600)
    assert done.returncode == 7


@needs_root
@needs_apt
def test_an_engine_from_nothing_and_back(home: Path) -> None:
    # It runs in a network of its own: two engines would fight for one bridge and one set of rules.
    alone, socket = ("unshare", "--net"), {"DOCKER_HOST": f"unix://{home}.sock", "ENGINE_OPTIONS": ""}
    installed = engine("install", home, **socket)
    assert installed.returncode == 0, installed.stderr
    try:
        first = engine("up", home, *alone, **socket)
        assert first.returncode == 0, first.stderr
        assert "started by scripts/engine" in engine("status", home, **socket).stdout
        assert "used as it is" in engine("up", home, **socket).stderr
        pid = (home / "dockerd.pid").read_text()
    finally:
        stopped = engine("down", home, **socket)
    assert stopped.returncode == 0, stopped.stderr
    assert not Path("/proc", pid).exists()
    assert engine("status", home, **socket).returncode == 1
    until(lambda: not any(str(home) in _target(exe) for exe in Path("/proc").glob("[0-9]*/exe")), "its end")


@needs_root
@needs_apt
def test_packages_that_are_needed_at_the_same_time_are_installed_one_after_the_other(tmp_path: Path) -> None:
    """The stand-in ends as apt-get does while another one runs."""
    apt = tmp_path / "apt-get"
    apt.write_text(f"#!/bin/sh\nmkdir {tmp_path}/lock || exit 100\nsleep 1\nrmdir {tmp_path}/lock\n")
    apt.chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    argv = [SCRIPTS / "apt-install", "none-such-package"]
    both = [subprocess.Popen(argv, env=environ, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # the process has ended, or is the kernel's
        return ""
