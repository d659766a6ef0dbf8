"""`ecr-push completion`: what makes a shell complete commands, options, values and files."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

EXAMPLES = (
    ("For bash; ~/.bashrc evaluates what this prints", "ecr-push completion bash"),
    ("For fish", "ecr-push completion fish > ~/.config/fish/completions/ecr-push.fish"),
)
# Where it takes effect.
_USED_BY = {
    "bash": 'eval "$(ecr-push completion bash)" in ~/.bashrc (bash 4.4 or later)',
    "zsh": 'eval "$(ecr-push completion zsh)" in ~/.zshrc, after compinit',
    "fish": "ecr-push completion fish > ~/.config/fish/completions/ecr-push.fish",
}


@command("completion", EXAMPLES, settings=False)
@click.argument("shell", type=click.Choice([*_USED_BY]))
def completion(call: Call, shell: str) -> int:
    """Print the script by which SHELL completes commands, options, their values and files."""
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root()
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click has all three
    made = found(root.command, {}, "ecr-push", "_ECR_PUSH_COMPLETE")
    # Not made.source(): that of bash starts a bash to look at its version.
    call.stdout.write(made.source_template % made.source_vars())
    call.stdout.flush()
    if call.stdout.isatty():
        call.stderr.write(f"ecr-push: to use it: {_USED_BY[shell]}\n")
    return 0
