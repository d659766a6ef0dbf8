"""A deployment to Amazon SageMaker: a model with the image, a configuration that names it, the endpoint.

Models and configurations cannot be changed, so others are made, whose names follow from the image's digest:
what an earlier call has made is found again. https://docs.aws.amazon.com/sagemaker/latest/APIReference/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from ecr_push.base.errors import SettingsError
from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.services.definitions import (
    WithImage,
    check_definition,
    is_file,
    plain,
    put_image,
    read_definition,
    without,
)
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.plan import Action, DeployError, DeployPlan, Waiting
from ecr_push.delivery.services.sagemaker_api import OF_A_MODEL, EndpointState, SageMaker
from ecr_push.settings.deploy_options import DeployOptions

_NOTHING = "nothing was changed"
# What a name of ours ends with: of the digest, and of the definition where that name is taken by another one.
_OURS = lazy_regex(r"-[0-9a-f]{12}(-[0-9a-f]{8})?$")
_LONGEST = 63  # characters: shapes ModelName and EndpointConfigName
_VARIANTS = ("ProductionVariants", "ShadowProductionVariants")
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
_ENDED = ("InService", "Failed", "OutOfService", "UpdateRollbackFailed")


def plan_sagemaker(
    image: ImageToDeploy, options: DeployOptions, api: SageMaker, waiting: Waiting
) -> DeployPlan:
    """What would change. Raises SettingsError, RegistryError; DeployError for what cannot run the image."""
    if options.endpoint:
        return _plan_endpoint(image, options, api, waiting)
    given = options.model
    if is_file(given):
        found = read_definition(given, image.deployed, options.containers)
        name = found.definition.get("ModelName")
        if not isinstance(name, str) or not name:
            raise SettingsError([f"{given}: it has no ModelName"])
        found = WithImage(without(found.definition, OF_A_MODEL), found.before)
        check_definition(given, api.problems_of(found.definition))
    else:
        name = given
        found = _with_image(image, options, api, name)
    made, actions = _made("model", "ModelName", name, image, found.definition, api.model, api.create_model)
    return DeployPlan(f"model {made}", str(image.deployed), found.before, actions)


def _plan_endpoint(
    image: ImageToDeploy, options: DeployOptions, api: SageMaker, waiting: Waiting
) -> DeployPlan:
    name, subject = options.endpoint, f"endpoint {options.endpoint}"
    endpoint = _endpoint(api, name)
    config = api.config(endpoint.config)
    if config is None:
        raise DeployError(
            f"{subject} has a configuration that is not there: {endpoint.config}", remedy=_NOTHING
        )
    models = _models(config)
    if not models:
        raise DeployError(
            f"{subject} has no model of its own: its models are inference components",
            remedy=f"make a model with --model, and update the component with it; {_NOTHING}",
        )
    found = _those_with_image(image, options, api, models)
    before = tuple(dict.fromkeys(one for model in found.values() for one in model.before))
    if before == (str(image.deployed),):
        return DeployPlan(subject, str(image.deployed), before)
    actions: tuple[Action, ...] = ()
    renamed = {}
    for model, wanted in found.items():
        definition = wanted.definition
        renamed[model], made = _made(
            "model", "ModelName", model, image, definition, api.model, api.create_model
        )
        actions = (*actions, *made)
    changed = {key: _renamed(of, renamed) if key in _VARIANTS else of for key, of in config.items()}
    new, made = _made(
        "configuration", "EndpointConfigName", endpoint.config, image, changed, api.config, api.create_config
    )
    update = Action(f"update {subject}", lambda _: api.change_endpoint(name, new, keeps=endpoint.keeps))
    return DeployPlan(
        subject,
        str(image.deployed),
        before,
        (*actions, *made, update),
        lambda _: _await_endpoint(api, name, new, waiting),
    )


def _endpoint(api: SageMaker, name: str) -> EndpointState:
    found = api.endpoint(name)
    if found is None:
        raise DeployError(f"there is no endpoint {name}", remedy="check --endpoint and --region")
    if found.status != "InService":
        raise DeployError(
            f"endpoint {name} is {found.status}, in which it cannot be updated",
            why=found.why,
            remedy=f"wait until it is InService, and deploy again; {_NOTHING}",
        )
    return found


def _models(config: Mapping[str, Any]) -> Sequence[str]:
    """The names of the models in a configuration."""
    variants = [one for key in _VARIANTS for one in config.get(key) or ()]
    return list(dict.fromkeys(str(one["ModelName"]) for one in variants if one.get("ModelName")))


def _renamed(variants: Any, names: Mapping[str, str]) -> list[Mapping[str, Any]]:
    return [
        {**one, "ModelName": names[one["ModelName"]]} if one.get("ModelName") in names else one
        for one in variants
    ]


def _those_with_image(
    image: ImageToDeploy, options: DeployOptions, api: SageMaker, models: Sequence[str]
) -> Mapping[str, WithImage]:
    """The models that have a container that is meant, with the image. Raises SettingsError where none has."""
    found: dict[str, WithImage] = {}
    wrong: list[str] = []
    for model in models:
        try:
            found[model] = _with_image(image, options, api, model)
        except SettingsError as error:
            wrong += error.problems
    if not found:
        raise SettingsError(wrong)
    return found


def _with_image(image: ImageToDeploy, options: DeployOptions, api: SageMaker, name: str) -> WithImage:
    found = api.model(name)
    if found is None:
        raise DeployError(f"there is no model {name}", remedy="check --model and --region, or name a file")
    return put_image(found, f"model {name}", image.deployed, options.containers)


def _made(
    kind: str,
    key: str,
    base: str,
    image: ImageToDeploy,
    definition: Mapping[str, Any],
    find: Callable[[str], Mapping[str, Any] | None],
    create: Callable[[Mapping[str, Any]], str],
) -> tuple[str, tuple[Action, ...]]:
    """A name for a definition, and what makes it; nothing where it is there already."""
    own = plain(without(definition, {key}))
    content = sha256(json.dumps(own, sort_keys=True, default=str).encode()).hexdigest()[:8]
    digest = image.pushed.digest.value.partition(":")[2][:12]
    stem = _OURS.sub("", base)[: _LONGEST - len(f"-{digest}-{content}")].rstrip("-")
    for name in (f"{stem}-{digest}", f"{stem}-{digest}-{content}"):
        there = find(name)
        if there is None:
            return name, (_creation(kind, name, {**definition, key: name}, create),)
        if plain(without(there, {key})) == own:
            return name, ()
    raise DeployError(f"{kind} {name} is there, and is another one", remedy=f"delete it; {_NOTHING}")


def _creation(
    kind: str, name: str, definition: Mapping[str, Any], create: Callable[[Mapping[str, Any]], str]
) -> Action:
    return Action(f"create {kind} {name}", lambda _: create(definition))


def _await_endpoint(api: SageMaker, name: str, config: str, waiting: Waiting) -> None:
    """Raises DeployError where the endpoint does not get the configuration: SageMaker goes back by itself."""
    began = False

    def look() -> EndpointState | None:
        nonlocal began
        found = api.endpoint(name)
        if found is None:
            raise DeployError(f"endpoint {name} is not there any more", remedy="deploy again")
        waiting.show(f"endpoint {name} is {found.status}")
        if found.status == "InService" and found.config == config:
            return found
        if found.status in _ENDED and (began or found.status != "InService"):
            raise DeployError(
                f"endpoint {name} does not run the image: it is {found.status} with {found.config}",
                why=found.why,
                remedy="look into its logs, and deploy again",
            )
        began = began or found.status != "InService"
        return None

    def late() -> DeployError:
        return DeployError(
            f"the update of endpoint {name} is not complete in time",
            remedy="deploy again, with a longer --deploy-timeout, once the endpoint is InService",
        )

    waiting.until(look, late)
