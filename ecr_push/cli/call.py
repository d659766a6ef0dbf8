"""One call of the command line: what the user gave, and the environment and streams of the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, TextIO

from ecr_push.base.addresses import without_passwords
from ecr_push.base.dataclass import dataclass

if TYPE_CHECKING:
    from ecr_push.settings.load import Loaded


@dataclass(repr=False)
class Call:
    """stdout carries the result and nothing else. There is no repr: it would show secrets.

    flags:     the settings given as flags, by option name. Empty until the command line is parsed.
    arguments: the command's own, of one that judges an image by its name.
    loaded:    the settings, once they were read.
    reported:  the requested reports are written, or were tried to.
    delivered: the CI knows too.
    clean:     removes the secrets that are known so far.
    program:   the words that start this program, before the command: for a process of its own.
    """

    environ: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    flags: dict[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    loaded: Loaded | None = None
    reported: bool = False
    delivered: bool = False
    clean: Callable[[str], str] = without_passwords
    program: Sequence[str] = ()

    @property
    def needs_images(self) -> bool:
        """Whether it is for an image of ecr-push.yml that is built from others there."""
        sources = self.loaded.sources if self.loaded else None
        return bool(sources and sources.image and sources.images[sources.image].needs)
