"""Tiny images that the scanner can read: build contexts as name -> text."""

from __future__ import annotations

from collections.abc import Mapping

Files = Mapping[str, str]

DOCKERFILE: Files = {"Dockerfile": "FROM scratch\nCOPY rootfs /\n"}
# What makes a root file system Debian 12 to a scanner: who it is, and one package without advisories.
DEBIAN: Files = {
    "rootfs/etc/os-release": (
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'
        "VERSION_CODENAME=bookworm\n"
    ),
    "rootfs/var/lib/dpkg/status": (
        "Package: base-files\nStatus: install ok installed\nPriority: required\nSection: admin\n"
        "Maintainer: Santiago Vila <sanvila@debian.org>\nArchitecture: amd64\nVersion: 12.4+deb12u12\n"
        "Description: Debian base system miscellaneous files\n\n"
    ),
}
CLEAN: Files = {**DOCKERFILE, **DEBIAN}
# CVE-2020-14343 of the advisories that ship with the sandbox: CRITICAL, fixed in 5.4.
# As pip installs it: dist-packages would be dpkg's own.
PYYAML: Files = {
    "rootfs/usr/local/lib/python3.11/site-packages/PyYAML-5.3.1.dist-info/METADATA": (
        "Metadata-Version: 2.1\nName: PyYAML\nVersion: 5.3.1\nSummary: YAML parser and emitter for Python\n"
    )
}
VULNERABLE: Files = {**CLEAN, **PYYAML}
# A program without a distribution around it: no scanner has anything to go by.
NO_SYSTEM: Files = {**DOCKERFILE, "rootfs/app": "a static program\n"}
# Vulnerable on arm64 alone.
ONE_BAD_PLATFORM: Files = {
    **{name.replace("rootfs/", "rootfs-amd64/"): text for name, text in DEBIAN.items()},
    **{name.replace("rootfs/", "rootfs-arm64/"): text for name, text in {**DEBIAN, **PYYAML}.items()},
    "Dockerfile": "FROM scratch\nARG TARGETARCH\nCOPY rootfs-${TARGETARCH} /\n",
}


def waiting_for(url: str) -> Files:
    """An image whose build fetches url first: it takes as long as the answer."""
    return {**CLEAN, "Dockerfile": f"FROM scratch\nARG TOKEN\nADD {url} /fetched\nCOPY rootfs /\n"}
