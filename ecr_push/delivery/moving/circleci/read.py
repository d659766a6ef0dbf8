"""The steps of a configuration of CircleCI that do something to images.

Each step `run` is a shell of its own. Lines that it appends to $BASH_ENV are read by those after it.
https://circleci.com/docs/reference/configuration-reference/#run
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_spans import Items, Members, Text
from ecr_push.delivery.moving.ci_variables import known_variables
from ecr_push.delivery.moving.circleci import ecs_orb, orb
from ecr_push.delivery.moving.shell.read import read_script
from ecr_push.delivery.moving.values import Fact, FactKind, Value
from ecr_push.delivery.moving.yaml_commands import Command, last_line

_EXPRESSION = lazy_regex(r"<<\s*([\w.]+)\s*>>")
_FACTS: Mapping[str, tuple[FactKind, str]] = {
    "pipeline.git.revision": (FactKind.SHA, "${CIRCLE_SHA1}"),
    "pipeline.git.branch": (FactKind.BRANCH, "${CIRCLE_BRANCH}"),
    "pipeline.git.tag": (FactKind.GIT_TAG, "${CIRCLE_TAG}"),
    "pipeline.number": (FactKind.RUN_NUMBER, "<< pipeline.number >>"),
}


@dataclass(frozen=True, eq=False)
class Step:
    """first, last: its lines. command: its script; of the orb, what it does with docker.

    orb: its parameters. is_job: whether it is a job of a workflow. job: the place of the one that it is in.
    deploys: whether it is the orb's for ECS.
    """

    command: Command
    first: int
    last: int
    orb: Members | None = None
    is_job: bool = False
    job: str = ""
    deploys: bool = False


def read_steps(root: Members, file: str) -> Iterator[Step]:
    """Those of commands, of jobs, and the jobs of workflows that are the orb's."""
    for part in ("commands", "jobs"):
        for number, job in enumerate(_inner(root.get(part))):
            known: Mapping[str, Value] = known_variables("circleci")
            for node in _nodes(job, "steps"):
                if step := _step(node, file, known, root.get("orbs")):
                    yield replace(step, job=f"{part}/{number}")
                    written = step.command.script.written.items()
                    known = {**known, **{name: value for (to, name), value in written if to == "BASH_ENV"}}
    for workflow in _inner(root.get("workflows")):
        for node in _nodes(workflow, "jobs"):
            step = _step(node, file, known_variables("circleci"), root.get("orbs"), is_job=True)
            if step and step.orb:
                yield step


def _inner(node: object) -> list[object]:
    return [value for _, value in node.pairs] if isinstance(node, Members) else []


def _nodes(node: object, name: str) -> list[object]:
    found = node.get(name) if isinstance(node, Members) else None
    return list(found.nodes) if isinstance(found, Items) else []


def _step(
    node: object, file: str, known: Mapping[str, Value], orbs: object, *, is_job: bool = False
) -> Step | None:
    if not isinstance(node, Members) or len(node.pairs) != 1:
        return None
    name, value = node.pairs[0]
    last = last_line(node, file)
    if orb.is_orb(name.value) and isinstance(value, Members):
        does = orb.script(orb.parameters(value), orb.version_of(orbs, name.value))
        command = _command(does, name.line, (name.line, last), "orb", known)
        return Step(command, name.line, last, value, is_job)
    if ecs_orb.updates_a_service(name.value) and isinstance(value, Members):
        script_ = ecs_orb.script(name.value, value, name.line, known)
        command = Command(name.value, script_, name.line, last, name.line, "orb")
        return Step(command, name.line, last, value, is_job, deploys=True)
    script = value.get("command") if isinstance(value, Members) else value
    if name.value != "run" or not isinstance(script, Text):
        return None
    begin = script.line + 1 if script.style in ("|", ">") else script.line
    lines = (script.line, last_line(script, file))
    return Step(_command(script.value, begin, lines, script.style, known), name.line, last)


def _command(
    text: str, begin: int, lines: tuple[int, int], style: str, known: Mapping[str, Value]
) -> Command:
    marked = _EXPRESSION.sub(lambda found: f"${{{{ {found[1]} }}}}", text)
    script = read_script(marked, line=begin, known=known, expression=_expression, named=True)
    return Command(text, script, *lines, begin, style)


def _expression(name: str) -> Value:
    kind, text = _FACTS.get(name, (FactKind.VARIABLE, f"<< {name} >>"))
    return Value((Fact(kind, name if kind is FactKind.VARIABLE else "", text),))
