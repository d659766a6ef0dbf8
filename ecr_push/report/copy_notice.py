"""What became of a copy -> an event, metrics, and the records that an audit keeps. Pure.

There is one event for each job and each repository that it goes to: docs/copy-event.schema.json describes it.
And where something changes there are two records, with one id: `copying` before the first change, and one
after the last. Within a version keys are only added.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from ecr_push.base.errors import ACCEPTED, REFUSED, ScanError
from ecr_push.pipeline.copy_result import CopyResult
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import RunFacts
from ecr_push.report import brief
from ecr_push.report.audit_record import Releaser, Stage, record_envelope
from ecr_push.report.metrics import Metric
from ecr_push.report.notice import Notice, envelope

COPY = "ecr-push copy"
CopyEnd = Literal["copied", "refused", "no-answer", "failed", "interrupted"]
SENT: frozenset[CopyEnd] = frozenset({"copied", "refused", "no-answer", "failed", "interrupted"})
_FAILED: frozenset[CopyEnd] = frozenset({"no-answer", "failed", "interrupted"})


def end_of(one: CopyResult, stopped: Failure | None) -> CopyEnd | None:
    """How it ended; None where nothing happened. stopped: what ended the command before all copies had."""
    if one.result == "copied" or one.result == "refused":
        return one.result
    failure = failure_of(one, stopped)
    if failure is None:
        return None
    if failure.kind == "interrupted":
        return "interrupted"
    return "no-answer" if failure.kind == ScanError.kind else "failed"


def failure_of(one: CopyResult, stopped: Failure | None) -> Failure | None:
    """Its own one; or what stopped all of them, where it had begun."""
    return one.failure or (stopped if one.began and one.result == "pending" else None)


def stage_of(one: CopyResult) -> Stage:
    """For the last record of one that has begun. `unsure`: it stopped in between."""
    return "copied" if one.result in ("copied", "refused") else "unsure"


def notice_of(one: CopyResult, run: RunFacts, stopped: Failure | None) -> Notice | None:
    """None for a copy of which nothing happened."""
    end = end_of(one, stopped)
    if end is None:
        return None
    detail = _detail(one, run, end, stopped)
    about = {name: detail[name] for name in ("command", "status", "source", "repository", "digest")}
    return Notice(
        COPY,
        detail,
        (one.repository,) if one.repository else (),
        one.name,
        tuple(_metrics(one, end)),
        {**{name: value for name, value in about.items() if value}, "url": run.url},
    )


def copy_record(
    stage: Stage, one: CopyResult, run: RunFacts, who: Releaser, at: datetime, stopped: Failure | None = None
) -> dict[str, Any]:
    """Before the first change its tags are those that are wanted. It has all of them, unlike an event."""
    end = end_of(one, stopped)
    return {
        **record_envelope(stage, run, who, at),
        "status": end,
        "exitCode": _exit_code(one, stopped) if end else None,
        **_image(one),
        **_copied(one, None),
        "exceptions": [
            {"digest": judged.digest.value, **excepted}
            for judged in one.verdicts
            for excepted in brief.used_exceptions(judged.verdict)
        ],
        "failure": brief.failure(failure_of(one, stopped)),
    }


def _detail(one: CopyResult, run: RunFacts, end: CopyEnd, stopped: Failure | None) -> dict[str, Any]:
    """The tags that name the image are the same in a repetition, which finds them in place."""
    in_place = ("set", "moved", "already")
    same = [
        one.source,
        one.name,
        sorted(digest.value for digest in one.images),
        sorted([tag.tag.name, tag.digest.value] for tag in one.tags if tag.result in in_place),
    ]
    repository = one.repository
    return {
        **envelope(
            run,
            _image(one),
            failure_of(one, stopped),
            same=same,
            status=end,
            exit_code=_exit_code(one, stopped),
            changed=one.began,
            sandbox=repository is not None and repository.registry.kind == "local",
            seconds=one.seconds,
        ),
        **_copied(one, brief.MOST),
    }


def _exit_code(one: CopyResult, stopped: Failure | None) -> int:
    failure = failure_of(one, stopped)
    return failure.exit_code if failure else REFUSED if one.result == "refused" else ACCEPTED


def _image(one: CopyResult) -> dict[str, Any]:
    """As `brief.image` has it; a digest where there is one image."""
    uri = one.repository.uri if one.repository else None
    [digest] = one.images if len(one.images) == 1 else [None]
    return {
        "repository": uri,
        "repositoryName": one.name or None,
        "digest": digest.value if digest else None,
        "reference": f"{uri}@{digest}" if uri and digest else None,
        "bytes": None,
        "version": None,
        "commit": None,
        "branch": None,
    }


def _copied(one: CopyResult, most: int | None) -> dict[str, Any]:
    """most: of each list; None for all."""
    return {
        "source": one.source,
        "required": one.required,
        "created": one.created,
        "images": [digest.value for digest in one.images[:most]],
        "tags": [
            {
                "tag": tag.tag.name,
                "digest": tag.digest.value,
                "before": tag.before.value if tag.before else None,
                "result": "pending" if tag.result == "planned" else tag.result,
            }
            for tag in one.tags[:most]
        ],
        "sentBytes": one.received.sent_bytes,
        "verdicts": [
            {"digest": judged.digest.value, **brief.verdict(judged.verdict, judged.policy)}
            for judged in one.verdicts[:most]
        ],
    }


def _metrics(one: CopyResult, end: CopyEnd) -> Iterator[Metric]:
    yield Metric("Copied", float(end == "copied"), "Count")
    yield Metric("CopyRefused", float(end == "refused"), "Count")
    yield Metric("CopyFailed", float(end in _FAILED), "Count")
    yield Metric("CopyDuration", round(one.seconds, 3), "Seconds")
    yield Metric("CopiedBytes", float(one.received.sent_bytes), "Bytes")
