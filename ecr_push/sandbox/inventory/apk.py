"""apk's database: Alpine, Wolfi, Chainguard. One stanza for each package, one letter for each field.

https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2
"""

from __future__ import annotations

from ecr_push.sandbox.inventory import python
from ecr_push.sandbox.inventory.model import Contents, InstalledPackage, stanzas

MAX_BYTES = 64 * 1024 * 1024
_PATHS = frozenset({"lib/apk/db/installed", "usr/lib/apk/db/installed"})


def matches(path: str) -> bool:
    return path in _PATHS


def read(path: str, content: bytes) -> Contents:
    packages: list[InstalledPackage] = []
    owned: set[str] = set()
    for lines in stanzas(content.decode(errors="replace")):
        fields: dict[str, str] = {}
        folder = ""
        for line in lines:
            letter, _, value = line.partition(":")
            if letter == "F":
                folder = value
            elif letter == "R":
                file = f"{folder}/{value}" if folder else value
                if python.matches(file):
                    owned.add(file)
            else:
                fields.setdefault(letter, value)
        if fields.get("P") and fields.get("V"):
            packages.append(
                InstalledPackage(
                    name=fields["P"],
                    version=fields["V"],
                    kind="apk",
                    # A subpackage has the version of its origin.
                    source_name=fields.get("o") or fields["P"],
                    source_version=fields["V"],
                    path=path,
                    architecture=fields.get("A", ""),
                )
            )
    return Contents(tuple(packages), owned=frozenset(owned))
