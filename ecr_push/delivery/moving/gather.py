"""Commands in their order -> the images that are built and pushed, each under which names. Pure.

`docker build -t a`, `docker tag a b` and `docker push b` are one image. What is built and not pushed here is
left as it is, and so is what is pushed and was not built here.
"""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.image_name import image_name
from ecr_push.delivery.moving.shell.operations import Condition, Does, Operation
from ecr_push.delivery.moving.values import Value

_LATEST = Value.constant("latest")


@dataclass(frozen=True)
class PushedTag:
    """operation: the one that pushes it. conditions: all those under which it does."""

    tag: Value
    conditions: tuple[Condition, ...]
    operation: Operation


@dataclass(frozen=True)
class PushedTo:
    """A repository, with its registry where that is not the account's own, and the tags that it gets."""

    repository: Value
    tags: tuple[PushedTag, ...]


@dataclass(frozen=True)
class BuiltImage:
    """operations: those that build, tag and push it, which ecr-push replaces; they are never empty."""

    build: Operation
    pushed: tuple[PushedTo, ...]
    operations: tuple[Operation, ...]

    @property
    def names(self) -> frozenset[Value]:
        """What it is called in the engine and in the registry, without tags."""
        given = (name for one in self.operations for name in (*one.all("tag"), *one.arguments))
        return frozenset(_repository(name) for name in given if name.parts)

    @property
    def first(self) -> Operation:
        """The first that pushes."""
        return self.pushed[0].tags[0].operation


class _Making:
    """An image as it comes together."""

    def __init__(self, build: Operation) -> None:
        self.build = build
        self.operations = [build]
        self.pushed: dict[Value, list[PushedTag]] = {}


def built_images(operations: Iterable[Operation]) -> tuple[BuiltImage, ...]:
    """The images that are built and pushed, in the order of their builds."""
    made: list[_Making] = []
    names: dict[Value, _Making] = {}
    for one in operations:
        if one.does is Does.BUILD:
            making = next((other for other in made if _is_again(other.build, one)), None)
            if making is None:
                making = _Making(one)
                made.append(making)
            else:
                making.operations.append(one)
            for name in one.all("tag"):
                names[_whole(name)] = making
                if _pushes(one):
                    _push(making, name, one)
        elif one.does is Does.TAG and len(one.arguments) > 1:
            source, *targets = one.arguments
            if found := names.get(_whole(source)):
                names.update({_whole(target): found for target in targets})
                found.operations.append(one)
        elif one.does is Does.PUSH and one.arguments:
            _find_and_push(one, names)
        elif one.does is Does.RETAG and one.program == "docker":  # buildx imagetools create -t NEW OLD
            found = names.get(_whole(one.arguments[0])) if len(one.arguments) == 1 else None
            if found and found.pushed:
                found.operations.append(one)
                for name in one.all("tag"):
                    _push(found, name, one)
    return tuple(
        BuiltImage(
            one.build,
            tuple(PushedTo(repository, tuple(tags)) for repository, tags in one.pushed.items()),
            tuple(one.operations),
        )
        for one in made
        if one.pushed
    )


def _is_again(first: Operation, second: Operation) -> bool:
    """Whether a build is another one again, with other tags of the same repository."""
    return {_repository(name) for name in first.all("tag")} == {
        _repository(name) for name in second.all("tag")
    } and _recipe(first) == _recipe(second)


def _recipe(build: Operation) -> tuple[object, ...]:
    options = tuple(one for one in build.options if one[0] != "tag")
    return (build.program, options, build.arguments, build.folder, build.conditions)


def _find_and_push(push: Operation, names: dict[Value, _Making]) -> None:
    target, *others = push.arguments
    if others:  # `buildah push NAME OTHER`
        if making := names.get(_whole(target)):
            making.operations.append(push)
            _push(making, others[0], push)
        return
    if push.is_on("all-tags"):
        meant = [(name, making) for name, making in names.items() if _repository(name) == _repository(target)]
    else:
        meant = [(name, making) for name, making in names.items() if name == _whole(target)]
    for name, making in meant:
        if push not in making.operations:
            making.operations.append(push)
        _push(making, name, push)


def _push(making: _Making, name: Value, push: Operation) -> None:
    divided = image_name(name)
    tags = making.pushed.setdefault(divided.address, [])
    tag = PushedTag(divided.tag or _LATEST, push.conditions, push)
    same = next((at for at, one in enumerate(tags) if one.tag == tag.tag), None)
    if same is None:
        tags.append(tag)
    elif len(push.conditions) < len(tags[same].conditions):  # it is pushed in more cases
        tags[same] = tag


def _pushes(build: Operation) -> bool:
    if build.is_on("push"):
        return True
    outputs = [one.text or "" for one in build.all("output")]
    return any("type=registry" in one or ("type=image" in one and "push=true" in one) for one in outputs)


def _whole(name: Value) -> Value:
    """With `:latest`, where it has no tag."""
    return name if image_name(name).tag is not None else name + Value.constant(":latest")


def _repository(name: Value) -> Value:
    return image_name(name).address
