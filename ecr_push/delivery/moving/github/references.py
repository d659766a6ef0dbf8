"""Where outputs of steps are used, and what stands there once a step has become another one. Pure."""

from __future__ import annotations

import re

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.github.draft import Draft
from ecr_push.delivery.moving.github.step_text import scalar
from ecr_push.delivery.moving.github.words import written
from ecr_push.delivery.moving.values import Value
from ecr_push.report.ci.github import OUTPUTS

_WORD = lazy_regex(r"[\w./][\w./@+-]*(?::[\w./@+-]+)*")
_OUTPUT = lazy_regex(r"steps\.([\w-]+)\.outputs\.([\w-]+)")


def used_outputs(draft: Draft, identity: str) -> list[str]:
    """The outputs of a step that what stays of the file uses, in the job and in what it hands on."""
    if not identity:
        return []
    found = [name for one, name in _OUTPUT.findall(_remaining(draft)) if one == identity]
    return list(dict.fromkeys(found))


def is_asked_how_it_ended(draft: Draft, identity: str) -> bool:
    """Whether what stays of the file reads `steps.ID.outcome` or `.conclusion`."""
    found = re.search(rf"\bsteps\.{re.escape(identity)}\.(?:outcome|conclusion)\b", _remaining(draft))
    return bool(identity and found)


def say_missing_outputs(draft: Draft) -> None:
    """Of outputs that steps had, that something uses, and that ours has not."""
    for one in draft.pushed:
        missing = [
            name
            for name in used_outputs(draft, one.identity)
            if name not in OUTPUTS and (one.identity, name) not in {**draft.outputs, **draft.texts}
        ]
        for name in missing:
            text = f"steps.{one.identity}.outputs.{name}"
            line = draft.workflow.text.count("\n", 0, draft.workflow.text.find(text)) + 1
            draft.say_line(line, text, "no equal", "", "docs/github.md lists the outputs that there are")


def stands_alone(draft: Draft, identity: str, name: str) -> bool:
    """Whether an output is used as a whole text alone, and nowhere as a part of an expression."""
    text = _remaining(draft)
    whole = _whole(identity, name).findall(text)
    return len(whole) == sum(1 for one in _OUTPUT.findall(text) if one == (identity, name))


def is_a_word(value: Value) -> bool:
    """Whether it can take an expression's place in YAML, between quotes too, and is the same text there: 1.10
    would be the number 1.1."""
    shown = "".join(one if isinstance(one, str) else "x" for one in value.parts)
    return all(map(written, value.facts)) and bool(_WORD.fullmatch(shown)) and scalar(shown) == shown


def with_new_outputs(text: str, draft: Draft) -> str:
    """A text with what stands for the outputs of steps that have changed."""
    for (identity, name), known in draft.texts.items():
        text = _whole(identity, name).sub(lambda _, known=known: known, text)  # type: ignore[misc]

    def fresh(found: re.Match[str]) -> str:
        return draft.outputs.get((found[1], found[2]), found[0])

    return _OUTPUT.sub(fresh, text)


def _whole(identity: str, name: str) -> re.Pattern[str]:
    return re.compile(rf"\$\{{\{{\s*steps\.{re.escape(identity)}\.outputs\.{re.escape(name)}\s*\}}\}}")


def _remaining(draft: Draft) -> str:
    """The job's text with its steps as they are by now."""
    steps, text = draft.job.steps, draft.workflow.text
    pieces, at = [], 0
    for place, step in enumerate(steps):
        pieces.append(text[at : step.begin])
        pieces.append(draft.becomes.get(place, text[step.begin : step.end]))
        at = step.end
    return "".join([*pieces, text[at:]])
