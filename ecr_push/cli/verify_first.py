"""Verifies an image for a command that is about to use it. A refusal is reported as `verify` reports it."""

from __future__ import annotations

from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.settings.declare import Settings


def verify_first(image: str, settings: Settings, facts: CiFacts, call: Call) -> int:
    """0 for an image that has what is required of it, else the exit code; the reason is on standard error.

    Raises SettingsError, RegistryError and SigningError, where there is no answer.
    """
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.record import Record
    from ecr_push.pipeline.verify_image import verify_image
    from ecr_push.report import text

    with open_world(settings, facts, call) as tools:
        record = Record(tools, sandbox=False)
        verify_image(image, settings, tools, record)
        tools.narrator.close()
    if record.outcome.exit_code:
        call.stderr.write(call.clean("\n" + text.render(record.outcome)))
        call.stderr.flush()
    return record.outcome.exit_code
