"""AWS's SDK for JavaScript, as npm installs it: kept between runs, left out where npm cannot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

VERSION = "3.1169.0"  # of @aws-sdk/client-ecr; it needs node 20
_LOGIN = """
import { ECRClient, GetAuthorizationTokenCommand, DescribeRepositoriesCommand } from "@aws-sdk/client-ecr";
const client = new ECRClient({});
const login = await client.send(new GetAuthorizationTokenCommand({}));
const found = await client.send(new DescribeRepositoriesCommand({}));
console.log(JSON.stringify([login.authorizationData[0].authorizationToken, found.repositories]));
"""


def installed() -> Path:
    """The folder with the SDK in it. Skips the test where node or npm is missing, or npm cannot install."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("the SDK for JavaScript needs node and npm")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "ecr-push" / "sdk-js" / VERSION
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"]
        ended = subprocess.run(
            [*command, "--package-lock=false", f"@aws-sdk/client-ecr@{VERSION}"],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if ended.returncode:
            pytest.skip(f"npm cannot install the SDK for JavaScript: {ended.stderr[-300:]}")
        (folder / "login.mjs").write_text(_LOGIN)
        (folder / "done").touch()
    return folder


def log_in() -> tuple[str, list[str]]:
    """What the SDK gets in this environment: the authorization token, and the names of the repositories."""
    script = installed() / "login.mjs"
    ended = subprocess.run(["node", script], capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    token, repositories = json.loads(ended.stdout)
    return token, [one["repositoryName"] for one in repositories]
