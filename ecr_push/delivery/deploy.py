"""The story of `ecr-push deploy`: an image that is in ECR, verified where that is asked for, and then run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ecr_push.base.reference import ImageName
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.plan import DeployPlan, Waiting, foreseen, perform
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.named_image import find_runnable, locate
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.verify_image import verify_image
from ecr_push.registry.access import policy_of
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.target import RepositoryTarget
from ecr_push.settings.declare import Settings
from ecr_push.settings.deploy_options import DeployOptions

Planner = Callable[[ImageToDeploy, DeployOptions, Aws, Waiting], DeployPlan]


def deploy_image(named: str, planner: Planner, settings: Settings, tools: Tools, record: Record) -> None:
    """Deploys an image by its digest, to what the settings name.

    named: [REGISTRY/]REPOSITORY:TAG or @DIGEST; a tag stands for the image that it names now.

    Raises SettingsError, RegistryError, SigningError and DeployError.
    """
    options, narrator = settings.deploy, tools.narrator
    name = ImageName.parse(named)
    record.note_run(repository=name.name, deploys_to=tuple(_named(options)))
    if options.verify_first:
        verify_image(named, settings, tools, record)
        verified = record.outcome.pushed
        if record.outcome.exit_code or verified is None:
            return
        name = replace(name, digest=verified.digest)  # its tag may have moved since
    image = _find(name, settings, tools, record)
    with record.phase("deploy"):
        waiting = Waiting(tools.clock, narrator, options.deploy_timeout)
        plan = planner(image, options, tools.open_aws(), waiting)
        for before in (one or "no image" for one in plan.before if one != plan.image):
            narrator.say(f"{plan.subject}: {before} -> {plan.image}")
    dry_run, waits = settings.run.dry_run, options.deploy_timeout > 0
    if not dry_run:
        tools.note_release((), replace(record.outcome, deployment=foreseen(plan)), record.phase)
    with record.phase("deploy"):
        perform(plan, narrator, lambda now: record.note(deployment=now), waits=waits, dry_run=dry_run)


def _named(options: DeployOptions) -> Iterator[tuple[str, str]]:
    """What the options name that gets the image, by their keys."""
    for key in (
        "cluster",
        "service",
        "task_definition",
        "function",
        "alias",
        "job_definition",
        "endpoint",
        "model",
    ):
        if value := getattr(options, key):
            yield key.replace("_", "-"), value


def _find(name: ImageName, settings: Settings, tools: Tools, record: Record) -> ImageToDeploy:
    target = locate(name, settings.registry)
    client = tools.open_repository(target)
    with record.phase("registry"):
        pushed, manifest = find_runnable(name, client)
        record.note(pushed=pushed)
        return ImageToDeploy(pushed, client.platforms(manifest), manifest, client, _policy(target, tools))


def _policy(target: RepositoryTarget, tools: Tools) -> Callable[[], str] | None:
    if target.public:
        return None

    def read() -> str:
        api = RepositoryApi(tools.open_aws(), "ecr", target.name, registry_id=target.registry_id)
        return policy_of(api)

    return read
