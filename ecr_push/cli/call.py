"""One call of the command line: what the user gave, and the environment and streams of the process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO


@dataclass(frozen=True)
class Call:
    """stdout carries the result and nothing else.

    flags: the settings given as flags, by field name. Empty until the command line is parsed.
    """

    environ: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    flags: dict[str, Any] = field(default_factory=dict)
