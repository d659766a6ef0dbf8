"""One call of the command line: what the user gave, and the environment and streams of the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from ecr_push.base.addresses import without_passwords

if TYPE_CHECKING:
    from ecr_push.settings.load import Loaded


@dataclass(repr=False)
class Call:
    """stdout carries the result and nothing else. There is no repr: it would show secrets.

    flags:     the settings given as flags, by option name. Empty until the command line is parsed.
    loaded:    the settings, once they were read.
    reported:  the requested reports are written, or were tried to.
    delivered: the CI knows too.
    clean:     removes the secrets that are known so far.
    """

    environ: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    flags: dict[str, Any] = field(default_factory=dict)
    loaded: Loaded | None = None
    reported: bool = False
    delivered: bool = False
    clean: Callable[[str], str] = without_passwords
