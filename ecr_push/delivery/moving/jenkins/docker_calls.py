"""The calls of the plugin Docker Pipeline: docker.build(…).push(…), docker.withRegistry(…) {…} and others.

Within `docker.withRegistry` a name gets the registry's host; `push('x')` pushes the image with another tag:
https://www.jenkins.io/doc/book/pipeline/docker/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.image_name import image_name
from ecr_push.delivery.moving.jenkins.evaluate import Scope
from ecr_push.delivery.moving.jenkins.groovy import Token
from ecr_push.delivery.moving.jenkins.tree import Group, Item, Statement, arguments
from ecr_push.delivery.moving.shell.expand import Variables
from ecr_push.delivery.moving.shell.operations import Condition, Does, Operation
from ecr_push.delivery.moving.shell.printed import printed_by
from ecr_push.delivery.moving.shell.read import read_script
from ecr_push.delivery.moving.shell.words import word
from ecr_push.delivery.moving.values import Value

_USES = frozenset({"inside", "withRun", "run", "pull", "imageName", "id", "tag"})


@dataclass(frozen=True)
class Around:
    """What holds for a statement by those around it.

    registry: the host of withRegistry. within: blocks that give credentials, as withAWS does, by their place.
    machine: the block that names an agent or a container, by its place.
    """

    folder: str = ""
    registry: Value = Value()
    credentials: tuple[tuple[str, Value], ...] = ()
    conditions: tuple[Condition, ...] = ()
    within: frozenset[int] = frozenset()
    machine: int = 0


@dataclass(frozen=True)
class _Image:
    """What a variable of Groovy holds. name: as it was given. built: as the engine has it."""

    name: Value
    built: Value


@dataclass(frozen=True)
class Called:
    """operations, and the blocks that the calls have. unknown: the name of a call that is not known here."""

    operations: tuple[Operation, ...] = ()
    blocks: tuple[Group, ...] = ()
    unknown: str = ""


class DockerCalls:
    """The images that Groovy's variables hold so far, and what is done with them."""

    def __init__(self, text: str, scope: Scope) -> None:
        self._text = text
        self._scope = scope
        self._images: dict[str, _Image] = {}

    def __contains__(self, variable: str) -> bool:
        return variable in self._images

    def registry(self, statement: Statement, around: Around) -> tuple[Operation, Around, Group | None] | None:
        """Of docker.withRegistry: the login, what holds within, and its block; None for another call.

        withDockerRegistry logs in for the docker command alone, whose names it does not change.
        """
        calls = _calls(statement.items)
        names = [name for name, _, _ in calls[:2]]
        if names != ["docker", "withRegistry"] and names[:1] != ["withDockerRegistry"]:
            return None
        _, given, block = calls[0 if names[0] == "withDockerRegistry" else 1]
        given = _unwrapped(given)
        named = {name: self._scope.value(one) for name, one in arguments(given)} if given else {}
        values = [self._scope.value(one) for name, one in arguments(given) if not name] if given else []
        host = _host(named.get("url", values[0] if values else Value()))
        wanted = named.get("credentialsId", values[1] if len(values) > 1 else Value())
        credentials: list[tuple[str, Value]] = []
        if wanted.text and wanted.text.startswith("ecr:"):
            _, region, name = [*wanted.text.split(":", 2), "", ""][:3]
            credentials = [("region", Value.constant(region)), ("credentials-id", Value.constant(name))]
        login = self.operation(Does.LOGIN, statement, around, (host,))
        inner = replace(around, credentials=tuple(credentials))
        if names[0] == "docker":
            inner = replace(inner, registry=host)
        return replace(login, text=login.text.split("\n")[0]), inner, block

    def _in_shell(self, value: Value) -> Value:
        """A name in single quotes with a `$`: the plugin hands it to a shell, which replaces it."""
        if not value.text or "$" not in value.text:
            return value
        return Variables(self._scope.environment, printed_by).expand(word(value.text))

    def read(self, statement: Statement, items: Sequence[Item], around: Around, variable: str = "") -> Called:
        """A chain of calls. variable: the one that it is assigned to."""
        calls = _calls(items)
        image = self._images.get(calls[0][0]) if calls else None
        operations: list[Operation] = []
        unknown = ""
        for name, given, _ in calls[1:]:
            values = [self._in_shell(self._scope.value(one)) for _, one in arguments(given)] if given else []
            if name == "build" and values:
                operation, image = self._build(statement, given, values, around)
                operations.append(operation)
            elif name == "image" and values:
                image = _Image(values[0], values[0])
            elif name == "push" and image:
                operations += self._push(statement, image, values, around)
            elif name in _USES and image:
                does = Does.PULL if name == "pull" else Does.RUN
                operations.append(self.operation(does, statement, around, (image.built,)))
            else:
                unknown = name
        if variable and image:
            self._images[variable] = image
        return Called(tuple(operations), tuple(block for _, _, block in calls if block), unknown)

    def _build(
        self, statement: Statement, given: Group | None, values: Sequence[Value], around: Around
    ) -> tuple[Operation, _Image]:
        extra = arguments(given)[1][1] if given and len(values) > 1 else ()
        token = extra[0] if len(extra) == 1 and isinstance(extra[0], Token) else None
        text = self._scope.script(token) if token and token.kind == "string" else "?" if extra else ""
        script = read_script(
            f"docker build {text}", known=self._scope.environment, expression=self._scope.text_value
        )
        built = _qualified(values[0], around)
        (found,) = script.operations or (self.operation(Does.BUILD, statement, around),)
        operation = replace(
            self.operation(Does.BUILD, statement, around, found.arguments or (Value.constant("."),)),
            options=(("tag", built), *found.options),
            strange=found.strange,
        )
        return operation, _Image(values[0], built)

    def _push(
        self, statement: Statement, image: _Image, values: Sequence[Value], around: Around
    ) -> list[Operation]:
        divided_ = image_name(image.name)
        tag = values[0] if values else divided_.tag or Value.constant("latest")
        name = _qualified(divided_.address + Value.constant(":") + tag, around)
        push = replace(self.operation(Does.PUSH, statement, around, (name,)), options=around.credentials)
        if name == image.built:
            return [push]
        return [self.operation(Does.TAG, statement, around, (image.built, name)), push]

    def operation(
        self,
        does: Does,
        statement: Statement,
        around: Around,
        given: tuple[Value, ...] = (),
        program: str = "docker",
    ) -> Operation:
        text = self._text[statement.begin : statement.end]
        end = statement.line + text.count("\n")
        return Operation(
            does, statement.line, end, text, program, (), given, around.conditions, (), around.folder
        )


