"""`ecr-push matrix`: the images that have to run, as jobs of a CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecr_push.cli.images.select import Selection
    from ecr_push.pipeline.images.wanted import Decision

EXAMPLES = (
    ("The images that changed, a line for each job", "ecr-push matrix --changed"),
    (
        "For strategy.matrix of a workflow on GitHub",
        "ecr-push matrix --changed --format github",
    ),
    (
        "A batch of CodeBuild, each build of which runs this buildspec",
        "ecr-push matrix --changed --format codebuild --buildspec buildspec-image.yml > batch.yml",
    ),
)


@command("matrix", EXAMPLES)
@click.option(
    "--format",
    "form",
    type=click.Choice(["names", "github", "jenkins", "codebuild"]),
    default="names",
    show_default=True,
    help="What standard output carries, where --output is text: names is a line for each job.",
)
@click.option("--buildspec", metavar="FILE", help="With --format codebuild, what each build runs.")
def matrix(call: Call, form: str, buildspec: str | None) -> int:
    """Print the images of ecr-push.yml that have to run, as jobs of a CI.

    Each job runs `ecr-push run --only NAME`, with all its names.

    Without --changed it is every image. Images that need each other are in one job, in order; only CodeBuild
    has a build for each. Nothing is built or changed.
    """
    from ecr_push.base.clock import SystemClock
    from ecr_push.base.errors import SettingsError
    from ecr_push.cli.images.select import check_each, compared_head, decide, needs_among, read_selection
    from ecr_push.cli.log import open_log
    from ecr_push.report.matrix import FORMATS
    from ecr_push.settings.declare import changed

    if buildspec and form != "codebuild":
        raise SettingsError(["--buildspec: has no effect without --format codebuild"])
    selection = read_selection(call, "matrix")
    settings = selection.settings
    plain = settings if settings.report.progress == "quiet" else changed(settings, progress="plain")
    narrator, redactor = open_log(plain, selection.facts, call.environ, call.stderr, SystemClock())
    call.clean = redactor.clean
    narrator.phase("images")
    decisions = decide(selection, compared_head(selection, narrator), call, narrator)
    chosen = [one.name for one in decisions if one.changed]
    check_each(selection, chosen, call, "run")
    for one in decisions:
        narrator.say(f"{one.name} {'runs' if one.changed else 'does not run'}: {one.why}")
    narrator.close()
    groups, needs = selection.groups(chosen), needs_among(selection, chosen)
    _tell_github(groups, selection, call)
    if settings.report.output == "json":
        call.stdout.write(_document(groups, decisions))
    else:
        more = {"buildspec": buildspec or ""} if form == "codebuild" else {}
        call.stdout.write(FORMATS[form](groups, needs, **more))
    return 0


def _document(groups: Sequence[Sequence[str]], decisions: Sequence[Decision]) -> str:
    from ecr_push.report.document import DOCUMENT_VERSION
    from ecr_push.report.escape import json_text
    from ecr_push.report.matrix import jobs

    images = [
        {"name": one.name, "changed": one.changed, "why": one.why, "tag": one.tag or None}
        for one in decisions
    ]
    content = {
        "documentVersion": DOCUMENT_VERSION,
        "status": "planned",
        "exitCode": 0,
        "matrix": jobs(groups),
        "images": images,
    }
    return json_text(content)


def _tell_github(groups: Sequence[Sequence[str]], selection: Selection, call: Call) -> None:
    """The step's output `matrix`, where this runs on GitHub."""
    from ecr_push.cli.images.tell import write_outputs
    from ecr_push.report.matrix import github

    values = {"verdict": "planned", "exit-code": "0", "matrix": github(groups, {}).strip()}
    write_outputs(values, selection.settings, selection.facts, call)
