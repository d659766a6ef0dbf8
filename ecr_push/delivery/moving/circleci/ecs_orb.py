"""The orb aws-ecs, which deploys to Amazon ECS: what it does -> an operation, and why one stays.

Its parameters, in versions 2 to 6: https://circleci.com/developer/orbs/orb/circleci/aws-ecs
It puts a tag into the latest revision of a family, registers that, and updates the service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_spans import Members, Text, positions
from ecr_push.delivery.moving.circleci.orb import OF_THE_JOB, parameters
from ecr_push.delivery.moving.model import Line
from ecr_push.delivery.moving.shell.operations import Does, Operation
from ecr_push.delivery.moving.shell.read import Script, Statement, read_script
from ecr_push.delivery.moving.values import Value

PROGRAM = "aws-ecs"
_UPDATES = frozenset({"deploy_service_update", "update_service"})
_OTHERS = frozenset({"update_task_definition", "run_task"})
_CONTAINER = lazy_regex(r"container=([\w-]+),tag=([^,\s]+)")
_VARIABLE = lazy_regex(r"[A-Z][A-Z0-9_]*")  # before version 4 the region may name one
# What has no effect on what is registered and updated. How long it waits is --deploy-timeout.
_OF_WAITING = frozenset({
    "force_new_deployment", "max_poll_attempts", "poll_interval", "verification_timeout",
    "fail_on_verification_timeout", "auth", "aws_access_key_id", "aws_secret_access_key",
})  # fmt: skip
_TAKEN = frozenset({
    "family", "cluster", "cluster_name", "service_name", "container_image_name_updates", "region",
    "aws_region", "verify_revision_is_deployed",
})  # fmt: skip


def updates_a_service(name: str) -> bool:
    """Whether a step or a job is the orb's that updates a service."""
    orb, _, command = name.partition("/")
    return "ecs" in orb and command.replace("-", "_") in _UPDATES


def script(name: str, node: Members, line: int, known: Mapping[str, Value]) -> Script:
    """What the orb does, as one command."""
    given = parameters(node)
    operation = Operation(
        Does.DEPLOY, line, line, name, PROGRAM, tuple(_options(given, known)), (Value.constant("update"),)
    )
    return Script((Statement(line, line, name, (operation,)),), known)


def _options(given: Mapping[str, object], known: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """By our names; `stays` has why it stays."""
    if why := why_it_stays(given):
        yield "stays", Value.constant(why)
        return
    texts = {name: node.value for name, node in given.items() if isinstance(node, Text)}
    region = texts.get("region", texts.get("aws_region", ""))
    updated = _CONTAINER.fullmatch(texts["container_image_name_updates"])
    named = {
        "cluster": texts.get("cluster", texts.get("cluster_name", "")),
        "service": texts.get("service_name", texts["family"]),
        "task-definition": texts["family"],
        "region": f"${{{region}}}" if _VARIABLE.fullmatch(region) else region,
        "container": updated[1] if updated else "",
        "tag": updated[2] if updated else "",
        "deploy-timeout": "" if texts.get("verify_revision_is_deployed") == "true" else "0",
    }
    for name, text in named.items():
        if text:
            yield name, read_script(f'X="{text}"', known=known).variables.get("X", Value.constant(text))


def why_it_stays(given: Mapping[str, object]) -> str:
    """ "" where `deploy ecs` does the same."""
    if any(name.startswith(("deployment_controller", "codedeploy")) for name in given):
        return (
            "CodeDeploy shifts the calls between two sets of tasks, which `deploy ecs` does not; the same "
            "with --task-definition in place of --service registers the revision for its appspec"
        )
    known = _TAKEN | _OF_WAITING | OF_THE_JOB
    if other := next((name for name in given if name not in known), ""):
        return f"{other} has no equal in `deploy ecs`"
    updates = given.get("container_image_name_updates")
    if not isinstance(updates, Text) or not _CONTAINER.fullmatch(updates.value):
        return "it is not one container that gets a tag of the image"
    if not isinstance(given.get("family"), Text):
        return "its family is not in the file"
    return ""


def ecs_lines(root: Members, moved: frozenset[int]) -> Iterator[Line]:
    """Of the jobs and steps of the orb that stay, which deploy in a job or a step of their own."""
    for position in positions(root):
        node = position.node
        for name, value in node.pairs if isinstance(node, Members) else ():
            orb, _, command = name.value.partition("/")
            command = command.replace("-", "_")
            if "ecs" in orb and command in _UPDATES | _OTHERS and name.line not in moved:
                yield Line(name.line, name.value, "kept", "", _why(command, parameters(value)))


def _why(command: str, given: Mapping[str, object]) -> str:
    if command == "run_task":
        node = given.get("task_definition")
        family = node.value.partition(":")[0] if isinstance(node, Text) else "FAMILY"
        return (
            "it runs a task, which `ecr-push deploy` does not; before it `ecr-push deploy ecs IMAGE "
            f"--task-definition {family}` registers a revision with the digest"
        )
    named = {"cluster": ("cluster", "cluster_name"), "service": ("service_name", "family")}
    options = []
    for option, names in named.items():
        value = next((given[one] for one in names if one in given), None)
        options += [f" --{option} {value.value}"] if isinstance(value, Text) else []
    why = why_it_stays(given) or "which image it is about is not in the file"
    return f"{why}; `ecr-push deploy ecs IMAGE{''.join(options)}` deploys a digest, and waits for the rollout"
