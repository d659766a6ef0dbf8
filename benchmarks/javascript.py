"""A program in JavaScript that does as little as an action can: it imports AWS's SDK and prints.

Bundled into one file, as actions are that are written in JavaScript. npm fetches the SDK and the bundler.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from world import MissingError

_PACKAGES = ("@aws-sdk/client-ecr@3.1169.0", "esbuild@0.28.2")
_PROGRAM = """\
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
console.log(ECRClient.name, GetAuthorizationTokenCommand.name);
"""


def program(folder: Path) -> tuple[str, str]:
    """How it is called. Raises MissingError without node and npm, or where npm cannot fetch."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise MissingError("start-up: the PATH lacks node or npm, which run a program in JavaScript")
    folder.mkdir()
    (folder / "program.mjs").write_text(_PROGRAM)
    quietly = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock")
    _run(folder, npm, "install", *quietly, *_PACKAGES)
    bundler = folder / "node_modules" / "esbuild" / "bin" / "esbuild"
    how = ("--bundle", "--minify", "--platform=node", "--outfile=program.cjs", "--log-level=warning")
    _run(folder, node, str(bundler), "program.mjs", *how)
    return node, str(folder / "program.cjs")


def _run(folder: Path, *argv: str) -> None:
    done = subprocess.run(
        argv, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise MissingError(f"start-up: {' '.join(argv[:3])} … failed:\n{done.stderr[-2000:]}")
