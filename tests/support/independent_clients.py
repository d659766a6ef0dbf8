"""Clients of others, in a shell that has what `ecr-push sandbox` prints."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ecr_push.sandbox.server import Sandbox
from tests.support.paths import ROOT

SECONDS = 600


def folder_of(name: str) -> Path:
    """The folder of an installed client; an assertion shows why it cannot be installed."""
    script = ROOT / "scripts" / "independent-clients"
    done = subprocess.run([script, name], capture_output=True, text=True, timeout=3 * SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip()) / name


@dataclass(frozen=True)
class Program:
    """A client in a shell of its own, with what `ecr-push sandbox` prints and nothing else.

    folder: where it runs. more: further variables.
    """

    sandbox: Sandbox
    folder: Path
    path: str = "/usr/local/bin:/usr/bin:/bin"
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        kept = {"DOCKER_HOST": os.environ["DOCKER_HOST"]} if "DOCKER_HOST" in os.environ else {}
        home = {"HOME": str(self.folder), "TMPDIR": str(self.folder), "LC_ALL": "C.UTF-8"}
        docker = {"DOCKER_CONFIG": str(self.folder / ".docker")}
        return {**kept, **home, **docker, **self.sandbox.shell_environment, "PATH": self.path, **self.more}

    def ask(self, *argv: str | Path, code: int = 0) -> str:
        """What it prints; an assertion shows all of it where it ends with another code."""
        done = subprocess.run(
            argv,
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        said = f"{' '.join(map(str, argv))}: {done.stdout}\n{done.stderr}"
        assert done.returncode == code, said
        return done.stdout
