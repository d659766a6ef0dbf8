"""os-release(5): the distribution of an image."""

from __future__ import annotations

import shlex

from ecr_push.sandbox.inventory.model import Contents, OperatingSystem

MAX_BYTES = 64 * 1024
# The first that exists counts; /etc/os-release is mostly a link to the other one.
PATHS = ("etc/os-release", "usr/lib/os-release")


def matches(path: str) -> bool:
    return path in PATHS


def read(path: str, content: bytes) -> Contents:
    fields: dict[str, str] = {}
    for line in content.decode(errors="replace").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            fields[name] = _unquoted(value)
    if not fields.get("ID"):
        return Contents()
    return Contents(operating_system=OperatingSystem(fields["ID"].lower(), fields.get("VERSION_ID", "")))


def _unquoted(value: str) -> str:
    try:
        return "".join(shlex.split(value))
    except ValueError:
        return value
