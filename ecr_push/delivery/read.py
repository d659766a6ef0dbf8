"""The files that a deployment reads: a checkout's, or any that the user names."""

from __future__ import annotations

from pathlib import Path

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.fences import Fences

# A task definition has 64 KiB at most, and an object of Kubernetes 1.5 MiB.
LARGEST = 4 << 20


def read_text(path: str) -> str:
    """The line ends are those of the file. Raises OSError, and ValueError for what is not UTF-8."""
    try:
        return read_bytes(Path(path), LARGEST, Fences.of(".")).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
