"""Steps with `run` that build and push images -> steps of ours, and what is left of their scripts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ecr_push.delivery.moving.deploy_moves import DeployMove
from ecr_push.delivery.moving.github.deploy_scripts import can_be_a_step, deploy_step
from ecr_push.delivery.moving.github.deploys import by_digest, pushed_repository
from ecr_push.delivery.moving.github.draft import Draft, Pushed
from ecr_push.delivery.moving.github.references import is_a_word, stands_alone, used_outputs
from ecr_push.delivery.moving.github.run_steps import RunStep, read_runs
from ecr_push.delivery.moving.github.say import (
    VALUES,
    as_expression,
    can_say,
    enable,
    is_of_the_job,
    said,
    secret,
)
from ecr_push.delivery.moving.github.scope import address, region_of
from ecr_push.delivery.moving.github.script_outputs import name_the_image, output_name, say_outputs
from ecr_push.delivery.moving.github.script_parts import Part, parts_around, with_script
from ecr_push.delivery.moving.github.step_text import Input, fresh_step
from ecr_push.delivery.moving.github.words import OBSERVED, written
from ecr_push.delivery.moving.image_move import FileMove, ImageMove, move_images
from ecr_push.delivery.moving.image_name import image_name
from ecr_push.delivery.moving.shell.operations import Does, Operation
from ecr_push.delivery.moving.shell.rest import MixedError
from ecr_push.delivery.moving.tag_rules import KEEPS_CANDIDATE, may_all_move
from ecr_push.delivery.moving.values import Value
from ecr_push.delivery.moving.ways import Place, Ways

# What needs the login to the registry that a script makes.
_WITH_LOGIN = frozenset({Does.RUN, Does.PULL, Does.MANY, Does.BUILD, Does.PUSH, Does.RETAG, Does.SIGN})
_WITH_LATEST = ("type=match", "type=ref,event=tag")


def move_scripts(draft: Draft, before: Sequence[Draft]) -> None:
    """Each image that scripts of the job build and push becomes a step of ours. before: earlier jobs."""
    runs = read_runs(draft.job)
    for run in runs:
        written_here = run.script.written.items()
        draft.exported |= {name: value for (file, name), value in written_here if file == "GITHUB_ENV"}
    operations = [one for run in runs for one in run.operations]
    alone = {one for run in runs for one in run.script.alone}
    ways = Ways(
        enable,
        can_say,
        lambda image: Place(image.first, ""),
        secret,
        can_deploy=lambda one: id(one) in alone and can_be_a_step(one),
        has_commit=draft.has_commit,
        pushed=lambda image: pushed_repository(image, (*before, draft)),
        others=lambda one: _pushed_by_steps(draft, runs, one),
    )
    move = move_images([run.script for run in runs], draft.wish, ways)
    taken = {id(one) for one in move.taken}
    if not move.images and draft.pushed:
        taken |= {id(one) for one in operations if _serves_a_push(one)}
    left = [one for one in operations if id(one) not in taken]
    if any(one.does in _WITH_LOGIN for one in left):
        taken -= {id(one) for one in operations if one.does is Does.LOGIN}
    _say(draft, move, operations, taken)
    draft.deploying |= {one.line for one in operations if one.does is Does.DEPLOY}
    for run in runs:
        kept = (one for one in run.operations if id(one) not in taken)
        draft.commands += [(run.at, one) for one in kept if one.does is Does.DEPLOY]
        images = [one for one in move.images if one.image.first in run.operations]
        deploys = [one for one in move.deploys if one.operation in run.operations]
        if images or any(id(one) in taken for one in run.operations):
            _rewrite(draft, run, images, deploys, taken)
        elif draft.pushed:
            name_the_image(draft, run)


def _pushed_by_steps(draft: Draft, runs: Sequence[RunStep], one: Operation) -> list[Value]:
    """The images that steps before a command push, beside scripts."""
    here = next(run.at for run in runs if any(one is other for other in run.operations))
    pushed = [each for each in draft.pushed if each.names and draft.job.steps.index(each.step) < here]
    return [each.names[0].address for each in pushed]


def _say(draft: Draft, move: FileMove, operations: Sequence[Operation], taken: set[int]) -> None:
    kept = {(one.line, one.text) for one in operations if id(one) not in taken}
    for line in move.lines:
        stays = line.fate == "not needed" and (line.number, line.text) in kept
        draft.lines.append(replace(line, fate="kept", why="what stays here needs it") if stays else line)
    if not move.images:
        said = {(line.number, line.text) for line in draft.lines}
        for one in operations:
            if id(one) in taken and (one.line, one.text) not in said:
                draft.say_line(
                    one.line, one.text, "not needed", "", "a run logs in, waits for the scan and judges"
                )


def _serves_a_push(one: Operation) -> bool:
    """Whether a command is needed for nothing but a push that a step of ours does."""
    return one.does is Does.GATE or (one.program == "aws" and one.does in (Does.SCAN, Does.LOGIN))


def _rewrite(
    draft: Draft, run: RunStep, images: Sequence[ImageMove], deploys: Sequence[DeployMove], taken: set[int]
) -> None:
    """The step's text: what is left of the script before the push, our steps, what is left behind them."""
    marks = [*_pushes(images, run)[-1:], *(one.operation for one in deploys)]
    try:
        before, *behind = parts_around(run, marks, taken)
    except MixedError as error:
        _leave(
            draft, run, str(error) or "commands that go and commands that stay are on one line: divide them"
        )
        return
    if marks and any(one.does for one in (before, *behind)) and is_of_the_job(run.step.condition):
        _leave(draft, run, f"a push is not to have its condition, {run.step.condition}: divide it")
        return
    for part in (before, *behind):
        say_outputs(draft, run, part.pieces)
    values: dict[str, str] = {}
    identity = draft.new_id("image") if before.does or not run.step.id else run.step.id
    ours = [
        _our_step(draft, run, one, identity if n == 0 else draft.new_id("image"), values)
        for n, one in enumerate(images)
    ]
    is_alone = not images and not any(one.does for one in (before, *behind))
    name = run.step.node.text("name") if is_alone else ""
    steps = ["".join(ours)] if images else []
    steps += [deploy_step(draft, run, one, name) for one in deploys]
    own_id = run.step.id if before.does or not marks else draft.new_id("values")
    _map_outputs(draft, run, identity if images else "", own_id, before, values)
    pieces = []
    if before.does or values or before.outputs:
        text = before.with_values(values)
        draft.scripts[run.at] = text
        own = own_id or draft.new_id("values")
        steps = [one.replace(VALUES, f"steps.{own}.outputs") for one in steps]
        has_id = own if values or run.step.id else ""
        pieces.append(with_script(run.step, run.node, draft.workflow.text, text, identity=has_id))
    start = before.assignments
    for step, part in zip(steps, behind, strict=True):
        pieces.append(step)
        if part.does:
            script = "\n".join([*start, part.text])
            draft.scripts[run.at] = "\n".join([draft.scripts.get(run.at, ""), script])
            text = with_script(
                run.step, run.node, draft.workflow.text, script, identity="", is_second=bool(pieces)
            )
            pieces.append(by_digest(draft, run.step, text))
        start = (*start, *part.assignments)
    draft.becomes[run.at] = "".join(pieces)
    if not pieces:
        draft.say(run.step, "not needed")


