"""Looks at everything that a run needs, and says what is missing, all of it at once. Changes nothing."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import AuthenticationError, EcrPushError
from ecr_push.base.own_version import own_version
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.doctor_registry import replication_symptoms, scanning_symptom
from ecr_push.pipeline.lifecycle_needs import needs_of
from ecr_push.pipeline.own_permissions import find_lacks
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.prepare import prepare
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.symptom import Level, Symptom
from ecr_push.registry.destination import Destination
from ecr_push.registry.interface import Reader, RepositoryState
from ecr_push.registry.options import target_of
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.mutability import mutability_text, undecided_text
from ecr_push.settings.declare import Settings
from ecr_push.upkeep.lifecycle.evaluate import DAY, Repository, forecast
from ecr_push.upkeep.lifecycle.lint import find_traps
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError, read_lifecycle_policy
from ecr_push.upkeep.policies.check import check_policy

# A signed request is refused where its time is 15 minutes off, and a token of ours ends on time:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html
SKEW_SECONDS = 120.0
MOST_IMAGES = 100_000  # in a repository: ECR's service quotas
NEAR = 0.9
LOOK_AHEAD_DAYS = 30

Look = Callable[[], Iterator[Symptom]]


def examine(settings: Settings, facts: CiFacts, tools: Tools) -> tuple[Symptom, ...]:
    """Looks at the checkout, the builder, AWS and the repository, side by side. Raises nothing of its own."""
    target = target_of(settings.registry)
    client = tools.open_repository(target)
    record = Record(tools, sandbox=settings.run.sandbox)
    planned = background.start(lambda: prepare(settings, facts, tools, record), "prepare")
    state = background.start(client.describe, "describe repository")
    looks: list[tuple[str, Look]] = [
        ("ecr-push", _program),
        ("checkout", lambda: _checkout(planned.result())),
        ("builder", lambda: _builder(planned.result(), tools)),
        ("AWS", partial(_aws, settings, tools)),
        ("login", partial(_login, client)),
        ("repository", lambda: _repository(state.result(), settings)),
        ("tags", lambda: _tags(planned.result(), state.result())),
        ("scanning", partial(_scanning, client)),
    ]
    if not target.public:
        looks.append(("images", lambda: _images(client, state.result(), tools)))
        looks.append(("replication", partial(replication_symptoms, target.name, settings, tools)))
        looks.append(("access", lambda: _access(state.result(), settings, tools)))
    looks.append(("permissions", partial(_permissions, settings, client, tools)))
    create = settings.registry.create_repository
    for one in settings.registry.to:
        looks.append((f"to {one}", partial(_destination, one, target, create, planned.result, tools)))
    started = [background.start(partial(_taken, area, look), f"look at {area}") for area, look in looks]
    found = [symptom for one in started for symptom in one.result()]
    return tuple(_once(found))


def _taken(area: str, look: Look) -> list[Symptom]:
    try:
        return list(look())
    except EcrPushError as error:
        what = f"{error.what}: {error.why}" if error.why else error.what
        return [Symptom(area, "error", what, error.remedy, error.exit_code)]


def _once(found: Sequence[Symptom]) -> Iterator[Symptom]:
    """Without what an earlier look has found to be wrong: the checkout's mistake is the builder's, too."""
    seen = set[str]()
    for symptom in found:
        if symptom.level == "ok" or symptom.what not in seen:
            yield symptom
        seen.add(symptom.what)


def _program() -> Iterator[Symptom]:
    version = own_version() or "a copy without a version"
    yield Symptom("ecr-push", "ok", f"{version}, Python {platform.python_version()}")


def _checkout(plan: Plan) -> Iterator[Symptom]:
    version = f"version {plan.version.text}" if plan.version.text else "no version"
    yield Symptom("checkout", "ok", f"commit {plan.source.short}, {version}: {plan.version.why}")
    if plan.source.dirty:
        what = "it has uncommitted changes, so that no release tag would be set"
        yield Symptom("checkout", "warning", what, "commit them, or stash them")
    for note in plan.source.notes:
        yield Symptom("checkout", "warning", note)


def _builder(plan: Plan, tools: Tools) -> Iterator[Symptom]:
    if plan.build.is_built_elsewhere:
        yield Symptom("builder", "ok", "none is needed")
        return
    builders = tools.find_builders(tools.environ)
    builders.choose(plan.build)
    platforms = ", ".join(plan.build.platforms) or builders.default_platform(plan.build).result()
    what = f"builds for {platforms or 'a platform that it says when it starts'}"
    yield Symptom("builder", "ok", f"{what}; there is {builders.described()}")


def _aws(settings: Settings, tools: Tools) -> Iterator[Symptom]:
    caller = tools.open_repositories(settings.registry).caller()
    yield Symptom("AWS", "ok", f"{caller.arn} in {caller.region}")
    seconds = (tools.clock.now() - caller.answered_at).total_seconds() if caller.answered_at else 0.0
    if abs(seconds) > SKEW_SECONDS:
        which = "ahead of" if seconds > 0 else "behind"
        what = f"this machine's clock is {abs(seconds):.0f} s {which} AWS's"
        yield Symptom("AWS", "warning", what, "set the clock: AWS refuses requests that are 15 minutes off")


def _permissions(settings: Settings, client: Reader, tools: Tools) -> Iterator[Symptom]:
    registry = tools.open_repositories(settings.registry)
    found = find_lacks(settings, registry.caller(), registry, client.scanning().mode)
    if found is None:
        what = "they are not looked at: iam:SimulatePrincipalPolicy is not allowed, or the role has a path"
        yield Symptom("permissions", "ok", what)
        return
    remedy = "`ecr-push iam policy` prints what is needed"
    for lack in found:
        level: Level = "error" if lack.ends_a_run else "warning"
        yield Symptom("permissions", level, str(lack), remedy, exit_code=4 if lack.ends_a_run else 0)
    if not found:
        yield Symptom("permissions", "ok", "what a run needs is allowed, as IAM simulates it")


def _login(client: Reader) -> Iterator[Symptom]:
    login = client.login()
    yield Symptom("login", "ok", f"{login.host}, until {login.expires_at:%Y-%m-%d %H:%M}Z")


def _repository(state: RepositoryState | None, settings: Settings) -> Iterator[Symptom]:
    if state is None:
        if settings.registry.create_repository:
            yield Symptom("repository", "ok", "does not exist yet; a run creates it")
        else:
            what = f"there is no repository {settings.registry.repository}"
            remedy = "check --repository, --region and --registry-id; --create-repository creates it"
            yield Symptom("repository", "error", what, remedy, exit_code=4)
        return
    yield Symptom("repository", "ok", mutability_text(state))


def _tags(plan: Plan, state: RepositoryState | None) -> Iterator[Symptom]:
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


def _destination(
    one: Destination,
    own: RepositoryTarget,
    create: bool,
    planned: Callable[[], Plan],
    tools: Tools,
) -> Iterator[Symptom]:
    """Another repository that gets the image. One that is not required is a warning at most."""
    area = f"to {one}"
    for symptom in _taken(area, partial(_looked_at, area, one.target(own), create, planned, tools)):
        if symptom.level == "error" and not one.required:
            yield replace(symptom, level="warning", what=f"not required: {symptom.what}", exit_code=0)
        else:
            yield symptom


def _looked_at(
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
        yield from (replace(one, area=area) for one in _tags(planned(), state) if one.level != "ok")


def _scanning(client: Reader) -> Iterator[Symptom]:
    yield scanning_symptom(client.scanning())


def _access(state: RepositoryState | None, settings: Settings, tools: Tools) -> Iterator[Symptom]:
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


def _images(client: Reader, state: RepositoryState | None, tools: Tools) -> Iterator[Symptom]:
    if state is None:
        return
    images = client.lifecycle.images()
    level: Level = "warning" if len(images) > NEAR * MOST_IMAGES else "ok"
    remedy = "expire what is not needed, or ask AWS for a higher quota" if level == "warning" else ""
    yield Symptom("images", level, f"{len(images):,} of {MOST_IMAGES:,}", remedy)
    text = client.lifecycle.policy()
    if not text:
        what = "the repository has no lifecycle policy: refused candidates stay for ever"
        yield Symptom("lifecycle", "warning", what, "docs/lifecycle.md has a short one")
        return
    try:
        policy = read_lifecycle_policy(text)
    except LifecyclePolicyError as error:
        yield Symptom("lifecycle", "warning", f"its policy cannot be evaluated here: {error}")
        return
    now = tools.clock.now()
    taken = tuple(forecast(policy, images, now, now + LOOK_AHEAD_DAYS * DAY))
    traps = find_traps(Repository(policy, images, count_referrers=True), taken, needs_of(images))
    for trap in traps:
        yield Symptom("lifecycle", trap.level, str(trap), trap.remedy, exit_code=10 * (trap.level == "error"))
    if not traps:
        yield Symptom("lifecycle", "ok", f"{len(policy.rules)} rules, which take nothing that is needed")
