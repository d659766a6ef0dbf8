"""One call of the command line: what the user gave, and the environment and streams of the process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from ecr_push.settings.load import Loaded


@dataclass(repr=False)
class Call:
    """stdout carries the result and nothing else. There is no repr: it would show secrets.

    flags:    the settings given as flags, by option name. Empty until the command line is parsed.
    loaded:   the settings, once they were read.
    reported: the reports say already that the settings are invalid.
    """

    environ: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    flags: dict[str, Any] = field(default_factory=dict)
    loaded: Loaded | None = None
    reported: bool = False
