"""Tells what became of several images: a table, the document, the outputs of the CI, standard output."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ecr_push.base.errors import ReportError
from ecr_push.base.fences import Fences
from ecr_push.base.safe_write import append_text, write_text
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.tell import print_error
from ecr_push.report.ci.choose import has_output
from ecr_push.report.images import (
    ImageResult,
    overall_status,
    references,
    render_document,
    render_text,
)
from ecr_push.settings.declare import Settings


def tell_images(
    results: Sequence[ImageResult], code: int, settings: Settings, facts: CiFacts, call: Call
) -> int:
    """Returns the exit code. Raises ReportError where the images went well, and that could not be written."""
    if settings.report.progress != "quiet" or code:
        call.stderr.write("\n" + call.clean(render_text(results)))
        call.stderr.flush()
    is_asked_for = settings.report.result or settings.report.output == "json"
    document = call.clean(render_document(results, code)) if is_asked_for else ""
    failed: list[ReportError] = []
    for tell in (_write_document, _write_outputs):
        try:
            tell(results, code, document, settings, facts, call)
        except ReportError as error:
            failed.append(error)
    call.reported = call.delivered = True
    if settings.report.output == "json":
        call.stdout.write(document)
    else:
        call.stdout.write("".join(f"{name} {one}\n" for name, one in references(results).items()))
    call.stdout.flush()
    if failed and not code:
        raise failed[0]
    for one in failed:
        print_error(one, call)
    return code


def _write_document(
    results: Sequence[ImageResult], code: int, document: str, settings: Settings, facts: CiFacts, call: Call
) -> None:
    path = settings.report.result
    if not path:
        return
    try:
        write_text(Path(path), document, Fences.of(settings.source.context))
    except OSError as error:
        why = f"{path}: {error.strerror or error}"
        raise ReportError(
            "could not write the result document", why=why, remedy="fix the error above"
        ) from error


def _write_outputs(
    results: Sequence[ImageResult], code: int, document: str, settings: Settings, facts: CiFacts, call: Call
) -> None:
    result = settings.report.result
    values = {
        "verdict": overall_status(results, code),
        "exit-code": str(code),
        "images": json.dumps(references(results)),
        "result": str(Path(result).absolute()) if result else "",
    }
    write_outputs(values, settings, facts, call)


def write_outputs(values: Mapping[str, str], settings: Settings, facts: CiFacts, call: Call) -> None:
    """The outputs of the step, where it runs on GitHub. Raises ReportError."""
    path = call.environ.get("GITHUB_OUTPUT", "")
    if not path or not has_output(settings.report.ci_output, facts.provider):
        return
    from ecr_push.report.ci.github import output_text

    try:
        append_text(Path(path), call.clean(output_text(values)), Fences.of(settings.source.context))
    except OSError as error:
        raise ReportError(
            "could not write the CI's output files",
            why=f"{path}: {error.strerror or error}",
            remedy="fix the error above, or turn CI output off: --ci-output none",
        ) from error
