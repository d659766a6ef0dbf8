"""`ecr-push repository export`: repositories as a file of Terraform or CloudFormation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command
from ecr_push.cli.repositories import FILE, check_names, open_registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecr_push.pipeline.context import Tools
    from ecr_push.registry.repositories import Repositories
    from ecr_push.upkeep.export.model import Exported

EXAMPLES = (
    (
        "Terraform for what ecr-repositories.yml says",
        "ecr-push repository export --output terraform > ecr.tf",
    ),
    (
        "A template of CloudFormation for repositories as they are",
        "ecr-push repository export --output cloudformation 'team/*' > ecr.yaml",
    ),
)


@command("repository export", EXAMPLES)
@click.argument("names", nargs=-1, metavar="[NAME|PATTERN]...")
@click.option(
    "--output",
    "form",
    type=click.Choice(["terraform", "cloudformation"]),
    required=True,
    help="For which tool.",
)
@click.option("--file", default=FILE, show_default=True, metavar="FILE", help="What repositories are to be.")
def repository_export(call: Call, names: tuple[str, ...], form: str, file: str) -> int:
    """Print what a file says of repositories for Terraform or CloudFormation.

    With names or patterns these repositories are printed as they are in ECR, and no file is read. What exists
    is taken over, not created again: by an `import` block for Terraform, by a change set for CloudFormation.
    """
    from ecr_push.base.errors import SettingsError
    from ecr_push.upkeep.export.cloudformation import as_cloudformation
    from ecr_push.upkeep.export.terraform import as_terraform

    with open_registry(call, "repository export", check_names(names)) as (registry, _, tools):
        exported = _there(names, registry, tools) if names else _wanted(file, registry, tools)
        tools.narrator.close()
    try:
        text = as_terraform(exported) if form == "terraform" else as_cloudformation(exported)
    except ValueError as error:
        raise SettingsError([str(error)]) from error
    call.stdout.write(text)
    call.stdout.flush()
    return 0


def _there(names: Sequence[str], registry: Repositories, tools: Tools) -> list[Exported]:
    from ecr_push.upkeep.as_file import as_wanted
    from ecr_push.upkeep.export.model import Exported
    from ecr_push.upkeep.found import describe_named, read_settings

    found = read_settings(describe_named(names, registry), registry, tools.clock)
    return [Exported(name, as_wanted(one), one) for name, one in found.items()]


def _wanted(file: str, registry: Repositories, tools: Tools) -> list[Exported]:
    from ecr_push.upkeep.export.model import Exported
    from ecr_push.upkeep.plan import plan_repositories
    from ecr_push.upkeep.read import read_repositories

    wanted = read_repositories(Path(file), lambda: registry.region, registry.account)
    plans = plan_repositories(wanted, registry, tools.clock)
    return [Exported.of(plan.name, plan.wanted, plan.found) for plan in plans]
