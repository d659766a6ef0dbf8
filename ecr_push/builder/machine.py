"""What this machine can build with: the docker command and its engine, buildx, podman, buildah."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from ecr_push.base import background, process
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError
from ecr_push.builder.buildx_program import DOCKERS_PLUGIN, standalone
from ecr_push.builder.docker_context import endpoint
from ecr_push.builder.options import TOOLS

_ENGINE = "{{.Server.Version}} {{.Server.Os}}/{{.Server.Arch}}"
_SOCKET = "unix:///var/run/docker.sock"


@dataclass(frozen=True)
class Machine:
    """The versions of the engine and of buildx, empty where there is none.

    why: why there is no engine. platform: the engine's own. program: the beginning of a command of buildx.
    has_docker: whether there is Docker's own command. tools: podman and buildah, those that are there.
    """

    server: str = ""
    buildx: str = ""
    why: str = ""
    platform: str = ""
    program: tuple[str, ...] = DOCKERS_PLUGIN
    has_docker: bool = True
    tools: tuple[str, ...] = ()


def find_machine(environ: Mapping[str, str]) -> Machine:
    """Looks for all of them. Asks the docker command for its engine and for buildx, in parallel."""
    server = background.start(
        lambda: process.run(("docker", "version", "--format", _ENGINE), environ=environ),
        "docker version",
    )
    buildx = background.start(lambda: _buildx_version(DOCKERS_PLUGIN, environ), "buildx version")
    tools = tuple(one for one in TOOLS if shutil.which(one, path=environ.get("PATH", "")))
    try:
        answered = server.result()
    except FileNotFoundError:
        return _without_docker("there is no docker command in the PATH", environ, tools)
    version = buildx.result()
    if not version and tools and not _is_dockers_own(environ):
        return _without_docker("the docker command is podman's", environ, tools)
    program: tuple[str, ...] = DOCKERS_PLUGIN
    if not version and (alone := standalone(environ, plugins=False)):
        program, version = alone, _buildx_version(alone, environ)
    last = (answered.output or ("",))[-1]
    found, _, platform = last.partition(" ")
    if not answered.ok:
        return Machine("", version, last, "", program, tools=tools)
    return Machine(found, version, "", platform, program, tools=tools)


def _without_docker(why: str, environ: Mapping[str, str], tools: Sequence[str]) -> Machine:
    """buildx needs no docker command, neither for an engine nor for a BuildKit."""
    program = standalone(environ, plugins=True)
    version = _buildx_version(program, environ) if program else ""
    server, platform = ("", "") if tools and not version else _engine_of(environ)
    return Machine(server, version, why, platform, program or DOCKERS_PLUGIN, False, tuple(tools))


def _buildx_version(program: Sequence[str], environ: Mapping[str, str]) -> str:
    """`github.com/docker/buildx 0.13.1 …` -> 0.13.1; "" for another program, such as podman's."""
    with contextlib.suppress(FileNotFoundError):
        asked = process.run((*program, "version"), environ=environ)
        words = " ".join(asked.output).split()
        if asked.ok and len(words) > 1 and words[0].endswith("buildx"):
            return words[1]
    return ""


def _is_dockers_own(environ: Mapping[str, str]) -> bool:
    """Red Hat's package podman-docker has a docker command that starts podman."""
    asked = process.run(("docker", "--version"), environ=environ)
    return not (asked.output and asked.output[-1].startswith("podman "))


def _engine_of(environ: Mapping[str, str]) -> tuple[str, str]:
    """Version and platform of an engine whose socket is there, though no docker command is."""
    with contextlib.suppress(EcrPushError):
        host = endpoint(environ).host or _SOCKET
        if host.startswith("unix://") and not Path(host.removeprefix("unix://")).exists():
            return "", ""
        from ecr_push.builder.docker_engine import connect

        about = connect(environ).version()
        if "Podman" not in str(about.get("Components", "")):  # its API has no BuildKit
            return str(about["Version"]), f"{about['Os']}/{about['Arch']}"
    return "", ""
