"""Commands of a script that deploy -> steps of ours. Pure."""

from __future__ import annotations

from ecr_push.delivery.moving.deploy_moves import DeployMove
from ecr_push.delivery.moving.github.deploys import digest_of
from ecr_push.delivery.moving.github.draft import Deployed, Draft
from ecr_push.delivery.moving.github.run_steps import RunStep
from ecr_push.delivery.moving.github.say import STEP_IF, said
from ecr_push.delivery.moving.github.step_text import Input, fresh_step
from ecr_push.delivery.moving.github.words import NO_WAIT, written
from ecr_push.delivery.moving.shell.operations import Operation


def can_be_a_step(one: Operation) -> bool:
    """Whether a step can do it under the condition of its own step alone, with what inputs can say."""
    facts = (fact for _, value in one.options for fact in value.facts)
    return all(map(written, facts)) and all(given.text.startswith(STEP_IF) for given in one.conditions)


def deploy_step(draft: Draft, run: RunStep, move: DeployMove, name: str) -> str:
    """`command: deploy …`, with the digest where the job pushes the image."""
    identity = draft.new_id("deploy")
    output = digest_of(move.image, draft, run.at)
    if not move.kind.names_image:  # of the one image that the job pushes
        only = next(one for one in draft.pushed if draft.job.steps.index(one.step) <= run.at)
        output = f"steps.{only.identity}.outputs.image"
    inputs = [
        Input("command", move.kind.becomes),
        Input("arguments", f"${{{{ {output} }}}}" if output else said(move.image, {})),
        *(
            Input(name, said(value, {}), comment=NO_WAIT if name == "deploy-timeout" else "")
            for name, value in move.settings
        ),
    ]
    has_region = any(name == "region" for name, _ in move.settings)
    draft.deployed.append(Deployed(run.step, identity, move.permissions, has_region))
    return fresh_step(run.step, inputs, identity=identity, name=name, condition=run.step.node.text("if"))
