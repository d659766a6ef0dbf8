"""Looks at everything that a run needs, and says what is missing, all of it at once. Changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.doctor import machine, repository
from ecr_push.pipeline.doctor.quotas import quotas
from ecr_push.pipeline.doctor.registry import replication_symptoms, scanning_symptom
from ecr_push.pipeline.doctor.symptom import Level, Symptom
from ecr_push.pipeline.own_permissions import find_lacks
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.prepare import prepare
from ecr_push.pipeline.record import Record
from ecr_push.registry.destination import Destination
from ecr_push.registry.interface import Reader
from ecr_push.registry.options import target_of
from ecr_push.registry.target import RepositoryTarget
from ecr_push.settings.declare import Settings

Look = Callable[[], Iterator[Symptom]]


def examine(settings: Settings, facts: CiFacts, tools: Tools) -> tuple[Symptom, ...]:
    """Looks at the checkout, the builder, AWS and the repository, side by side. Raises nothing of its own."""
    target = target_of(settings.registry)
    client = tools.open_repository(target)
    record = Record(tools, sandbox=settings.run.sandbox)
    planned = background.start(lambda: prepare(settings, facts, tools, record), "prepare")
    state = background.start(client.describe, "describe repository")
    proxy = background.start(client.reach, "reach registry")
    looks: list[tuple[str, Look]] = [
        ("ecr-push", machine.program),
        ("checkout", lambda: machine.checkout(planned.result(), facts)),
        ("builder", lambda: machine.builder(planned.result(), tools)),
        ("network", partial(machine.network, client, proxy.result)),
        ("engine", partial(machine.engine, client, proxy.result, settings, tools)),
        ("AWS", partial(machine.caller_and_clock, settings, tools)),
        ("login", partial(_login, client)),
        ("repository", lambda: repository.existence(state.result(), settings)),
        ("tags", lambda: repository.tags(planned.result(), state.result())),
        ("scanning", partial(_scanning, client, planned.result)),
    ]
    if not target.public:
        kept = background.start(lambda: repository.kept(client, state.result()), "list images")
        looks.append(("lifecycle", lambda: repository.lifecycle(kept.result(), settings, tools)))
        looks.append(("quotas", lambda: quotas(kept.result(), settings, tools)))
        looks.append(("replication", partial(replication_symptoms, target.name, settings, tools)))
        looks.append(("access", lambda: repository.access(state.result(), settings, tools)))
    looks.append(("permissions", partial(_permissions, settings, client, tools)))
    create = settings.registry.create_repository
    for one in settings.registry.to:
        looks.append((f"to {one}", partial(_destination, one, target, create, planned.result, tools)))
    started = [background.start(partial(_taken, area, look), f"look at {area}") for area, look in looks]
    found = [symptom for one in started for symptom in one.result()]
    return tuple(_once(found))


def _taken(area: str, look: Look) -> list[Symptom]:
    found: list[Symptom] = []
    try:
        for symptom in look():
            found.append(symptom)
    except EcrPushError as error:
        what = f"{error.what}: {error.why}" if error.why else error.what
        found.append(Symptom(area, "error", what, error.remedy, error.exit_code))
    return found


def _once(found: Sequence[Symptom]) -> Iterator[Symptom]:
    """Without what an earlier look has found to be wrong: the checkout's mistake is the builder's, too."""
    seen = set[str]()
    for symptom in found:
        if symptom.level == "ok" or symptom.what not in seen:
            yield symptom
        seen.add(symptom.what)


def _permissions(settings: Settings, client: Reader, tools: Tools) -> Iterator[Symptom]:
    registry = tools.open_repositories(settings.registry)
    found = find_lacks(settings, registry.caller(), registry, client.scanning().mode)
    if found is None:
        what = "they are not looked at: iam:SimulatePrincipalPolicy is not allowed, or the role has a path"
        yield Symptom("permissions", "ok", what)
        return
    remedy = f"`ecr-push iam policy -r {settings.registry.repository}` prints what is needed"
    for lack in found:
        level: Level = "error" if lack.ends_a_run else "warning"
        yield Symptom("permissions", level, str(lack), remedy, exit_code=4 if lack.ends_a_run else 0)
    if not found:
        yield Symptom("permissions", "ok", "what a run needs is allowed, as IAM simulates it")


def _login(client: Reader) -> Iterator[Symptom]:
    login = client.login()
    yield Symptom("login", "ok", f"{login.host}, until {login.expires_at:%Y-%m-%d %H:%M}Z")


def _destination(
    one: Destination,
    own: RepositoryTarget,
    create: bool,
    planned: Callable[[], Plan],
    tools: Tools,
) -> Iterator[Symptom]:
    """Another repository that gets the image. One that is not required is a warning at most."""
    area = f"to {one}"
    for symptom in _taken(
        area, partial(repository.destination, area, one.target(own), create, planned, tools)
    ):
        if symptom.level == "error" and not one.required:
            yield replace(symptom, level="warning", what=f"not required: {symptom.what}", exit_code=0)
        else:
            yield symptom


def _scanning(client: Reader, planned: Callable[[], Plan]) -> Iterator[Symptom]:
    found, warns = client.scanning(), False
    with contextlib.suppress(EcrPushError):  # of the checkout, which says so itself
        warns = planned().scan.warn_unscannable
    yield scanning_symptom(found, warns=warns)
