"""requirements/environment.sh, by itself: what each of the CIs installs the tool with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.pythons import path_without_uv
from tests.support.settings import load_settings

RUN = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
SH = shutil.which("sh") or "/bin/sh"
# Two small ones, of which each half of a lock gets one.
LOCK = "".join(re.findall(r"^(?:idna|six)==.*\n(?:    --hash.*\n)+", RUN, re.M))
INSTALL = f'. "{ROOT}/requirements/environment.sh"; find_python || exit 7; install_lock it lock.txt'


def install(folder: Path, lock: str = LOCK, **environ: str) -> subprocess.CompletedProcess[str]:
    (folder / "lock.txt").write_text(lock)
    return subprocess.run(
        ["sh", "-euc", INSTALL],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def found(folder: Path) -> list[str]:
    """What the environment can import of the lock."""
    ask = "import importlib.util as i; print(*(n for n in ('idna', 'six', 'click') if i.find_spec(n)))"
    python = str(folder / "it" / "bin" / "python")
    return subprocess.run(
        [python, "-I", "-c", ask], check=True, capture_output=True, text=True
    ).stdout.split()


@pytest.fixture(params=["uv", "pip"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "uv":
        return f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return path_without_uv(tmp_path / "path")


def test_it_has_what_the_lock_names_and_nothing_else(path: str, tmp_path: Path) -> None:
    done = install(tmp_path, PATH=path)
    assert done.returncode == 0, done.stderr
    assert found(tmp_path) == ["idna", "six"]
    assert not done.stdout
    assert {one.name for one in (tmp_path / "it").iterdir()} <= {
        *("bin", "include", "lib", "lib64", "share", "pyvenv.cfg"),
        *(".gitignore", ".lock", "CACHEDIR.TAG"),  # of uv
    }


def test_other_options_of_pip_and_uv_change_nothing(path: str, tmp_path: Path) -> None:
    elsewhere = {
        **dict.fromkeys(("PIP_TARGET", "PIP_PREFIX", "UV_PROJECT", "UV_WORKING_DIRECTORY"), "/nowhere"),
        **dict.fromkeys(("PIP_REQUIREMENT", "PIP_CONSTRAINT", "UV_CONSTRAINT", "UV_OVERRIDE"), "nowhere.txt"),
        **dict.fromkeys(("PIP_User", "PIP_require_virtualenv"), "1"),
        **dict.fromkeys(("PIP_USER", "PIP_DRY_RUN", "PIP_REQUIRE_VIRTUALENV", "UV_SYSTEM_PYTHON"), "1"),
    }
    done = install(tmp_path, PATH=path, **elsewhere)
    assert done.returncode == 0, done.stderr
    assert found(tmp_path) == ["idna", "six"]


def test_what_pips_own_settings_say_of_places_changes_nothing(path: str, tmp_path: Path) -> None:
    (tmp_path / ".pip").mkdir()
    (tmp_path / ".pip" / "pip.conf").write_text("[global]\nrequire-virtualenv = true\nuser = true\n")
    done = install(tmp_path, PATH=path)
    assert done.returncode == 0, done.stderr
    assert found(tmp_path) == ["idna", "six"]


def test_a_lock_of_one_package_and_a_strange_folder(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "a \\n b"
    folder.mkdir()
    done = install(folder, LOCK[LOCK.index("six==") :], PATH=path)
    assert done.returncode == 0, done.stderr
    assert found(folder) == ["six"]


@pytest.mark.parametrize("package", ["idna", "six"])
def test_a_file_that_is_not_the_locks_is_refused_in_either_half(
    package: str, path: str, tmp_path: Path
) -> None:
    wrong = re.sub(
        rf"^{package}==.*\n(?:    --hash.*\n)+",
        lambda found: re.sub("sha256:.{8}", "sha256:0badf11e", found[0]),
        LOCK,
        flags=re.M,
    )
    assert wrong != LOCK
    done = install(tmp_path, wrong, PATH=path)
    assert done.returncode == 1
    assert "hash" in done.stderr.lower() and package in done.stderr


def test_a_python_without_pip_is_given_its_own(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    path = path_without_uv(tmp_path / "path")
    (tmp_path / "path" / "python3").unlink()
    (tmp_path / "path" / "python3").symlink_to(bare / "bin" / "python3")
    done = install(tmp_path, PATH=path)
    assert done.returncode == 0, done.stderr
    assert found(tmp_path) == ["idna", "six"]


def test_a_python_that_can_install_goes_before_one_that_cannot(tmp_path: Path) -> None:
    path = path_without_uv(tmp_path / "path")
    (tmp_path / "path" / "python3").rename(tmp_path / "path" / "python3.12")
    (tmp_path / "path" / "python3").write_text('#!/bin/sh\n[ "$4" = none ] && echo "cpython-311 none $0"\n')
    (tmp_path / "path" / "python3").chmod(0o755)
    done = install(tmp_path, PATH=path)
    assert done.returncode == 0, done.stderr


def test_without_anything_that_installs_it_says_what_is_missing(tmp_path: Path) -> None:
    path = path_without_uv(tmp_path / "path")
    # As where Debian's python3 is, and neither python3-pip nor python3-venv.
    (tmp_path / "path" / "python3").write_text('#!/bin/sh\necho "cpython-311 none $0"\n')
    done = install(tmp_path, PATH=path)
    assert done.returncode == 1
    assert "neither uv nor pip, nor the ensurepip of Python (on Debian: python3-venv)" in done.stderr


@pytest.mark.parametrize(
    "word", ["true", "True", "TRUE", "1", "on", "t", "y", "Yes", "false", "no", "0", "off", ""]
)
def test_each_spelling_of_yes_installs_the_sandboxs_packages(word: str) -> None:
    script = f'. "{ROOT}/requirements/environment.sh"; lock_for "$1"'
    lock = subprocess.run(
        ["sh", "-euc", script, "sh", word], capture_output=True, text=True, check=True
    ).stdout
    settings = load_settings({"repository": "team/app"}, {"ECR_PUSH_SANDBOX": word}, command="run")
    assert lock == ("base.txt\n" if settings.run.sandbox else "run.txt\n")


# ------------------------------------------------------------------------- what starts a bundle


def started(folder: Path, **programs: str) -> tuple[int, str]:
    """find_starter's exit code and $python, with scripts of these names alone in the PATH."""
    for name, script in programs.items():
        (folder / name.replace("_", ".")).write_text(f"#!{SH}\n{script}\n")
        (folder / name.replace("_", ".")).chmod(0o755)
    script = f'. "{ROOT}/requirements/environment.sh"; find_starter || exit; echo "$python"'
    asked = subprocess.run(
        [SH, "-euc", script],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert asked.stderr == ""
    return asked.returncode, asked.stdout.strip()


def test_a_python_that_is_only_a_name_is_skipped(tmp_path: Path) -> None:
    """And a script that starts one is left out of the way: it would search for it again."""
    shim = "echo 'pyenv: python3: command not found' >&2; exit 127"
    code, python = started(tmp_path, python3=shim, python3_13=shim, python3_12=f'exec {sys.executable} "$@"')
    assert (code, python) == (0, sys.executable)


def test_a_machine_of_such_names_has_no_python(tmp_path: Path) -> None:
    assert started(tmp_path, python3="exit 127", python="exit 127")[0] == 1


def test_a_program_is_believed_and_not_started(tmp_path: Path) -> None:
    """The start of a step costs no process: /bin/false would not start anything."""
    (tmp_path / "python3").symlink_to(shutil.which("false") or "/bin/false")
    assert started(tmp_path) == (0, str(tmp_path / "python3"))
