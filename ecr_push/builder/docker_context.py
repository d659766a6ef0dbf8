"""The docker context in use. The docker command supports contexts, the SDK only DOCKER_HOST.

https://docs.docker.com/engine/manage-resources/contexts/
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ecr_push.base import process
from ecr_push.base.errors import BuildError
from ecr_push.builder.docker_config import read_config


def context_host(environ: Mapping[str, str]) -> str:
    """Returns the engine's address, "" for the default engine. Raises BuildError for a missing context."""
    try:
        inspected = process.run(
            ("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"), environ=environ
        )
    except FileNotFoundError:
        return ""
    last = inspected.output[-1].strip() if inspected.output else ""
    if inspected.ok:
        return last
    name = _context_name(environ)
    if name in ("", "default") or not _is_dockers_own(environ):
        return ""
    raise BuildError(
        f"docker context {name!r} not found",
        why=last,
        remedy="`docker context ls` lists them: choose one by DOCKER_CONTEXT or `docker context use`",
    )


def _context_name(environ: Mapping[str, str]) -> str:
    """DOCKER_CONTEXT comes before the configuration's currentContext."""
    if name := environ.get("DOCKER_CONTEXT", ""):
        return name
    folder = environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "/")) / ".docker"
    return str(read_config(Path(folder)).get("currentContext") or "")


def _is_dockers_own(environ: Mapping[str, str]) -> bool:
    """Whether the docker command is Docker's. Others, such as podman's, ignore contexts that Docker left."""
    asked = process.run(("docker", "--version"), environ=environ)
    return bool(asked.output) and asked.output[-1].startswith("Docker version ")
