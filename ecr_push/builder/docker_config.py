"""A Docker configuration for one run: the user's own settings, and one credential helper for every registry.

podman and buildah have it too, in their form: an authentication file that names the helper for each registry.

The user's configuration is never written, and no credential in it is copied. The helper asks this process
over a socket in a private folder: for our registry it gets our login, for any other the user's own helper or
file is asked at that moment. So a build can start before the login is complete, and once this process has
ended, however it ended, the folder is worth nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from ecr_push.builder.docker_context import tls_folder
from ecr_push.builder.user_docker import (
    FROM_ENVIRONMENT,
    Credentials,
    Program,
    bare_host,
    read_config,
    read_environment,
    who_knows,
    without_credentials,
)
from ecr_push.builder.user_podman import AUTH_FILE, known_registries, who_knows_for_podman
from ecr_push.registry.interface import Login

_HELPER_NAME = "ecr-push"
_PODMANS = "ecr-push-podman"  # the same program: the user's logins of podman are others
# Protocol: https://github.com/docker/docker-credential-helpers#development
# A program of the user's is started from there, as docker would: from the PATH, docker's child, its answer as
# it is. Only the environment is the user's whole one, which docker does not have (docker_environ).
_HELPER = """\
import json, os, socket, sys
if sys.argv[2:] == ["list"]:
    print("{}")
if sys.argv[2:] != ["get"]:
    sys.exit(0)  # nothing is ever stored here
asked = sys.stdin.readline().strip()
found = b""
try:
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(SOCKET)
        server.sendall(sys.argv[1].encode() + b" " + asked.encode() + b"\\n")
        found = b"".join(iter(lambda: server.recv(65536), b""))
except OSError:
    pass  # the run is over
answer = json.loads(found or b"{}")
if "program" in answer:
    read, write = os.pipe()
    os.write(write, answer["asked"].encode() + b"\\n")
    os.close(write)
    os.dup2(read, 0)
    program = "docker-credential-" + answer["program"]
    try:
        os.execvpe(program, [program, "get"], answer["environ"])
    except OSError as error:
        sys.stdout.write(f"{program}: {error.strerror}")
        sys.exit(1)
sys.stdout.write(found.decode() or "credentials not found in native keychain")
sys.exit(0 if found else 1)
"""


class DockerConfig:
    """A folder for DOCKER_CONFIG. It holds pointers alone.

    folder:  a private folder; its owner removes it.
    user:    the user's own configuration folder; it need not exist.
    environ: the user's own environment.
    host:    the registry that our credentials are for.
    login:   waits until the registry can be pushed to, and returns the login; raises if it cannot.

    Raises SettingsError on entry for a configuration of the user's that cannot be read.
    """

    def __init__(
        self, folder: Path, user: Path, environ: Mapping[str, str], host: str, login: Callable[[], Login]
    ) -> None:
        self._folder = folder
        self._user = user
        self._environ = environ
        self.host = host
        self._login = login
        self._socket = socket.socket(socket.AF_UNIX)
        self._settings = -1

    def __enter__(self) -> DockerConfig:
        try:
            self._write_files(read_config(self._user))
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
        if self._settings >= 0:
            os.close(self._settings)
            self._settings = -1

    def environ(self, base: Mapping[str, str]) -> dict[str, str]:
        """Returns base with the variables that make docker read this folder and find the helper."""
        folder = str(self._folder)
        changed = {**base, "DOCKER_CONFIG": folder, "PATH": f"{folder}:{base.get('PATH', '/usr/bin:/bin')}"}
        # docker would take it before the helper, for our registry too; the helper answers from it.
        changed.pop(FROM_ENVIRONMENT, None)
        changed[AUTH_FILE] = str(self._folder / "auth.json")
        builders = self._user / "buildx"
        changed |= tls_folder(base, self._user)
        if "BUILDX_CONFIG" not in base and builders.is_dir():
            changed["BUILDX_CONFIG"] = str(builders)
        return changed

    def _write_files(self, settings: Mapping[str, Any]) -> None:
        folder = self._folder
        for name in ("contexts", "cli-plugins", "trust"):
            if (self._user / name).is_dir():
                (folder / name).symlink_to(self._user / name)
        self._put_settings(folder / "config.json", with_helper(settings))
        hosts = sorted({self.host, *known_registries(self._environ, self._user)})
        helpers = {"credHelpers": dict.fromkeys(hosts, _PODMANS)}
        (folder / "auth.json").write_text(json.dumps(helpers))
        script = folder / "helper.py"
        script.write_text(_HELPER.replace("SOCKET", repr(str(folder / "socket"))))
        for name in (_HELPER_NAME, _PODMANS):
            helper = folder / f"docker-credential-{name}"
            words = shlex.join([sys.executable, "-I", "-S", str(script), name])
            helper.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
            helper.chmod(0o700)

    def _put_settings(self, file: Path, settings: Mapping[str, Any]) -> None:
        """Proxies and HTTP headers can hold passwords: where the system can, they are in memory alone."""
        text = json.dumps(settings).encode()
        with contextlib.suppress(AttributeError, OSError):  # Linux's alone
            self._settings = os.memfd_create("config.json")
            os.write(self._settings, text)
            in_memory = Path(f"/proc/{os.getpid()}/fd/{self._settings}")
            if in_memory.read_bytes() == text:
                file.symlink_to(in_memory)
                return
        file.touch(mode=0o600)
        file.write_bytes(text)

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
            helper, _, asked = connection.makefile().readline().strip().partition(" ")
            if found := self._find(asked, for_podman=helper == _PODMANS):
                connection.sendall(json.dumps(found).encode())

    def _find(self, asked: str, *, for_podman: bool) -> Mapping[str, Any]:
        if bare_host(asked) == self.host:
            login = self._login()
            return {"ServerURL": asked, "Username": login.username, "Secret": login.password}
        found: Credentials | Program | None
        if for_podman:
            asked, found = who_knows_for_podman(asked, self._environ, self._user)
        else:
            known = read_environment(self._environ.get(FROM_ENVIRONMENT, ""))
            found = who_knows(asked, read_config(self._user), known)
        if found is None:
            return {}
        if isinstance(found, Program):
            return {"program": found.name, "asked": asked, "environ": dict(self._environ)}
        return {"ServerURL": asked, "Username": found.username, "Secret": found.secret}


def with_helper(user: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the user's config.json with our helper for every registry, and no credential."""
    return {**without_credentials(user), "credsStore": _HELPER_NAME}
