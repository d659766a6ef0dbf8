"""`ecr-push repository apply`: makes repositories as a file says."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command
from ecr_push.cli.repositories import FILE, Plans, open_plans, print_plans

EXAMPLES = (
    ("Make the repositories as ecr-repositories.yml says", "ecr-push repository apply"),
    ("The same in another region", "ecr-push repository apply --region eu-central-1"),
)


@command("repository apply", EXAMPLES)
@click.argument("file", default=FILE, required=False)
def repository_apply(call: Call, file: str) -> int:
    """Create and change repositories so that they are as FILE says: ecr-repositories.yml by default.

    Nothing is deleted but lifecycle and repository policies that FILE sets to none. One that fails does not
    hold up the others. Run again after a failure: what is done already is not done again.
    """
    from ecr_push.base.errors import ACCEPTED, RegistryError
    from ecr_push.upkeep.apply import Applied, apply_plans, failure_of
    from ecr_push.upkeep.public_apply import apply_public, named
    from ecr_push.upkeep.show import summary_of

    with open_plans(call, "repository apply", file) as (plans, registry, settings, tools):
        narrator = tools.narrator
        impossible = [
            f"{plan.name}: {one.key}: {one.lines[0]}" for plan in plans.private for one in plan.impossible
        ]
        if impossible:
            raise RegistryError(
                "the file asks for what ECR never changes; nothing was changed",
                why="\n".join(f"- {one}" for one in impossible),
                remedy="leave it out of the file, or create another repository and copy the images",
            )
        private = apply_plans(plans.private, registry, tools.clock, narrator.say)
        public = apply_public(plans.public, registry.catalogs(), tools.clock, narrator.say)
        applied = Applied((*private.changed, *public.changed), (*private.failed, *public.failed))
        narrator.close()
    done = Plans(
        [plan for plan in plans.private if plan.name not in dict(private.failed)],
        [plan for plan in plans.public if named(plan) not in dict(public.failed)],
    )
    lines = [summary_of(done.private, "created", "changed", "as they were")]
    if done.public:
        lines.append(f"public: {len(public.changed)} of {len(done.public)} created or changed")
    print_plans(done, lines, settings, call)
    if applied.failed:
        raise failure_of(applied, "repositories")
    return ACCEPTED
