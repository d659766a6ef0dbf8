"""Whether an image needs a look, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.pipeline.status.model import ImageStatus, Reason

_DAY = 86_400
_NAMED = 5  # findings that are named in a reason


@dataclass(frozen=True)
class Limits:
    """From when an image needs a look.

    severity:    of a finding that was not there when it was judged.
    age:         of the judged scan, in seconds; 0 for any.
    ends_within: of an exception, in seconds.
    """

    severity: Severity = Severity.HIGH
    age: float = 30 * _DAY
    ends_within: float = 14 * _DAY


def judged(
    image: ImageStatus, limits: Limits, now: datetime, unread: str = "", unscannable: str = ""
) -> ImageStatus:
    """The image with its reasons.

    unread: why its scan, or a part of it, was not read. unscannable: why ECR cannot scan it, or a part of it.
    """
    if image.verdict and image.verdict.unscannable:
        unscannable = ""  # as it was when it was accepted
    unread = "; ".join(filter(None, (unread, unscannable)))
    return replace(image, reasons=tuple(_reasons(image, limits, now, unread)))


def _reasons(image: ImageStatus, limits: Limits, now: datetime, unread: str) -> Iterator[Reason]:
    if unread:
        yield Reason("unread", unread)
    verdict = image.verdict
    if verdict is None:
        if image.counts is not None:
            yield Reason("verdict", "there is no statement of a verdict: --attest-verdict attaches one")
        return
    if verdict.word != "accepted":
        yield Reason("observed", f"the verdict is {verdict.word}, not accepted")
    if new := {one: number for one, number in image.new.items() if one >= limits.severity}:
        counted = ", ".join(f"{number} {one}" for one, number in sorted(new.items(), reverse=True))
        named = [one for one in image.since if one.severity >= limits.severity]
        shown = ", ".join(f"{one.id} in {one.package}" if one.package else one.id for one in named[:_NAMED])
        more = f", and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        yield Reason("new", f"new since the verdict: {counted}" + (f": {shown}{more}" if shown else ""))
    if limits.age and verdict.scanned_at is None and not verdict.unscannable:
        yield Reason("old", "the statement does not say when the judged scan ended")
    elif limits.age and verdict.scanned_at and now - verdict.scanned_at > timedelta(seconds=limits.age):
        yield Reason("old", f"the judged scan ended {(now - verdict.scanned_at).days} days ago")
    for one in verdict.exceptions:
        if one.until is None:
            continue
        left = (one.until - now.date()).days
        of = f" of {one.owner}" if one.owner else ""
        if left < 0:
            yield Reason("exception", f"the exception {one.text}{of} ended on {one.until}")
        elif left * _DAY <= limits.ends_within:
            when = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
            yield Reason("exception", f"the exception {one.text}{of} ends {when}, on {one.until}")
