"""What `doctor` says of a repository: whether it is there, its tags, who may, what it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import AuthenticationError
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.doctor.symptom import Symptom
from ecr_push.pipeline.lifecycle_needs import needs_of
from ecr_push.pipeline.plan import Plan
from ecr_push.registry.interface import Reader, RepositoryState
from ecr_push.registry.stored_image import StoredImage
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.mutability import mutability_text, undecided_text
from ecr_push.settings.declare import Settings
from ecr_push.upkeep.lifecycle.evaluate import DAY, Repository, forecast
from ecr_push.upkeep.lifecycle.lint import find_traps
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError, read_lifecycle_policy
from ecr_push.upkeep.policies.check import check_policy
from ecr_push.versions.schemes.choice import parse_scheme

LOOK_AHEAD_DAYS = 30


@dataclass(frozen=True)
class Kept:
    """What a repository keeps, and its lifecycle policy: JSON, "" for none."""

    images: tuple[StoredImage, ...]
    policy: str


def kept(client: Reader, state: RepositoryState | None) -> Kept | None:
    """None where there is no repository. Raises RegistryError."""
    return None if state is None else Kept(client.lifecycle.images(), client.lifecycle.policy())


def login(client: Reader) -> Iterator[Symptom]:
    login = client.login()
    yield Symptom("login", "ok", f"{login.host}, until {login.expires_at:%Y-%m-%d %H:%M}Z")


def existence(state: RepositoryState | None, settings: Settings) -> Iterator[Symptom]:
    if state is None:
        if settings.registry.create_repository:
            yield Symptom("repository", "ok", "does not exist yet; a run creates it")
        else:
            what = f"there is no repository {settings.registry.repository}"
            remedy = "check --repository, --region and --registry-id; --create-repository creates it"
            yield Symptom("repository", "error", what, remedy, exit_code=4)
        return
    yield Symptom("repository", "ok", mutability_text(state))


def tags(plan: Plan, state: RepositoryState | None) -> Iterator[Symptom]:
    if state is None:
        return
    stuck = [str(tag) for tag in plan.tags if tag.floating and state.freezes(tag.tag)]
    if stuck:
        what = f"the repository never moves {', '.join(stuck)} once they are there"
        yield Symptom("tags", "warning", what, "exclude them from its immutability, or --floating-tags none")
    if undecided := undecided_text(plan.tags, state):
        yield Symptom("tags", "warning", undecided)
    if not stuck and not undecided:
        yield Symptom("tags", "ok", ", ".join(map(str, plan.tags)))


def destination(
    area: str, target: RepositoryTarget, create: bool, planned: Callable[[], Plan], tools: Tools
) -> Iterator[Symptom]:
    client = tools.open_repository(target)
    login = client.login()
    state = client.describe()
    if state is None and not create:
        what, remedy = f"there is no repository {target.name}", "create it; --create-repository does that"
        yield Symptom(area, "error", f"{login.host}: {what}", remedy, exit_code=4)
    elif state is None:
        yield Symptom(area, "ok", f"{login.host}: does not exist yet; a run creates it")
    else:
        yield Symptom(area, "ok", f"{state.repository}: {mutability_text(state)}")
        yield from (replace(one, area=area) for one in tags(planned(), state) if one.level != "ok")


def access(state: RepositoryState | None, settings: Settings, tools: Tools) -> Iterator[Symptom]:
    if state is None:
        return
    name = state.repository.name
    try:
        text = tools.open_repositories(settings.registry).policy(name)
    except AuthenticationError:
        what = "the repository's policy may not be read: whether it is open to the world is not known"
        yield Symptom("access", "warning", what, "allow ecr:GetRepositoryPolicy")
        return
    faults = check_policy(text) if text else ()
    for fault in faults:
        remedy = "say who may: docs/repository-policies.md" if fault.opens else ""
        yield Symptom("access", "warning", f"the repository's policy: {fault.what}", remedy)
    if not faults:
        yield Symptom("access", "ok", "the repository is not open to the world")


def lifecycle(found: Kept | None, settings: Settings, tools: Tools) -> Iterator[Symptom]:
    if found is None:
        return
    if not found.policy:
        what = "the repository has no lifecycle policy: refused candidates stay for ever"
        yield Symptom("lifecycle", "warning", what, "docs/lifecycle.md has a short one")
        return
    try:
        policy = read_lifecycle_policy(found.policy)
    except LifecyclePolicyError as error:
        yield Symptom("lifecycle", "warning", f"its policy cannot be evaluated here: {error}")
        return
    now = tools.clock.now()
    taken = tuple(forecast(policy, found.images, now, now + LOOK_AHEAD_DAYS * DAY))
    needs = needs_of(found.images, parse_scheme(settings.versions.version_scheme))
    traps = find_traps(Repository(policy, found.images, count_referrers=True), taken, needs)
    for trap in traps:
        yield Symptom("lifecycle", trap.level, str(trap), trap.remedy, exit_code=10 * (trap.level == "error"))
    if not traps:
        yield Symptom("lifecycle", "ok", f"{len(policy.rules)} rules, which take nothing that is needed")
