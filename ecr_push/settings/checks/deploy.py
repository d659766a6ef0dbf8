"""What does not go together in what is to run an image."""

from __future__ import annotations

from collections.abc import Iterable


def what_runs_the_image(
    command: str,
    service: str,
    task_definition: str,
    cluster: str,
    function: str,
    alias: str,
    deploy_timeout: float,
    job_definition: str,
    endpoint: str,
    model: str,
    redeploy: bool,
) -> Iterable[tuple[str, str]]:
    """See `checks`."""
    if command == "deploy ecs":
        if not service and not task_definition:
            yield "service", "is required; or --task-definition, to register one and change no service"
        if cluster and not service:
            yield "cluster", "has no effect without --service"
        if redeploy and not service:
            yield "redeploy", "needs --service, whose tasks are started again"
        elif redeploy and task_definition:
            yield "task_definition", "contradicts --redeploy, which takes the service's own"
    elif command == "deploy lambda" and not function:
        yield "function", "is required: the function's name"
    elif command == "deploy lambda" and alias and not deploy_timeout:
        yield "deploy_timeout", "0 contradicts --alias: a version is published once the function is updated"
    elif command == "deploy batch" and not job_definition:
        yield "job_definition", "is required: the name of a job definition, or a file"
    elif command == "deploy sagemaker":
        if not endpoint and not model:
            yield "endpoint", "is required; or --model, to make a model and change no endpoint"
        elif endpoint and model:
            yield "model", "contradicts --endpoint, which says which model is replaced"
