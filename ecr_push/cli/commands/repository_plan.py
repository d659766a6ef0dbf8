"""`ecr-push repository plan`: shows where repositories differ from a file."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command
from ecr_push.cli.repositories import FILE, open_plans, print_plans

EXAMPLES = (
    ("Show what differs from ecr-repositories.yml", "ecr-push repository plan"),
    ("Fail in a pipeline where something differs", "ecr-push repository plan registry/team.yml"),
)


@command("repository plan", EXAMPLES)
@click.argument("file", default=FILE, required=False)
def repository_plan(call: Call, file: str) -> int:
    """Show where the repositories differ from FILE, and change nothing.

    FILE is ecr-repositories.yml by default. Ends with 13 where something differs.
    """
    from ecr_push.base.errors import ACCEPTED, DIFFERENT
    from ecr_push.upkeep import public_apply as public
    from ecr_push.upkeep.show import lines_of

    with open_plans(call, "repository plan", file) as (plans, _, settings, tools):
        tools.narrator.close()
    lines = [*public.lines_of(plans.public), *lines_of(plans.private)]
    print_plans(plans, lines, settings, call)
    differ = [*(one.differs for one in plans.private), *(one.differs for one in plans.public)]
    return DIFFERENT if any(differ) else ACCEPTED
