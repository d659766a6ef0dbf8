"""Where notices and audit records go, as the options say: a bus, CloudWatch, S3, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.fences import Fences
from ecr_push.base.iam.arn import arn_of
from ecr_push.base.log import Narrator
from ecr_push.base.place import Place
from ecr_push.base.safe_write import append_text
from ecr_push.registry.aws.cloudwatch import put_log_line, put_metrics
from ecr_push.registry.aws.eventbridge import Event, put_event
from ecr_push.registry.aws.s3 import put_new_object
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.repositories import Repositories
from ecr_push.report.audit_record import object_key
from ecr_push.report.brief import json_line
from ecr_push.report.metrics import DIMENSION
from ecr_push.report.notice import SOURCE, Notice, emf
from ecr_push.report.redact import clean_texts
from ecr_push.settings.declare import Settings
from ecr_push.settings.publish_options import STANDARD_ERROR, AuditTarget, MetricsTarget

AT_ONCE = 16
_NOT_IN_SANDBOX = "the sandbox of --sandbox is an ECR and nothing else"


class Channels:
    """Of one call of a command, whose id is in the names of streams.

    aws:    opens AWS with the command's credentials in a region, "" for its own; None in a sandbox.
    stream: standard error. clean: removes secrets.
    """

    def __init__(
        self,
        settings: Settings,
        call_id: str,
        aws: Callable[[str], Aws] | None,
        clock: Clock,
        narrator: Narrator,
        stream: TextIO,
        clean: Callable[[str], str],
    ) -> None:
        self._options = settings.publish
        self._fences = Fences.of(settings.source.context)
        self._call_id = call_id
        self._aws = aws
        self._clock = clock
        self._narrator = narrator
        self._stream = stream
        self._clean = clean

    @property
    def audit(self) -> str:
        """The places of audit records, in words."""
        return ", ".join(map(str, self._options.audit))

    def identity(self, region: str) -> str:
        """The ARN of the credentials; a record is kept without it where STS does not answer."""
        try:
            return Repositories(self._open(region)).caller().arn
        except EcrPushError:
            return ""

    # ------------------------------------------------------------------------- events and metrics

    def send(self, notices: Sequence[Notice], region: str, patience: float) -> None:
        """All at the same time; what fails, or takes longer than so many seconds, is a warning."""
        now = self._clock.now()
        sends = [send for notice in notices for send in self._sends(notice, region, now)]
        problems: dict[str, dict[str, None]] = {what: {} for what, _ in sends}

        def attempt(what: str, send: Callable[[], None]) -> None:
            try:
                send()
            except EcrPushError as error:
                todo = f". To do: {error.remedy}" if error.remedy else ""
                problems[what][f"{what} could not be sent: {reason_of(error).rstrip('.')}{todo}"] = None
            except OSError as error:
                problems[what][f"{what} could not be written: {error.strerror or error}"] = None

        started: dict[str, list[Callable[[], None]]] = {}
        for what, send in sends:
            started.setdefault(what, []).append(partial(attempt, what, send))
        waiting = {
            what: background.start(partial(background.all_of, calls, "publish", AT_ONCE), "publish")
            for what, calls in started.items()
        }
        ends = self._clock.monotonic() + patience
        for what, sent in waiting.items():
            try:
                sent.result(max(0.0, min(patience, ends - self._clock.monotonic())))
            except FutureTimeoutError:
                problems[what][f"{what} could not be sent: there was no answer in {patience:.0f} s"] = None
        for problem in [one for of in problems.values() for one in tuple(of)]:  # in the same order each time
            self._narrator.warn(problem)

    def _sends(self, notice: Notice, region: str, now: datetime) -> Iterable[tuple[str, Callable[[], None]]]:
        bus = self._options.event_bus
        if bus:
            yield f"the event to {bus}", partial(self._send_event, notice, region, now)
        for one in self._options.metrics:
            yield f"the metrics to {one}", partial(self._send_metrics, one, notice, region, now)

    def _send_event(self, notice: Notice, region: str, now: datetime) -> None:
        access = self._open(region)
        detail = clean_texts(dict(notice.detail), self._clean)
        resources = tuple(_resources(notice, access.region))
        put_event(access, self._options.event_bus, Event(SOURCE, notice.detail_type, detail, now, resources))

    def _send_metrics(self, to: MetricsTarget, notice: Notice, region: str, now: datetime) -> None:
        repository = notice.repository
        if not repository:
            raise RegistryError("it is not known of which repository they are")
        if to.kind == "cloudwatch":
            put_metrics(self._open(region), to.name, notice.metrics, {DIMENSION: repository}, now)
            return
        line = json_line(clean_texts(emf(notice, now), self._clean))
        if to.kind == "emf-logs":
            put_log_line(self._open(region), to.name, self._log_stream(repository), line, now)
        elif to.name == STANDARD_ERROR:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        else:
            append_text(Path(to.name), f"{line}\n", self._fences)

    # ------------------------------------------------------------------------- audit

    def keep(self, record: dict[str, Any], region: str) -> None:
        """Writes a record to every place. Raises RegistryError, with all that failed."""
        line = json_line(clean_texts(record, self._clean))
        key = object_key(record, line)
        failed: list[RegistryError] = []
        for place in self._options.audit:
            try:
                self._keep(place, line, key, str(record["repositoryName"] or ""), region)
            except RegistryError as error:
                failed.append(RegistryError(f"{place}: {error.what}", why=error.why, remedy=error.remedy))
            except OSError as error:
                failed.append(RegistryError(f"{place}: {error.strerror or error}"))
        if len(failed) == 1:
            raise failed[0]
        if failed:
            raise RegistryError(
                f"{len(failed)} places could not be written",
                why="\n".join(map(reason_of, failed)),
                remedy="; ".join(dict.fromkeys(one.remedy for one in failed if one.remedy)),
            )

    def _keep(self, place: AuditTarget, line: str, key: str, repository: str, region: str) -> None:
        if place.kind == "file":
            append_text(Path(place.name), f"{line}\n", self._fences)
        elif place.kind == "logs":
            stream = self._log_stream(repository)
            put_log_line(self._open(region), place.name, stream, line, self._clock.now())
        else:  # of the same key only a first attempt whose answer was lost: it has the same content
            put_new_object(self._open(region), f"{place.name}/{key}", line.encode())

    def _open(self, region: str) -> Aws:
        if self._aws is None:
            raise RegistryError(_NOT_IN_SANDBOX)
        return self._aws(region)

    def _log_stream(self, repository: str) -> str:
        """One a call, so that runs do not wait for each other. Neither `:` nor `*` may be in it."""
        return f"ecr-push/{repository or 'unknown'}/{self._call_id}"


def _resources(notice: Notice, region: str) -> Iterable[str]:
    """The repositories' ARNs, as ECR's own events have them, where the account is known."""
    for one in notice.repositories:
        if account := one.registry.account:
            yield arn_of(Place(one.registry.region or region, account), "ecr", f"repository/{one.name}")


def reason_of(error: EcrPushError) -> str:
    return ": ".join(filter(None, (error.what, error.why)))
