"""The user's own logins of podman and buildah: files of theirs, and docker's configuration after them.

Nothing of them is copied. Which registries they know is read once, because an authentication file that names
helpers names one for each registry; a login itself is read when it is asked for.
https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ecr_push.builder.user_docker import (
    Credentials,
    Program,
    bare_host,
    read_config,
    read_file,
    who_knows,
)

AUTH_FILE = "REGISTRY_AUTH_FILE"
# podman says the first, `docker login` the last.
_DOCKER_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1/")


def known_registries(environ: Mapping[str, str], docker: Path) -> frozenset[str]:
    """The hosts of every registry that one of the files knows. docker: docker's configuration folder."""
    found = {bare_host(key) for settings in _all(environ, docker) for key in _keys(settings)}
    return frozenset("docker.io" if host in _DOCKER_HUB else host for host in found)


def who_knows_for_podman(
    host: str, environ: Mapping[str, str], docker: Path
) -> tuple[str, Credentials | Program | None]:
    """Who would answer podman for host, and the name that it goes by there.

    Helpers are asked for a host. Of logins that belong to parts of it, such as quay.io/team, a single one
    answers for the whole host; several do not. Raises ValueError for an entry that is not valid.
    """
    names = _DOCKER_HUB if host in _DOCKER_HUB else (host,)
    for settings in _all(environ, docker):
        keys = [key for key in _keys(settings) if bare_host(key) in names]
        whole = [key for key in keys if key in names or "://" in key]
        usable = whole or (keys if len(keys) == 1 else []) or ([host] if settings.get("credsStore") else [])
        if usable and (found := who_knows(usable[0], settings, {})):
            return usable[0], found
    return host, None


def unusable_logins(environ: Mapping[str, str], docker: Path) -> Iterator[str]:
    """The hosts with logins for several parts and none for the whole: no helper can tell them apart."""
    for settings in _all(environ, docker):
        keys = _keys(settings)
        for host in sorted({bare_host(key) for key in keys}):
            if host not in keys and len([key for key in keys if bare_host(key) == host]) > 1:
                yield host


def _keys(settings: Mapping[str, Any]) -> list[str]:
    return [*(settings.get("auths") or {}), *(settings.get("credHelpers") or {})]


def _all(environ: Mapping[str, str], docker: Path) -> Iterator[Mapping[str, Any]]:
    """What the files hold, in podman's order: the first one that knows a registry counts."""
    named = environ.get(AUTH_FILE)
    for file in (Path(named),) if named else _own_files(environ):
        try:
            found = read_file(file)
        except (OSError, ValueError):  # podman itself would go on without it, where it needs no login
            continue
        if isinstance(found, dict) and all(
            isinstance(found.get(one) or {}, dict) for one in ("auths", "credHelpers")
        ):
            yield found
    if not named:
        yield read_config(docker)


def _own_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    run = environ.get("XDG_RUNTIME_DIR")
    config = environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or "/", ".config")
    return (
        Path(run or f"/run/containers/{os.getuid()}", *(("containers",) if run else ()), "auth.json"),
        Path(config, "containers", "auth.json"),
    )
