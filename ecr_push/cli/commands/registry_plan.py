"""`ecr-push registry plan`: shows where a registry's settings differ from a file."""

from __future__ import annotations

import click

from ecr_push.cli.answer import print_answer
from ecr_push.cli.call import Call
from ecr_push.cli.options import command
from ecr_push.cli.registry import FILE, make_plan, open_registry

EXAMPLES = (
    ("Show what differs from ecr-registry.yml", "ecr-push registry plan"),
    ("Fail in a pipeline where something differs", "ecr-push registry plan registry/eu-central-1.yml"),
)


@command("registry plan", EXAMPLES)
@click.argument("file", default=FILE, required=False)
def registry_plan(call: Call, file: str) -> int:
    """Show where the registry's settings differ from FILE, and change nothing.

    FILE is ecr-registry.yml by default. Ends with 13 where something differs.
    """
    from ecr_push.base.errors import ACCEPTED, DIFFERENT
    from ecr_push.upkeep.registry.show import document_of, text_of_plan

    with open_registry(call, "registry plan") as (registry, _, settings, tools):
        plan = make_plan(file, registry, settings)
        for note in plan.notes:
            tools.narrator.warn(note)
        tools.narrator.close()
    print_answer(lambda: text_of_plan(plan).splitlines(), lambda: document_of(plan), settings, call)
    return DIFFERENT if plan.differs else ACCEPTED
