"""The login to a registry that the user's Docker configuration has: what `docker pull` would use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ecr_push.base import process
from ecr_push.base.errors import AuthenticationError
from ecr_push.base.parse import read_json
from ecr_push.base.source_name import DOCKER_HUB
from ecr_push.builder.user_docker import (
    FROM_ENVIRONMENT,
    Credentials,
    Program,
    read_config,
    read_environment,
    who_knows,
)

# Under which name docker keeps it.
# https://docs.docker.com/reference/cli/docker/login/#credential-stores
_DOCKER_HUB = "https://index.docker.io/v1/"


def find_login(host: str, environ: Mapping[str, str], folder: Path) -> Credentials | None:
    """The login for a host; None where there is none, so that the registry is asked without.

    folder: the Docker configuration. A credential helper of the user's is started, as docker would.
    Raises SettingsError for a configuration that cannot be read, AuthenticationError for a helper that fails.
    """
    asked = _DOCKER_HUB if host == DOCKER_HUB else host
    try:
        found = who_knows(asked, read_config(folder), read_environment(environ.get(FROM_ENVIRONMENT, "")))
    except ValueError as error:
        raise AuthenticationError(
            f"the login to {host} cannot be read", why=str(error), remedy=f"fix {folder / 'config.json'}"
        ) from error
    return _ask(found, asked, host, environ) if isinstance(found, Program) else found


def _ask(program: Program, asked: str, host: str, environ: Mapping[str, str]) -> Credentials | None:
    """The protocol: https://github.com/docker/docker-credential-helpers#development"""
    name = f"docker-credential-{program.name}"
    try:
        done = process.run((name, "get"), environ=environ, stdin=f"{asked}\n", with_errors=False)
    except (FileNotFoundError, PermissionError) as error:
        raise AuthenticationError(
            f"the login to {host} cannot be read",
            why=f"{name}, which the Docker configuration names, cannot be started: {error.strerror}",
            remedy="install it, or log in without it",
        ) from error
    text = "".join(done.output)
    if not done.ok:
        # How a helper says that it has nothing for this host.
        if "credentials not found" in text:
            return None
        raise AuthenticationError(
            f"the login to {host} cannot be read", why=f"{name} ended with exit code {done.exit_code}"
        )
    try:
        answer = read_json(text)
        username, secret = answer["Username"], answer["Secret"]
    except (ValueError, LookupError, TypeError):
        answer = None
    if answer is None or not isinstance(username, str) or not isinstance(secret, str):
        raise AuthenticationError(
            f"the login to {host} cannot be read", why=f"{name} did not answer with a user name and a secret"
        )
    return Credentials(username, secret) if username and secret else None
