"""Installed Python distributions: wheels' METADATA, eggs' PKG-INFO, distutils' single `.egg-info` file."""

from __future__ import annotations

import re

from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox.inventory.model import Contents, InstalledPackage, UnreadableImageError

# A long description follows the headers, so that the start of the file is enough.
MAX_BYTES = 16 * 1024 * 1024
_HEADER_BYTES = 256 * 1024
_METADATA = lazy_regex(
    r"(?:.*/)?(?:(?P<wheel>[^/]+)\.dist-info/METADATA"
    r"|(?P<egg>[^/]+)\.egg-info(?:/PKG-INFO)?|(?P<zipped>[^/]+)\.egg/EGG-INFO/PKG-INFO)"
)
_HEADER = lazy_regex(r"(?P<name>name|version)\s*:\s*(?P<value>\S.*)", re.IGNORECASE)


def matches(path: str) -> bool:
    return _METADATA.fullmatch(path) is not None


def read(path: str, content: bytes) -> Contents:
    headers: dict[str, str] = {}
    for line in content[:_HEADER_BYTES].decode(errors="replace").splitlines():
        if not line:
            break
        if header := _HEADER.fullmatch(line):
            headers.setdefault(header["name"].lower(), header["value"].strip())
    else:
        if len(content) > _HEADER_BYTES:  # what is behind that may be its name
            raise UnreadableImageError(f"{path} has headers of more than {_HEADER_BYTES:,} bytes")
    name, version = headers.get("name"), headers.get("version")
    if not name or not version:
        return Contents()
    package = InstalledPackage(
        name=name, version=version, kind="pypi", source_name=name, source_version=version, path=path
    )
    return Contents((package,))
