"""`ecr-push mirror`: keeps copies of images, such as base images, as a file lists them."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

FILE = "ecr-mirror.yml"
EXAMPLES = (
    ("Copy what ecr-mirror.yml lists", "ecr-push mirror --create-repository"),
    ("Show what would be copied", "ecr-push mirror base-images.yml --dry-run"),
    ("The same list to another region", "ecr-push mirror --to region=eu-central-1"),
)


@command("mirror", EXAMPLES)
@click.argument("file", default=FILE, required=False)
@click.option(
    "--judge", is_flag=True, help="Set tags only after the image's scan there, judged by the policy."
)
def mirror(call: Call, file: str, judge: bool) -> int:
    """Copy the images that FILE lists, ecr-mirror.yml by default, with their tags.

    What is there already is not sent again, so that a schedule can run it. One image that fails does not hold
    up the others.
    """
    from pathlib import Path

    from ecr_push.base.errors import SettingsError
    from ecr_push.cli.copying import judging_problems, run_copies
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.pipeline.copies.mirror_file import read_mirror_file

    problems = [*judging_problems(call, judge)]
    try:
        read_mirror_file(Path(file), ())
    except SettingsError as error:
        problems += error.problems
    settings = read_all_settings(call, "mirror", problems)
    jobs = read_mirror_file(Path(file), settings.registry.to)
    return run_copies(jobs, settings, call, judge=judge, all_checked=False)
