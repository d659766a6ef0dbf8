"""`ecr-push build`: pushes one platform's part of an index, built where that platform is native."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.ci.facts import CiFacts
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.outcome import Outcome
    from ecr_push.pipeline.record import Record
    from ecr_push.settings.declare import Settings

EXAMPLES = (
    (
        "On a runner for arm64: push this platform's image, and keep its name for the run that joins",
        "ecr-push build -r team/shop --platform linux/arm64 >part-arm64.txt",
    ),
    (
        "The same with the result document, and the repository made if it is missing",
        "ecr-push build -r team/shop --create-repository --result part.json",
    ),
)


@command("build", EXAMPLES)
def build(call: Call) -> int:
    """Build the image in DIR for this machine's platform, and push it as a candidate for `run --part`.

    Nothing is scanned or judged, and no release tag moves. Standard output carries REPOSITORY_URI@DIGEST,
    which `ecr-push run --part` takes, once for each platform.
    """
    from ecr_push.cli.deliver import build_story
    from ecr_push.cli.read_settings import read_settings

    settings, facts = read_settings(call, "build")
    return build_story(lambda tools, record: _build(settings, facts, tools, record), settings, facts, call)


def _build(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> Outcome:
    """Pushes the part; code from a fork is only built and checked, as by `run`."""
    from ecr_push.cli.read_settings import not_pushed
    from ecr_push.pipeline import run as pipeline
    from ecr_push.pipeline.without_registry import build_only, check_dockerfile

    if settings.builder.call == "check":
        return check_dockerfile(settings, facts, tools, record)
    if outside := not_pushed(settings, facts):
        why = f"{outside} is built and checked; it is not pushed, scanned or judged"
        return build_only(settings, facts, tools, record, why=why)
    return pipeline.build_part(settings, facts, tools, record)
