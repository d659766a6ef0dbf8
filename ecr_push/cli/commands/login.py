"""`ecr-push login`: docker's own login, on its standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.registry.interface import Login

EXAMPLES = (
    ("Log docker in to the registry of the account and region", "ecr-push login --region eu-central-1"),
    ("Log docker in to ECR Public", "ecr-push login --public"),
)


@command("login", EXAMPLES)
@click.option("--public", is_flag=True, help="Log in to ECR Public.")
def login(call: Call, public: bool) -> int:
    """Log docker in to the registry, for docker commands of your own. `run` needs no such login.

    The token goes to docker on its standard input; docker keeps it where its configuration says.
    """
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world
    from ecr_push.registry.target import RepositoryTarget

    settings = read_all_settings(call, "login")
    with open_world(settings, read_facts(call.environ), call) as tools:
        # The login is for the whole registry; the client just needs a name.
        options = settings.registry
        client = tools.open_repository(
            RepositoryTarget("any/any", public, options.region, options.registry_id)
        )
        _docker_login(client.login(), tools)
    return 0


def _docker_login(login: Login, tools: Tools) -> None:
    """Logs docker in for the user. Raises RegistryError when docker refuses."""
    from ecr_push.base import process
    from ecr_push.base.errors import RegistryError, SettingsError

    tools.redactor.add(*login.secrets)
    argv = ("docker", "login", "--username", login.username, "--password-stdin", login.host)
    tools.narrator.phase("login")
    tools.narrator.command(process.echo(argv, harmless=("login", login.username, login.host)))
    try:
        completed = process.run(
            argv, environ=tools.environ, stdin=login.password, on_line=tools.narrator.detail
        )
    except FileNotFoundError as error:
        raise SettingsError(["docker is not installed, or not on the PATH"]) from error
    if not completed.ok:
        raise RegistryError("docker could not log in", why="\n".join(completed.output))
    tools.narrator.say(f"docker is logged in to {login.host} until {login.expires_at:%Y-%m-%d %H:%M} UTC")
