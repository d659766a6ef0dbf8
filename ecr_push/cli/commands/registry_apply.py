"""`ecr-push registry apply`: makes a registry's settings as a file says."""

from __future__ import annotations

import click

from ecr_push.cli.answer import print_answer
from ecr_push.cli.call import Call
from ecr_push.cli.options import command
from ecr_push.cli.registry import FILE, make_plan, open_registry

EXAMPLES = (
    ("Make the registry's settings as ecr-registry.yml says", "ecr-push registry apply"),
    ("In another region", "ecr-push registry apply us.yml --region us-east-1"),
)


@command("registry apply", EXAMPLES)
@click.argument("file", default=FILE, required=False)
def registry_apply(call: Call, file: str) -> int:
    """Change the registry's settings so that they are as FILE says: ecr-registry.yml by default.

    What FILE does not name stays. One change that fails does not hold up the others. Run again after a
    failure: what is done already is not done again.
    """
    from ecr_push.base.errors import ACCEPTED
    from ecr_push.upkeep.apply import failure_of
    from ecr_push.upkeep.registry.apply import apply_registry
    from ecr_push.upkeep.registry.show import applied_document, applied_text

    with open_registry(call, "registry apply") as (registry, _, settings, tools):
        plan = make_plan(file, registry, settings)
        for note in plan.notes:
            tools.narrator.warn(note)
        applied = apply_registry(plan, registry, tools.narrator.say)
        tools.narrator.close()
    print_answer(
        lambda: applied_text(plan, applied).splitlines(),
        lambda: applied_document(plan, applied),
        settings,
        call,
    )
    if applied.failed:
        raise failure_of(applied, "changes")
    return ACCEPTED
