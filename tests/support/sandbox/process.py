"""Starts serve.py and ends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.sandbox.client import Client


@dataclass(frozen=True)
class Served:
    """A sandbox that runs in another process."""

    process: subprocess.Popen[str]
    host: str
    authorization: str

    def client(self) -> Client:
        return Client(self.host, self.authorization)

    def peak_memory(self) -> int:
        """The peak of the process's resident memory, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024


@contextmanager
def served(state_dir: Path | None = None) -> Iterator[Served]:
    """A sandbox with the repository `app`; killed at the end if it still runs, and cleared up after."""
    arguments = [
        sys.executable,
        str(Path(__file__).with_name("serve.py")),
        *([str(state_dir)] if state_dir else []),
    ]
    with (
        tempfile.TemporaryDirectory(prefix="ecr-push-test-") as folder,
        subprocess.Popen(
            arguments, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": folder}
        ) as process,
    ):
        assert process.stdout is not None
        try:
            started = json.loads(process.stdout.readline())
            yield Served(process, started["host"], started["authorization"])
        finally:
            process.kill()
