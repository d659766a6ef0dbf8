"""A configuration of CircleCI -> the same one with its images pushed by ecr-push. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ecr_push.base.yaml_spans import Items, Members, Text, positions, read_documents
from ecr_push.delivery.moving.circleci import ecs_orb, orb
from ecr_push.delivery.moving.circleci.read import Step, read_steps
from ecr_push.delivery.moving.gather import BuiltImage, built_images
from ecr_push.delivery.moving.image_move import FileMove, ImageMove, move_images
from ecr_push.delivery.moving.line_edits import LineEdits
from ecr_push.delivery.moving.model import Line, Moved, NotMovedError, Wish
from ecr_push.delivery.moving.release import RELEASE
from ecr_push.delivery.moving.shell.operations import Operation
from ecr_push.delivery.moving.shell_writer import can_say, deploy_lines, enable, push, run_lines, secret
from ecr_push.delivery.moving.ways import Place, Ways
from ecr_push.delivery.moving.yaml_commands import last_line, parts_without, script_of

# What ecr-push does not read from CircleCI's variables; an empty one says nothing.
_REF = 'ECR_PUSH_BRANCH="$CIRCLE_BRANCH" ECR_PUSH_TAG_REF="$CIRCLE_TAG"'
_PROGRAM = "~/ecr-push/bin/ecr-push"
_INSTALL = f"python3 -m venv ~/ecr-push\n~/ecr-push/bin/pip install --quiet ecr-push=={RELEASE}"
_JOB, _DEPLOYING = "push-image", "deploy-image"
_IMAGE = "cimg/python:3.12"


def move_circleci(text: str, path: str, wish: Wish) -> Moved:
    """Raises NotMovedError where it pushes no image, and YamlError."""
    documents = read_documents(text)
    root = documents[0] if documents else None
    if not isinstance(root, Members):
        raise NotMovedError(f"{path} has no jobs")
    steps = list(read_steps(root, text))
    found = move_images(
        [one.command.script for one in steps],
        wish,
        Ways(
            enable,
            can_say,
            lambda one: _place(one, steps),
            secret,
            push,
            can_deploy=lambda one: _can_deploy(one, steps),
        ),
    )
    if not found.images:
        raise found.not_there(path)
    edits = LineEdits(text)
    taken = {id(one) for one in found.taken}
    runs: dict[int, list[list[str]]] = {}
    for image in found.images:
        runs.setdefault(id(image.place), []).append(_run_lines(image))
    for deploy in found.deploys:
        runs[id(deploy.operation)] = [deploy_lines(_PROGRAM, deploy)]
    jobs: dict[str, int] = {}
    for step in steps:
        if any(id(one) in taken for one in step.command.script.operations):
            script = script_of(parts_without(step.command, taken, runs))
            has_run = any(step.command.has(image.place) for image in found.images)
            if step.is_job:
                name = _DEPLOYING if step.deploys else _JOB
                jobs[name] = jobs.get(name, 0) + 1
                _write_job(root, step, script, f"{name}-{jobs[name]}" if jobs[name] > 1 else name, edits)
            elif step.orb or not script:
                edits.remove(step.first, step.last)
                if script:
                    edits.insert(step.first, _indented(_steps(script, step), edits.indent(step.first)))
            else:
                _write_script(step, script, edits, installs=has_run)
    return Moved(path, edits.text(), tuple(_lines(found, steps, root)), tuple(_next(found)))


def _run_lines(image: ImageMove) -> list[str]:
    first, *others = run_lines(_PROGRAM, image)
    return [_REF, first, *others] if first.startswith(_PROGRAM) else [first, _REF, *others]


def _place(image: BuiltImage, steps: Sequence[Step]) -> Place:
    (step,) = (one for one in steps if one.command.has(image.first))
    return Place(image.first, step.command.folder_at(image.first))


def _can_deploy(deploy: Operation, steps: Sequence[Step]) -> bool:
    """Whether a run stands in the same job, whose machine has what ecr-push needs."""
    (step,) = (one for one in steps if one.command.has(deploy))
    operations = [one for each in steps if each.job == step.job for one in each.command.script.operations]
    is_alone = id(deploy) in step.command.script.alone
    if step.is_job:  # which becomes a job of its own
        return is_alone
    return is_alone and not deploy.conditions and bool(step.job) and bool(built_images(operations))


def _write_script(step: Step, script: str, edits: LineEdits, *, installs: bool) -> None:
    """Puts another script into a step `run`."""
    first = step.command.first
    if installs:
        edits.insert(step.first, _indented(_run("install ecr-push", _INSTALL), edits.indent(step.first)))
    key = edits[first].split(":", 1)[0]
    indent = " " * (len(key) - len(key.lstrip(" -")) + 2)
    edits.remove(first, step.command.last)
    edits.insert(first, [f"{key}: |", *_indented(script.split("\n"), indent)])


def _write_job(root: Members, step: Step, script: str, job_name: str, edits: LineEdits) -> None:
    """The orb's job becomes one of the file; in the workflow stand its name, and what it waits for."""
    pairs = step.orb.pairs if step.orb else ()
    stays = any(name.value in orb.OF_THE_JOB for name, _ in pairs)
    before = edits[step.first].strip(" -:")
    edits.remove(step.first, step.first)
    edits.insert(step.first, [f"{edits.indent(step.first)}- {job_name}{':' if stays else ''}"])
    if not any(name.value == "name" for name, _ in pairs):
        for line in _waiting(root.get("workflows"), before):
            edits.replace(line, before, job_name)
    for name, node in pairs:
        if name.value not in orb.OF_THE_JOB:
            edits.remove(name.line, max(name.line, last_line(node, edits.original)))
    given: Mapping[str, object] = orb.parameters(step.orb)
    engine = [] if step.deploys else ["- checkout", "- setup_remote_docker"]
    steps = [*engine, *_auth(given.get("auth"), edits), *_steps(script, step)]
    job = [f"  {job_name}:", "    docker:", f"      - image: {_IMAGE}", "    steps:"]
    job += _indented(steps, " " * 6)
    jobs = next((name for name, _ in root.pairs if name.value == "jobs"), None)
    if jobs:
        edits.insert(jobs.line + 1, job)
        return
    (workflows,) = (name for name, _ in root.pairs if name.value == "workflows")
    if edits.has_inserted(workflows.line, workflows.line):
        edits.insert(workflows.line, [*job, ""])
    else:
        edits.insert(workflows.line, ["jobs:", *job, ""])


