"""A step of docker/metadata-action -> inputs of ours: its rules, its flavor, its labels. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecr_push.base.yaml_spans import Text
from ecr_push.delivery.moving.github.draft import Draft
from ecr_push.delivery.moving.github.scope import divided, names_in
from ecr_push.delivery.moving.github.step_text import Input, inputs_of
from ecr_push.delivery.moving.github.words import EXPRESSION, step_output
from ecr_push.delivery.moving.github.workflow import Step
from ecr_push.delivery.moving.image_name import ImageName
from ecr_push.tags.metadata_action.grammar import parse_rules
from ecr_push.tags.metadata_action.mistakes import RuleMistakes

META = "docker/metadata-action"
# Its inputs that are inputs of ours; the other ones are about its outputs.
_OF_META = ("flavor", "annotations")


def images_of(draft: Draft, meta: Step) -> Iterator[tuple[ImageName, ImageName]]:
    """The repositories that it makes tags for, each as it is written and as it is known."""
    for text in meta.input("images").splitlines():
        name = text.strip().removeprefix("name=").partition(",enable=")[0]
        for one in names_in(name):
            yield divided(one, draft.job, meta)


def inputs_of_meta(draft: Draft, meta: Step) -> Iterator[Input]:
    """What of the step is an input of ours, but for tags and labels, which have their places."""
    for one in inputs_of(meta, draft.workflow.text):
        name = one.name.lower()
        if name in _OF_META:
            draft.say_input(meta, name, "became", one.name)
            yield Input(one.name, one.text if "\n" in one.text else f"{one.text}\n")
        elif name == "images":
            draft.say_input(meta, name, "became", "repository")
        elif name == "tags":
            draft.say_input(meta, name, "became", "tags")
        elif name == "labels":
            draft.say_input(meta, name, "became", "labels")
        elif name == "context" and one.text == "workflow":
            draft.say_input(meta, name, "not needed")
        else:
            draft.say_input(meta, name, "no equal", "", "there are no outputs to divide, and no bake file")
    for key, node in meta.environment().pairs:
        value = node.value if isinstance(node, Text) else ""
        if key.value == "DOCKER_METADATA_SHORT_SHA_LENGTH":
            draft.say_line(key.line, f"{key.value}: {value}", "became", "short-sha-length")
            yield Input("short-sha-length", value)
        elif key.value.startswith("DOCKER_METADATA_"):
            draft.say_line(
                key.line,
                f"{key.value}: {value}",
                "no equal",
                "",
                "give it to the step of ecr-push, under env",
            )


def labels_beside(draft: Draft, step: Step, one: Input, meta: Step) -> Iterator[Input]:
    """The labels that the rules' step does not make: those are ours without being asked for."""
    lines = [line for line in one.text.splitlines() if line.strip() and not is_output_of(line, meta)]
    lines = [*meta.input("labels").strip("\n").splitlines(), *lines]
    draft.say_input(
        step, "labels", "became" if lines else "not needed", "labels" if lines else "", "ecr-push sets them"
    )
    if lines:
        yield Input("labels", "\n".join(lines) + "\n")


def check_rules(draft: Draft, meta: Step, rules: Sequence[str]) -> None:
    """What is wrong with the rules is an error of a run, where the action passes over it."""
    plain = "\n".join(EXPRESSION.sub("true" if "enable=" in one else "x", one) for one in rules)
    try:
        parse_rules(plain)
    except RuleMistakes as mistakes:
        for problem in mistakes.problems:
            draft.say_input(meta, "tags", "no equal", "", f"correct it first: {problem}")


def is_output_of(text: str, meta: Step | None) -> bool:
    """Whether a text is an output of the step, and nothing else."""
    whole = EXPRESSION.fullmatch(text.strip())
    output = step_output(whole[1]) if whole else None
    return bool(output and meta and output[0] == meta.id)
