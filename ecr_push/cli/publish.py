"""Publishes what was asked for: events and metrics of how a command ended, the audit of what it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError, ReportError
from ecr_push.base.log import Narrator
from ecr_push.base.option import DEPLOYING
from ecr_push.base.own_version import own_version
from ecr_push.base.reference import Tag
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.channels import Channels, reason_of
from ecr_push.pipeline.copy_result import CopyResult
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome, RunFacts
from ecr_push.registry.aws.session import Aws
from ecr_push.report import copy_notice, event
from ecr_push.report.audit_record import Releaser, Stage, audit_record, stage_before, stage_of
from ecr_push.report.redact import prepare_outcome
from ecr_push.settings.declare import Settings

# How long the end of a run waits for its event and metrics: they are worth less than the job's time.
PATIENCE_SECONDS = 15.0
# And that of one that a signal ended: what sent it kills the process soon.
HURRIED_SECONDS = 4.0


@dataclass(frozen=True)
class _Words:
    """what: is recorded. left: what is true where it was not begun. does: what it does without a record."""

    what: str
    left: str
    does: str


_WORDS: dict[Stage, _Words] = {
    "releasing": _Words("the release", "no release tag has moved", "releases"),
    "deploying": _Words("the deployment", "nothing was deployed", "deploys"),
    "copying": _Words("the copy", "nothing was copied", "copies"),
}


class CallPublisher:
    """See `Publisher`. Of one call of a command.

    run: the command, who started it and where that is shown. keeps_audit: whether a record is asked for.
    warns: what cannot be recorded is a warning. clean: removes secrets.
    """

    def __init__(
        self,
        channels: Channels,
        run: RunFacts,
        call_id: str,
        clock: Clock,
        narrator: Narrator,
        clean: Callable[[str], str],
        *,
        keeps_audit: bool,
        warns: bool,
    ) -> None:
        self._channels = channels
        self._run = run
        self._call_id = call_id
        self._clock = clock
        self._narrator = narrator
        self._clean = clean
        self._keeps_audit = keeps_audit
        self._warns = warns
        self._lock = threading.Lock()
        self._identity: str | None = None
        self._releaser: Releaser | None = None
        self._has_begun = False  # the release: not where its first record could not be written
        self._copying: dict[int, CopyResult] = {}  # by number: whose records are not complete
        self._kept = 0  # copies whose first record is there
        self._incomplete: ReportError | None = None

    @property
    def keeps_audit(self) -> bool:
        return self._keeps_audit

    # ------------------------------------------------------------------------- a release, a deployment

    def releasing(self, outcome: Outcome, tags: Sequence[Tag]) -> None:
        region, stage = _region_of(outcome), stage_before(outcome)
        self._releaser = Releaser(self._call_id, self._who(region))
        outcome = prepare_outcome(outcome, self._clean)
        record = audit_record(stage, outcome, self._releaser, self._clock.now(), tags)
        is_kept = self._begin(stage, record, region)
        self._has_begun = True
        if is_kept:
            self._narrator.say(f"kept a record of {_WORDS[stage].what} in {self._channels.audit}")

    def ended(self, outcome: Outcome) -> None:
        outcome = prepare_outcome(outcome, self._clean)
        region, patience = _region_of(outcome), _patience(outcome.failure)
        if self._releaser:  # first: an event may be lost, the record of a change may not
            record = audit_record(stage_of(outcome), outcome, self._releaser, self._clock.now())
            self._complete(stage_before(outcome), record, region, patience, is_said=not self._has_begun)
        if notice := event.notice_of(outcome):
            self._channels.send([notice], region, patience)
        self._raise_incomplete()

    # ------------------------------------------------------------------------- copies

    def copying(self, copy: CopyResult) -> None:
        with self._lock:
            who = self._who("")
        made = partial(copy_notice.copy_record, one=copy, run=self._run, who=self._of(copy, who))
        try:
            is_kept = self._begin("copying", made("copying", at=self._clock.now()), "")
        except RegistryError:
            with suppress(RegistryError):  # a place that has the first one is completed all the same
                self._channels.keep(made("not-copied", at=self._clock.now()), "")
            raise
        with self._lock:
            self._copying[copy.number] = copy
            self._kept += is_kept

    def copied(self, copy: CopyResult) -> None:
        self._complete_copy(copy, None)

    def copies_ended(self, copies: Sequence[CopyResult], stopped: Failure | None) -> None:
        for one in copies:
            self._complete_copy(one, stopped)
        found = [copy_notice.notice_of(one, self._run, stopped) for one in copies]
        self._channels.send([one for one in found if one], "", _patience(stopped))
        if kept := self._kept:
            what = "a copy" if kept == 1 else f"{kept} copies"
            self._narrator.say(f"kept records of {what} in {self._channels.audit}")
        self._raise_incomplete()

    def _complete_copy(self, copy: CopyResult, stopped: Failure | None) -> None:
        with self._lock:
            if self._copying.pop(copy.number, None) is None:
                return
        stage, who = copy_notice.stage_of(copy), self._of(copy, self._identity or "")
        record = copy_notice.copy_record(stage, copy, self._run, who, self._clock.now(), stopped)
        self._complete("copying", record, "", _patience(stopped))

    def _of(self, copy: CopyResult, identity: str) -> Releaser:
        return Releaser(f"{self._call_id}-{copy.number}", identity)

    # ------------------------------------------------------------------------- records

    def _who(self, region: str) -> str:
        """Asked for once."""
        if self._identity is None:
            self._identity = self._channels.identity(region)
        return self._identity

    def _begin(self, stage: Stage, record: dict[str, Any], region: str) -> bool:
        """The first record. False where it could not be written, and that is a warning alone."""
        words = _WORDS[stage]
        try:
            self._channels.keep(record, region)
        except RegistryError as error:
            if self._warns:
                self._narrator.warn(f"{words.what} is not in the audit: {reason_of(error)}")
                return False
            remedy = f"{words.left}; --audit-failure warn {words.does} without a record"
            raise RegistryError(
                f"the audit of {words.what} could not be written",
                why=reason_of(error),
                remedy="; ".join(filter(None, (error.remedy, remedy))),
            ) from error
        return True

    def _complete(
        self,
        began_as: Stage,
        record: dict[str, Any],
        region: str,
        patience: float,
        *,
        is_said: bool = False,
    ) -> None:
        """The last record. Where it cannot be written, that is what the command ends with.

        is_said: the command ends with the first one's error; a place that has it is completed all the same.
        """
        what = _WORDS[began_as].what
        kept = background.start(partial(self._channels.keep, record, region), "audit")
        try:
            try:
                kept.result(patience)
            except FutureTimeoutError:
                raise RegistryError(f"there was no answer in {patience:.0f} s") from None
        except RegistryError as error:
            if self._warns:
                self._narrator.warn(f"what became of {what} is not in the audit: {reason_of(error)}")
            if self._warns or is_said:
                return
            incomplete = ReportError(
                f"the audit of {what} could not be completed",
                why=reason_of(error),
                remedy=f"its first record, `{began_as}`, is there; everything else is as the report says",
            )
            incomplete.__cause__ = error
            self._incomplete = self._incomplete or incomplete

    def _raise_incomplete(self) -> None:
        if self._incomplete:
            raise self._incomplete


def open_publisher(
    settings: Settings,
    facts: CiFacts,
    call: Call,
    command: str,
    call_id: str,
    aws: Callable[[str], Aws] | None,
    clock: Clock,
    narrator: Narrator,
) -> CallPublisher:
    """aws: see `Channels`."""
    return CallPublisher(
        Channels(settings, call_id, aws, clock, narrator, call.stderr, call.clean),
        RunFacts(command, url=facts.run.url, actor=facts.run.actor, tool_version=own_version()),
        call_id,
        clock,
        narrator,
        call.clean,
        keeps_audit=bool(settings.publish.audit),
        warns=settings.publish.audit_failure == "warn",
    )


def _region_of(outcome: Outcome) -> str:
    """The repository's, as far as it is known; a deployment's is that of the service: --region."""
    if outcome.run.command in DEPLOYING or not outcome.repository:
        return ""
    return outcome.repository.registry.region


def _patience(failure: Failure | None) -> float:
    return HURRIED_SECONDS if failure and failure.kind == "interrupted" else PATIENCE_SECONDS
