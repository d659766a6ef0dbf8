"""dpkg's database: Debian, Ubuntu, and distroless images, which have one file for each package."""

from __future__ import annotations

from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox.inventory.model import Contents, InstalledPackage, stanzas

MAX_BYTES = 64 * 1024 * 1024
_STATUS = "var/lib/dpkg/status"
_STATUS_DIRECTORY = "var/lib/dpkg/status.d/"
_SOURCE = lazy_regex(r"(?P<name>\S+)(?:\s+\((?P<version>[^)]+)\))?")
_FIELDS = frozenset({"package", "version", "source", "status", "architecture"})
# deb-control(5): the third word of Status. These packages have no files installed.
_ABSENT = frozenset({"not-installed", "config-files"})


def matches(path: str) -> bool:
    return path == _STATUS or (path.startswith(_STATUS_DIRECTORY) and not path.endswith(".md5sums"))


def read(path: str, content: bytes) -> Contents:
    packages = (_package(path, lines) for lines in stanzas(content.decode(errors="replace")))
    return Contents(tuple(package for package in packages if package))


def _package(path: str, lines: list[str]) -> InstalledPackage | None:
    fields: dict[str, str] = {}
    for line in lines:
        if not line[0].isspace():
            field, _, value = line.partition(":")
            if field.lower() in _FIELDS:
                fields[field.lower()] = value.strip()
    name, version = fields.get("package"), fields.get("version")
    # status.d has no Status: all of its packages are installed.
    state = fields.get("status", "installed").rpartition(" ")[2]
    if not name or not version or state in _ABSENT:
        return None
    source = _SOURCE.match(fields.get("source", ""))
    return InstalledPackage(
        name=name,
        version=version,
        kind="deb",
        source_name=source["name"] if source else name,
        source_version=(source["version"] if source else "") or version,
        path=path,
        architecture=fields.get("architecture", ""),
    )
