"""A .gitlab-ci.yml -> the same one with its images pushed by ecr-push's command line. Pure.

There is no wrapper for GitLab. `before_script` and `script` of a job are one shell:
https://docs.gitlab.com/ci/yaml/script/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ecr_push.base.yaml_spans import Items, Members, read_documents
from ecr_push.delivery.moving.ci_variables import known_variables
from ecr_push.delivery.moving.gather import BuiltImage, built_images
from ecr_push.delivery.moving.image_move import FileMove, move_images
from ecr_push.delivery.moving.line_edits import LineEdits
from ecr_push.delivery.moving.model import Moved, Wish
from ecr_push.delivery.moving.release import RELEASE
from ecr_push.delivery.moving.shell.operations import Operation
from ecr_push.delivery.moving.shell_writer import can_say, deploy_lines, enable, push, run_lines, secret
from ecr_push.delivery.moving.values import Value
from ecr_push.delivery.moving.ways import Place, Ways
from ecr_push.delivery.moving.yaml_commands import Command, fill_empty, item_lines, read_commands, rewrite

# Outside of the checkout, which is built.
_PROGRAM = '"$TOOL/bin/ecr-push"'
_INSTALL = (
    "TOOL=$(mktemp -d)",
    'python3 -m venv "$TOOL"',
    f'"$TOOL/bin/pip" install --quiet ecr-push=={RELEASE}',
)
_PARTS = ("before_script", "script", "after_script")


def move_gitlab(text: str, path: str, wish: Wish) -> Moved:
    """Raises NotMovedError where it pushes no image, and YamlError."""
    documents = read_documents(text)
    root = documents[-1] if documents else None
    jobs = [_commands(job, text) for job in _jobs(root)]
    commands = [one for job in jobs for one in job]
    found = move_images(
        [one.script for one in commands],
        wish,
        Ways(
            enable,
            can_say,
            lambda one: _place(one, commands),
            secret,
            push,
            can_deploy=lambda one: any(_can_deploy(one, job) for job in jobs),
        ),
    )
    if not found.images:
        raise found.not_there(path)
    edits = LineEdits(text)
    inserted: dict[int, list[list[str]]] = {}
    for image in found.images:
        inserted.setdefault(id(image.place), []).append(run_lines(_PROGRAM, image))
    for deploy in found.deploys:
        inserted[id(deploy.operation)] = [deploy_lines(_PROGRAM, deploy)]
    for node, job in zip(_jobs(root), jobs, strict=True):
        first = next((one for one in job for done in one.script.operations if id(done) in inserted), None)
        if first:
            indent = edits.indent(first.first)
            edits.insert(first.first, [line for one in _INSTALL for line in item_lines(one, indent)])
        rewrite(job, {id(one) for one in found.taken}, inserted, edits)
        fill_empty(node, _PARTS, edits)
    return Moved(path, edits.text(), found.lines, tuple(_next(found)))


def _jobs(root: object) -> Iterator[Members]:
    """The jobs, and `default` and the file itself, which may have scripts of their own."""
    if isinstance(root, Members):
        yield root
        yield from (job for _, job in root.pairs if isinstance(job, Members))


def _commands(job: Members, text: str) -> Sequence[Command]:
    known: Mapping[str, Value] = known_variables("gitlab")
    folder: str | None = ""
    found: list[Command] = []
    for part in _PARTS:
        if part == "after_script":
            known, folder = known_variables("gitlab"), ""
        node = job.get(part)
        listed = list(read_commands(node, text, known, folder)) if isinstance(node, Items) else []
        found += listed
        if listed:
            known, folder = listed[-1].script.variables, listed[-1].script.folder
    return found


def _place(image: BuiltImage, commands: Sequence[Command]) -> Place:
    """Where it is pushed: a job that only builds has the image for itself alone."""
    (command,) = (one for one in commands if one.has(image.first))
    return Place(image.first, command.folder_at(image.first))


def _can_deploy(deploy: Operation, job: Sequence[Command]) -> bool:
    """Whether a run stands in the same job, whose image has what ecr-push needs."""
    is_alone = any(id(deploy) in one.script.alone and one.has(deploy) for one in job)
    operations = [one for command in job for one in command.script.operations]
    return is_alone and not deploy.conditions and bool(built_images(operations))


def _next(found: FileMove) -> Iterator[str]:
    yield (
        "GitLab has no wrapper: the job installs ecr-push with pip, so its image needs Python 3.10, git and "
        "docker; docs/ci.md shows how its files are checked against hashes"
    )
    yield from found.permissions
    yield "let the job clone in full (GIT_DEPTH: 0): versions come from the history"
    yield from found.doubts
    if found.is_observed:
        yield (
            "read what the first runs report, then remove --observe: from then on a finding of HIGH or worse "
            "refuses an image"
        )
