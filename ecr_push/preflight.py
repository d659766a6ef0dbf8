"""What the registry says before anything is built, asked in one round trip; most of it while git is read.

Here a run finds out that it cannot end well: the repository is missing, or a tag that never moves
is taken. And here a re-run finds what an interrupted one had already reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from ecr_push import background
from ecr_push.aws import AwsRefusedError
from ecr_push.ecr import Login, RepositoryClient, RepositoryState, Scanning
from ecr_push.errors import ConflictError, RegistryError, ScanError
from ecr_push.plan import INPUTS_LABEL, REVISION_LABEL, Plan
from ecr_push.reference import Digest, Registry, Repository, Tag
from ecr_push.tags import ReleaseTag, TagKind


@dataclass(frozen=True)
class Preflight:
    """The registry as it is now. state is None where the repository is still to be created.

    reuse is the image that an earlier run built from this very commit, with the same inputs, and
    released: it is judged again and its tags completed, instead of building another one whose tags
    could not be moved to it.
    """

    repository: Repository
    state: RepositoryState | None
    points_to: Mapping[Tag, Digest]
    scanning: Future[Scanning]
    reuse: Digest | None = None


@dataclass(frozen=True)
class Asked:
    """What can be asked as soon as the repository's name is known, before there is a plan."""

    login: Future[Login]
    state: Future[RepositoryState | None]
    scanning: Future[Scanning]


def ask_registry(client: RepositoryClient) -> Asked:
    """Begins to ask, and raises nothing: `check_registry` takes the answers."""
    return Asked(
        background.start(client.login, "login"),
        background.start(client.describe, "describe repository"),
        background.start(client.scanning, "read scanning configuration"),
    )


def check_registry(plan: Plan, client: RepositoryClient, asked: Asked | None = None) -> Preflight:
    """Asks what is not asked yet, all at once.

    Raises RegistryError for a missing repository that may not be created, ConflictError for a tag
    that is taken, AuthenticationError for credentials that do not do, ScanError for a registry that
    never scans.
    """
    _check_scannable(plan)
    tagged = background.start(lambda: _digests(client, plan), "look up tags")
    asked = asked or ask_registry(client)
    login, state = asked.login, asked.state.result()
    if state is None and not plan.create_repository:
        raise _missing(plan, login.result())
    repository = _locate(plan, state, client)
    points_to = tagged.result()
    reuse = _find_reusable(plan, client, points_to)
    if state is not None:
        _check_frozen(plan, state, points_to, reuse)
    login.result()
    return Preflight(repository, state, points_to, asked.scanning, reuse)


def _check_scannable(plan: Plan) -> None:
    if plan.target.public and not plan.scan.warn_unscannable:
        raise ScanError(
            f"{plan.target.name} is in ECR Public, which has no vulnerability scanning",
            remedy="an image that nobody judged is not released; --unscannable warn accepts that",
        )


def _locate(plan: Plan, state: RepositoryState | None, client: RepositoryClient) -> Repository:
    if plan.target.host:
        return Repository(Registry.parse(plan.target.host), plan.target.name)
    return state.repository if state else client.locate()


def _digests(client: RepositoryClient, plan: Plan) -> Mapping[Tag, Digest]:
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


def _find_reusable(plan: Plan, client: RepositoryClient, points_to: Mapping[Tag, Digest]) -> Digest | None:
    taken = [tag for tag in plan.tags if tag.protected and not tag.yields and tag.tag in points_to]
    # An image that was built elsewhere has none of our labels, but it keeps its digest however often it
    # is pushed: promotion compares that.
    if not taken or plan.build.image:
        return None
    digests = {points_to[tag.tag] for tag in taken}
    if len(digests) > 1:
        raise _conflict(taken, points_to, "they point to different images, so one of them was moved by hand")
    digest = digests.pop()
    labels = client.labels(client.manifest(digest))
    revision = labels.get(REVISION_LABEL, "")
    if revision != plan.source.commit:
        built_from = f"built from commit {revision[:12]}" if revision else "it names no commit"
        raise _conflict(taken, points_to, f"{built_from}, and this is {plan.source.short}")
    if labels.get(INPUTS_LABEL) != plan.build.labels[INPUTS_LABEL]:
        raise _conflict(
            taken,
            points_to,
            "built from this commit, but with another Dockerfile, target, platforms or build arguments",
        )
    return digest


def _conflict(taken: list[ReleaseTag], points_to: Mapping[Tag, Digest], why: str) -> ConflictError:
    names = ", ".join(f"{tag} ({points_to[tag.tag].short})" for tag in taken)
    remedy = (
        "a version is released once: tag this commit with the next one"
        if any(tag.kind is TagKind.VERSION for tag in taken)
        else "give images that differ a repository each, or tags of their own with --tag and another commit"
    )
    return ConflictError(f"taken by another image: {names}", why=why, remedy=remedy)


def _check_frozen(
    plan: Plan, state: RepositoryState, points_to: Mapping[Tag, Digest], reuse: Digest | None
) -> None:
    """A tag that we would move, in a repository that does not let it move."""
    stuck = [
        tag
        for tag in plan.tags
        if tag.floating and state.freezes(tag.tag) and points_to.get(tag.tag, reuse) != reuse
    ]
    if stuck:
        names = ", ".join(str(tag) for tag in stuck)
        raise ConflictError(
            f"the repository does not let these tags move: {names}",
            why=f"{state.repository} is {state.mutability}"
            + (f" (excluded: {', '.join(state.exclusions)})" if state.exclusions else ""),
            remedy="leave them out with --floating-tags latest or none, or exclude them from the "
            "repository's immutability (ecr:PutImageTagMutability)",
        )
