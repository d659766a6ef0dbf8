"""What the registry says before anything is built, asked in one round trip; most of it while git is read.

Here a run finds out that it cannot end well: the repository is missing, or a tag that never moves
is taken. And here a re-run finds what an interrupted one had already reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from ecr_push.base import background
from ecr_push.base.errors import ConflictError, RegistryError, ScanError
from ecr_push.base.reference import Digest, Registry, Repository, Tag
from ecr_push.pipeline.plan import Plan
from ecr_push.registry.aws.client import AwsRefusedError
from ecr_push.registry.interface import Login, Reader, RepositoryState, Scanning
from ecr_push.release.tag_owner import Incumbents
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.labels import BRANCH_LABEL, BUILT_FROM_LABEL, COMMIT_LABEL, INPUTS_LABEL


@dataclass(frozen=True)
class Preflight:
    """The registry as it is now. state is None where the repository is still to be created.

    reuse is the image that an earlier run built from this very commit, with the same inputs, and
    released: it is judged again and its tags completed, instead of building another one whose tags
    could not be moved to it.

    tags are the plan's, settled: what a pull request's image may have to give back is known.
    incumbents tells of an image that a branch's tag points to whether it has the better claim to it.
    """

    repository: Repository
    state: RepositoryState | None
    points_to: Mapping[Tag, Digest]
    scanning: Future[Scanning]
    incumbents: Incumbents
    reuse: Digest | None = None
    tags: tuple[ReleaseTag, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What can be asked as soon as the repository's name is known, before there is a plan."""

    login: Future[Login]
    state: Future[RepositoryState | None]
    scanning: Future[Scanning]


def ask_registry(client: Reader) -> Asked:
    """Begins to ask, and raises nothing: `check_registry` takes the answers."""
    return Asked(
        background.start(client.login, "login"),
        background.start(client.describe, "describe repository"),
        background.start(client.scanning, "read scanning configuration"),
    )


def check_registry(plan: Plan, client: Reader, asked: Asked | None = None) -> Preflight:
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
    incumbents = Incumbents.look_up(
        plan.tags,
        plan.source,
        plan.build.labels.get(BRANCH_LABEL, ""),
        client,
        points_to,
        is_release=plan.version.is_release,
    )
    taken = _Taken.by(plan, client, points_to)
    tags = tuple(taken.settle(tag, state) for tag in plan.tags)
    reuse = taken.reusable(tags)
    if state is not None:
        _check_frozen(plan, state, points_to, reuse)
    login.result()
    return Preflight(repository, state, points_to, asked.scanning, incumbents, reuse, tags)


def settle_taken(
    plan: Plan, preflight: Preflight, client: Reader, tag: ReleaseTag, now: Digest
) -> ReleaseTag:
    """A protected tag that was taken since this run began, maybe by a pull request's image of our commit.

    A push and its pull request are built side by side, and neither may fail because the other was faster.
    """
    if tag.kind is not TagKind.COMMIT or plan.build.image:
        return tag
    labels = {now: client.labels(client.manifest(now))}
    return _Taken(plan, {tag.tag: now}, labels).settle(tag, preflight.state)


def _check_scannable(plan: Plan) -> None:
    if plan.target.public and not plan.scan.warn_unscannable:
        raise ScanError(
            f"{plan.target.name} is in ECR Public, which has no vulnerability scanning",
            remedy="an image that nobody judged is not released; --unscannable warn accepts that",
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


@dataclass(frozen=True)
class _Taken:
    """The images that our protected tags point to already, with their labels."""

    plan: Plan
    points_to: Mapping[Tag, Digest]
    labels: Mapping[Digest, Mapping[str, str]]

    @classmethod
    def by(cls, plan: Plan, client: Reader, points_to: Mapping[Tag, Digest]) -> _Taken:
        # An image that was built elsewhere has none of our labels, but it keeps its digest however often
        # it is pushed: promotion compares that.
        if plan.build.image:
            return cls(plan, {}, {})
        # Of a snapshot, whoever was first keeps the tag; that was us only where this commit was built before.
        protected = [tag for tag in plan.tags if tag.protected and tag.tag in points_to]
        before = any(tag.kind is not TagKind.SNAPSHOT for tag in protected)
        asked = [tag.tag for tag in protected if before]
        images = {points_to[tag] for tag in asked}
        return cls(plan, points_to, {one: client.labels(client.manifest(one)) for one in images})

    def settle(self, tag: ReleaseTag, state: RepositoryState | None) -> ReleaseTag:
        """A commit's tag is taken from a pull request's image of that commit, which holds its merge.

        Where the repository lets no tag move, the pull request's image keeps it.
        """
        taken_by = self.points_to.get(tag.tag)
        if tag.kind is not TagKind.COMMIT or not taken_by or not self._is_merge(taken_by):
            return tag
        if state is None or state.freezes(tag.tag):
            return replace(tag, kind=TagKind.MERGE)
        return replace(tag, replaces=taken_by)

    def reusable(self, tags: Sequence[ReleaseTag]) -> Digest | None:
        """The image that an earlier run built from the same commit and inputs. Raises ConflictError."""
        points_to = self.points_to
        there = [tag for tag in tags if tag.tag in points_to and not tag.replaces]
        taken = [tag for tag in there if tag.protected and not tag.yields]
        if not taken:
            first = [points_to[tag.tag] for tag in there if points_to[tag.tag] in self.labels]
            return next(filter(self._is_ours, first), None)
        if len({points_to[tag.tag] for tag in taken}) > 1:
            why = "they point to different images, so one of them was moved by hand"
            raise _conflict(taken, points_to, why)
        digest = points_to[taken[0].tag]
        if self._is_ours(digest):
            return digest
        labels = self.labels[digest]
        commit = labels.get(COMMIT_LABEL, "")
        if commit != self.plan.source.commit:
            built_from = f"built from commit {commit[:12]}" if commit else "it names no commit"
            raise _conflict(taken, points_to, f"{built_from}, and this is {self.plan.source.short}")
        raise _conflict(
            taken,
            points_to,
            "built from this commit, but with another Dockerfile, target, platforms or build arguments",
        )

    def _is_merge(self, digest: Digest) -> bool:
        labels, source = self.labels[digest], self.plan.source
        return bool(labels.get(BUILT_FROM_LABEL)) and labels.get(COMMIT_LABEL) == source.commit

    def _is_ours(self, digest: Digest) -> bool:
        labels, plan = self.labels[digest], self.plan
        return (
            labels.get(COMMIT_LABEL) == plan.source.commit
            and labels.get(INPUTS_LABEL) == plan.build.labels[INPUTS_LABEL]
        )


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
