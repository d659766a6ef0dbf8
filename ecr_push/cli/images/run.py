"""`ecr-push run` for several images: a run of each that changed, and what became of all of them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ecr_push.base.clock import SystemClock
from ecr_push.base.errors import Interrupted
from ecr_push.base.log import Narrator
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.cli.call import Call
from ecr_push.cli.deliver import announce
from ecr_push.cli.images.child import Children
from ecr_push.cli.images.children import SKIPPED, Ended, Runs
from ecr_push.cli.images.lines import Lines
from ecr_push.cli.images.select import (
    Selection,
    check_each,
    compared_head,
    decide,
    needs_among,
    read_selection,
)
from ecr_push.cli.images.tell import tell_images
from ecr_push.cli.log import open_log
from ecr_push.pipeline.images.wanted import Decision
from ecr_push.report import images as report
from ecr_push.report.ci.choose import has_output
from ecr_push.report.images import ImageResult
from ecr_push.report.write import remove_earlier_reports
from ecr_push.settings.declare import changed
from ecr_push.source.git.checkout import Seen

_MOST_JOBS = 4  # unless the user says otherwise: builds take memory
_INTERRUPTED = 143


def run_images(call: Call) -> int:
    """Runs the images that are meant, and that changed. Returns the exit code of the worst.

    Raises SettingsError, SourceError, RegistryError before any of them runs.
    """
    selection = read_selection(call, "run")
    settings, clock = selection.settings, SystemClock()
    quiet = settings.report.progress == "quiet"
    announce(settings, call)
    plain = settings if quiet else changed(settings, progress="plain")
    narrator, redactor = open_log(plain, selection.facts, call.environ, call.stderr, clock)
    call.clean = redactor.clean
    narrator.phase("images")
    head = compared_head(selection, narrator)
    decisions = {one.name: one for one in decide(selection, head, call, narrator)}
    names = selection.in_order(one.name for one in decisions.values() if one.changed)
    check_each(selection, names, call, "run")
    remove_earlier_reports(changed(settings, reports=()).report, settings.source.context)
    _say(decisions.values(), narrator)
    interrupted: Interrupted | None = None
    seen = Seen(head.git.folder, head.built.id, head.dirty) if head else None
    with _children(selection, call, names, clock, seen) as children:
        runs = Runs(names, needs_among(selection, names), children.run)
        try:
            runs.all(settings.images.jobs or min(_MOST_JOBS, os.cpu_count() or 1))
        except Interrupted as error:
            interrupted = error
    results = [_result(decisions[name], runs.ended.get(name)) for name in selection.names]
    code = interrupted.exit_code if interrupted else report.worst_code(one.exit_code for one in results)
    return tell_images(results, code, settings, selection.facts, call)


def _say(decisions: Iterable[Decision], narrator: Narrator) -> None:
    unchanged = 0
    for one in decisions:
        if one.changed:
            narrator.say(f"{one.name}: {one.why}")
        else:
            unchanged += 1
    if unchanged:
        narrator.say(f"{unchanged} unchanged: {'it is' if unchanged == 1 else 'they are'} listed at the end")


@contextlib.contextmanager
def _children(
    selection: Selection, call: Call, names: Sequence[str], clock: SystemClock, seen: Seen | None
) -> Iterator[Children]:
    """What runs them. In a sandbox all have the same one: they may need each other."""
    settings = selection.settings
    folders = PrivateFolders(call.environ, (Path(settings.source.context),))
    commands = has_output(settings.report.ci_output, selection.facts.provider)
    lines = Lines(call.stderr, list(names), commands=commands)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(folders.made())
        variables, flags = {}, []
        if settings.run.sandbox and names:
            from ecr_push.cli.start_sandbox import open_sandbox

            sandbox = stack.enter_context(open_sandbox(settings, folders))
            lines.say(f"an ECR on this machine, at {sandbox.host}, until this run ends: nothing goes to AWS")
            variables, flags = sandbox.environment, ["--no-sandbox", "--create-repository"]
        yield Children(selection.sources, call, folder, lines, clock, variables, flags, seen)


def _result(decision: Decision, ended: Ended | None) -> ImageResult:
    if not decision.changed:
        return ImageResult(decision.name, report.UNCHANGED, 0, decision.why, decision.tag)
    if ended is None:
        return ImageResult(decision.name, report.SKIPPED, 0, "the command was interrupted before")
    if ended.code == SKIPPED:
        why = f"{ended.skipped}, which it needs, did not end well"
        return ImageResult(decision.name, report.SKIPPED, 0, why)
    status = str(ended.document.get("status") or ("interrupted" if ended.code >= _INTERRUPTED else "failed"))
    return ImageResult(
        decision.name, status, ended.code, decision.why, seconds=ended.seconds, result=ended.document
    )
