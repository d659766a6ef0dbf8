"""What a command of a script does to an image, to the registry, or with an image that is pushed."""

from __future__ import annotations

from enum import Enum

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.values import Value


class Does(str, Enum):
    """What an operation does."""

    BUILD = "builds an image"
    TAG = "tags an image"
    PUSH = "pushes an image"
    PULL = "pulls an image"
    RETAG = "tags an image in the registry"
    LOGIN = "logs in to a registry"
    ROLE = "takes over a role"
    BUILDER = "makes a builder"
    SCAN = "scans an image"
    GATE = "refuses an image by its findings"
    CREATE = "creates a repository"
    LOOK = "looks for a repository"
    REGISTRY = "sets up the registry"
    DEPLOY = "deploys an image"
    SIGN = "signs an image"
    DEFINE = "writes a file that names the image for a deployment"
    RUN = "runs an image"
    CLEAN = "removes local images"
    FILE = "writes or reads an image as a file"
    MANY = "builds or pushes what another file names"


@dataclass(frozen=True)
class Condition:
    """What must hold before a command runs. text: as it stands there.

    left, right: what are compared; None where it is not a comparison of two texts. holds: whether the
    comparison must be true; equal ones, where it is.
    """

    text: str
    left: Value | None = None
    right: Value | None = None
    holds: bool = True


@dataclass(frozen=True)
class Operation:
    """line, end: the first and the last of the command, or of the pipeline that it is in, from 1.

    program: docker, podman, buildah, kaniko, aws, kubectl …
    options: by the name that docker or the program has for them, without dashes, in their order; a switch
             has the value "true".
    strange:  options and words whose meaning is not known here.
    folder:   in which it runs, from that of the script; None where that is not known.
    """

    does: Does
    line: int
    end: int
    text: str
    program: str
    options: tuple[tuple[str, Value], ...] = ()
    arguments: tuple[Value, ...] = ()
    conditions: tuple[Condition, ...] = ()
    strange: tuple[str, ...] = ()
    folder: str | None = ""

    def all(self, name: str) -> tuple[Value, ...]:
        return tuple(value for given, value in self.options if given == name)

    def last(self, name: str) -> Value | None:
        found = self.all(name)
        return found[-1] if found else None

    def is_on(self, name: str) -> bool:
        found = self.last(name)
        return found is not None and found.text not in ("false", "0")


@dataclass(frozen=True)
class Unread:
    """Commands that may do something to an image, and that are not understood."""

    line: int
    end: int
    text: str
    why: str


@dataclass(frozen=True)
class Other:
    """A command that does nothing to an image. moves: whether it only goes to another folder."""

    line: int
    end: int
    text: str
    moves: bool = False
