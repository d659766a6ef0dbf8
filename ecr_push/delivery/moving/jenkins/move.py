"""A Jenkinsfile -> the same one with its images pushed by the step ecrPush. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.edit import apply
from ecr_push.delivery.moving.gather import BuiltImage
from ecr_push.delivery.moving.image_move import FileMove, ImageMove, move_images
from ecr_push.delivery.moving.image_name import image_name
from ecr_push.delivery.moving.jenkins.conditions import enable, push
from ecr_push.delivery.moving.jenkins.docker_calls import Around
from ecr_push.delivery.moving.jenkins.groovy import GroovyError
from ecr_push.delivery.moving.jenkins.library import library_edits
from ecr_push.delivery.moving.jenkins.read import Reader, Step
from ecr_push.delivery.moving.jenkins.rewrite import Rewriter
from ecr_push.delivery.moving.jenkins.stored import stored_variables
from ecr_push.delivery.moving.jenkins.tree import parse
from ecr_push.delivery.moving.jenkins.write import LIBRARY, call, can_say, deploy_call, secret
from ecr_push.delivery.moving.model import Line, Moved, NotMovedError, Wish
from ecr_push.delivery.moving.shell.operations import Does, Operation
from ecr_push.delivery.moving.values import Value
from ecr_push.delivery.moving.ways import Place, Ways

_MARKED = lazy_regex(r"\$\{\{ (.*?) \}\}")


def move_jenkinsfile(text: str, path: str, wish: Wish) -> Moved:
    """Raises NotMovedError where it pushes no image, or is not understood at all."""
    unix = text.replace("\r\n", "\n")
    try:
        statements = parse(unix)
        reader = Reader(unix)
        reader.visit_all(statements, Around())
    except GroovyError as error:
        raise NotMovedError(f"it is not Groovy that can be read: {error}") from error
    except RecursionError:
        raise NotMovedError("it is nested too deeply") from None
    found = move_images(
        reader.steps,
        wish,
        Ways(
            enable,
            can_say,
            lambda one: _place(one, reader.steps),
            secret,
            push,
            has_conditions=False,
            stored=stored_variables(unix),
            can_deploy=lambda one: _can_deploy(one, reader.steps),
        ),
    )
    if not found.images:
        raise replace(found, lines=tuple(map(_shown, found.lines))).not_there(path)
    inserted: dict[int, list[str]] = {}
    for image in found.images:
        inserted.setdefault(id(image.place), []).append(_call(image))
    for deploy in found.deploys:
        inserted[id(deploy.operation)] = [deploy_call(deploy)]
    rewriter = Rewriter(unix, reader.steps, {id(one) for one in found.taken}, inserted)
    result = apply(unix, [*library_edits(unix), *rewriter.edits(statements)])
    if "\r\n" in text:
        result = result.replace("\n", "\r\n")
    return Moved(path, result, tuple(map(_shown, found.lines)), tuple(_steps(found)))


def _place(image: BuiltImage, steps: list[Step]) -> Place:
    """The first step with a push that is reached for each push: its stage has the credentials."""
    pushes = [tag for pushed in image.pushed for tag in pushed.tags]
    for operation in (*(one.operation for one in pushes), image.build):
        (step,) = (one for one in steps if any(operation is each for each in one.operations))
        around = step.around.conditions
        if all(condition in one.conditions for one in pushes for condition in around):
            break
    needed = next(one for one in steps if any(image.first is each for each in one.operations)).around.within
    if not needed <= step.around.within:
        raise NotMovedError(
            f"line {step.statement.line}: the image is pushed in another stage, with credentials that are "
            "not there here: build it where it is pushed"
        )
    return Place(operation, step.around.folder, around)


def _can_deploy(deploy: Operation, steps: list[Step]) -> bool:
    """Whether a step of ours can stand in its place, on the machine on which the images are pushed."""
    (step,) = (one for one in steps if any(deploy is each for each in one.operations))
    machines = {one.around.machine for one in steps if any(each.does is Does.PUSH for each in one.operations)}
    is_alone = step.script is not None and id(deploy) in step.script.alone
    return is_alone and deploy.conditions == step.around.conditions and machines == {step.around.machine}


def _call(image: ImageMove) -> str:
    settings = dict(image.settings)
    options: dict[str, Value] = {}
    for key in ("region", "credentials-id"):
        value = image.image.first.last(key)
        if value is not None and value.parts and key not in settings:
            options[key] = value
    host = image_name(settings["repository"]).registry
    if host.text and ".dkr" in host.text:  # it names the region
        options.pop("region", None)
    return call(image, options)


def _shown(line: Line) -> Line:
    """With what Groovy puts into a string as it stands there."""
    texts = (_MARKED.sub(r"${\1}", text) for text in (line.text, line.became, line.why))
    text, became, why = texts
    return replace(line, text=text, became=became, why=why)


def _steps(found: FileMove) -> Iterator[str]:
    name = LIBRARY.partition("@")[0]
    yield (
        f"add the library {name} once, under Manage Jenkins, System, Global Trusted Pipeline Libraries: "
        "docs/jenkins.md has its fields"
    )
    yield "let the job clone in full, with tags (no Shallow clone): versions come from the history"
    yield from found.permissions
    yield from found.doubts
    if found.is_observed:
        yield (
            "read what the first builds report, then remove observe: from then on a finding of HIGH or worse "
            "refuses an image"
        )