def _leave(draft: Draft, run: RunStep, why: str) -> None:
    """The step stays as it is, whatever was said of its lines."""
    end = run.line + run.text.count("\n")
    draft.lines = [one for one in draft.lines if not run.line <= one.number <= end]
    draft.say(run.step, "no equal", "", why)


def _pushes(images: Sequence[ImageMove], run: RunStep) -> list[Operation]:
    pushes = {id(one.operation) for image in images for to in image.image.pushed for one in to.tags}
    return [one for one in run.operations if id(one) in pushes]


def _our_step(draft: Draft, run: RunStep, move: ImageMove, identity: str, values: dict[str, str]) -> str:
    names = [
        image_name(to.repository + Value.constant(":") + tag.tag)
        for to in move.image.pushed
        for tag in to.tags
    ]
    draft.pushed.append(Pushed(run.step, identity, names))
    inputs: dict[str, list[str]] = {}
    if move.context is not None:
        inputs["context"] = [said(move.context, values)]
    for key, value in move.settings:
        named = address(value) if key in ("repository", "to") else value
        if key == "repository" and (region := region_of(value)):
            inputs.setdefault("region", [region])
        inputs.setdefault(key, []).append(said(named, values))
    draft.steps += [KEEPS_CANDIDATE] if may_all_move(inputs.get("tags", [])) else []
    rules, push = _common_condition(inputs.get("tags", []))
    inputs["tags"] = rules
    if push:
        inputs["push"] = [push]
    if any(rule.startswith(_WITH_LATEST) for rule in rules):
        inputs.setdefault("flavor", ["latest=false"])
    if draft.needs_peers_naming and any("type=sha" in rule or "{{sha}}" in rule for rule in rules):
        inputs["naming"] = ["metadata-action"]
    if "".join(inputs.get("provenance", ())) in ("off", "false"):
        del inputs["provenance"]  # there is none without it
    ordered = sorted(inputs.items(), key=lambda one: one[0] in ("observe", "fail-on"))
    made = [
        Input(
            key,
            "\n".join(texts) + ("\n" if key == "tags" else ""),
            comment=OBSERVED if key == "observe" else "",
        )
        for key, texts in ordered
    ]
    condition = " && ".join(filter(None, (as_expression(one) for one in move.conditions)))
    return fresh_step(run.step, made, identity=identity, name=run.step.node.text("name"), condition=condition)


def _common_condition(rules: list[str]) -> tuple[list[str], str]:
    """Where all rules have one condition, it is that of the push: without it the image is built alone."""
    divided = [rule.partition(",enable=") for rule in rules]
    conditions = {condition for _, _, condition in divided}
    if len(conditions) == 1 and (only := conditions.pop()):
        return [rule for rule, _, _ in divided], only
    return rules, ""


def _map_outputs(
    draft: Draft,
    run: RunStep,
    identity: str,
    own_id: str,
    before: Part,
    values: Mapping[str, str],
) -> None:
    """What stands for the outputs of a step whose script is gone: the image's, or their values."""
    if not run.step.id:
        return
    used = used_outputs(draft, run.step.id)
    names = [name for one in draft.pushed if one.step is run.step for name in one.names]
    for (file, name), value in run.script.written.items():
        if file != "GITHUB_OUTPUT" or name not in used:
            continue
        is_said = name in map(output_name, before.pieces)
        if identity and image_name(value).tag is not None and image_name(value) in names:
            draft.outputs[run.step.id, name] = f"steps.{identity}.outputs.image"
        elif is_a_word(value) and stands_alone(draft, run.step.id, name):
            draft.texts[run.step.id, name] = "".join(
                one if isinstance(one, str) else written(one) or "" for one in value.parts
            )
        elif (only := value.only) and only.text in values:
            draft.outputs[run.step.id, name] = f"steps.{own_id}.outputs.{values[only.text]}"
        else:
            if not is_said:
                before.outputs[name] = value
            draft.outputs[run.step.id, name] = f"steps.{own_id}.outputs.{name}"
