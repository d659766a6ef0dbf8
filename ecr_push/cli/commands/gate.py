"""`ecr-push gate`: judges saved scan results, offline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.policy.model import Policy
    from ecr_push.scan.findings import ScanReport

EXAMPLES = (
    ("Judge what the AWS CLI saved", "ecr-push gate findings.json"),
    ("Judge the result document of a run by another policy", "ecr-push gate result.json --policy policy.yml"),
    ("Judge what Trivy found, together with ECR's scan", "ecr-push gate ecr.json --verdict-from trivy.json"),
    ("Read standard input", "ecr-push gate -"),
)

_LARGEST = 1 << 30  # bytes


@command("gate", EXAMPLES)
@click.argument("findings", nargs=-1, required=True, metavar="FINDINGS...")
def gate(call: Call, findings: tuple[str, ...]) -> int:
    """Judge saved FINDINGS: an answer of ecr:DescribeImageScanFindings, of inspector2:ListFindings, a result
    document of ecr-push, Trivy's or Grype's JSON, or SARIF. Asks neither AWS nor docker.

    Several files are several platforms of one image; - is standard input.
    """
    return judge_saved([(name, _content(name)) for name in findings], call)


def judge_saved(files: Sequence[tuple[str, bytes]], call: Call) -> int:
    """Prints the verdict and returns its exit code. Raises SettingsError for what cannot be read.

    files: name and content of each.
    """
    from functools import partial

    from ecr_push.base.clock import SystemClock
    from ecr_push.base.errors import EcrPushError, SettingsError
    from ecr_push.base.fences import Fences
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.cli.tell_outcome import tell_outcome
    from ecr_push.pipeline.failure import Failure
    from ecr_push.pipeline.other_verdicts import add_others, names_of_scan
    from ecr_push.pipeline.outcome import Outcome, RunFacts
    from ecr_push.policy.judge import judge, utc_date
    from ecr_push.policy.load import load_policy
    from ecr_push.policy.read_object import no_objects
    from ecr_push.report.saved_findings import read_saved
    from ecr_push.report.write import remove_earlier_reports

    settings = read_all_settings(call, "gate")
    remove_earlier_reports(settings.report, settings.source.context)
    fences = Fences.of(settings.source.context)
    policy = load_policy(settings.policy, no_objects, fences)
    try:
        now = SystemClock().now()
        saved = read_saved(files, now)
        _check_scannable(saved.report, policy)
        names = partial(names_of_scan, saved.report, saved.subject.digest)
        report = add_others(settings.scan.verdict_from, saved.report, names, fences)
        verdict = judge(report, policy, today=utc_date(now), subject=saved.subject)
        facts = RunFacts("gate", tuple(name for name, _ in files), started_at=now)
        outcome = Outcome(scan=report, verdict=verdict, policy=policy, run=facts)
    except SettingsError:
        raise
    except EcrPushError as error:
        outcome = Outcome(failure=Failure.of(error, "read"), run=RunFacts("gate"))
    # No service was asked, so there is no secret.
    return tell_outcome(outcome, settings, call)


def _content(name: str) -> bytes:
    from pathlib import Path

    from ecr_push.base.checkout_files import read_bytes
    from ecr_push.base.errors import SettingsError
    from ecr_push.base.fences import Fences

    try:
        return read_bytes(Path("/dev/stdin" if name == "-" else name), _LARGEST, Fences.of("."), streams=True)
    except OSError as error:
        raise SettingsError([f"{name}: could not be read: {error.strerror or error}"]) from error


def _check_scannable(report: ScanReport, policy: Policy) -> None:
    """Raises ScanError for an image that was not scanned: as in `scan`, that is not a refusal."""
    from ecr_push.base.errors import ScanError

    if report.unscannable and policy.unscannable == "refuse":
        lost = report.unscannable[0]
        raise ScanError(
            f"{lost.platform or lost.digest.short} cannot be scanned",
            why=lost.unscannable,
            remedy="an image that was not judged is not released; --unscannable warn accepts it",
        )
