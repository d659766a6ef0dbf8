"""Where buildx is: docker's plugin, which is a program of its own where there is no docker command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ecr_push.builder.docker_context import docker_folder

DOCKERS_PLUGIN = ("docker", "buildx")
_NAMES = ("docker-buildx", "buildx")
# Where docker's packages put plugins: https://github.com/docker/cli/blob/v28.5.2/cli-plugins/manager/manager_unix.go
_FOLDERS = ("/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec")


def standalone(environ: Mapping[str, str], *, plugins: bool) -> tuple[str, ...]:
    """The command that starts buildx without docker, empty where there is none.

    plugins: also from where a docker command would find it.
    """
    path = environ.get("PATH", "")
    found = next(filter(None, (shutil.which(name, path=path) for name in _NAMES)), None)
    if found or not plugins:
        return (found,) if found else ()
    folders = [docker_folder(environ) / "cli-plugins"]
    folders += [Path(one, "docker", "cli-plugins") for one in _FOLDERS]
    files = (folder / _NAMES[0] for folder in folders)
    return next(((str(one),) for one in files if os.access(one, os.X_OK)), ())
