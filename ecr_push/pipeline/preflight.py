"""What the registry says before anything is built, asked in one round trip; most of it while git is read.

Here a run finds out that it cannot end well: the repository is missing, or a tag that never moves
is taken. And here a re-run finds what an interrupted one had already reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from ecr_push.base import background
from ecr_push.base.errors import RegistryError, ScanError
from ecr_push.base.reference import Digest, Registry, Repository, Tag
from ecr_push.pipeline.plan import Plan
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Login, Reader, RepositoryState, Scanning
from ecr_push.release.moves import TagMoves
from ecr_push.release.own_image import OwnImage


@dataclass(frozen=True)
class Preflight:
    """The registry as it is now.

    state:     None if the repository is still to be created.
    points_to: where the plan's tags point; a tag that does not exist is left out.
    moves:     what decides whether the plan's tags may move to the image.
    """

    repository: Repository
    state: RepositoryState | None
    points_to: Mapping[Tag, Digest]
    scanning: Future[Scanning]
    moves: TagMoves

    @property
    def reuse(self) -> Digest | None:
        """The image that an earlier run built and released; see `TagMoves`."""
        return self.moves.reuse


@dataclass(frozen=True)
class PendingAnswers:
    """What can be asked as soon as the repository's name is known, before there is a plan."""

    login: Future[Login]
    state: Future[RepositoryState | None]
    scanning: Future[Scanning]


def ask_registry(client: Reader) -> PendingAnswers:
    """Starts to ask, and raises nothing: `check_registry` takes the answers."""
    return PendingAnswers(
        background.start(client.login, "login"),
        background.start(client.describe, "describe repository"),
        background.start(client.scanning, "read scanning configuration"),
    )


def check_registry(plan: Plan, client: Reader, answers: PendingAnswers) -> Preflight:
    """Asks the rest, all at once.

    Raises RegistryError for a missing repository that may not be created, ConflictError for a tag
    that is taken, AuthenticationError for credentials that are not enough, ScanError for a registry that
    never scans.
    """
    _check_scannable(plan)
    tagged = background.start(lambda: _digests(client, plan), "look up tags")
    state = answers.state.result()
    if state is None and not plan.create_repository:
        raise _missing(plan, answers.login.result())
    repository = _locate(plan, state, client)
    points_to = tagged.result()
    moves = TagMoves.before_build(plan.tags, _own_image(plan), state, points_to, client)
    answers.login.result()
    return Preflight(repository, state, points_to, answers.scanning, moves)


def _own_image(plan: Plan) -> OwnImage:
    return OwnImage(
        plan.source,
        plan.build.labels,
        is_release=plan.version.is_release,
        built_elsewhere=bool(plan.build.image),
    )


def _check_scannable(plan: Plan) -> None:
    if plan.target.public and not plan.scan.warn_unscannable:
        raise ScanError(
            f"{plan.target.name} is in ECR Public, which has no vulnerability scanning",
            remedy="an image that was not judged is not released; --unscannable warn accepts that",
        )


def _locate(plan: Plan, state: RepositoryState | None, client: Reader) -> Repository:
    if plan.target.host:
        return Repository(Registry.parse(plan.target.host), plan.target.name)
    return state.repository if state else client.locate()


def _digests(client: Reader, plan: Plan) -> Mapping[Tag, Digest]:
    try:
        return client.digests([tag.tag for tag in plan.tags])
    except AwsRefusedError as refused:
        if refused.code == "RepositoryNotFoundException":
            return {}
        raise


def _missing(plan: Plan, login: Login) -> RegistryError:
    return RegistryError(
        f"there is no repository {login.host}/{plan.target.name}",
        remedy="check --repository, --region and --registry-id; --create-repository creates it",
    )
