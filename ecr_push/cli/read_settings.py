"""The settings of a command that writes reports, the facts of its CI, and whether it may push."""

from __future__ import annotations

import contextlib

from ecr_push.base.errors import ReportError, SettingsError, SourceError
from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.reports import RENDERERS
from ecr_push.pipeline.outcome import Failure, Outcome
from ecr_push.report import document
from ecr_push.report.redact import prepare_outcome
from ecr_push.report.write import write_reports
from ecr_push.settings.ci_overrides import overridden
from ecr_push.settings.declare import Settings
from ecr_push.settings.load import load_settings
from ecr_push.settings.trust import outsiders, outsiders_caller
from ecr_push.settings.wrapper_reports import with_job_reports


def read_settings(call: Call, command: str) -> tuple[Settings, CiFacts]:
    """Settings and facts for a command. Writes the requested reports before it raises SettingsError."""
    facts = read_facts(call.environ)
    by_caller = outsiders_caller(call.flags, call.environ, facts)
    # Code from a fork is only built and checked, which needs no repository.
    only_checked = by_caller is not None and by_caller.on_fork == "check" and command in ("run", "plan")
    try:
        settings = load_settings(
            call.flags,
            call.environ,
            command=command,
            file=by_caller is None,
            needs_repository=not only_checked,
        )
    except SettingsError as error:
        if error.sound and command != "plan":  # nothing uses the reports of a plan
            error.sound = with_job_reports(error.sound, call.environ)
            _report_mistakes(error, error.sound, call)
        raise
    settings = with_job_reports(settings, call.environ)
    return settings, overridden(facts, settings)


def _report_mistakes(error: SettingsError, valid: Settings, call: Call) -> None:
    """Writes reports though nothing was run: those of an earlier run would be taken for this one's."""
    outcome = prepare_outcome(Outcome(failure=Failure.of(error, "settings")), str)
    with contextlib.suppress(ReportError):  # the mistakes matter more
        write_reports(outcome, valid, RENDERERS, str)
    error.told = True
    if valid.output == "json":
        call.stdout.write(document.render(outcome))
        call.stdout.flush()


def not_pushed(settings: Settings, facts: CiFacts) -> str:
    """What is only built and checked, in words; "" where it may be pushed. Raises SourceError with fail."""
    outside = "" if settings.on_fork == "push" or settings.sandbox else outsiders(settings, facts)
    if outside and settings.on_fork == "fail":
        raise SourceError(
            f"this is {outside}, which is not pushed",
            remedy="--on-fork check builds it without a push; --on-fork push treats it as any other commit",
        )
    return outside
