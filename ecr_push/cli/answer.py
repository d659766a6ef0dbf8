"""What a command that answers a question prints: lines for people, or a document, as --output says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecr_push.cli.call import Call
    from ecr_push.settings.declare import Settings


def print_answer(
    lines: Callable[[], Iterable[str]],
    document: Callable[[], Mapping[str, Any]],
    settings: Settings,
    call: Call,
) -> None:
    """Prints the one that is asked for, without secrets and without commands to a CI."""
    from ecr_push.report.escape import json_text, log_line
    from ecr_push.report.redact import clean_texts

    if settings.report.output == "json":
        text = json_text(clean_texts(document(), call.clean))
    else:
        text = call.clean("".join(f"{log_line(line)}\n" for line in lines()))
    call.stdout.write(text)
    call.stdout.flush()
