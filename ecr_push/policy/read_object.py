"""How a policy that is in S3 is read; handed in, as this room asks no AWS."""

from __future__ import annotations

from collections.abc import Callable

# Reads `s3://BUCKET/KEY`, with a limit in bytes. Raises ValueError for an object that does not exist or is
# too large, RegistryError if AWS cannot be reached or refuses.
ReadObject = Callable[[str, int], bytes]


def no_objects(url: str, limit: int) -> bytes:
    """Refuses to read: the `ReadObject` of commands that do not use AWS."""
    raise ValueError("this command does not read from S3: download it to a file")
