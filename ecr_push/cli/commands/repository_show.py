"""`ecr-push repository show`: shows repositories as they are, also as the file that describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command
from ecr_push.cli.repositories import check_names, open_registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecr_push.registry.repositories import RepositorySettings

EXAMPLES = (
    ("Show all repositories of the registry", "ecr-push repository show"),
    ("Show some of them", "ecr-push repository show team/shop 'team/base-*'"),
    ("Write the file that describes them", "ecr-push repository show --output yaml > ecr-repositories.yml"),
)


@command("repository show", EXAMPLES)
@click.argument("names", nargs=-1, metavar="[NAME|PATTERN]...")
@click.option(
    "--output",
    "form",
    type=click.Choice(["text", "yaml", "json"]),
    default="text",
    show_default=True,
    help="yaml is what ecr-repositories.yml holds, json is for programs.",
)
def repository_show(call: Call, names: tuple[str, ...], form: str) -> int:
    """Show the settings, policies and tags of repositories: of all, or of those of these names and patterns.

    With --output yaml it is the file from which `repository plan` finds no difference.
    """
    from ecr_push.upkeep.found import describe_named, read_settings

    with open_registry(call, "repository show", check_names(names)) as (registry, _, tools):
        found = read_settings(describe_named(names, registry), registry, tools.clock)
        tools.narrator.close()
    call.stdout.write(_WRITERS[form](found))
    call.stdout.flush()
    return 0


def _text(found: Mapping[str, RepositorySettings]) -> str:
    from ecr_push.report.escape import log_line
    from ecr_push.upkeep.show import settings_lines

    return "".join(f"{log_line(line)}\n" for line in settings_lines(found))


def _yaml(found: Mapping[str, RepositorySettings]) -> str:
    from ecr_push.base.yaml_text import write_yaml
    from ecr_push.upkeep.as_file import as_wanted, file_of

    return write_yaml(file_of({name: as_wanted(one) for name, one in found.items()}))


def _json(found: Mapping[str, RepositorySettings]) -> str:
    from ecr_push.report.escape import json_text
    from ecr_push.upkeep.show import settings_document

    return json_text(settings_document(found))


_WRITERS = {"text": _text, "yaml": _yaml, "json": _json}
