"""`ecr-push help`: what `--help` of a command shows."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.help import Context
from ecr_push.cli.options import command

EXAMPLES = (
    ("Show the commands", "ecr-push help"),
    ("Show how one is used, with all of its options", "ecr-push help run"),
    ("Of a group's command", "ecr-push help policy test"),
)


@command("help", EXAMPLES, settings=False)
@click.argument("words", nargs=-1, metavar="[COMMAND]")
def help(call: Call, words: tuple[str, ...]) -> int:
    """Show how COMMAND is used, as its --help does; without it, the commands."""
    context = click.get_current_context().find_root()
    for word in words:
        group = context.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{context.command_path!r} has no commands of its own", context)
        name, found, _ = group.resolve_command(context, [word])
        assert found is not None  # noqa: S101 - without resilient parsing it is found, or an error
        context = Context(found, parent=context, info_name=name)
    call.stdout.write(f"{context.get_help()}\n")
    call.stdout.flush()
    return 0
