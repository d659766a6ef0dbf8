"""Commands that deploy -> `ecr-push deploy`, where it does the same. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.image_name import image_name
from ecr_push.delivery.moving.model import Line
from ecr_push.delivery.moving.permissions import permissions_for
from ecr_push.delivery.moving.shell.operations import Operation
from ecr_push.delivery.moving.values import Value

Settings = tuple[tuple[str, Value], ...]
_ON = Value.constant("true")
# What is about a command's output has no effect on what it does.
_ABOUT_OUTPUT = frozenset({"output", "query", "no-cli-pager", "no-paginate"})
_WRITTEN = lazy_regex(r">(?!\s*/dev/null)")


@dataclass(frozen=True)
class Kind:
    """A command of aws that becomes one of ours.

    becomes: such as `deploy lambda`. wait: the command of aws that waits for it. taken: options of it.
    options: ours, by the name in aws. always: what it is given besides. no_wait: what it is given where no
    command waits for it. needs: the option without which it stays, and why it does then.
    names_image: the option with the image; "" where that is what the file pushes.
    why: options with which it stays, and why.
    """

    becomes: str
    wait: tuple[str, ...]
    options: Mapping[str, str]
    needs: tuple[str, str]
    why: Mapping[str, str]
    about: str
    names_image: str = ""
    always: Settings = ()
    no_wait: Settings = ()


KINDS: Mapping[tuple[str, ...], Kind] = {
    ("lambda", "update-function-code"): Kind(
        "deploy lambda",
        ("lambda", "wait"),
        {"function-name": "function", "region": "region"},
        ("image-uri", "it updates a function from an archive"),
        names_image="image-uri",
        about="it waits until the function runs the image",
        why={
            "publish": "--publish makes a version without an alias; "
            "`deploy lambda --alias` lets one point to it"
        },
    ),
    ("aws-ecs", "update"): Kind(  # CircleCI's orb
        "deploy ecs",
        ("nothing",),
        {
            name: name
            for name in ("cluster", "service", "region", "task-definition", "container", "deploy-timeout")
        },
        ("container", "it is not one container that gets a tag of the image"),
        {},
        about="the image goes in by its digest, and nothing else changes",
    ),
    ("ecs", "update-service"): Kind(
        "deploy ecs",
        ("ecs", "wait"),
        {"cluster": "cluster", "service": "service", "services": "service", "region": "region"},
        ("force-new-deployment", "it changes the service, and not its image"),
        always=(("redeploy", _ON),),
        no_wait=(("deploy-timeout", Value.constant("0")),),
        about="it looks first whether the tag in the service's task definition names the image",
        why={
            "task-definition": "other commands register what it names",
            "desired-count": "--desired-count sets how many tasks run, which `deploy ecs` leaves as it is",
        },
    ),
}  # fmt: skip


@dataclass(frozen=True)
class DeployMove:
    """A command that becomes one of ours. waits: those that wait for it, and that go.

    settings: options of it, by their names. repository: of the image.
    """

    kind: Kind
    operation: Operation
    image: Value
    settings: Settings
    repository: Value
    waits: tuple[Operation, ...] = ()

    def lines(self) -> Iterator[Line]:
        """What became of its commands."""
        done = self.operation
        yield Line(done.line, done.text, "became", self.kind.becomes, self.kind.about)
        yield from (Line(one.line, one.text, "not needed", "", "the deployment waits") for one in self.waits)

    @property
    def permissions(self) -> str:
        """Options of `ecr-push iam policy`."""
        known = {name: value.text or "" for name, value in self.settings if name in _NARROWS}
        command = self.kind.becomes.replace(" ", "-")
        found = permissions_for(command, image_name(self.repository).repository.text or "", known)
        return found + "".join(f" --{name}" for name, _ in self.kind.always)


_NARROWS = frozenset({"function", "cluster", "service"})


def deploy_moves(
    operations: Sequence[Operation],
    repository_of: Callable[[Value], Value | None],
    can_deploy: Callable[[Operation], bool],
    pushed: Callable[[Operation], Value | None],
) -> list[DeployMove]:
    """The commands that let a service run an image of the file, where one of ours does the same.

    repository_of: that of an image which the file pushes. can_deploy: whether another command can stand in
    the place of one. pushed: the one image that is pushed before a command, in each case in which it runs.
    """
    found = []
    for at, one in enumerate(operations):
        kind = KINDS.get(aws_words(one)[:2])
        if kind is None or why_it_stays(one) or not can_deploy(one):
            continue
        image = one.last(kind.names_image) if kind.names_image else pushed(one)
        repository = repository_of(image) if image else None
        if image is None or repository is None:
            continue
        if image.text is not None and image_name(image).tag is None and "@" not in image.text:
            image += Value.constant(":latest")
        given = _settings(one, kind)
        waits = [
            other
            for other in operations[at + 1 :]
            if aws_words(other)[: len(kind.wait)] == kind.wait
            and _named(_settings(other, kind)) == _named(given)
            and can_deploy(other)
        ]
        settings = (*given, *kind.always, *(() if waits else kind.no_wait))
        found.append(DeployMove(kind, one, image, settings, repository, tuple(waits)))
    return found


def _settings(one: Operation, kind: Kind) -> Settings:
    return tuple(sorted((kind.options[name], value) for name, value in one.options if name in kind.options))


def _named(settings: Settings) -> Settings:
    return tuple(one for one in settings if one[0] != "region")


def why_it_stays(one: Operation) -> str:
    """Why `ecr-push deploy` does not the same as a command of KINDS; "" where it does."""
    kind = KINDS[aws_words(one)[:2]]
    names = [name for name, _ in one.options]
    if why := next((kind.why[name] for name in names if name in kind.why), ""):
        return why
    needed, why = kind.needs
    if needed not in names:
        return why
    taken = {needed, "tag", *kind.options, *_ABOUT_OUTPUT}
    if other := next((name for name in names if name not in taken), ""):
        return f"--{other} has no equal in `{kind.becomes}`"
    if _WRITTEN.search(one.text):
        return "what it prints is used"
    return ""


def aws_words(one: Operation) -> tuple[str, ...]:
    """The command without its options, those of aws without the program."""
    texts = tuple(argument.text or "" for argument in one.arguments)
    return texts if one.program == "aws" else (one.program, *texts)
