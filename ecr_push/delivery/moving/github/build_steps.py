"""Steps of docker/build-push-action -> steps of ours, with the rules of docker/metadata-action. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.yaml_spans import Text
from ecr_push.delivery.moving.github.draft import Draft, Pushed
from ecr_push.delivery.moving.github.metadata import (
    META,
    check_rules,
    images_of,
    inputs_of_meta,
    is_output_of,
    labels_beside,
)
from ecr_push.delivery.moving.github.say import secret
from ecr_push.delivery.moving.github.scope import Scope, address, divided, names_in
from ecr_push.delivery.moving.github.step_text import Input, in_its_place, inputs_of
from ecr_push.delivery.moving.github.words import ACTION, EXPRESSION, step_output, template, written
from ecr_push.delivery.moving.github.workflow import Step
from ecr_push.delivery.moving.image_name import ImageName, is_in_ecr
from ecr_push.delivery.moving.secret_arguments import secret_argument
from ecr_push.delivery.moving.tag_rules import KEEPS_CANDIDATE, may_all_move, rules_of
from ecr_push.delivery.moving.values import Fact, FactKind, Value

BUILD = "docker/build-push-action"
_WITH_LATEST = ("type=semver", "type=pep440", "type=match", "type=ref,event=tag")


class _NotTakenError(Exception):
    """Why a step is not taken over, for its line."""


@dataclass(frozen=True)
class _Tags:
    """names: of the images in ECR. others: of those elsewhere. rules: of --tags.

    meta: the step that makes them, where one does.
    """

    names: tuple[ImageName, ...]
    others: tuple[ImageName, ...]
    rules: tuple[str, ...]
    meta: Step | None = None


def move_builds(draft: Draft) -> None:
    """Each step that pushes an image to ECR becomes one of ours."""
    for at, step in enumerate(draft.job.steps):
        if step.uses == BUILD:
            try:
                _move(draft, at, step)
            except _NotTakenError as why:
                draft.say(step, "no equal", "", str(why))


def _move(draft: Draft, at: int, step: Step) -> None:
    push, outputs = step.input("push").strip(), step.input("outputs")
    if "push-by-digest" in outputs:
        raise _NotTakenError(
            "one runner a platform: docs/building.md has `command: build` and the input `part`"
        )
    if push in ("", "false") and "push=true" not in outputs and "type=registry" not in outputs:
        draft.say(step, "kept", "", "it pushes nothing")
        return
    if step.node.flow and step.node.get("env"):
        raise _NotTakenError("it has `env` within braces: write each key on a line of its own first")
    tags = _tags_of(draft, step)
    given = inputs_of(step, draft.workflow.text)
    identity = step.id or draft.new_id("image")
    names = tags.names
    first = _repository(draft, names, step)
    inputs = [Input("repository", first)]
    if draft.wish.region:
        inputs.append(Input("region", draft.wish.region))
    others = dict.fromkeys(_text(address(one.address)) for one in names)
    inputs += [Input("to", "\n".join(one for one in others if one != first))] if len(others) > 1 else []
    inputs += _taken(draft, step, given, tags)
    inputs += inputs_of_meta(draft, tags.meta) if tags.meta else ()
    inputs += draft.common_inputs()
    same = [one.name for one in given if one.raw and any(one is other for other in inputs)]
    draft.say(
        step,
        "became",
        f"uses: {ACTION.partition(' ')[0]}",
        f"{', '.join(same)} {'is the same' if len(same) == 1 else 'are the same'}" if same else "",
    )
    _say_secrets(draft, step)
    _say_other_names(draft, step, tags)
    pushed = Pushed(step, identity, [*names], meta=tags.meta.id if tags.meta else "")
    draft.pushed.append(pushed)
    draft.becomes[at] = in_its_place(step, draft.workflow.text, inputs, identity=identity)
    _say_defaults(draft, step)
    given_rules = [*(tags.meta.input("tags").splitlines() if tags.meta else ()), *tags.rules]
    draft.steps += [KEEPS_CANDIDATE] if may_all_move(given_rules) else []


def _say_other_names(draft: Draft, step: Step, tags: _Tags) -> None:
    """Of what is pushed to other registries, and to several repositories with tags of their own each."""
    said, where = (step, "tags") if tags.meta is None else (tags.meta, "images")
    for name in tags.others:
        why = f"{_text(address(name.address))} is not in ECR: `crane copy` of the output can follow"
        draft.say_input(said, where, "no equal", "", why)
    own: dict[str, set[str]] = {}
    for name in tags.names:
        own.setdefault(_text(address(name.address)), set()).add(_text(name.tag) if name.tag else "")
    if len({frozenset(one) for one in own.values()}) > 1:
        why = f"{' and '.join(own)} have tags of their own each: `to` gives all repositories the same ones"
        draft.say_input(said, where, "no equal", "", why)


def _say_secrets(draft: Draft, step: Step) -> None:
    """Of build arguments that hold a secret, a line each."""
    given = step.inputs().get("build-args")
    if not isinstance(given, Text):
        return
    first = given.line + (given.style in ("|", ">"))
    scope = Scope(draft.job, step, resolves=True)
    for number, line in enumerate(given.value.splitlines(), first):
        if argument := secret_argument(template(line.strip(), scope)):
            draft.lines.append(argument.warning(number, secret(argument)))


def _tags_of(draft: Draft, step: Step) -> _Tags:
    found: list[tuple[ImageName, ImageName]] = []
    rules: list[str] = []
    meta: Step | None = None
    for text in names_in(step.input("tags")):
        whole = EXPRESSION.fullmatch(text)
        output = step_output(whole[1]) if whole else None
        made_by = output and _step_of(draft, output[0])
        if made_by and output and output[1] in ("tags", "tag-names"):
            meta = made_by
            found += images_of(draft, meta)
            continue
        shown, known = divided(text, draft.job, step)
        if shown.tag is None and shown.repository.facts and not shown.registry.parts:
            if draft.wish.repository:  # an image of that repository is a rule, too
                name = ImageName(Value(), Value.fact(FactKind.REGISTRY, "", text))
                found.append((name, name))
                rules.append(text)
                continue
            raise _NotTakenError(
                f"the repository of {text} is not in the file: give --repository NAME, where the file "
                "has one image"
            )
        found.append((shown, known))
        if is_in_ecr(known):
            rules += rules_of(shown.tag or Value.constant("latest"), written, has_commit=draft.has_commit)
    if not found:
        raise _NotTakenError("it names no image in `tags`")
    names = tuple(shown for shown, known in found if is_in_ecr(known))
    others = tuple(shown for shown, known in found if not is_in_ecr(known))
    if not names:
        raise _NotTakenError(
            f"{_text(address(others[0].address))} is not in Amazon ECR, to which alone ecr-push pushes"
        )
    return _Tags(names, others, tuple(dict.fromkeys(rules)), meta)


def _repository(draft: Draft, names: Sequence[ImageName], step: Step) -> str:
    if draft.wish.repository:
        return draft.wish.repository
    return _text(address(names[0].address))


def _taken(draft: Draft, step: Step, given: Sequence[Input], tags: _Tags) -> Iterator[Input]:
    """The inputs of the step that stay, and what is written in the place of others."""
    for one in given:
        name = one.name.lower()
        if name == "push" and one.text.strip() == "true":
            draft.say_input(
                step, name, "not needed", "", "a run pushes a candidate, and releases it when judged"
            )
        elif name == "tags":
            yield from _tags_input(draft, step, one, tags)
        elif name == "labels" and tags.meta:
            yield from labels_beside(draft, step, one, tags.meta)
        elif name == "annotations" and is_output_of(one.text, tags.meta):
            draft.say_input(step, name, "became", "annotate: true")
            yield Input("annotate", "true")
        elif name == "provenance" and one.text.strip() == "false":
            draft.say_input(step, name, "not needed", "", "there is none without it")
        elif name not in _GONE:
            yield one
        else:
            draft.say_input(step, name, "no equal", "", _GONE[name])


_GONE = {"load": "a run pushes; `load: true` in a step of its own builds into the engine"}


def _tags_input(draft: Draft, step: Step, one: Input, tags: _Tags) -> Iterator[Input]:
    if tags.meta is None:
        draft.say_input(step, "tags", "became", f"tags: {', '.join(tags.rules)}")
        yield Input("tags", "\n".join(tags.rules) + ("\n" if len(tags.rules) == 1 else ""))
        if any(rule.startswith(_WITH_LATEST) for rule in tags.rules):
            yield Input("flavor", "latest=false")
        return
    draft.say_input(step, "tags", "became", "the rules of docker/metadata-action, here")
    rules = [*tags.meta.input("tags").strip("\n").splitlines(), *tags.rules]
    if rules:
        check_rules(draft, tags.meta, rules)
        yield Input("tags", "\n".join(rules) + "\n")
    yield Input("naming", "metadata-action", comment="its tags and labels, where ours differ")


def _say_defaults(draft: Draft, step: Step) -> None:
    """What the action does without being asked, and a run does not."""
    if not step.input("provenance") and not step.input("attests") and not step.input("sbom"):
        draft.steps.append(
            f"docker/build-push-action attached a provenance attestation by default (line {step.line}): "
            "`provenance: true` keeps it; images without one suit Lambda too"
        )
    if not step.input("context"):
        draft.say(
            step,
            "became",
            "context: .",
            "docker fetched the commit itself; it is the checkout now, with what earlier steps changed in it",
        )


def _step_of(draft: Draft, identity: str) -> Step | None:
    """The step of docker/metadata-action with that id."""
    return next((one for one in draft.job.steps if one.id == identity and one.uses == META), None)


def _text(value: Value) -> str:
    return "".join((written(one) or one.text) if isinstance(one, Fact) else one for one in value.parts)