def _waiting(workflows: object, name: str) -> set[int]:
    """The lines where a job requires another one."""
    if not isinstance(workflows, Members):
        return set()
    found = (one for one in positions(workflows) if isinstance(one.node, Text) and one.node.value == name)
    return {one.node.line for one in found if "requires" in one.steps}


def _auth(node: object, edits: LineEdits) -> list[str]:
    """The steps that give the orb credentials, as they stand there."""
    if not isinstance(node, Items) or not node.nodes or node.flow:
        return []
    first, last = node.nodes[0].line, last_line(node, edits.original)
    cut = len(edits.indent(first))
    return [edits[number][cut:] for number in range(first, last + 1)]


def _steps(script: str, step: Step) -> list[str]:
    name = "deploy the image" if step.deploys else "push the image"
    return [*_run("install ecr-push", _INSTALL), *_run(name, script)]


def _run(name: str, script: str) -> list[str]:
    return ["- run:", f"    name: {name}", "    command: |", *_indented(script.split("\n"), " " * 6)]


def _indented(lines: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}{line}".rstrip() for line in lines]


def _lines(found: FileMove, steps: Sequence[Step], root: Members) -> list[Line]:
    """Those of the orb are about its parameters: what it does with docker is not in the file."""
    done = frozenset(one.operation.line for one in found.deploys)
    of_orb = {id(one) for step in steps if step.orb for one in step.command.script.operations}
    hidden = {one.text for step in steps if step.orb for one in step.command.script.operations}
    kept = (one for one in found.lines if one.text not in hidden or one.number in done)
    lines = [*kept, *ecs_orb.ecs_lines(root, done)]
    for step in steps:
        for image in found.images:
            if step.orb and id(image.image.build) in of_orb and step.command.has(image.image.build):
                shown = ", ".join(
                    dict.fromkeys(
                        f"{key}: {value.source}" if key == "tags" else key for key, value in image.settings
                    )
                )
                lines.append(Line(step.first, orb.COMMAND, "became", f"a run: {shown}"))
        if step.orb and not step.deploys:
            lines += orb.lines(orb.parameters(step.orb))
    return sorted(lines, key=lambda one: one.number)


def _next(found: FileMove) -> Iterator[str]:
    yield (
        "CircleCI has no wrapper: a step installs ecr-push with pip. docs/ci.md shows how its files "
        "are checked against hashes"
    )
    yield "see that the job has docker (setup_remote_docker) and credentials (aws-cli/setup, or a context)"
    yield from found.permissions
    yield from found.doubts
    if found.is_observed:
        yield (
            "read what the first runs report, then remove --observe: from then on a finding of HIGH or worse "
            "refuses an image"
        )
