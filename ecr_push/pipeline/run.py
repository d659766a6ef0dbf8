"""The story: from a commit to a judged image, readable on one screen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.errors import EcrPushError, Interrupted, RegistryError
from ecr_push.base.log import Narrator, Redactor
from ecr_push.base.reference import Digest, Tag
from ecr_push.builder.choose import Engine, choose_builder, find_engine
from ecr_push.builder.docker_config import DockerConfig
from ecr_push.builder.interface import check_inputs, secret_args
from ecr_push.builder.push import push_candidate
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.outcome import Failure, Outcome
from ecr_push.pipeline.plan import Plan, make_plan
from ecr_push.pipeline.preflight import Asked, Preflight, ask_registry, check_registry, settle_taken
from ecr_push.pipeline.source_and_version import read_origin
from ecr_push.policy.comparison_read import begin_comparing
from ecr_push.policy.files import ReadObject, no_objects
from ecr_push.policy.judge import judge, utc_date
from ecr_push.policy.load import load_policy
from ecr_push.policy.model import Policy
from ecr_push.policy.verdict import Verdict
from ecr_push.policy.vex import Subject
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import Login, Reader, RepositoryClient, RepositoryState, Scanning, Writer
from ecr_push.registry.target import Target, find_target
from ecr_push.release.git_tag import check_release, release
from ecr_push.release.mutability import frozen
from ecr_push.release.promote import PromotedTag, promote, retire_candidates
from ecr_push.release.tag_history import tag_before
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.wait import await_scan, found_text
from ecr_push.settings.declare import Settings
from ecr_push.source.git.clone_repair import absent_checkout
from ecr_push.source.trust import untold_origin
from ecr_push.tags.naming import name_image


@dataclass(frozen=True)
class Tools:
    """The world, handed in. environ is for docker and git; open_repository reaches AWS.

    run_id: of this call alone, however many a run of the CI makes; its candidate is named after it.
    created is SOURCE_DATE_EPOCH, where it is set: the time that everything claims to be made at.
    """

    open_repository: Callable[[Target], RepositoryClient]
    environ: Mapping[str, str]
    docker_config: Path
    clock: Clock
    narrator: Narrator
    redactor: Redactor
    run_id: str
    created: datetime | None = None
    read_object: ReadObject = no_objects


class Journal:
    """Keeps the outcome as it grows, so that a report can be written wherever a run stops.

    once_planned is called when the checkout has been read, and before anything is built.
    """

    def __init__(
        self, tools: Tools, *, sandbox: bool, once_planned: Callable[[], None] = lambda: None
    ) -> None:
        self.outcome = Outcome(sandbox=sandbox)
        self.once_planned = once_planned
        self._tools = tools
        self._lock = threading.Lock()

    def note(self, **nouns: Any) -> None:
        with self._lock:
            self.outcome = replace(self.outcome, **nouns)

    def settled(self, tag: PromotedTag) -> None:
        """A release tag is done, or was mended after it was."""
        others = tuple(one for one in self.outcome.promoted if one.tag != tag.tag)
        self.note(promoted=(*others, tag))

    def retired(self, done: bool) -> None:
        """The candidate's tag is gone, if done."""
        self.note(candidate_kept=self.outcome.candidate_kept and not done)

    @contextmanager
    def phase(self, name: str) -> Any:
        """Names what the narrator and a failure speak of, and takes the time."""
        self._tools.narrator.phase(name)
        began = self._tools.clock.monotonic()
        try:
            yield
        except (EcrPushError, Interrupted) as error:
            if self.outcome.failure is None:
                self.note(failure=Failure.of(error, name))
            raise
        finally:
            spent = round(self._tools.clock.monotonic() - began, 3)
            self.note(seconds={**self.outcome.seconds, name: spent})


