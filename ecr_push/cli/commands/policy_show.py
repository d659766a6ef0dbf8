"""`ecr-push policy show`: the policy that applies, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.base.fences import Fences
    from ecr_push.pipeline.context import Tools
    from ecr_push.policy.options import PolicyOptions

EXAMPLES = (
    ("Show the policy of this directory's ecr-push.yml", "ecr-push policy show"),
    ("Check a policy file, and show all that it extends", "ecr-push policy show --policy policy.yml"),
)


@command("policy show", EXAMPLES)
def policy_show(call: Call) -> int:
    """Show the policy that applies, with everything that it extends, and where each key comes from."""
    from ecr_push.base.fences import Fences
    from ecr_push.ci.detect import read_facts
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.session import open_world

    settings = read_all_settings(call, "policy show")
    with open_world(settings, read_facts(call.environ), call) as tools:
        given = call.loaded.sources.given if call.loaded else {}
        origins = {name: one.origin for name, one in given.items()}
        show_policy(settings.policy, Fences.of(settings.source.context), tools, call.stdout, origins)
    return 0


def show_policy(
    options: PolicyOptions,
    fences: Fences,
    tools: Tools,
    stdout: TextIO,
    origins: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Prints the policy as YAML that is itself a policy, each key with where it comes from.

    origins: see `load_effective`.
    """
    from ecr_push.policy.digest import policy_digest
    from ecr_push.policy.keys import KEYS
    from ecr_push.policy.load import load_effective

    effective, policy = load_effective(options, tools.read_object, fences, origins)
    tools.narrator.close()
    for key in KEYS:
        given = effective.values.get(key.name)
        origin = given.origin if given else "the default"
        lock = effective.locked.get(key.name)
        locked = f"; locked by {lock}" if lock and lock != origin else "; locked" if lock else ""
        shown = key.show(given.value if given else key.default)
        stdout.write(f"{key.name}: {_yaml(shown)}  # {origin}{locked}\n")
    stdout.write(f"# {policy_digest(policy)}: the hash by which statements of a verdict name it\n")
    stdout.flush()


def _yaml(value: Any) -> str:
    """A value on one line; JSON is YAML."""
    if isinstance(value, str) and value.replace("-", "").isalnum() and not value[0].isdigit():
        return value
    return json.dumps(value, ensure_ascii=False)
