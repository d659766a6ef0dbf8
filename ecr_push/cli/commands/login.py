"""`ecr-push login`: docker's own login, on its standard input."""

from __future__ import annotations

from ecr_push.base import process
from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.pipeline.run import Tools
from ecr_push.registry.interface import Login


def docker_login(login: Login, tools: Tools) -> None:
    """Logs docker in for the user. Raises RegistryError when docker refuses."""
    tools.redactor.add(*login.secrets)
    argv = ("docker", "login", "--username", login.username, "--password-stdin", login.host)
    tools.narrator.phase("login")
    tools.narrator.say(process.echo(argv, harmless=("login", login.username, login.host)))
    try:
        completed = process.run(
            argv, environ=tools.environ, stdin=login.password, on_line=tools.narrator.detail
        )
    except FileNotFoundError as error:
        raise SettingsError(["there is no docker command on the PATH"]) from error
    if not completed.ok:
        raise RegistryError("docker could not log in", why="\n".join(completed.output))
    tools.narrator.say(f"docker is logged in to {login.host} until {login.expires_at:%Y-%m-%d %H:%M} UTC")
