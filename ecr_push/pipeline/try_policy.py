"""Judges recent images by a new policy and by the present one, before the new one goes live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.fences import Fences
from ecr_push.base.reference import Repository
from ecr_push.pipeline.context import Tools
from ecr_push.policy.comparison_read import begin_comparing
from ecr_push.policy.judge import judge, utc_date
from ecr_push.policy.load import load_effective
from ecr_push.policy.model import Policy
from ecr_push.policy.verdict import Verdict
from ecr_push.policy.vex import Subject
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import Reader, RegistryImage, Scanning
from ecr_push.registry.options import target_of
from ecr_push.scan.answers import read_answer
from ecr_push.scan.epss import Epss, check_epss
from ecr_push.scan.findings import ScanReport
from ecr_push.settings.declare import Settings

AT_ONCE = 8


@dataclass(frozen=True)
class Tried:
    """One image under the new policy and under the present one; without a scan it has neither verdict."""

    image: RegistryImage
    new: Verdict | None = None
    now: Verdict | None = None
    why: str = ""

    @property
    def change(self) -> str:
        if self.new is None or self.now is None or self.new.accepted == self.now.accepted:
            return ""
        return "accepted before" if self.now.accepted else "refused before"


def try_policy(last: int, new: Settings, now: Settings, tools: Tools) -> tuple[list[Tried], bool]:
    """The last images, each judged by both policies, and whether these differ at all.

    Raises SettingsError, and RegistryError if the repository does not exist.
    """
    tools.narrator.phase("policy")
    fences = Fences.of(new.source.context)
    policies = [load_effective(one.policy, tools.read_object, fences)[1] for one in (new, now)]
    client = tools.open_repository(target_of(new.registry))
    state = client.describe()
    if state is None:
        raise RegistryError(
            f"there is no repository {new.registry.repository}", remedy="check --repository and --region"
        )
    scanning = client.scanning()
    images = sorted(client.images(), key=lambda one: one.pushed_at, reverse=True)[:last]
    today = utc_date(tools.clock.now())
    tried: list[Tried] = []
    for begin in range(0, len(images), AT_ONCE):
        futures = [
            background.start(
                partial(_try, image, state.repository, policies, client, scanning, tools, today),
                "judge image",
            )
            for image in images[begin : begin + AT_ONCE]
        ]
        tried += [one.result() for one in futures]
    return tried, policies[0] != policies[1]


def _try(
    image: RegistryImage,
    repository: Repository,
    policies: Sequence[Policy],
    client: Reader,
    scanning: Scanning,
    tools: Tools,
    today: date,
) -> Tried:
    if not image.can_be_pulled:
        return Tried(image, why="it is archived: restore it first")
    try:
        pushed = describe_pushed(repository, client.manifest(image.digest), client.manifest, reused=True)
        scans = [
            read_answer(client.scans.answer(one.digest), one.digest, one.platform) for one in pushed.images
        ]
        if any(policy.max_epss is not None for policy in policies):
            check_epss(scanning)
            scans = [Epss(client, one).read() for one in scans]
        report = ScanReport(scanning.mode, tuple(scans))
    except EcrPushError as error:
        return Tried(image, why=f"{error.what}: {error.why}" if error.why else error.what)
    new, now = (_judge(report, policy, pushed, client, tools, today) for policy in policies)
    return Tried(image, new, now)


def _judge(
    report: ScanReport,
    policy: Policy,
    pushed: PushedImage,
    client: Reader,
    tools: Tools,
    today: date,
) -> Verdict:
    baseline, base = begin_comparing(policy, pushed, client, tools.open_repository).results()
    subject = Subject(pushed.repository.uri, pushed.digest.value)
    return judge(report, policy, today=today, baseline=baseline, base=base, subject=subject)
