"""The scripts of a job's steps, and what each of them knows. Pure."""

from __future__ import annotations

from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.base.yaml_spans import Text
from ecr_push.delivery.moving.github.say import STEP_IF
from ecr_push.delivery.moving.github.scope import Scope
from ecr_push.delivery.moving.github.words import (
    expression,
    known_variables,
    step_output,
    template,
    written,
)
from ecr_push.delivery.moving.github.workflow import Job, Step
from ecr_push.delivery.moving.shell.operations import Condition, Operation
from ecr_push.delivery.moving.shell.read import Script, read_script
from ecr_push.delivery.moving.values import FactKind, Value


@dataclass(frozen=True, eq=False)
class RunStep:
    """A step with `run`, and what its script does. line: of the file, where the script begins."""

    at: int
    step: Step
    script: Script
    node: Text
    line: int

    @property
    def text(self) -> str:
        return self.node.value

    @property
    def operations(self) -> tuple[Operation, ...]:
        return self.script.operations


def read_runs(job: Job) -> list[RunStep]:
    """The scripts of a job in their order. What one writes to GITHUB_ENV or its outputs, others know."""
    known = known_variables()
    outputs: dict[tuple[str, str], Value] = {}
    found = []
    for at, step in enumerate(job.steps):
        run = step.run
        shell = (step.node.text("shell") or job.shell or "bash").split()[0]
        if run is None or shell.rpartition("/")[2] not in ("bash", "sh"):
            continue
        scope = Scope(job, step, resolves=True)

        def meant(text: str, scope: Scope = scope) -> Value:
            output = step_output(text)
            held = outputs.get(output) if output else None
            return held if held is not None and is_name(held) else expression(text, scope)

        here = dict(known)
        for members in (*job.environment, step.environment()):
            for key, node in members.pairs:
                if isinstance(node, Text):
                    here[key.value] = template(node.value, Scope(job, step, resolves=True))
        line = run.line + (run.style in ("|", ">"))
        folder = step.node.text("working-directory") or job.folder
        script = read_script(run.value, line=line, known=here, folder=folder, expression=meant)
        conditioned = _with_condition(script, step.condition)
        found.append(RunStep(at, step, conditioned, run, line))
        for (file, name), value in script.written.items():
            if file == "GITHUB_ENV":
                is_plain = is_name(value) or all(written(one) for one in value.facts)
                known[name] = (
                    value if is_plain else Value.fact(FactKind.VARIABLE, name, f"${{{{ env.{name} }}}}")
                )
            elif file == "GITHUB_OUTPUT" and step.id:
                outputs[step.id, name] = value
    return found


def _with_condition(script: Script, condition: str) -> Script:
    """The script with the step's own condition before those of each of its commands."""
    if not condition:
        return script
    own = Condition(f"{STEP_IF}{condition}")
    statements = tuple(
        replace(
            one,
            pieces=tuple(
                replace(piece, conditions=(own, *piece.conditions)) if isinstance(piece, Operation) else piece
                for piece in one.pieces
            ),
        )
        for one in script.statements
    )
    return replace(script, statements=statements)


def is_name(value: Value) -> bool:
    """Whether it is an image's name, rather than a tag or a path."""
    return value.partition("/") is not None and bool(value.facts or ".dkr.ecr." in (value.text or ""))
