"""A deployment to AWS Lambda: what Lambda would refuse, the function's code, a version, and an alias.

https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
"""

from __future__ import annotations

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest
from ecr_push.builder.fitness import doubts_as_pushed, refused_as_planned, refused_as_pushed
from ecr_push.delivery.edit import Deployed
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.lambda_api import FunctionState, Lambda
from ecr_push.delivery.services.plan import Action, DeployError, DeployPlan, Waiting
from ecr_push.settings.deploy_options import DeployOptions
from ecr_push.upkeep.policies.check import lets_in
from ecr_push.upkeep.policies.model import LAMBDA

_NOTHING = "nothing was changed"
# https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html
_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}


def plan_lambda(image: ImageToDeploy, options: DeployOptions, api: Lambda, waiting: Waiting) -> DeployPlan:
    """What would change. Raises RegistryError, and DeployError for what Lambda would refuse."""
    name = options.function
    found = api.find(name)
    if found is None:
        raise DeployError(f"there is no function {name}", remedy="check --function and --region")
    if found.package != "Image":
        raise DeployError(
            f"function {name} is made of a {found.package} archive, which no image can replace",
            remedy=f"create a function with package type Image; {_NOTHING}",
        )
    wanted = _fitting(image, found, waiting)
    change = _Change(api, options, found, str(wanted), waiting)
    actions: tuple[Action, ...] = ()
    if found.image != str(wanted):
        actions = (Action(f"update the code of function {name}", change.update),)
    if not options.alias:
        before = (found.image or found.given,)
        return DeployPlan(f"function {name}", str(wanted), before, actions, lambda _: change.await_update())
    alias = api.alias(name, options.alias)
    if alias is None:
        raise DeployError(
            f"function {name} has no alias {options.alias}",
            remedy=f"create it: aws lambda create-alias --function-name {name} --name {options.alias} "
            f"--function-version VERSION; {_NOTHING}",
        )
    if alias.is_split:
        raise DeployError(
            f"alias {options.alias} of function {name} sends a part of the calls to another version",
            remedy=f"end that first, which may be a deployment of CodeDeploy's; {_NOTHING}",
        )
    runs = api.find(name, alias.version)
    subject = f"alias {options.alias} of function {name}"
    if not actions and runs and runs.image == str(wanted):
        return DeployPlan(subject, str(wanted), (runs.image,))
    actions = (
        *actions,
        Action(f"publish a version of function {name}", change.publish),
        Action(
            f"point {subject} to it", lambda version: api.point(name, options.alias, version, alias.revision)
        ),
    )
    return DeployPlan(subject, str(wanted), (runs.image if runs else "",), actions)


class _Change:
    """The changes of a function, each of which Lambda takes when the one before it is complete."""

    def __init__(
        self, api: Lambda, options: DeployOptions, found: FunctionState, wanted: str, waiting: Waiting
    ) -> None:
        self._api = api
        self._name = options.function
        self._found = found
        self._wanted = wanted
        self._waiting = waiting

    def update(self, _: str) -> str:
        # While another update is under way, Lambda refuses this one.
        before = self._await("another update") if self._found.update == "InProgress" else self._found
        return self._api.update_code(self._name, self._wanted, before.revision)

    def await_update(self) -> FunctionState:
        """The function, once it runs the image. What it was resolved to proves that.

        https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html
        """
        found = self._await("the update")
        if found.update == "Failed":
            raise DeployError(
                f"function {self._name} does not run the image",
                why=found.why or "Lambda gives no reason",
                remedy="correct that, and deploy again",
            )
        if found.image != self._wanted:
            raise DeployError(
                f"function {self._name} runs another image",
                why=f"it runs {found.image or 'none'}",
                remedy="something else has updated it meanwhile: deploy again",
            )
        return found

    def publish(self, _: str) -> str:
        version = self._api.publish(self._name, self.await_update().code)
        self._await("the version", version)
        return version

    def _await(self, what: str, version: str = "") -> FunctionState:
        def look() -> FunctionState | None:
            found = self._api.find(self._name, version)
            if found is None:
                raise DeployError(f"function {self._name} is not there any more", remedy="deploy again")
            self._waiting.show(f"{what} of function {self._name} is {found.update or found.state}")
            return None if found.update == "InProgress" or found.state == "Pending" else found

        def late() -> DeployError:
            return DeployError(
                f"{what} of function {self._name} is not complete in time",
                remedy="deploy again, with a longer --deploy-timeout: what is done is not done twice",
            )

        return self._waiting.until(look, late)


def _fitting(image: ImageToDeploy, function: FunctionState, waiting: Waiting) -> Deployed:
    """The image that the function takes, which of an index is the one of its architecture."""
    platform = f"linux/{_ARCHITECTURES.get(function.architecture, function.architecture)}"
    problems = list(
        refused_as_planned("lambda", (), public=image.registry.kind == "public", host=image.registry.host)
    )
    if image.registry.region not in ("", function.region) and image.registry.kind == "private":
        problems.append(
            f"it is in {image.registry.region}, and the function in {function.region}: copy it there, with "
            "--to or `ecr-push copy`"
        )
    deployed, manifest = image.deployed, image.manifest
    if manifest.is_index:
        one = _of_platform(image, platform)
        if one:
            deployed, manifest = Deployed(deployed.repository, one), image.client.manifest(one)
            waiting.show(f"Lambda takes no index: it gets the image for {platform} in it, {one}")
    if not image.runs_on(*platform.split("/")):
        problems.append(f"it is for {', '.join(image.platforms)}, and the function runs on {platform}")
    problems += refused_as_pushed("lambda", manifest, ())
    if problems:
        raise DeployError(
            f"Lambda would refuse {image.pushed.reference}", why="\n".join(problems), remedy=_NOTHING
        )
    for doubt in (*doubts_as_pushed("lambda", manifest), *_not_let_in(image)):
        waiting.warn(doubt)
    return deployed


def _of_platform(image: ImageToDeploy, platform: str) -> Digest | None:
    """The one image of an index that is for a platform, whatever its variant."""
    found = [one.digest for one in image.pushed.images if f"{one.platform}/".startswith(f"{platform}/")]
    return found[0] if len(found) == 1 else None


def _not_let_in(image: ImageToDeploy) -> tuple[str, ...]:
    """A warning where the repository's policy does not let Lambda in, as far as the caller may read it."""
    if image.policy is None:
        return ()
    try:
        policy = image.policy()
    except RegistryError:
        return ()
    if lets_in(policy, LAMBDA):
        return ()
    own = f"the policy of {image.pushed.repository.name} does not let {LAMBDA} in"
    return (f"{own}: Lambda adds that to it if the caller may set it, and else refuses the image",)
