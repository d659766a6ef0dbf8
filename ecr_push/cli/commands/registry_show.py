"""`ecr-push registry show`: prints a registry's settings as the file that describes them."""

from __future__ import annotations

from ecr_push.cli.answer import print_answer
from ecr_push.cli.call import Call
from ecr_push.cli.options import command
from ecr_push.cli.registry import open_registry, place_of

EXAMPLES = (
    ("Write the settings of a registry into a file", "ecr-push registry show --region eu-central-1"),
    ("The same for programs", "ecr-push registry show --output json"),
)


@command("registry show", EXAMPLES)
def registry_show(call: Call) -> int:
    """Print the settings of the registry as ecr-registry.yml has them, and change nothing.

    Scanning, replication, creation templates, pull-through caches, signing, exclusions, settings, policy.
    What cannot be read is left out, and named: the exit code is 4 then.
    """
    from ecr_push.base.errors import ACCEPTED
    from ecr_push.upkeep.registry.found import read_sections, unread
    from ecr_push.upkeep.registry.show import file_of, settings_document

    with open_registry(call, "registry show") as (registry, _, settings, tools):
        place = place_of(registry, settings)
        found, errors = read_sections(registry)
        tools.narrator.close()
    print_answer(
        lambda: file_of(place, found).splitlines(), lambda: settings_document(place, found), settings, call
    )
    if errors:
        raise unread(errors, len(errors) + len(found))
    return ACCEPTED
