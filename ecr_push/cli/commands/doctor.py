"""`ecr-push doctor`: what a run needs, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.pipeline.doctor.symptom import Symptom

EXAMPLES = (
    ("Look at everything that a run of this directory needs", "ecr-push doctor -r team/shop"),
    ("The same as JSON", "ecr-push doctor -r team/shop --output json"),
)
_MARKS = {"ok": "ok", "warning": "warning", "error": "ERROR"}


@command("doctor", EXAMPLES)
def doctor(call: Call) -> int:
    """Look at everything that a run needs: checkout, builder, engine, network, credentials, clock,
    repository, tags, scanning, lifecycle policy, quotas, permissions. A line each, with what to do. Changes
    nothing.

    Takes the options of run. Ends as a run would: with the exit code of the first error.
    """
    from ecr_push.cli.answer import print_answer
    from ecr_push.cli.read_settings import read_settings
    from ecr_push.cli.session import open_world
    from ecr_push.pipeline.doctor.examine import examine
    from ecr_push.settings.declare import changed

    settings, facts = read_settings(call, "doctor")
    with open_world(changed(settings, dry_run=True), facts, call) as tools:
        found = examine(settings, facts, tools)
        tools.narrator.close()
    print_answer(lambda: _lines(found), lambda: _document(found), settings, call)
    return next((one.exit_code for one in found if one.exit_code), 0)


def _lines(found: Sequence[Symptom]) -> Iterator[str]:
    width = max(len(one.area) for one in found)
    for one in found:
        yield f"{_MARKS[one.level]:<8} {one.area:<{width}}  {' '.join(one.what.split())}"
        if one.remedy:
            yield f"{'':<8} {'':<{width}}  -> {one.remedy}"
    yield ""
    yield ", ".join(_counted(level, found) for level in ("error", "warning"))


def _counted(level: str, found: Sequence[Symptom]) -> str:
    number = sum(one.level == level for one in found)
    return f"{number} {level}{'' if number == 1 else 's'}"


def _document(found: Sequence[Symptom]) -> dict[str, Any]:
    symptoms = [
        {"area": one.area, "level": one.level, "what": one.what, "remedy": one.remedy or None}
        for one in found
    ]
    return {"symptoms": symptoms}
