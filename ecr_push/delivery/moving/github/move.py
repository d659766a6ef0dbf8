"""A workflow -> the same one with its images pushed by ecr-push; jobs and steps beside them stay. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.yaml_spans import read_documents
from ecr_push.delivery.moving.github.around import (
    add_runtime,
    drop_what_nothing_needs,
    map_scan_outputs,
    read_gate,
    set_checkout,
    with_credentials,
)
from ecr_push.delivery.moving.github.build_steps import move_builds
from ecr_push.delivery.moving.github.deploy_steps import move_ecs_deploys
from ecr_push.delivery.moving.github.deploys import deploy_by_digest, say_digests
from ecr_push.delivery.moving.github.draft import Draft
from ecr_push.delivery.moving.github.references import say_missing_outputs, with_new_outputs
from ecr_push.delivery.moving.github.scripts import move_scripts
from ecr_push.delivery.moving.github.workflow import Workflow, read_workflow
from ecr_push.delivery.moving.model import Line, Moved, NotMovedError, Wish


def move_workflow(text: str, path: str, wish: Wish) -> Moved:
    """Raises NotMovedError where the workflow pushes no image to ECR, and YamlError."""
    ends = "\r\n" if "\r\n" in text else "\n"
    workflow = read_workflow(text.replace("\r\n", "\n"), path)
    drafts: list[Draft] = []
    for job in workflow.jobs:
        if job.steps:
            drafts.append(_moved_job(Draft(workflow, job, wish), drafts))
    for draft in drafts:
        move_ecs_deploys(draft, drafts)
        say_digests(draft, drafts)
        if draft.pushed:
            _finish(draft)
    lines = sorted({line: None for one in drafts for line in one.lines}, key=lambda one: one.number)
    if not any(one.pushed for one in drafts):
        raise _nothing(path, lines)
    pushed = [one for draft in drafts for one in draft.pushed]
    if wish.repository and len(pushed) > 1:
        raise NotMovedError(
            f"--repository names one, and {path} pushes {len(pushed)} images, in lines "
            f"{', '.join(str(one.step.line) for one in pushed)}: leave it out"
        )
    changed = [one for one in drafts if one.pushed or one.deployed]
    moved = _assembled(workflow, changed)
    read_documents(moved)
    done = [line for one in drafts if one.pushed for line in one.lines]
    others = [(one, line) for one in drafts if not one.pushed for line in one.lines]
    kept = [line for one, line in others if line.fate == "no equal" or line.number in one.deploying]
    permissions = dict.fromkeys(one.permissions for draft in drafts for one in draft.deployed)
    further = [*(step for one in drafts for step in one.steps), *_next(moved, wish, list(permissions))]
    steps = tuple(dict.fromkeys(further))
    ordered = tuple(sorted(dict.fromkeys((*done, *kept)), key=lambda one: one.number))
    return Moved(path, moved.replace("\n", ends), ordered, steps)


def _moved_job(draft: Draft, before: Sequence[Draft]) -> Draft:
    read_gate(draft)
    move_builds(draft)
    move_scripts(draft, before)
    for step in draft.job.steps:
        if step.uses == "docker/bake-action":
            draft.say(step, "no equal", "", "what it builds is in a bake file: write a step for each image")
    return draft


def _finish(draft: Draft) -> None:
    """The steps around the pushes, once all of them are known."""
    map_scan_outputs(draft)
    deploy_by_digest(draft)
    drop_what_nothing_needs(draft)
    add_runtime(draft)
    set_checkout(draft)
    say_missing_outputs(draft)


def _assembled(workflow: Workflow, drafts: list[Draft]) -> str:
    """The text, with the steps of each job as they are now; blank lines around them stay."""
    text, pieces, at = workflow.text, [], 0
    for draft in drafts:
        for place, step in enumerate(draft.job.steps):
            fresh = draft.becomes.get(place)
            if fresh is None:
                continue
            pieces.append(text[at : step.begin])
            pieces.append(with_credentials(draft, fresh))
            at = step.end
            if not fresh:  # with the blank lines behind it
                while text[at : at + 1] == "\n":
                    at += 1
    moved = "".join([*pieces, text[at:]])
    for draft in drafts:
        moved = with_new_outputs(moved, draft)
    return moved if text.endswith("\n\n") else moved.rstrip("\n") + "\n"


def _nothing(path: str, lines: list[Line]) -> NotMovedError:
    why = dict.fromkeys(f"line {one.number}: {one.why}" for one in lines if one.fate == "no equal")
    return NotMovedError("\n".join([f"{path} pushes no image that can be moved over", *why]))


def _next(moved: str, wish: Wish, permissions: list[str]) -> list[str]:
    steps = ["look at `git diff`, and let the workflow run on a branch first: `command: plan` pushes nothing"]
    steps.append(
        "the role needs the permissions that `ecr-push iam policy` prints, and the repository has to scan on "
        "push: an image without a scan's answer is not released; `ecr-push doctor` looks at both"
    )
    if permissions:
        named = " and ".join(f"`ecr-push iam policy {one}`" for one in permissions)
        steps.append(f"the role of a job that deploys needs what {named} prints")
    if not wish.gate and "observe: true" in moved:
        steps.append(
            "read the first reports, then remove the lines `observe: true`: from then on a finding of HIGH "
            "or worse refuses an image"
        )
    return steps
