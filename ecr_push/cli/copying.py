"""What `ecr-push copy` and `ecr-push mirror` share: the story, what is printed, and how they end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ecr_push.cli.answer import print_answer
from ecr_push.cli.call import Call

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.copies.copy_images import Copied
    from ecr_push.pipeline.copies.model import CopyJob
    from ecr_push.pipeline.copy_result import CopyResult
    from ecr_push.settings.declare import Settings

_MOST_TAGS = 20


def run_copies(
    jobs: Sequence[CopyJob], settings: Settings, call: Call, *, judge: bool, all_checked: bool
) -> int:
    """Copies, prints what became of each job, and returns the exit code.

    Raises RegistryError or ConflictError for the destinations that are required and failed.
    """
    from ecr_push.base.errors import ACCEPTED, REFUSED, ConflictError, ScanError
    from ecr_push.ci.detect import read_facts
    from ecr_push.ci.overrides import apply_overrides
    from ecr_push.cli.session import open_world
    from ecr_push.cli.tell import print_beside
    from ecr_push.pipeline.copies.copy_images import Copied, copy_images
    from ecr_push.pipeline.together import together

    facts = apply_overrides(read_facts(call.environ), settings.ci)
    copied, unpublished = Copied(), None
    with open_world(settings, facts, call) as tools:
        with _published_where_it_stops(copied, tools, call):
            copy_images(jobs, settings, tools, copied, judge=judge, all_checked=all_checked)
        for one in copied.results:
            if one.failure and not one.required:
                tools.narrator.warn(f"{one.destination}, which is not required: {one.failure.what}")
        if tools.publisher:
            try:
                tools.publisher.copies_ended(copied.results, None)
            except Exception as error:  # what became of the copies is said first
                unpublished = error
        tools.narrator.close()
    print_answer(
        lambda: (line for one in copied.results for line in _lines(one)),
        lambda: {"copies": [_document(one) for one in copied.results]},
        settings,
        call,
    )
    refused = any(one.result == "refused" and one.required for one in copied.results)
    if unpublished:
        if not refused and not copied.errors:
            raise unpublished
        print_beside(unpublished, call)
    if copied.errors:
        again = any(one.exit_code != ConflictError.exit_code for one in copied.errors.values())
        remedy = "run again: what is there is not sent again" if again else ""
        first = next(iter(copied.errors.values()))
        if len(copied.errors) == 1 and isinstance(first, ScanError):
            raise first
        raise together(copied.errors, "get what was to be copied", remedy)
    return REFUSED if refused else ACCEPTED


@contextlib.contextmanager
def _published_where_it_stops(copied: Copied, tools: Tools, call: Call) -> Iterator[None]:
    """Where an interruption, or a defect, ends the copies, that is published of those that have begun."""
    from ecr_push.base.errors import Interrupted, as_expected
    from ecr_push.cli.tell import print_beside
    from ecr_push.pipeline.failure import Failure

    try:
        yield
    except (Exception, Interrupted) as error:
        if tools.publisher:
            try:
                stopped = Failure.of(as_expected(error, tools.redactor.clean), "copy")
                tools.publisher.copies_ended(copied.results, stopped)
            except Exception as unpublished:  # what stopped it matters more
                print_beside(unpublished, call)
        raise


def judging_problems(call: Call, judge: bool) -> Iterator[str]:
    """Options of the policy and of the scan have no effect unless images are judged."""
    from dataclasses import fields

    from ecr_push.policy.options import PolicyOptions
    from ecr_push.scan.options import ScanOptions
    from ecr_push.settings.declare import flag

    if not judge:
        for one in (*fields(PolicyOptions), *fields(ScanOptions)):
            if one.name in call.flags:
                yield f"{flag(one)}: has no effect without --judge"


def _lines(one: CopyResult) -> list[str]:
    created = ", to be created" if one.created and one.result == "planned" else ", created" * one.created
    lines = [f"{one.source} -> {one.destination}: {one.result}{created}"]
    if one.failure:
        return [*lines, f"  {one.failure.what}"]
    if one.result == "pending":
        return [*lines, "  nothing was changed, because of the others"]
    width = max((len(tag.tag.name) for tag in one.tags), default=0)
    for tag in one.tags[:_MOST_TAGS]:
        reason = f": {tag.reason}" if tag.reason else ""
        lines.append(f"  {tag.tag.name:{width}}  {tag.digest}  {tag.result}{reason}")
    if len(one.tags) > _MOST_TAGS:
        lines.append(f"  … and {len(one.tags) - _MOST_TAGS} more: --output json lists them all")
    tagged = {tag.digest for tag in one.tags}
    lines += [f"  {digest}" for digest in one.images if digest not in tagged]
    if one.result != "planned":
        sent = one.received.sent or one.received.mounted or one.manifests
        layers = f"layers: {one.received}; manifests: {one.manifests or 'none'} put"
        lines.append(f"  {layers if sent else 'nothing was sent: it was there'}")
    return lines


def _document(one: CopyResult) -> dict[str, Any]:
    from ecr_push.report import brief

    failure = one.failure
    return {
        "source": one.source,
        "destination": one.destination,
        "required": one.required,
        "result": one.result,
        "created": one.created,
        "images": [digest.value for digest in one.images],
        "tags": [
            {
                "name": tag.tag.name,
                "digest": tag.digest.value,
                "result": tag.result,
                "before": tag.before.value if tag.before else None,
                "reason": tag.reason,
            }
            for tag in one.tags
        ],
        "verdicts": [
            {"digest": judged.digest.value, **brief.verdict(judged.verdict, judged.policy)}
            for judged in one.verdicts
        ],
        "manifestsPut": one.manifests,
        "layers": {
            "sent": one.received.sent,
            "sentBytes": one.received.sent_bytes,
            "mounted": one.received.mounted,
            "there": one.received.there,
        },
        "failure": {
            "phase": failure.phase,
            "kind": failure.kind,
            "what": failure.what,
            "why": failure.why,
            "remedy": failure.remedy,
        }
        if failure
        else None,
    }
