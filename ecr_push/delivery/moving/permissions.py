"""What a role needs for a command, as options of `ecr-push iam policy`. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping


def permissions_for(command: str, repository: str, known: Mapping[str, str]) -> str:
    """repository: "" where it is not in the file. known: options that narrow it; those without a value go."""
    options = "".join(f" --{name} {shlex.quote(value)}" for name, value in known.items() if value)
    return f"--command {command} -r {repository or 'REPOSITORY'}{options}"
