"""What a script or a pipeline does with images -> the settings of `ecr-push run`, and its lines. Pure.

What is the same for all CIs; how a value is written there is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.build_options import build_settings
from ecr_push.delivery.moving.copies import copies
from ecr_push.delivery.moving.deploy_moves import DeployMove, deploy_moves
from ecr_push.delivery.moving.fates import is_not_needed, line_of
from ecr_push.delivery.moving.gather import BuiltImage, PushedTo, built_images
from ecr_push.delivery.moving.image_name import image_name, is_in_ecr
from ecr_push.delivery.moving.model import Line, NotMovedError, Wish
from ecr_push.delivery.moving.push_conditions import under_conditions, without_outer
from ecr_push.delivery.moving.rule_values import Ruled, ruled
from ecr_push.delivery.moving.shell.operations import Condition, Does, Operation, Unread
from ecr_push.delivery.moving.tag_rules import KEEPS_CANDIDATE, may_all_move
from ecr_push.delivery.moving.values import Fact, FactKind, Value
from ecr_push.delivery.moving.ways import Ways

_IN_ENGINE = "another command takes the image from the engine: --test-in-image tests the candidate instead"
_SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class ImageMove:
    """settings: (key of ecr-push.yml, value), those with several values several times. context: None for ".".

    place: the operation in whose place it stands. conditions: those under which the image is built at all.
    """

    image: BuiltImage
    place: Operation
    context: Value | None
    settings: tuple[tuple[str, Value], ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class FileMove:
    """taken: the operations that ecr-push replaces. lines: what became of each, in the file's order."""

    images: tuple[ImageMove, ...]
    taken: tuple[Operation, ...]
    lines: tuple[Line, ...]
    deploys: tuple[DeployMove, ...] = ()

    @property
    def is_observed(self) -> bool:
        """Whether findings refuse no image yet, as before."""
        return all("observe" in dict(one.settings) for one in self.images)

    @property
    def permissions(self) -> tuple[str, ...]:
        """What the role needs for its deployments."""
        needed = dict.fromkeys(one.permissions for one in self.deploys)
        return tuple(
            f"it deploys too: the role needs what `ecr-push iam policy {one}` prints" for one in needed
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """What to do about the tags of its images."""
        rules = ([value.source for key, value in one.settings if key == "tags"] for one in self.images)
        return (KEEPS_CANDIDATE,) if any(map(may_all_move, rules)) else ()

    def not_there(self, path: str) -> NotMovedError:
        """For a file of which no image can be moved."""
        why = [f"line {one.number}: {one.text.splitlines()[0]}: {one.why}" for one in self.lines if one.why]
        return NotMovedError("\n".join([f"{path} pushes no image that can be moved over", *why]))


class Commands(Protocol):
    """What a script does, or a step, and what of it was not read."""

    @property
    def operations(self) -> Sequence[Operation]: ...

    @property
    def unread(self) -> Sequence[Unread]: ...


def move_images(scripts: Sequence[Commands], wish: Wish, ways: Ways) -> FileMove:
    """The images of a file whose scripts are given in the order in which they run."""
    operations = [one for script in scripts for one in script.operations]
    unread = [one for script in scripts for one in script.unread]
    lines = [Line(one.line, one.text, "no equal", "", one.why) for one in unread]
    moves: list[ImageMove] = []
    taken: list[Operation] = []
    for image in built_images(operations):
        move = _move(image, wish, operations, ways, lines)
        if move:
            moves.append(move)
            replaced = _replaced(image, operations)
            taken += replaced
            if image.build not in replaced:
                lines.append(Line(image.build.line, image.build.text, "kept", "", _IN_ENGINE))
    if moves:
        images = [one.image for one in moves]
        taken += [one for one in operations if is_not_needed(one, images)]
        moves = [_with_definitions(one, taken) for one in moves]
    own = {image_name(to.repository).address: to.repository for one in moves for to in one.image.pushed}
    deploys: list[DeployMove] = []
    if can_deploy := ways.can_deploy:
        deploys = deploy_moves(
            operations,
            lambda image: own.get(image_name(image).address) or ways.pushed(image),
            lambda one: can_deploy(one) and not _cannot_say(one.options, ways.can_say),
            lambda one: _only_image(one, operations, moves, ways),
        )
    taken += [one for deploy in deploys for one in (deploy.operation, *deploy.waits)]
    lines += [line for deploy in deploys for line in deploy.lines()]
    done = {id(one) for one in taken}
    said = {(line.number, line.text) for line in lines}
    for one in operations:
        line = line_of(one, is_taken=id(one) in done)
        if (one.line, one.text) not in said and line:
            lines.append(line)
            said.add((one.line, one.text))
    instead = copies([one for one in operations if id(one) not in done])
    lines = [replace(one, why=instead.get((one.number, one.text), one.why)) for one in lines]
    once = dict.fromkeys(lines)  # a `for` goes over its lines several times
    lines = sorted(once, key=lambda one: one.number)
    return FileMove(tuple(moves), tuple(taken), tuple(lines), tuple(deploys))


def _move(
    image: BuiltImage,
    wish: Wish,
    operations: Sequence[Operation],
    ways: Ways,
    lines: list[Line],
) -> ImageMove | None:
    """Adds to the lines what is taken over, or why the image is not."""
    build = image.build
    place = ways.place(image)
    outer = (*place.conditions, *build.conditions)
    found = build_settings(build, place.folder, ways.stored)
    tags, pushed_when = under_conditions(image.pushed[0].tags, outer, extracts=ways.push is not None)
    push = ways.push(pushed_when) if ways.push and pushed_when else None
    conditions = without_outer(build.conditions, place.conditions)
    rules = ruled(tags, ways.enable, ways.can_say, has_commit=ways.has_commit)
    why = found.why or _why_not(image, rules) or _cannot_say(found.settings, ways.can_say)
    if conditions and not ways.has_conditions:
        why = f"it is built only where {' and '.join(one.text for one in conditions)}"
    if pushed_when and push is None:
        texts = (" and ".join(one.text for one in conditions) for conditions in pushed_when)
        why = f"it is pushed only where {', or where '.join(texts)}, which cannot be said"
    if why:
        lines.append(Line(build.line, build.text, "no equal", "", why))
        return None
    settings = [
        ("repository", Value.constant(wish.repository) if wish.repository else image.pushed[0].repository),
        *([("region", Value.constant(wish.region))] if wish.region else []),
        *found.settings,
        *(("to", one.repository) for one in image.pushed[1:]),
        *(("tags", rule) for rule in rules.rules),
        *([("flavor", Value.constant("latest=false"))] if rules.has_git_tag else []),
        *([("short-sha-length", Value.constant(rules.digits))] if rules.digits else []),
        *([("untagged-versions", Value.constant("move"))] if rules.has_version else []),
        *([("push", Value((push,)))] if push else []),
        *_common(image, operations, wish),
    ]
    names = ", ".join(dict.fromkeys(key for key, _ in found.settings))
    lines.append(Line(build.line, build.text, "became", f"a run{': ' if names else ''}{names}"))
    lines += [Line(build.line, option, "no equal", "", why) for option, why in found.notes]
    lines += [one.warning(build.line, ways.secret(one)) for one in found.secrets]
    lines += _tag_lines(rules)
    lines += _copy_lines(image.pushed)
    context = None if found.context is None or found.context.text == "." else found.context
    return ImageMove(image, place.instead_of, context, tuple(settings), conditions)


def _only_image(
    deploy: Operation, operations: Sequence[Operation], moves: Sequence[ImageMove], ways: Ways
) -> Value | None:
    """The image that is pushed before a command, by a tag that it has in each case in which the command runs.

    None where there are several: which one the command is about is not in the file.
    """
    before = operations[: next(at for at, one in enumerate(operations) if one is deploy)]
    others = ways.others(deploy)
    if len(moves) + len(others) != 1:
        return None
    if others:
        return others[0]
    image = moves[0].image
    if not any(one is image.first for one in before) or not {*moves[0].conditions} <= {*deploy.conditions}:
        return None
    given = [one.tag for one in image.pushed[0].tags if {*one.conditions} <= {*deploy.conditions}]
    wanted = deploy.all("tag") or given
    tags = [tag for tag in given if tag in wanted and all(map(ways.can_say, tag.facts))]
    tags.sort(key=lambda tag: (not any(fact.kind is FactKind.SHA for fact in tag.facts), not tag.facts))
    return image.pushed[0].repository + Value.constant(":") + tags[0] if tags else None


def _replaced(image: BuiltImage, operations: Sequence[Operation]) -> Sequence[Operation]:
    """What a run does of it: where the image is tested in the engine, it is built and tagged there still."""
    if not _needs_engine(image, operations):
        return image.operations
    pushes = {one.text for one in image.operations if one.does is Does.PUSH}
    return [one for one in image.operations if one.does is not Does.BUILD and one.text in pushes]


def _needs_engine(image: BuiltImage, operations: Sequence[Operation]) -> bool:
    """Whether another command takes the image from the engine, so that it must be built there too."""
    names = {name for one in image.operations for name in (*one.all("tag"), *one.arguments)}
    users = (one for one in operations if one.does in (Does.RUN, Does.FILE) or _is_scanner(one))
    return any(name in one.arguments for one in users for name in names)


def _is_scanner(one: Operation) -> bool:
    return one.does is Does.SCAN and one.program != "aws"


def _cannot_say(settings: Iterable[tuple[str, Value]], can_say: Callable[[Fact], bool]) -> str:
    facts = (fact for _, value in settings for fact in value.facts)
    return next((f"what {fact.text} is cannot be said" for fact in facts if not can_say(fact)), "")


def _why_not(image: BuiltImage, rules: Ruled) -> str:
    for one in image.pushed:
        name = image_name(one.repository)
        host = name.registry.text
        if not one.repository.facts and not host:
            return f"{one.repository.source} is in Docker Hub: ecr-push pushes to Amazon ECR alone"
        if not is_in_ecr(name):
            return f"{name.registry.source} is not in Amazon ECR, to which alone ecr-push pushes"
    if not rules.rules:
        return "; ".join(one.why for one in rules.tags)
    return ""


def _tag_lines(rules: Ruled) -> Iterator[Line]:
    for one in rules.tags:
        operation = one.pushed.operation
        shown = ", ".join(rule.source for rule in one.rules)
        if one.rules:
            yield Line(operation.line, operation.text, "became", f"tags: {shown}")
        else:
            yield Line(operation.line, operation.text, "no equal", "", one.why)


def _copy_lines(pushed: Sequence[PushedTo]) -> Iterator[Line]:
    """Other repositories get the tags of the first."""
    first = {one.tag for one in pushed[0].tags}
    for other in pushed[1:]:
        operation = other.tags[0].operation
        yield Line(operation.line, operation.text, "became", f"to: {other.repository.source}")
        if {one.tag for one in other.tags} != first:
            tags = ", ".join(one.tag.source for one in other.tags)
            why = f"it had the tags {tags} there: --to gives each repository the same ones"
            yield Line(operation.line, operation.text, "no equal", "", why)


def _common(image: BuiltImage, operations: Sequence[Operation], wish: Wish) -> Iterator[tuple[str, Value]]:
    """The gate, which the file has or not, and whether a missing repository is made."""
    gate = any(one.does is Does.GATE for one in operations)
    named = " ".join(one.text.lower() for one in operations if one.does in (Does.SCAN, Does.GATE))
    if gate:
        worst = [severity for severity in _SEVERITIES if severity in named]
        yield "fail-on", Value.constant(worst[-1] if worst else "high")
    elif not wish.gate:
        yield "observe", Value.constant("true")
    own = image_name(image.pushed[0].repository).repository
    created = [one.last("repository-name") for one in operations if "create-repository" in one.text]
    if any(name is None or name.facts or own.facts or name == own for name in created):
        yield "create-repository", Value.constant("true")


def _with_definitions(move: ImageMove, taken: Sequence[Operation]) -> ImageMove:
    """The files for CodePipeline, where the run writes them."""
    added: list[tuple[str, Value]] = []
    for one in taken:
        if one.does is Does.DEFINE:
            added += [("report", value) for value in one.all("file")]
            name = _CONTAINER.search(one.arguments[0].source if one.arguments else "")
            if name and "%" not in name[1]:
                added.append(("container-name", Value.constant(name[1])))
    return replace(move, settings=(*move.settings, *added))


_CONTAINER = lazy_regex(r'"name"\s*:\s*"([^"$]+)"')
