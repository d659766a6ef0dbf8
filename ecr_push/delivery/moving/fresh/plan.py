"""What a repository has -> the files that it gets. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.found import Found
from ecr_push.delivery.moving.fresh.own_settings import PATH, OwnSettings
from ecr_push.delivery.moving.fresh.settings_file import settings_text
from ecr_push.delivery.moving.fresh.wanted import Wanted, wanted_of
from ecr_push.delivery.moving.model import NotMovedError, Wish


@dataclass(frozen=True)
class Fresh:
    """files: the text of each by its path. steps: what is left to do, a sentence each."""

    files: Mapping[str, str]
    steps: tuple[str, ...]


def fresh_files(
    found: Found, wish: Wish, ci: str, *, name: str = "", settings: OwnSettings | None = None
) -> Fresh:
    """name: of the checkout. settings: those of an ecr-push.yml that is there, and stays.

    Raises NotMovedError where there is no Dockerfile.
    """
    wanted = wanted_of(found, wish, name=name, settings=settings)
    if ci not in WRITERS:
        raise NotMovedError(f"--ci {ci}: no file is written for it yet")
    path, text, steps = WRITERS[ci](wanted)
    # A Jenkinsfile and a buildspec name several images themselves.
    needs_settings = not settings and (ci == "github" or len(wanted.images) == 1)
    files = {PATH: settings_text(wanted)} if needs_settings else {}
    return Fresh({**files, path: text}, (*_before(found, ci, settings), *steps))


def _before(found: Found, ci: str, settings: OwnSettings | None) -> Iterator[str]:
    """What is said first, of what is there."""
    if not found.has_history:
        yield "put the folder under git (`git init`), and commit: version and tags come from its history"
    if settings:
        shows = "run --all --dry-run" if settings.images else "plan"
        yield f"{PATH} is there, and stays as it is: `ecr-push {shows}` shows what a run makes of it"
    if others := [one for one in found.cis if one != ci]:
        yield f"there are files of {' and '.join(others)} too: `--ci {others[0]}` writes one for that instead"


def _github(wanted: Wanted) -> tuple[str, str, tuple[str, ...]]:
    from ecr_push.delivery.moving.fresh.github import steps, workflow_text

    return ".github/workflows/image.yml", workflow_text(wanted), steps(wanted)


def _jenkins(wanted: Wanted) -> tuple[str, str, tuple[str, ...]]:
    from ecr_push.delivery.moving.fresh.jenkins import jenkins_steps, jenkinsfile_text

    return "Jenkinsfile", jenkinsfile_text(wanted), tuple(jenkins_steps(wanted))


def _codebuild(wanted: Wanted) -> tuple[str, str, tuple[str, ...]]:
    from ecr_push.delivery.moving.fresh.codebuild import buildspec_text, codebuild_steps

    return "buildspec.yml", buildspec_text(wanted), tuple(codebuild_steps(wanted))


WRITERS: Mapping[str, Callable[[Wanted], tuple[str, str, tuple[str, ...]]]] = {
    "github": _github,
    "jenkins": _jenkins,
    "codebuild": _codebuild,
}
