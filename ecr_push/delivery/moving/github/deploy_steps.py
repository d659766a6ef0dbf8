"""AWS's own actions that deploy to Amazon ECS -> `command: deploy ecs`, where it does the same. Pure.

The first puts an image into a container, and writes a file; the second registers that, and updates a service:
https://github.com/aws-actions/amazon-ecs-render-task-definition
https://github.com/aws-actions/amazon-ecs-deploy-task-definition
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.base.yaml_spans import Text
from ecr_push.delivery.moving.github.deploys import pushed_image
from ecr_push.delivery.moving.github.draft import Deployed, Draft
from ecr_push.delivery.moving.github.references import used_outputs
from ecr_push.delivery.moving.github.scope import Scope
from ecr_push.delivery.moving.github.step_text import Input, fresh_step
from ecr_push.delivery.moving.github.words import EXPRESSION, NO_WAIT, step_output, template
from ecr_push.delivery.moving.github.workflow import Step
from ecr_push.delivery.moving.permissions import permissions_for

RENDER = "aws-actions/amazon-ecs-render-task-definition"
DEPLOY = "aws-actions/amazon-ecs-deploy-task-definition"
_OF_RENDER = frozenset({"task-definition", "task-definition-family", "container-name", "image"})
_OF_DEPLOY = frozenset({
    "task-definition", "service", "cluster", "wait-for-service-stability", "wait-for-minutes", "max-retries",
    "force-new-deployment",  # a new revision starts new tasks without it
})  # fmt: skip
_OFF = frozenset({"", "false", "none"})  # as if it was not there
_CODEDEPLOY = (
    "CodeDeploy shifts the calls between two sets of tasks, which `deploy ecs` does not; what it registers "
    "has the digest, where the step before it gets the image"
)
_REVISION = "it takes a certain revision; `deploy ecs` takes a file, or the latest of a family"
_WHY: Mapping[str, str] = {
    "run-task": "it runs a task of what it registers, which `deploy ecs` does not",
    "desired-count": "it sets how many tasks run, which `deploy ecs` leaves as it is",
    "task-definition-arn": _REVISION,
    "task-definition-revision": _REVISION,
}
_DEFAULT_MINUTES = "30"  # that both wait


def move_ecs_deploys(draft: Draft, drafts: Sequence[Draft]) -> None:
    """Steps that render a task definition, and those that deploy it, become steps of ours.

    drafts: those of all jobs, which may push the image.
    """
    if not any(one.pushed for one in drafts):
        return
    for renders, deploys in _groups(draft):
        draft.deploying |= {one.line for one in (*renders, *deploys)}
        whys = [_why_it_stays(draft, drafts, renders, one) for one in deploys]
        for step, why in zip(deploys, whys, strict=True):
            if any(whys):
                draft.say(step, "kept", "", why or _used_elsewhere(renders[-1]))
            else:
                _move(draft, drafts, renders, step)


def _groups(draft: Draft) -> list[tuple[list[Step], list[Step]]]:
    """The steps that deploy, by what renders their task definition, in its order."""
    found: dict[int, tuple[list[Step], list[Step]]] = {}
    for at, step in draft.left():
        if step.uses == DEPLOY:
            renders: list[Step] = []
            one: Step | None = step
            while one and (one := _rendered_by(draft, one)) and one not in renders:
                renders.insert(0, one)
            key = id(renders[-1]) if renders else -at
            found.setdefault(key, (renders, []))[1].append(step)
    return list(found.values())


def _rendered_by(draft: Draft, step: Step) -> Step | None:
    """The step whose output the task definition is."""
    whole = EXPRESSION.fullmatch(step.input("task-definition").strip())
    output = step_output(whole[1]) if whole else None
    found = (one for one in draft.job.steps if output and one.id == output[0] and one.uses == RENDER)
    return next(found, None) if output and output[1] == "task-definition" else None


def _move(draft: Draft, drafts: Sequence[Draft], renders: Sequence[Step], step: Step) -> None:
    places = [draft.job.steps.index(one) for one in renders]
    image = pushed_image(renders[0].input("image"), draft, drafts, places[0])
    identity = step.id or draft.new_id("deploy")
    inputs = [Input("command", "deploy ecs"), Input("arguments", image), *_inputs(step, renders)]
    name = step.node.text("name") or renders[-1].node.text("name")
    condition = step.node.text("if") or renders[-1].node.text("if")
    draft.becomes |= dict.fromkeys(places, "")
    draft.becomes[draft.job.steps.index(step)] = fresh_step(
        step, inputs, identity=identity, name=name, condition=condition
    )
    known = {one: _known(draft, step, step.input(one)) for one in ("cluster", "service") if step.input(one)}
    draft.deployed.append(Deployed(step, identity, permissions_for("deploy-ecs", _repository(drafts), known)))
    for render in renders:
        draft.say(render, "became", "command: deploy ecs", "the image goes in, and nothing else changes")
    draft.say(step, "became", "command: deploy ecs", "a service that CodeDeploy deploys is refused")


def _why_it_stays(draft: Draft, drafts: Sequence[Draft], renders: Sequence[Step], step: Step) -> str:
    """ "" where `deploy ecs` does the same."""
    if not renders:
        what = step.input("task-definition") or "it"
        return f"other commands put the image into {what}; `deploy ecs` does both, with the digest"
    for one in (*renders, step):
        taken = _OF_RENDER if one.uses == RENDER else _OF_DEPLOY
        for key, node in one.inputs().pairs:
            name = key.value.lower()
            value = node.value.strip().lower() if isinstance(node, Text) else ""
            if name not in taken and value not in _OFF:
                return f"{name}: {_why(name, one)}"
        if one.environment().pairs:
            return f"line {one.line} has variables of its own"
    if step.input("wait-for-service-stability").strip().lower() not in ("", "true", "false"):
        return "wait-for-service-stability: whether it waits is not in the file"
    before = {one.condition for one in renders}
    if len(before) > 1 or not before <= {"", step.condition}:
        return "the steps have conditions of their own each"
    return _why_not_this_image(draft, drafts, renders) or _who_uses(draft, renders, step)


def _why_not_this_image(draft: Draft, drafts: Sequence[Draft], renders: Sequence[Step]) -> str:
    given = [pushed_image(one.input("image"), draft, drafts, draft.job.steps.index(one)) for one in renders]
    if "" in given:
        return f"this file does not push {renders[given.index('')].input('image') or 'its image'}"
    return "its containers get several images" if len(set(given)) > 1 else ""


def _who_uses(draft: Draft, renders: Sequence[Step], step: Step) -> str:
    """Why the outputs are still needed."""
    if used := used_outputs(draft, step.id):
        return f"its output {used[0]} is used, which `deploy ecs` has not"
    text = draft.workflow.text
    others = [one for one in draft.job.steps if one.uses != DEPLOY and one not in renders]
    for render in renders:
        named = f"steps.{render.id}."
        if render.id and any(named in text[one.begin : one.end] for one in others):
            return _used_elsewhere(render)
    return ""


def _used_elsewhere(render: Step) -> str:
    return f"what line {render.line} writes is used elsewhere too"


def _why(name: str, step: Step) -> str:
    if name.startswith("codedeploy"):
        return _CODEDEPLOY
    if name.startswith("run-task"):
        return _WHY["run-task"]
    return _WHY.get(
        name,
        "`deploy ecs` changes the image alone" if step.uses == RENDER else "`deploy ecs` has no such option",
    )


def _inputs(step: Step, renders: Sequence[Step]) -> list[Input]:
    found = [Input(name, text) for name in ("cluster", "service") if (text := step.input(name).strip())]
    found.append(Input("container", ",".join(one.input("container-name").strip() for one in renders)))
    file = renders[0].input("task-definition").strip()
    if file and "${{" not in file and not {".", "/"} & set(file):
        file = f"./{file}"  # else it is the name of a family
    found.append(Input("task-definition", file or renders[0].input("task-definition-family").strip()))
    if step.input("service").strip():
        if step.input("wait-for-service-stability").strip().lower() != "true":
            found.append(Input("deploy-timeout", "0", comment=NO_WAIT))
        elif (minutes := step.input("wait-for-minutes").strip()) not in ("", _DEFAULT_MINUTES):
            found.append(Input("deploy-timeout", f"{minutes}m"))
    return found


def _known(draft: Draft, step: Step, text: str) -> str:
    """What an input is, as far as the file says it."""
    return template(text.strip(), Scope(draft.job, step, resolves=True)).text or ""


def _repository(drafts: Sequence[Draft]) -> str:
    """Of the image, where the file pushes one."""
    names = {name.repository.text for draft in drafts for one in draft.pushed for name in one.names}
    return names.pop() or "" if len(names) == 1 else ""
