"""What the commands `iam …` have in common: the formats of a policy, and what is printed."""

from __future__ import annotations

from collections.abc import Iterable

import click

from ecr_push.cli.call import Call

form_option = click.option(
    "--output",
    "form",
    type=click.Choice(["json", "terraform", "cloudformation"]),
    default="json",
    show_default=True,
    help="How the policy is written.",
)


def print_policy(text: str, notes: Iterable[str], call: Call) -> None:
    """notes: what the policy does not say itself; on standard error."""
    call.stdout.write(text)
    call.stdout.flush()
    for line in notes:
        call.stderr.write(f"ecr-push: {line}\n")
    call.stderr.flush()
