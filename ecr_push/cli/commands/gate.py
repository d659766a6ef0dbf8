"""`ecr-push gate`: judges saved findings, and asks nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from ecr_push.base.clock import SystemClock
from ecr_push.base.errors import EcrPushError, ScanError, SettingsError
from ecr_push.cli.reports import RENDERERS
from ecr_push.pipeline.outcome import Failure, Outcome
from ecr_push.policy.files import no_objects
from ecr_push.policy.judge import judge, utc_date
from ecr_push.policy.load import load_policy
from ecr_push.policy.model import Policy
from ecr_push.report import document, text
from ecr_push.report.redact import prepare_outcome
from ecr_push.report.saved_findings import read_saved
from ecr_push.report.write import write_or_warn
from ecr_push.scan.findings import ScanReport
from ecr_push.settings.load import load_settings


def gate(
    files: Sequence[tuple[str, bytes]],
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    stdout: TextIO,
    stderr: TextIO,
) -> int:
    """Prints the verdict and returns its exit code. Raises SettingsError for what cannot be read."""
    settings = load_settings(flags, environ, command="gate")
    policy = load_policy(settings, no_objects)
    try:
        saved = read_saved(files)
        _check_scannable(saved.report, policy)
        verdict = judge(saved.report, policy, today=utc_date(SystemClock().now()), subject=saved.subject)
        outcome = Outcome(scan=saved.report, verdict=verdict)
    except SettingsError:
        raise
    except EcrPushError as error:
        outcome = Outcome(failure=Failure.of(error, "read"))
    outcome = prepare_outcome(outcome, str)  # nobody was asked, so there is no secret
    stderr.write(text.render(outcome))
    try:
        write_or_warn(outcome, settings, RENDERERS, str, stderr)
    finally:
        if settings.output == "json":
            stdout.write(document.render(outcome))
    return outcome.exit_code


def _check_scannable(report: ScanReport, policy: Policy) -> None:
    """An image that nobody scanned is no refusal of ours: there is no answer, as in `scan`."""
    if report.unscannable and policy.unscannable == "refuse":
        lost = report.unscannable[0]
        raise ScanError(
            f"{lost.platform or lost.digest.short} cannot be scanned",
            why=lost.unscannable,
            remedy="an image that nobody judged is not released; --unscannable warn accepts that",
        )
