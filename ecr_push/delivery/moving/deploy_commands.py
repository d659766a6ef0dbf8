"""Commands that deploy and stay as they are: why, and what gives them the digest. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ecr_push.delivery.moving.deploy_moves import aws_words, why_it_stays
from ecr_push.delivery.moving.shell.operations import Operation

BY_TAG = "it deploys by the tag, which only an accepted image gets"


def deploy_advice(one: Operation) -> str:
    """Why a command that deploys stays as it is, and what gives it the digest that was judged."""
    words = aws_words(one)
    for begin, advice in _ADVICE.items():
        if words[: len(begin)] == begin:
            return advice(one)
    return BY_TAG


def _ecs(one: Operation, *more: str) -> str:
    """`deploy ecs` with what the command says."""
    named = {"cluster": one.last("cluster"), "service": one.last("service") or one.last("services")}
    given = [f"--{name} {value.source}" for name, value in named.items() if value]
    return " ".join(["`ecr-push deploy ecs IMAGE", *given, *more]) + "`"


def _update_service(one: Operation) -> str:
    if one.last("task-definition"):
        return f"other commands register what it names; {_ecs(one, '--task-definition FILE')} does both"
    if why := why_it_stays(one):
        return f"{why}; {_ecs(one)} registers the digest, and waits for the rollout"
    return (
        "its tasks start again with the tag that the service's task definition names, which only an accepted "
        f"image gets; {_ecs(one, '--redeploy')} compares that tag with the image, and waits for the rollout"
    )


def _update_function(one: Operation) -> str:
    name = one.last("function-name")
    function = name.source if name else "NAME"
    return why_it_stays(one) or f"`ecr-push deploy lambda IMAGE --function {function}` waits until it runs"


def _run_task(one: Operation) -> str:
    definition = one.last("task-definition")
    family = definition.source.partition(":")[0] if definition else "FAMILY"
    return (
        "it runs a task, which `ecr-push deploy` does not; before it `ecr-push deploy ecs IMAGE "
        f"--task-definition {family}` registers a revision with the digest, which {family} alone names then"
    )


def _blue_green(one: Operation) -> str:
    definition = one.last("task-definition")
    file = definition.source.removeprefix("file://") if definition else "FILE"
    return (
        f"{_BLUE_GREEN}; before it `ecr-push render IMAGE {file} --write` puts the digest into its definition"
    )


_BLUE_GREEN = "CodeDeploy shifts the calls between two sets of tasks, which `deploy ecs` does not"
_CODEDEPLOY = (
    f"{_BLUE_GREEN}; `ecr-push deploy ecs IMAGE --task-definition FILE` without --service registers the "
    "revision for its appspec, and in CodePipeline `--report imageDetail.json` names the image"
)
_ADVICE: Mapping[tuple[str, ...], Callable[[Operation], str]] = {
    ("ecs", "update-service"): _update_service,
    ("ecs", "register-task-definition"): lambda one: (
        f"other commands put the image in; {_ecs(one, '--task-definition FILE')} does both, with the digest"
    ),
    ("ecs", "wait"): lambda one: (
        f"it ends well, too, where ECS has rolled the service back; {_ecs(one)} waits for the rollout itself"
    ),
    ("ecs", "run-task"): _run_task,
    ("ecs", "deploy"): _blue_green,
    ("deploy",): lambda _: _CODEDEPLOY,
    ("lambda", "update-function-code"): _update_function,
    ("lambda",): lambda _: "it is about what the function runs by then",
    ("kubectl", "set", "image"): lambda _: (
        f"{BY_TAG}; with the digest that the run prints, it deploys what was judged byte for byte"
    ),
    ("kubectl", "apply"): lambda _: "`ecr-push render IMAGE FILE --write` puts the digest into the manifests",
    ("kustomize", "edit"): lambda _: (
        f"{BY_TAG}; `ecr-push render IMAGE kustomization.yaml --write` writes the digest"
    ),
    ("helm",): lambda _: (
        f"{BY_TAG}; `ecr-push render IMAGE values.yaml --key image.digest=digest --write` writes the digest, "
        "where the chart has such a key"
    ),
}  # fmt: skip
