"""A buildspec -> the same one with its images pushed by ecr-push. Pure.

What CodeBuild does with one: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html. The
variables of a command are there in those after it, and `post_build` runs after a failed build too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_spans import Items, Members, read_documents
from ecr_push.delivery.moving.ci_variables import known_variables
from ecr_push.delivery.moving.codebuild.words import (
    CLONE,
    COMMIT,
    HELPER,
    PROGRAM,
    SOURCE,
    SUCCEEDING,
)
from ecr_push.delivery.moving.gather import BuiltImage
from ecr_push.delivery.moving.image_move import FileMove, ImageMove, move_images
from ecr_push.delivery.moving.line_edits import LineEdits
from ecr_push.delivery.moving.model import Moved, NotMovedError, Wish
from ecr_push.delivery.moving.shell.operations import Does
from ecr_push.delivery.moving.shell_writer import can_say, deploy_lines, enable, push, run_lines, secret
from ecr_push.delivery.moving.values import Value
from ecr_push.delivery.moving.ways import Place, Ways
from ecr_push.delivery.moving.yaml_commands import Command, fill_empty, read_commands, rewrite, scalar

_NAME = lazy_regex(r"\$\{?([A-Za-z_]\w*)")
_PHASES = ("install", "pre_build", "build", "post_build")


def move_buildspec(text: str, path: str, wish: Wish) -> Moved:
    """Raises NotMovedError where the buildspec pushes no image, and YamlError."""
    documents = read_documents(text)
    root = documents[0] if documents else None
    phases = root.get("phases") if isinstance(root, Members) else None
    if not isinstance(root, Members) or not isinstance(phases, Members):
        raise NotMovedError(f"{path} has no phases")
    commands = _commands(phases, text)
    scripts = [command.script for listed in commands.values() for command in listed]
    alone = {one for script in scripts for one in script.alone}
    ways = Ways(
        enable,
        can_say,
        lambda one: _place(one, commands),
        secret,
        push,
        stored=_stored(root),
        can_deploy=lambda one: id(one) in alone and not one.conditions,
    )
    found = move_images(scripts, wish, ways)
    if not found.images:
        raise found.not_there(path)
    edits = LineEdits(text)
    taken = {id(one) for one in found.taken}
    inserted: dict[int, list[list[str]]] = {}
    for image in found.images:
        _check_order(image, commands)
        inserted.setdefault(id(image.place), []).append(run_lines(PROGRAM, image))
    for deploy in found.deploys:
        inserted[id(deploy.operation)] = [deploy_lines(PROGRAM, deploy)]
    for phase, listed in commands.items():
        _keep_failure(phase, listed, taken, edits)
        rewrite(listed, taken, inserted, edits)
    for node in (one for _, one in phases.pairs if isinstance(one, Members)):
        fill_empty(node, ("commands", "finally"), edits)
    _write_install(phases, edits)
    _write_env(root, edits)
    return Moved(path, edits.text(), found.lines, tuple(_steps(found)))


def _commands(phases: Members, text: str) -> Mapping[str, Sequence[Command]]:
    """The commands of each phase, in the order in which they run."""
    known: Mapping[str, Value] = known_variables("codebuild")
    folder: str | None = ""
    found: dict[str, Sequence[Command]] = {}
    for name in _PHASES:
        phase = phases.get(name)
        if not isinstance(phase, Members):
            continue
        found[name] = []
        for part in ("commands", "finally"):
            listed = list(read_commands(phase.get(part), text, known, folder))
            found[name] = [*found[name], *listed]
            if listed:
                known, folder = listed[-1].script.variables, listed[-1].script.folder
    return found


def _stored(root: Members) -> frozenset[str]:
    """The variables that Parameter Store and Secrets Manager give."""
    env = root.get("env")
    stores = env.pairs if isinstance(env, Members) else ()
    given = [one for name, one in stores if name.value in ("parameter-store", "secrets-manager")]
    return frozenset(name.value for one in given if isinstance(one, Members) for name, _ in one.pairs)


def _place(image: BuiltImage, commands: Mapping[str, Sequence[Command]]) -> Place:
    """What pushes first, if it is in the phase of the build: post_build runs after a failed build too."""
    (phase,) = (listed for listed in commands.values() if any(one.has(image.build) for one in listed))
    place = image.first if any(one.has(image.first) for one in phase) else image.build
    (command,) = (one for one in phase if one.has(place))
    return Place(place, command.folder_at(place))


def _check_order(image: ImageMove, commands: Mapping[str, Sequence[Command]]) -> None:
    """Raises NotMovedError for a variable that is set behind the place of the run."""
    listed = [one for phase in commands.values() for one in phase]
    (here,) = (one for one in listed if one.has(image.place))
    for key, value in image.settings:
        for name in _NAME.findall(" ".join(fact.text for fact in value.facts)):
            if name in listed[-1].script.variables and name not in here.script.variables:
                line = image.image.build.line
                raise NotMovedError(f"line {line}: {key} has ${name}, which is set after the build")


def _keep_failure(phase: str, listed: Sequence[Command], taken: set[int], edits: LineEdits) -> None:
    """What followed a push in post_build did not run where the push had failed."""
    if phase != "post_build":
        return
    for one in listed:
        if any(id(done) in taken and done.does is Does.PUSH for done in one.script.operations):
            edits.insert(one.first, [f"{edits.indent(one.first)}- {SUCCEEDING}"])
            return


def _write_install(phases: Members, edits: LineEdits) -> None:
    """ecr-push is there before anything else: in the phase install."""
    install = phases.get("install")
    name = next((name for name, _ in phases.pairs if name.value == "install"), phases.pairs[0][0])
    indent = edits.indent(name.line)
    commands = install.get("commands") if isinstance(install, Members) else None
    if isinstance(commands, Items) and commands.nodes and not commands.flow:
        first = commands.nodes[0].line
        edits.insert_first(first, [f"{edits.indent(first)}- {scalar(line)}" for line in CLONE])
        return
    step = edits.indent(name.line + 1)[len(indent) :] or "  "
    lines = [f"{indent}{step}commands:", *(f"{indent}{step}{step}- {scalar(line)}" for line in CLONE)]
    if isinstance(install, Members):
        edits.insert(name.line + 1, lines)
    else:
        edits.insert_first(name.line, [f"{indent}install:", *lines])


def _write_env(root: Members, edits: LineEdits) -> None:
    """Which ecr-push runs."""
    env = root.get("env")
    variables = [f"SOURCE: {SOURCE}", f"COMMIT: {COMMIT}"]
    if not isinstance(env, Members) or not env.pairs:
        version = next((name for name, _ in root.pairs if name.value == "version"), root.pairs[0][0])
        lines = ["", "env:", "  variables:", *(f"    {one}" for one in variables), f"  {HELPER}"]
        edits.insert(version.line + 1, lines)
        return
    first = env.pairs[0][0]
    indent = edits.indent(first.line)
    found = env.get("variables")
    if isinstance(found, Members) and found.pairs and not found.flow:
        at = found.pairs[0][0].line
        edits.insert(at, [f"{edits.indent(at)}{one}" for one in variables])
    else:
        edits.insert(first.line, [f"{indent}variables:", *(f"{indent}  {one}" for one in variables)])
    if env.get("git-credential-helper") is None:
        edits.insert(first.line, [f"{indent}{HELPER}"])


def _steps(found: FileMove) -> Iterator[str]:
    yield (
        "give the project's role what `ecr-push iam policy` prints, and let the project clone in full (Git "
        "clone depth: Full): versions come from the history"
    )
    yield f"check SOURCE and COMMIT in the file: the ecr-push that runs is {COMMIT} of {SOURCE}"
    yield from found.permissions
    yield from found.doubts
    if found.is_observed:
        yield (
            "read what the first runs report, then remove --observe: from then on a finding of HIGH or worse "
            "refuses an image"
        )
