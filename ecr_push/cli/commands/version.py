"""`ecr-push version`: which version this is, and what it runs on, for a report of a bug."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

EXAMPLES = (
    ("Show the version, and what it runs on", "ecr-push version"),
    ("The version alone, for a script", "ecr-push version --short"),
)


@command("version", EXAMPLES, settings=False)
@click.option("--short", is_flag=True, help="Print the version alone.")
def version(call: Call, short: bool) -> int:
    """Show the version of ecr-push, and what it runs on. `ecr-push doctor` looks at docker and AWS."""
    import platform

    from ecr_push.base.own_version import own_version

    own = own_version() or "unknown"
    system = f"{platform.system()} {platform.machine()}"
    call.stdout.write(own if short else f"ecr-push {own}\nPython {platform.python_version()}, {system}")
    call.stdout.write("\n")
    call.stdout.flush()
    return 0