def run(settings: Settings, facts: CiFacts, tools: Tools, journal: Journal) -> Outcome:
    """Build, push, scan, judge, promote. Raises EcrPushError or Interrupted; the journal holds the rest."""
    client = tools.open_repository(find_target(settings.repository, settings.region, settings.registry_id))
    asked = ask_registry(client)
    plan = prepare(settings, facts, tools, journal)
    engine = background.start(lambda: find_engine(tools.environ), "find engine")
    preflight = _check(plan, client, asked, journal)
    pushed = _reuse(preflight, client, tools) or _build_and_push(
        plan, preflight, client, engine, tools, journal
    )
    journal.note(pushed=pushed, candidate_kept=not pushed.reused)
    manifest = background.start(lambda: client.manifest(pushed.digest), "read manifest")
    before = partial(tag_before, client, plan.version.scheme) if pushed.reused else None
    with _candidate_is_there(plan, pushed, client, journal):
        verdict = judge_pushed(
            pushed, client, preflight.scanning, plan.scan, plan.policy, tools, journal, before=before
        )
    if verdict.accepted:
        with journal.phase("promote"):
            promote(
                preflight.tags,
                manifest.result(),
                client,
                tools.narrator,
                on_settled=journal.settled,
                once_named=lambda: journal.retired(retire_candidates(pushed.digest, client, tools.narrator)),
                claim=preflight.incumbents.claim,
                taken=partial(settle_taken, plan, preflight, client),
            )
        if plan.version.new_git_tag:
            with journal.phase("release"):
                journal.note(git_tag=release(plan.source, plan.version, pushed.reference, tools.narrator))
    return journal.outcome


@contextmanager
def _candidate_is_there(plan: Plan, pushed: PushedImage, client: Reader, journal: Journal) -> Iterator[None]:
    """Has nobody told of a candidate that its tag no longer names: while we waited, somebody took it away.

    Looked at where the image stays a candidate. Whoever interrupts a run is not kept waiting for it.
    """

    def look() -> None:
        if journal.outcome.candidate_kept:
            with suppress(EcrPushError):  # what cannot be asked is not known to be wrong
                journal.retired(client.digests([plan.candidate]).get(plan.candidate) != pushed.digest)

    try:
        yield
    except EcrPushError:
        look()
        raise
    if journal.outcome.verdict and not journal.outcome.verdict.accepted:
        look()


def judge_pushed(
    pushed: PushedImage,
    client: RepositoryClient,
    scanning: Future[Scanning],
    plan: ScanPlan,
    policy: Policy,
    tools: Tools,
    journal: Journal,
    *,
    before: Callable[[Tag], Digest] | None = None,
) -> Verdict:
    """Waits for the scan and judges it. Raises ScanError where there is no answer.

    before: where a tag was before an earlier run moved it to this image; see `read_baseline`.
    """
    comparing = begin_comparing(policy, pushed, client, tools.open_repository, before)
    with journal.phase("scan"):
        scan = await_scan(pushed.images, client, scanning.result(), plan, tools.clock, tools.narrator)
        journal.note(scan=scan)
    with journal.phase("judge"):
        baseline, base = comparing.results()
        if base:
            journal.note(base_layers=base.all_layers)
        verdict = judge(
            scan,
            policy,
            today=utc_date(tools.clock.now()),
            baseline=baseline,
            base=base,
            subject=Subject(pushed.repository.uri, pushed.digest.value),
        )
        for platform in scan.platforms:
            tools.narrator.say(f"{platform.platform or 'image'}: {found_text(platform)}")
        for warning in (*verdict.errors, *verdict.warnings):
            tools.narrator.warn(warning)
        journal.note(verdict=verdict)
    return verdict


