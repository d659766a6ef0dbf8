"""`ecr-push init`: the files that a repository needs, or a CI's file moved over to ecr-push."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecr_push.delivery.moving.fresh.own_settings import OwnSettings
    from ecr_push.delivery.moving.model import Moved, Wish

_WORKFLOW = ".github/workflows/image.yml"
EXAMPLES = (
    ("Write ecr-push.yml, and a file for the CI that is used here", "ecr-push init -r team/shop"),
    ("Show what would be written for Jenkins", "ecr-push init -r team/shop --ci jenkins --dry-run"),
    ("Show what a workflow becomes, line by line", f"ecr-push init --from {_WORKFLOW}"),
    ("Change it", f"ecr-push init --from {_WORKFLOW} --force"),
)
# Of a file of a CI: GitHub reads a workflow of 512 KiB at most.
LARGEST = 1 << 20


@command("init", EXAMPLES, settings=False)
@click.option(
    "--from",
    "source",
    metavar="FILE",
    help="The file to move over: a workflow, Jenkinsfile, buildspec or config.yml.",
)
@click.option(
    "--into",
    metavar="FILE",
    help="With --from, write the result to this file, and leave FILE as it is.",
)
@click.option(
    "--ci",
    type=click.Choice(["github", "jenkins", "codebuild"]),
    help="The CI to write a file for; left out, the one whose files are there, or github.",
)
@click.option("--repository", "-r", metavar="NAME", help="The repository in ECR.")
@click.option("--region", metavar="REGION", help="Its AWS region.")
@click.option("--role-to-assume", metavar="ARN", help="The role of a GitHub job.")
@click.option("--gate", is_flag=True, help="Let findings refuse an image from the first run on.")
@click.option("--dry-run", is_flag=True, help="Print the files, and write none.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
def init(
    call: Call,
    source: str | None,
    into: str | None,
    ci: str | None,
    repository: str | None,
    region: str | None,
    role_to_assume: str | None,
    gate: bool,
    dry_run: bool,
    force: bool,
) -> int:
    """Write the files that a repository needs, or move a CI's file over.

    Without --from: looks at the Dockerfiles, the CI's files and the git tags, and writes ecr-push.yml and a
    workflow, Jenkinsfile or buildspec. With --from: writes that file with its images pushed by ecr-push, says
    of each line what became of it, and leaves the rest as it is.

    No file is written over without --force: its difference is printed instead, and an ecr-push.yml that is
    there stays as it is. Findings are reported and
    refuse no image yet, unless --gate is given.
    """
    from ecr_push.base.errors import SettingsError
    from ecr_push.cli.new_files import write_files

    files: Mapping[str, str]
    steps: Sequence[str]
    wish = _wish({"repository": repository, "region": region, "role_to_assume": role_to_assume}, gate=gate)
    if source:
        if ci:
            raise SettingsError(["--ci and --from contradict each other: a file stays with its own CI"])
        moved = _moved(source, wish)
        _tell_lines(call, source, moved)
        files, steps = {into or moved.path: moved.text}, moved.steps
    elif into:
        raise SettingsError(["--into belongs to --from: name the file to move over"])
    else:
        files, steps = _fresh(wish, ci, force=force)
    return write_files(call, files, steps, dry_run=dry_run, force=force)


def _wish(given: Mapping[str, str | None], *, gate: bool) -> Wish:
    """Raises SettingsError for what the settings of these names would refuse."""
    from ecr_push.base.errors import SettingsError
    from ecr_push.delivery.moving.model import Wish
    from ecr_push.settings.declare import option_types
    from ecr_push.settings.values import read_value

    wrong = []
    for name, text in given.items():
        if text is not None:
            wrong += [
                f"--{name.replace('_', '-')}: {why}" for why in read_value(option_types()[name], text)[1]
            ]
    if wrong:
        raise SettingsError(wrong, remedy="correct that: no file was written")
    return Wish(given["repository"] or "", given["region"] or "", given["role_to_assume"] or "", gate)


def _moved(source: str, wish: Wish) -> Moved:
    """Raises SettingsError."""
    from ecr_push.base.errors import SettingsError
    from ecr_push.cli.new_files import read_text
    from ecr_push.delivery.moving.kinds import move_file

    try:
        return move_file(read_text(source, LARGEST), source, wish)
    except OSError as error:
        raise SettingsError(
            [f"--from: {source} cannot be read: {error.strerror}"],
            remedy="name a file of the CI, such as .github/workflows/image.yml",
        ) from error
    except ValueError as error:
        what, *why = str(error).splitlines()
        wrong = why or [f"--from {source}: {what}"]
        raise SettingsError(
            wrong,
            what=what if why else "",
            remedy="docs/moving.md says what is moved over: no file was written",
        ) from error


def _fresh(wish: Wish, ci: str | None, *, force: bool) -> tuple[Mapping[str, str], Sequence[str]]:
    """The files of a repository that has none. Raises SettingsError."""
    from ecr_push.base.errors import SettingsError
    from ecr_push.cli.new_files import above, look_around
    from ecr_push.delivery.moving.fresh.plan import fresh_files
    from ecr_push.delivery.moving.model import NotMovedError

    name, found = look_around()
    if not ci and (pushing := _that_push(found.files, wish)):
        begin = "an image is pushed here already" if len(pushing) == 1 else "images are pushed here already"
        raise SettingsError(
            [f"{path}: `ecr-push init --from {path}` moves it over" for path in pushing],
            what=f"{begin}: a second pipeline would push it again",
            remedy="move it over; or --ci github writes a new file beside it",
        )
    ci = ci or found.ci or "github"
    if ci == "github" and (top := above()):
        raise SettingsError(
            [f"GitHub reads .github/workflows of a repository's top folder alone: run it in {top}"],
            remedy="run it there; or --ci jenkins or codebuild, whose files may be in any folder",
        )
    try:
        fresh = fresh_files(found, wish, ci, name=name, settings=None if force else _settings(wish))
    except NotMovedError as error:
        raise SettingsError([str(error)]) from error
    return fresh.files, fresh.steps


def _settings(wish: Wish) -> OwnSettings | None:
    """Those of an ecr-push.yml that is there. Raises SettingsError where the user says something else."""
    from ecr_push.base.errors import SettingsError
    from ecr_push.cli.new_files import read_text
    from ecr_push.delivery.moving.fresh.own_settings import PATH, own_settings

    try:
        own = own_settings(read_text(PATH))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SettingsError([f"{PATH} is there, and cannot be read: {error}"]) from error
    said = {"repository": (wish.repository, own.repository), "region": (wish.region, own.region)}
    wrong = [
        f"--{name} {given}: {PATH} is there, and says {there or 'none'}"
        for name, (given, there) in said.items()
        if given and given != there
    ]
    if wrong:
        remedy = f"leave that out, and {PATH} stays as it is; or --force writes over it"
        raise SettingsError(wrong, remedy=remedy)
    return own


def _that_push(paths: Sequence[str], wish: Wish) -> list[str]:
    """The files of CIs that push an image which can be moved over."""
    from ecr_push.cli.new_files import read_text
    from ecr_push.delivery.moving.kinds import move_file

    found = []
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            move_file(read_text(path, LARGEST), path, wish)
            found.append(path)
    return found


def _tell_lines(call: Call, source: str, moved: Moved) -> None:
    """What became of each line, on standard error."""
    from ecr_push.delivery.moving.lines import line_report
    from ecr_push.report.escape import log_line

    for line in line_report(source, moved):
        call.stderr.write(log_line(line) + "\n")
    call.stderr.flush()
