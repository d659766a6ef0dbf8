"""`ecr-push sandbox -- COMMAND`: the variables, the streams, the exit code, the terminal and the signals."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import until

SANDBOX = (sys.executable, "-m", "ecr_push.cli", "sandbox", "--")
AWS = Path(sys.executable).with_name("aws")
# Notes what it gets, and ends with 9 at SIGTERM.
TRAPS = """\
trap 'echo USR1' USR1
trap 'echo INT' INT
trap 'echo TERM; exit 9' TERM
echo $$
while :; do sleep 0.1; done
"""


def test_a_command_has_an_ecr_and_the_streams_and_its_exit_code_is_ours() -> None:
    script = (
        f'{AWS} ecr create-repository --repository-name "$(cat)" --query repository.repositoryUri; exit 7'
    )
    stale = {"AWS_PROFILE": "none-such", "AWS_SESSION_TOKEN": "stale"}
    ran = subprocess.run(
        [*SANDBOX, "sh", "-c", script],
        input="team/shop",
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **stale},
    )
    assert ran.returncode == 7, ran.stderr
    assert ran.stdout.startswith('"127.0.0.1:') and ran.stdout.endswith('/team/shop"\n')
    assert "a sandbox ECR is up at 127.0.0.1:" in ran.stderr


@pytest.mark.parametrize(
    ("command", "message"),
    [("none-such", "'none-such' could not be started: No such file"), ("/", "Permission denied")],
)
def test_a_command_that_cannot_be_started(command: str, message: str) -> None:
    ran = subprocess.run([*SANDBOX, command], capture_output=True, text=True, timeout=300)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_signals_go_on_to_the_command() -> None:
    with subprocess.Popen([*SANDBOX, "sh", "-c", TRAPS], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        started.stdout.readline()
        for number, word in ((signal.SIGUSR1, "USR1"), (signal.SIGINT, "INT"), (signal.SIGTERM, "TERM")):
            started.send_signal(number)
            assert started.stdout.readline() == f"{word}\n"
        assert started.wait(60) == 9


def test_a_command_that_a_signal_ends_has_the_exit_code_of_a_shell() -> None:
    ran = subprocess.run([*SANDBOX, "sh", "-c", "kill -TERM $$"], capture_output=True, timeout=300)
    assert ran.returncode == 143


def test_the_command_ends_when_we_are_killed() -> None:
    with subprocess.Popen([*SANDBOX, "sh", "-c", TRAPS], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        command = int(started.stdout.readline())
        started.send_signal(signal.SIGUSR1)  # once it is handed on, the command is watched, too
        assert started.stdout.readline() == "USR1\n"
        started.kill()
        until(lambda: not alive(command), "the end of the command")


def test_ctrl_c_on_a_terminal_reaches_the_command_once() -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(SANDBOX[0], [*SANDBOX, "sh", "-c", TRAPS])
    shown = b""

    def read_until(wanted: bytes) -> None:
        nonlocal shown
        while not re.search(wanted, shown):
            shown += os.read(terminal, 1000)

    read_until(rb"until sh ends")
    read_until(rb"\n\d+\r\n")  # the number of the shell: its traps are set
    os.write(terminal, b"\x03")
    read_until(rb"INT\r\n")
    os.kill(pid, signal.SIGTERM)
    read_until(rb"TERM\r\n")
    assert shown.count(b"INT") == 1
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 9
    os.close(terminal)
