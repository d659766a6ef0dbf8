"""A Docker configuration for one run: the user's own, plus the credentials for our registry.

The user's configuration is never written. The token is neither on disk nor in an environment: docker
calls a credential helper, which asks this process over a socket in a private folder. So a build can
start before the login is complete, and a build that outlives its token gets a new one.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from ecr_push.registry.interface import Login

_HELPER_NAME = "ecr-push"
# A socket's path has 103 characters on macOS, 107 on Linux (unix(7)); CIs nest their TMPDIR deeply.
_LONGEST_TEMP_DIR = 103 - len("/ecr-push-12345678/socket")
# Protocol: https://github.com/docker/docker-credential-helpers#development
_HELPER = """\
import socket, sys
if sys.argv[1:] != ["get"]:
    sys.exit(0)  # nothing is ever stored here
with socket.socket(socket.AF_UNIX) as server:
    server.connect(SOCKET)
    server.sendall(sys.stdin.read().strip().encode() + b"\\n")
    answer = b"".join(iter(lambda: server.recv(65536), b""))
sys.stdout.write(answer.decode() or "credentials not found in native keychain")
sys.exit(0 if answer else 1)
"""


class DockerConfig:
    """A folder for DOCKER_CONFIG, mode 0700, removed on every exit path.

    user:    the user's own configuration folder; it need not exist.
    host:    the registry that our credentials are for.
    login:   waits until the registry can be pushed to, and returns the login; raises if it cannot.
    """

    def __init__(self, user: Path, host: str, login: Callable[[], Login]) -> None:
        self._user = user
        self._host = host
        self._login = login
        self._folder: Path | None = None
        self._socket = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> DockerConfig:
        self._folder = Path(tempfile.mkdtemp(prefix="ecr-push-", dir=_temp_dir()))
        try:
            self._write_files(self._folder)
            self._socket.bind(str(self._folder / "socket"))
            self._socket.listen()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        threading.Thread(target=self._serve, name="credential server", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def environ(self, base: Mapping[str, str]) -> dict[str, str]:
        """Returns base with the variables that make docker read this folder and find the helper."""
        folder = str(self._folder)
        changed = {**base, "DOCKER_CONFIG": folder, "PATH": f"{folder}:{base.get('PATH', '/usr/bin:/bin')}"}
        builders = self._user / "buildx"
        if "BUILDX_CONFIG" not in base and builders.is_dir():
            changed["BUILDX_CONFIG"] = str(builders)
        return changed

    def _write_files(self, folder: Path) -> None:
        for name in ("contexts", "cli-plugins", "trust"):
            if (self._user / name).is_dir():
                (folder / name).symlink_to(self._user / name)
        settings = folder / "config.json"
        settings.touch(mode=0o600)
        settings.write_text(json.dumps(with_helper(read_config(self._user), self._host)))
        script = folder / "helper.py"
        script.write_text(_HELPER.replace("SOCKET", repr(str(folder / "socket"))))
        helper = folder / f"docker-credential-{_HELPER_NAME}"
        helper.write_text(f"#!/bin/sh\nexec '{sys.executable}' -I -S '{script}' \"$@\"\n")
        helper.chmod(0o700)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed: the run is over
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        # On an error the answer is empty: docker then reports missing credentials, and the phase that
        # logs in reports the cause.
        with connection, contextlib.suppress(Exception):
            asked = connection.makefile().readline().strip()
            login = self._login()
            answer = {"ServerURL": asked, "Username": login.username, "Secret": login.password}
            connection.sendall(json.dumps(answer).encode())


def with_helper(user: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Returns the user's config.json with our helper for host.

    docker would ask a credsStore for every host, ours included; so it becomes a helper for each host that
    it is known to hold, and for Docker Hub.
    """
    settings = dict(user)
    helpers = dict(settings.get("credHelpers") or {})
    if store := settings.pop("credsStore", ""):
        for known in (*(settings.get("auths") or {}), "https://index.docker.io/v1/"):
            helpers.setdefault(known, store)
    helpers[host] = _HELPER_NAME
    auths = {known: auth for known, auth in (settings.get("auths") or {}).items() if known != host}
    return {**settings, "auths": auths, "credHelpers": helpers}


def _temp_dir() -> str | None:
    """None for the usual directory of temporary files, /tmp if its path is too long for a socket."""
    return None if len(tempfile.gettempdir()) <= _LONGEST_TEMP_DIR else "/tmp"  # noqa: S108 - mkdtemp's is private


def read_config(folder: Path) -> Mapping[str, Any]:
    """Returns the config.json of a Docker configuration folder, empty where it is missing or not valid."""
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
