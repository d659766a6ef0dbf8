"""PushedImage -> Verdict: waits for the scan and judges it, compared with what the policy names."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from ecr_push.base.fences import Fences
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.policy.comparison_read import begin_comparing
from ecr_push.policy.judge import judge, utc_date
from ecr_push.policy.model import Policy
from ecr_push.policy.verdict import Verdict
from ecr_push.policy.vex import Subject
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import RepositoryClient, Scanning
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.wait import await_scan, found_text


def scan_and_judge(
    pushed: PushedImage,
    client: RepositoryClient,
    scanning: Future[Scanning],
    plan: ScanPlan,
    policy: Policy,
    tools: Tools,
    record: Record,
    fences: Fences,
    *,
    before: Callable[[Tag], Digest] | None = None,
    between: Callable[[], object] = lambda: None,
) -> Verdict:
    """Waits for the scan and judges it. Raises ScanError if there is no answer.

    before: where a tag was before an earlier run moved it to this image; see `read_baseline`.
    between: what is waited for after the scan, and before the verdict.
    """
    record.note(policy=policy)
    comparing = begin_comparing(policy, pushed, client, tools.open_repository, before)
    with record.phase("scan"):
        scan = await_scan(pushed.images, client, scanning.result(), plan, tools.clock, tools.narrator)
        record.note(scan=scan)
    between()
    with record.phase("judge"):
        if plan.others:
            from ecr_push.pipeline.other_verdicts import add_others, names_of

            names = partial(names_of, pushed, client)
            scan = add_others(plan.others, scan, names, fences, tools.narrator.say)
            record.note(scan=scan)
        baseline, base = comparing.results()
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
        record.note(verdict=verdict)
    return verdict
