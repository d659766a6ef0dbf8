"""What every benchmark is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from editions import Editions


@dataclass(frozen=True)
class Given:
    """folder: a scratch folder of its own, empty.
    rounds:   how often each side runs.
    editions: the tool of this checkout and of the reference.
    peers:    folders of the actions that others use, by what their workflow names them; none without --peers.
    """

    folder: Path
    rounds: int
    editions: Editions
    peers: Mapping[str, Path]
