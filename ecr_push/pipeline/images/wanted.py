"""An image of ecr-push.yml that may have to run, and what is decided about it: the nouns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property

from ecr_push.base.dataclass import dataclass
from ecr_push.settings.declare import Settings
from ecr_push.settings.images.content import Content


@dataclass(frozen=True)
class Wanted:
    """An image.

    paths:   what counts for it, from the checkout's top; () for the whole checkout.
    content: what ecr-push.yml says of its content.
    read:    gives its settings, which are not needed of an image that git alone decides on.
    shares:  whether the file has another image that goes to the same repository.
    needs:   the images that it is built from, each with the build argument that gets its name, or "".
    """

    name: str
    paths: tuple[str, ...]
    content: Content
    read: Callable[[], Settings]
    shares: bool = False
    needs: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def settings(self) -> Settings:
        return self.read()


@dataclass(frozen=True)
class ImagesFile:
    """The file that lists the images.

    path: from the checkout's top. contents: of its images, in a text of it.
    """

    path: str
    contents: Callable[[str], Mapping[str, Content]]


@dataclass(frozen=True)
class Decision:
    """Whether an image has to run.

    why: in words. tag: the one in the registry that already has the image; "" where it runs.
    """

    name: str
    changed: bool
    why: str
    tag: str = ""