def prepare(settings: Settings, facts: CiFacts, tools: Tools, journal: Journal) -> Plan:
    """Source, version, policy, plan: reads the checkout, and the files of the policy."""
    policy = background.start(lambda: load_policy(settings, tools.read_object), "read policy")
    with journal.phase("source"):
        now = tools.created or tools.clock.now()
        source, version = read_origin(settings, facts, now, tools.narrator.say)
        tools.narrator.say(f"commit {source.short}" + (f" on {source.branch}" if source.branch else ""))
        tools.narrator.say(f"version {version.text or '(none)'}: {version.why}")
        for note in source.notes:
            tools.narrator.warn(note)
        if untold := untold_origin(facts):
            tools.narrator.say(untold)
        if source.dirty:
            tools.narrator.warn("the checkout has changes that are not committed: no release tag is given")
    with journal.phase("plan"):
        names = name_image(settings, source, version, facts, now=tools.clock.now(), created=tools.created)
        for warning in names.warnings:
            tools.narrator.warn(warning)
        plan = make_plan(settings, source, version, names, tools.run_id, policy.result())
        journal.note(plan=plan)
        journal.once_planned()
        check_inputs(plan.build, "" if source.has_git else absent_checkout(facts.provider))
        for name in secret_args(plan.build):
            tools.narrator.warn(f"build argument {name} sounds like a secret: the image's history shows it")
        tools.narrator.say("tags " + ", ".join(str(tag) for tag in plan.tags))
    return plan


def rehearse(settings: Settings, facts: CiFacts, tools: Tools, journal: Journal) -> tuple[Plan, Preflight]:
    """Everything up to the build, reading only. Raises what `run` would raise so far."""
    client = tools.open_repository(find_target(settings.repository, settings.region, settings.registry_id))
    asked = ask_registry(client)
    plan = prepare(settings, facts, tools, journal)
    return plan, _check(plan, client, asked, journal)


def _check(plan: Plan, client: Reader, asked: Asked, journal: Journal) -> Preflight:
    """Everything that could refuse the run's end, asked before its beginning."""
    with journal.phase("registry"):
        git_tag = background.start(lambda: check_release(plan.source, plan.version), "look up git tag")
        preflight = check_registry(plan, client, asked)
        git_tag.result()
        journal.note(preflight=preflight)
    return preflight


def _reuse(preflight: Preflight, client: Reader, tools: Tools) -> PushedImage | None:
    if preflight.reuse is None:
        return None
    tools.narrator.say(
        f"{preflight.reuse.short} was already built from this commit and released: judging it again"
    )
    return describe_pushed(
        preflight.repository, client.manifest(preflight.reuse), client.manifest, reused=True
    )


def _build_and_push(
    plan: Plan,
    preflight: Preflight,
    client: RepositoryClient,
    engine: Future[Engine],
    tools: Tools,
    journal: Journal,
) -> PushedImage:
    """The build, while the repository is created; docker asks for the login when it pushes."""
    repository = preflight.repository
    state: Future[RepositoryState] = Future()

    def login() -> Login:
        state.result()
        found = client.login()
        tools.redactor.add(*found.secrets)
        return found

    with DockerConfig(tools.docker_config, repository.registry.host, login) as config:
        environ = config.environ(tools.environ)
        with journal.phase("build"):
            builder = choose_builder(plan.build, engine.result(), environ, tools.narrator)
            background.fulfil(
                state, lambda: _create(plan, preflight, client, tools, journal), "create repository"
            )
            try:
                built = builder.build(plan.build, repository, plan.candidate)
            except RegistryError:
                state.result()  # a repository that could not be created is the cause, not the failed push
                raise
        with journal.phase("push"):
            state.result()
            pushed = push_candidate(built, repository, plan.candidate, client, environ, tools.narrator)
            tools.narrator.say(f"pushed {pushed.reference}")
    return pushed


def _create(
    plan: Plan, preflight: Preflight, client: Writer, tools: Tools, journal: Journal
) -> RepositoryState:
    if preflight.state is not None:
        return preflight.state
    state = client.create(plan.wanted_repository)
    journal.note(created_repository=state.repository.uri)
    tools.narrator.say(f"created {state.repository}")
    if not plan.target.public:
        tools.narrator.say(f"  scan on push, encrypted with {state.encryption}")
        tools.narrator.say(f"  {state.mutability}: {frozen(plan.wanted_repository)}")
    return state
