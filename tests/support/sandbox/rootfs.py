"""Layers for tests: tar archives out of a few lines."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from typing import BinaryIO

from ecr_push.sandbox.inventory import InstalledPackage, Inventory, read_inventory

DEBIAN = {"etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'}
ALPINE = {"etc/os-release": 'ID=alpine\nVERSION_ID=3.19.1\nNAME="Alpine Linux"\n'}


def tar(files: Mapping[str, str | bytes | tarfile.TarInfo]) -> bytes:
    """path -> content, or a TarInfo for anything but a regular file. A path that ends in / is a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                content.name = path
                archive.addfile(content)
                continue
            entry = tarfile.TarInfo(path)
            if path.endswith("/"):
                entry.type = tarfile.DIRTYPE
            data = content.encode() if isinstance(content, str) else content
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def layer(files: Mapping[str, str | bytes | tarfile.TarInfo]) -> bytes:
    return gzip.compress(tar(files), mtime=0)


def link(target: str, *, hard: bool = False) -> tarfile.TarInfo:
    entry = tarfile.TarInfo()
    entry.type = tarfile.LNKTYPE if hard else tarfile.SYMTYPE
    entry.linkname = target
    return entry


def deb(name: str, version: str, *, source: str = "", status: str = "install ok installed") -> str:
    lines = [f"Package: {name}", f"Status: {status}", "Architecture: amd64", f"Version: {version}"]
    if source:
        lines.insert(2, f"Source: {source}")
    return "\n".join([*lines, "Description: something", " that goes on: here", ""]) + "\n"


def metadata(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: 99 is only in the text\n"


def inventory(*layers: bytes) -> Inventory:
    blobs = {digest(content): content for content in layers}

    def open_blob(name: str) -> BinaryIO:
        return io.BytesIO(blobs[name])

    return read_inventory([digest(content) for content in layers], open_blob)


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def shown(found: Inventory) -> list[str]:
    return [f"{it.kind} {it.name} {it.version}" for it in found.packages]


def package(
    name: str,
    version: str,
    ecosystem: str,
    *,
    source_name: str = "",
    source_version: str = "",
    path: str = "p",
) -> InstalledPackage:
    kinds = {"PyPI": "pypi", "Alpine": "apk"}
    return InstalledPackage(
        name=name,
        version=version,
        kind=kinds.get(ecosystem.partition(":")[0], "deb"),  # type: ignore[arg-type]
        source_name=source_name or name,
        source_version=source_version or version,
        path=path,
        ecosystem=ecosystem,
        layer="sha256:" + "1" * 64,
    )
