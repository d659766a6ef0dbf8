"""The door to other programs, with real ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ecr_push.base import background, process
from ecr_push.base.errors import Interrupted
from tests.support.command_line import until

ENVIRON = {"PATH": os.environ["PATH"]}


def shell(script: str, **more: object) -> process.Completed:
    return process.run(("sh", "-c", script), environ=ENVIRON, **more)  # type: ignore[arg-type]


def test_both_streams_in_their_order_and_the_exit_code() -> None:
    lines: list[str] = []
    done = shell("echo one; echo two >&2; echo; printf three; exit 7", on_line=lines.append)
    assert (done.exit_code, done.ok) == (7, False)
    assert done.output == ("one", "two", "", "three")
    assert lines == ["one", "two", "three"]


def test_blank_lines_are_part_of_a_report() -> None:
    lines: list[str] = []
    shell("echo one; echo; echo '  '; echo two", on_line=lines.append, blank_lines=True)
    assert lines == ["one", "", "  ", "two"]


def test_standard_output_alone() -> None:
    lines: list[str] = []
    done = shell("echo one; echo two >&2; exit 3", on_line=lines.append, with_errors=False)
    assert (done.exit_code, done.output, lines) == (3, ("one",), ["one"])


def test_lines_come_while_the_program_runs(tmp_path: Path) -> None:
    """Each line is handed over at once: the program goes on only after the first one was."""
    done = shell(
        f"echo first; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done; echo second",
        on_line=lambda line: (tmp_path / "go").touch(),
    )
    assert done.output == ("first", "second")


def test_the_environment_is_the_given_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAKED", "yes")
    done = process.run(("env",), environ={**ENVIRON, "GIVEN": "1"})
    assert "GIVEN=1" in done.output
    assert not [line for line in done.output if line.startswith("LEAKED")]


def test_a_secret_goes_in_on_standard_input() -> None:
    assert shell("cat", stdin="a secret").output == ("a secret",)
    assert shell("cat").output == ()  # nothing to read, and no terminal to wait for


def test_only_the_last_lines_are_kept() -> None:
    done = shell(f"seq 1 {process.KEPT_LINES + 50}")
    assert len(done.output) == process.KEPT_LINES
    assert done.output[-1] == str(process.KEPT_LINES + 50)


def test_bytes_that_are_not_utf_8() -> None:
    assert shell(r"printf 'a\377b\n'").output == ("a\N{REPLACEMENT CHARACTER}b",)


def test_there_is_no_shell() -> None:
    assert process.run(("echo", "$HOME; echo no", "*"), environ=ENVIRON).output == ("$HOME; echo no *",)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        process.run(("none-such-program",), environ=ENVIRON)


@pytest.mark.parametrize("stubborn", [False, True], ids=["obeys", "ignores SIGTERM"])
def test_an_interruption_ends_the_program_and_its_children(
    stubborn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.3)
    pids: list[int] = []

    def interrupted(line: str) -> None:
        pids.extend(int(word) for word in line.split())
        raise Interrupted(signal.SIGTERM)

    trap = "trap '' TERM; " if stubborn else ""
    with pytest.raises(Interrupted):
        shell(f"{trap}sleep 3600 & echo $$ $!; wait; wait", on_line=interrupted)
    assert len(pids) == 2
    until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and alive(pid) for pid in pids), "their end")


@pytest.mark.parametrize("stubborn", [False, True], ids=["obeys", "ignores SIGTERM"])
def test_another_thread_ends_the_program_and_its_children(
    stubborn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.3)
    stop, printed, pids = process.Stop(), threading.Event(), list[int]()

    def tell(line: str) -> None:
        pids.extend(int(word) for word in line.split())
        printed.set()

    trap = "trap '' TERM; " if stubborn else ""
    script = f"{trap}sleep 3600 & echo $$ $!; wait; wait"
    running = background.start(lambda: shell(script, on_line=tell, stop=stop), "program")
    assert printed.wait(60)
    stop.now()
    until(lambda: not any(map(alive, pids)), "their end")
    assert not running.result(60).ok


def test_a_program_that_was_stopped_before_is_not_started(tmp_path: Path) -> None:
    stop = process.Stop()
    stop.now()
    with pytest.raises(process.StoppedError):
        shell(f"touch {tmp_path}/started", stop=stop)
    assert not list(tmp_path.iterdir())


def test_stopping_a_program_that_has_ended_changes_nothing() -> None:
    stop = process.Stop()
    assert shell("echo done", stop=stop).output == ("done",)
    stop.now()


def alive(pid: int) -> bool:
    """A child whose parent has gone waits for init to collect it; it runs no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_a_background_thread_started_ends_with_us(tmp_path: Path) -> None:
    script = (
        "from ecr_push.base import background, process\n"
        "import os, threading\n"
        "printed = threading.Event()\n"
        "def tell(line):\n"
        "    print(line, flush=True)\n"
        "    printed.set()\n"
        "background.start(lambda: process.run(('sh', '-c', 'echo $$; exec sleep 3600'), "
        "environ=os.environ, on_line=tell), 'sleep')\n"
        "printed.wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    pid = int(done.stdout)
    until(lambda: not alive(pid), "the end of sleep")


@pytest.mark.parametrize("stubborn", [False, True], ids=["obeys", "ignores SIGTERM"])
def test_what_was_started_ends_when_we_are_killed(stubborn: bool) -> None:
    """Grandchildren too, as docker's plugins are; they write nothing, and so meet no closed pipe."""
    trap = "trap '' TERM; " if stubborn else ""
    script = (
        "from ecr_push.base import process\n"
        "import os\n"
        "process.run(('true',), environ=os.environ)\n"
        f"process.run(('sh', '-c', \"{trap}sleep 3600 & echo $$ $!; wait; wait\"), environ=os.environ, "
        "on_line=lambda line: print(line, flush=True))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        pids = [int(word) for word in started.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(alive, pids))
        started.kill()
    until(lambda: not any(map(alive, pids)), "their end")


def test_two_at_once_do_not_mix() -> None:
    outputs: dict[str, tuple[str, ...]] = {}

    def work(name: str) -> None:
        outputs[name] = shell(f"for i in $(seq 50); do echo {name}; done").output

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outputs == {name: (name,) * 50 for name in "ab"}


# The end of a run while a thread, and its program, are about to write to a folder of the run's.
_LEFT = """
import os, sys, threading
from pathlib import Path
from ecr_push.base import background, process
from ecr_push.base.private_folder import PrivateFolders

ready = threading.Event()

def ask():
    with PrivateFolders({"TMPDIR": sys.argv[1]}).made() as folder:
        script = f"echo; while :; do echo x >{folder}/state; done"
        process.run(("sh", "-c", script), environ=os.environ, on_line=print, stdin="")

def show():
    with PrivateFolders({"TMPDIR": sys.argv[1]}).made():
        ready.set()
        threading.Event().wait()

background.start(ask, "ask")
background.start(show, "show")
ready.wait(30)
"""


def test_no_private_folder_outlives_this_process(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _LEFT, tmp_path], check=True, timeout=300)
    assert not list(tmp_path.iterdir())