def _unwrapped(given: Group | None) -> Group | None:
    """`step([name: value])` is `step(name: value)`."""
    only = given.items[0] if given and len(given.items) == 1 else None
    return only if isinstance(only, Group) and only.opening == "[" else given


def _qualified(name: Value, around: Around) -> Value:
    """With the registry's host, where it has none yet."""
    if not around.registry.parts or image_name(name).registry == around.registry:
        return name
    return around.registry + Value.constant("/") + name


def _host(url: Value) -> Value:
    """`https://HOST/PATH` -> HOST."""
    divided = url.partition("://")
    host = divided[1] if divided else url
    divided = host.partition("/")
    return divided[0] if divided else host


def _calls(items: Sequence[Item]) -> list[tuple[str, Group | None, Group | None]]:
    """`a.b(c).d(e) {…}` -> each name with its arguments and its closure."""
    found: list[tuple[str, Group | None, Group | None]] = []
    for number, one in enumerate(items):
        if isinstance(one, Token) and one.kind == "name":
            found.append((one.text, None, None))
        elif isinstance(one, Group) and found:
            name, given, block = found[-1]
            found[-1] = (name, one, block) if one.opening == "(" else (name, given, one)
        elif isinstance(one, Token) and one.kind == "string" and found and not found[-1][1]:
            rest = tuple(items[number:])  # `image.push 'x'`
            name, _, block = found[-1]
            found[-1] = (name, Group("(", rest, one.begin, items[-1].end, one.line), block)
            break
    return found
