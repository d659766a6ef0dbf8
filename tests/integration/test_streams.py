"""Standard output and standard error of a real process, in each way in which they can be missing."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.command_line import PROGRAM, CommandLine
from tests.support.git_repository import GitRepository

LOST = "standard output could not be written"
REFUSED = {
    "imageScanStatus": {"status": "COMPLETE"},
    "imageScanFindings": {
        "findings": [{"name": "CVE-2026-1", "severity": "CRITICAL"}],
        "findingSeverityCounts": {"CRITICAL": 1},
    },
}
ACCEPTED = {
    "imageScanStatus": {"status": "COMPLETE"},
    "imageScanFindings": {"findings": [], "imageScanCompletedAt": 1767225600},
}


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    return CommandLine.at(tmp_path / "cli", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    made = GitRepository.init(tmp_path / "checkout")
    made.commit(files={"a": "b"})
    made.tag("v1.0.0")
    (made.root / "refused.json").write_text(json.dumps(REFUSED))
    (made.root / "accepted.json").write_text(json.dumps(ACCEPTED))
    return made.root


def ended(cli: CommandLine, checkout: Path, arguments: str, **environ: str) -> tuple[int, str]:
    """The exit code of a shell's line, and what standard error got of it."""
    ran = subprocess.run(
        ["sh", "-c", f'"$0" {arguments}', str(PROGRAM)],
        cwd=checkout,
        env={**cli.environ, **environ},
        capture_output=True,
        text=True,
    )
    return ran.returncode, ran.stderr


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("tags >&-", 1, LOST),
        ("tags > /dev/full", 1, LOST),
        ("--help > /dev/full", 1, LOST),
        ("schema 1> /dev/full", 1, LOST),
        ("tags 2>&-", 0, ""),
        ("tags 2> /dev/full", 0, ""),
        ("tags >&- 2>&-", 1, ""),
        ("tags --no-such-option 2>&-", 2, ""),
        ("tags --no-such-option 2> /dev/full", 2, ""),
        ("tags <&-", 0, ""),
        ("tags <&- >&- 2>&-", 1, ""),
        ("gate accepted.json --output json > /dev/full", 1, LOST),
        ("gate refused.json --output json > /dev/full", 10, LOST),
        ("gate refused.json --output json >&-", 10, LOST),
        ("gate refused.json 2>&-", 10, ""),
    ],
)
def test_each_ends_with_its_own_code(
    line: str, code: int, said: str, cli: CommandLine, checkout: Path
) -> None:
    # Without a buffer it is the write that fails, and not the flush.
    found, stderr = ended(
        cli, checkout, line, PYTHONUNBUFFERED="1" if "> /dev/full" in line and "1>" not in line else ""
    )
    assert found == code, stderr
    assert said in stderr and "internal error" not in stderr and "Traceback" not in stderr


def test_a_reader_that_has_gone(cli: CommandLine, checkout: Path) -> None:
    _, stderr = ended(cli, checkout, "schema 2>said | true; cat said >&2")
    assert "internal error" not in stderr and "Traceback" not in stderr and "BrokenPipeError" not in stderr


def test_what_was_closed_is_not_taken_for_a_file_of_ours(cli: CommandLine, checkout: Path) -> None:
    """A result file that got the number of standard error would get what programs say, too."""
    code, _ = ended(cli, checkout, "gate refused.json --result r.json >&- 2>&- <&-")
    assert code == 10 and json.loads((checkout / "r.json").read_text())["status"] == "refused"


@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "utf-16"},
        {"TMPDIR": "/no/such/folder"},
        {"HOME": "/proc"},
        {"HOME": ""},
    ],
)
def test_an_odd_environment_changes_no_verdict(
    environ: dict[str, str], cli: CommandLine, checkout: Path
) -> None:
    assert ended(cli, checkout, "gate refused.json --result r.json", **environ)[0] == 10
    assert ended(cli, checkout, "tags --explain", **environ)[0] == 0


@pytest.mark.parametrize("most", [6, 8, 10, 12, 16, 24])
def test_few_open_files_cause_no_internal_error(most: int, cli: CommandLine, checkout: Path) -> None:
    code, stderr = ended(cli, checkout, f'--version; ulimit -n {most} && exec "$0" gate refused.json')
    assert code in (2, 3, 10) or "ulimit" in stderr, stderr
    assert "internal error" not in stderr


def test_an_interrupted_command_does_not_wait_for_a_pipe_that_no_one_reads(
    cli: CommandLine, checkout: Path
) -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    fcntl.fcntl(writer, fcntl.F_SETFL, 0)
    command = [str(PROGRAM), "gate", "refused.json", "--output", "json", "--result", "result.json"]
    with subprocess.Popen(
        command, cwd=checkout, env=cli.environ, stdout=writer, stderr=subprocess.DEVNULL
    ) as run:
        os.close(writer)
        # Whether the signal comes shortly before the write or during it makes no difference.
        while not (checkout / "result.json").exists():
            time.sleep(0.02)
        run.send_signal(signal.SIGTERM)
        assert run.wait(60) == 128 + signal.SIGTERM
    os.close(reader)
