"""What the registry says before anything is pushed, asked in one round trip; most of it while git is read.

Here a run finds out that it cannot end well: the repository is missing, or a tag that never moves
is taken. And here a re-run finds what an interrupted one had already reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, wait
from typing import Any

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError, ScanError
from ecr_push.base.reference import Digest, Registry, Repository, Tag
from ecr_push.builder.layout import known_digest
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.refusals import Refusals
from ecr_push.pipeline.timeline import Timed, untimed
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Login, Reader, RepositoryState, Scanning
from ecr_push.registry.layout_files import is_layout
from ecr_push.registry.oci import Manifest
from ecr_push.release.lock import NO_LOCK, PromotionLock
from ecr_push.release.moves import TagMoves
from ecr_push.release.own_image import OwnImage
from ecr_push.tags.temporary import claim_on

# How long a build waits for the answers that may spare it: as long as buildx takes to start, twice.
MOMENT_SECONDS = 0.4
_WHERE = "--repository, --region and --registry-id"


@dataclass(frozen=True)
class Preflight:
    """The registry as it is now.

    state:     None if the repository is still to be created.
    points_to: where the plan's tags and the claims on them point; a tag that does not exist is left out.
    moves:     what decides whether the plan's tags may move to the image.
    index:     what the plan's parts join to; None for a plan without parts.
    """

    repository: Repository
    state: RepositoryState | None
    points_to: Mapping[Tag, Digest]
    scanning: Future[Scanning]
    moves: TagMoves
    index: Manifest | None = None

    @property
    def locked(self) -> Repository:
        """The repository as the API names it, whatever host the user gave: all take turns by one name."""
        return self.state.repository if self.state else self.repository

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
    lock: Future[None]


def ask_registry(client: Reader, lock: PromotionLock = NO_LOCK, timed: Timed = untimed) -> PendingAnswers:
    """Starts to ask, and raises nothing: `check_registry` takes the answers."""
    state = background.start(timed("repository", client.describe), "describe repository")
    client.look_up_archive()

    def check_lock() -> None:
        if lock.exists:
            found = state.result()
            lock.check(found.repository if found else client.locate())

    return PendingAnswers(
        background.start(timed("login", client.login), "login"),
        state,
        background.start(timed("scanning", client.scanning), "read scanning configuration"),
        background.start(check_lock, "look up lock"),
    )


def ask_for_tags(plan: Plan, client: Reader, timed: Timed = untimed) -> Future[Mapping[Tag, Digest]]:
    """Starts to ask where the plan's tags and the claims on them point.

    Raises ScanError for a registry that never scans.
    """
    _check_scannable(plan)
    return background.start(timed("tags", lambda: look_up_tags(client, plan)), "look up tags")


def expects_build(plan: Plan, answers: PendingAnswers, tagged: Future[Mapping[Tag, Digest]]) -> bool:
    """Whether the plan's image will have to be built, as far as the first answers tell within a moment.

    Where a tag that never moves is there, the image exists already, or the run is about to be refused.
    """
    if plan.build.parts or is_layout(plan.build.image):
        return False
    state = answers.state
    asked: tuple[Future[Any], ...] = (state, tagged)
    wait(asked, MOMENT_SECONDS)
    if any(one.done() and one.exception() for one in asked):
        return False
    if state.done() and state.result() is None and not plan.create_repository:
        return False
    there = tagged.result() if tagged.done() else {}
    return not any(tag.protected and (tag.tag in there or claim_on(tag.tag) in there) for tag in plan.tags)


def locate(plan: Plan, answers: PendingAnswers, client: Reader) -> Repository:
    """Where the repository is, or will be. Raises RegistryError, AuthenticationError."""
    if plan.target.host:
        return Repository(Registry.parse(plan.target.host), plan.target.name)
    state = answers.state.result()
    return state.repository if state else client.locate()


def check_registry(
    plan: Plan, client: Reader, answers: PendingAnswers, tagged: Future[Mapping[Tag, Digest]]
) -> Preflight:
    """Takes the answers, and asks the rest. Of several errors the first names the others.

    Raises RegistryError for a missing repository that may not be created, ConflictError for a tag
    that is taken, AuthenticationError for credentials that are not enough; and what the lock raises that
    could not be held later.
    """
    refusals = Refusals()
    with refusals.kept():
        state = answers.state.result()
        if state is None and not plan.create_repository:
            raise missing_repository(plan.target.name, answers.login.result())
        repository = locate(plan, answers, client)
        index = None
        if plan.build.parts:
            from ecr_push.pipeline.parts import join_parts

            index = join_parts(plan, repository, client)
        points_to = tagged.result()
        moves = TagMoves.before_build(plan.tags, own_image(plan, index), state, points_to, client)
    for answer in (answers.login, answers.lock):
        with refusals.kept():
            answer.result()
    refusals.end()
    return Preflight(repository, state, points_to, answers.scanning, moves, index)


def own_image(plan: Plan, index: Manifest | None) -> OwnImage:
    """What identifies the plan's image. index: what its parts join to."""
    return OwnImage(
        plan.source,
        plan.build.labels,
        is_release=plan.version.is_release,
        built_elsewhere=bool(plan.build.image),
        digest=index.digest if index else known_digest(plan.build.image),
        rebuild=plan.rebuild,
    )


def _check_scannable(plan: Plan) -> None:
    if plan.target.public and not plan.scan.warn_unscannable:
        raise ScanError(
            f"{plan.target.name} is in ECR Public, which has no vulnerability scanning",
            remedy="an image that was not judged is not released: --gate-in NAME judges it in a private "
            "repository first; --unscannable warn accepts it without a verdict",
        )


def look_up_tags(client: Reader, plan: Plan) -> Mapping[Tag, Digest]:
    """Where the plan's tags and the claims on them point; empty for a repository that does not exist."""
    try:
        own = [tag.tag for tag in plan.tags if tag.protected] + ([plan.rebuild] if plan.rebuild else [])
        asked = (*(tag.tag for tag in plan.tags), *own, *map(claim_on, own))
        return client.digests([*dict.fromkeys(asked)])
    except AwsRefusedError as refused:
        if refused.code == "RepositoryNotFoundException":
            return {}
        raise


def missing_repository(name: str, login: Login, options: str = _WHERE) -> RegistryError:
    """The error for a repository that is not there, and may not be created. options: that name it."""
    return RegistryError(
        f"there is no repository {login.host}/{name}",
        remedy=f"check {options}; --create-repository creates it",
    )
