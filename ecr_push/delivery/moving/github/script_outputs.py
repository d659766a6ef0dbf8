"""The lines of a script that hand outputs on, `echo NAME=VALUE >> "$GITHUB_OUTPUT"`. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.github.deploys import digest_of
from ecr_push.delivery.moving.github.draft import Draft
from ecr_push.delivery.moving.github.references import is_asked_how_it_ended, used_outputs
from ecr_push.delivery.moving.github.run_steps import RunStep
from ecr_push.delivery.moving.shell.operations import Other
from ecr_push.delivery.moving.shell.read import Piece

_OUTPUT_NAME = lazy_regex(r"""(?:echo|printf)\s+(?:-\w+\s+)*['"]?([\w-]+)=""")
_SEVERAL_LINES = (
    "a value with a second line sets another output too: write it between delimiters, see "
    "docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings"
)


def say_outputs(draft: Draft, run: RunStep, pieces: Iterable[Piece]) -> None:
    """Of lines that stay, and hand on as `NAME=VALUE` what may have several lines."""
    for piece in filter(is_output, pieces):
        value = run.script.written.get(("GITHUB_OUTPUT", output_name(piece)))
        if value is not None and value.may_have_lines:
            draft.say_line(piece.line, piece.text, "unsafe", "", _SEVERAL_LINES)


def name_the_image(draft: Draft, run: RunStep) -> None:
    """A step that hands on the name of what was pushed before, which is an output of ours with its digest."""
    pieces = [piece for one in run.script.statements for piece in one.pieces]
    if not run.step.id:
        say_outputs(draft, run, pieces)
        return
    used = used_outputs(draft, run.step.id)
    for (file, name), value in run.script.written.items():
        output = digest_of(value, draft, run.at) if file == "GITHUB_OUTPUT" and name in used else ""
        if output:
            draft.outputs[run.step.id, name] = output
            draft.say_line(run.line, f"{name}: {value.source}", "became", "the output image, with its digest")
    goes = used and not is_asked_how_it_ended(draft, run.step.id)
    if goes and all(map(is_output, pieces)) and all((run.step.id, name) in draft.outputs for name in used):
        draft.becomes[run.at] = ""
    else:
        say_outputs(draft, run, pieces)


def output_name(piece: Piece) -> str:
    found = _OUTPUT_NAME.match(piece.text.lstrip())
    return found[1] if found else ""


def is_output(piece: Piece) -> bool:
    text = piece.text.lstrip()
    return isinstance(piece, Other) and text.startswith(("echo ", "printf ")) and "GITHUB_OUTPUT" in text
