"""What is written: the result, reports, files for a deployment, for metrics and audit records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ecr_push.base.fences import Fences
from ecr_push.base.safe_write import why_not_writable
from ecr_push.settings.checks.check import Check, Contradiction
from ecr_push.settings.publish_options import STANDARD_ERROR, AuditTarget, MetricsTarget
from ecr_push.settings.report_files import ReportFile


def _result_can_be_written(result: str, context: str) -> Iterable[Contradiction]:
    """Checked before anything is built: a report that cannot be written is a verdict that no one reads."""
    if result and (problem := why_not_writable(Path(result), Fences.of(context))):
        yield "result", problem


def _reports_can_be_written(
    result: str, reports: Sequence[ReportFile], context: str
) -> Iterable[Contradiction]:
    fences = Fences.of(context)
    seen = {Path(result).absolute(): "--result"} if result else {}
    for one in reports:
        file = Path(one.path).absolute()
        if file in seen:
            yield "reports", f"{one.path} is already written by {seen[file]}"
        elif problem := why_not_writable(Path(one.path), fences):
            yield "reports", problem
        seen[file] = "--report"


def _container_has_a_name(
    repository: str, reports: Sequence[ReportFile], container_name: str
) -> Iterable[Contradiction]:
    last = repository.rpartition("/")[2]
    wanted = any(one.format == "imagedefinitions" for one in reports)
    if wanted and "." in last and not container_name:
        yield "container_name", f"is required for imagedefinitions: ECS does not allow {last!r} as a name"


def _files_can_be_written(
    audit: Sequence[AuditTarget], metrics: Sequence[MetricsTarget], context: str
) -> Iterable[Contradiction]:
    """Checked before anything is built: an audit record that cannot be written stops a release."""
    fences = Fences.of(context)
    files = [("audit", one.name) for one in audit if one.kind == "file"]
    files += [("metrics", one.name) for one in metrics if one.kind == "emf" and one.name != STANDARD_ERROR]
    for option, name in files:
        if problem := why_not_writable(Path(name), fences, appends=True):
            yield option, problem


def _an_audit_is_kept(audit: Sequence[AuditTarget], audit_failure: str) -> Iterable[Contradiction]:
    if audit_failure != "stop" and not audit:
        yield "audit_failure", "has no effect without --audit"


CHECKS: tuple[Check, ...] = (
    _result_can_be_written,
    _reports_can_be_written,
    _container_has_a_name,
    _files_can_be_written,
    _an_audit_is_kept,
)
