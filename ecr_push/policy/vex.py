"""OpenVEX statements, and whether one applies to this image and this package.

A product matches if it is the image that is evaluated, or a package in it:

- `pkg:oci/NAME[@sha256:…]`: NAME is the last part of the repository's name. Where the statement has a
  digest, it is the index's or the platform's own.
- an identifier or hash that is the image's or the index's digest, or `HOST/REPOSITORY[@sha256:…]`.
- a purl of any other type: a package by type, name and exact version. Without a version it would apply to
  every release of the package, so it excludes nothing.

A statement that excludes a finding speaks of what its qualifiers say, and of nothing else: with one that
cannot be compared with the scan (`tag`, `distro`, a checksum …) it does not apply. A statement that withdraws
an earlier one is read without its qualifiers. Both are the stricter reading.

Other products are ignored. https://github.com/openvex/spec
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.purl import SYSTEM_TYPES, Purl, is_type_of
from ecr_push.scan.distribution import distribution_name, kind_of
from ecr_push.scan.findings import Package

VexStatus = Literal["not_affected", "affected", "fixed", "under_investigation"]

# How distributions name the architectures that an image's platform names as Go does.
# https://github.com/containerd/platforms/blob/main/database.go, `dpkg --print-architecture`, rpm's arch_canon
_ARCHITECTURES = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "i386": "386",
    "i686": "386",
    "x86": "386",
    "armhf": "arm",
    "armv7": "arm",
    "armv7hl": "arm",
    "ppc64el": "ppc64le",
}


@dataclass(frozen=True)
class Subject:
    """The image that is evaluated. repository is HOST/NAME, or NAME, or empty if not known."""

    repository: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        return self.repository.rpartition("/")[2]


@dataclass(frozen=True)
class Product:
    """One product of a statement: its identifiers and digests, and the components that are meant."""

    identifiers: tuple[str, ...]
    digests: tuple[str, ...] = ()
    subcomponents: tuple[str, ...] = ()

    def covers(self, package: Package, subject: Subject, digest: str, platform: str, *, strict: bool) -> bool:
        """Whether the product includes this package. digest and platform are those of the platform's image.

        strict: qualifiers count, and a package that is a product by itself must be named with its version.
        """
        if self.is_image(subject, digest, platform, strict=strict):
            return not self.subcomponents or _names(self.subcomponents, package, platform, strict=strict)
        named = [one for one in self.identifiers if not strict or _has_version(one)]
        return not self.subcomponents and _names(named, package, platform, strict=strict)

    def is_image(self, subject: Subject, digest: str, platform: str, *, strict: bool) -> bool:
        """Whether the product is the image that is evaluated, of this platform."""
        digests = {one for one in (digest, subject.digest) if one}
        if digests & set(self.digests):
            return True
        return any(_is_image(one, subject, digests, platform, strict=strict) for one in self.identifiers)

    def qualifiers(self) -> Iterator[str]:
        """The qualifiers of all its identifiers, as they are written in a package URL."""
        for identifier in (*self.identifiers, *self.subcomponents):
            if purl := Purl.parse(identifier):
                yield from (f"{name}={value}" for name, value in purl.qualifiers.items())
                if purl.subpath:
                    yield f"#{purl.subpath}"


def _has_version(identifier: str) -> bool:
    purl = Purl.parse(identifier)
    return purl is not None and bool(purl.version)


def _names(identifiers: Iterable[str], package: Package, platform: str, *, strict: bool) -> bool:
    purls = (Purl.parse(one) for one in identifiers)
    return any(
        _is_package(purl, package) and (not strict or _holds(purl, package, platform))
        for purl in purls
        if purl and purl.kind not in ("oci", "docker")
    )


def _is_package(purl: Purl, package: Package) -> bool:
    if not is_type_of(purl.kind, package.manager) or not purl.is_named(package.name):
        return False
    epoch = purl.qualifiers.get("epoch", "")
    return not purl.version or package.version in (purl.version, f"{epoch}:{purl.version}")


def _holds(purl: Purl, package: Package, platform: str) -> bool:
    """Whether every qualifier is known to be true of the package."""

    def holds(name: str, value: str) -> bool:
        if name == "arch" and purl.kind in SYSTEM_TYPES:
            return _architecture(value) in platform.split("/")
        if name == "epoch" and purl.kind == "rpm" and purl.version:
            return package.version in {f"{value}:{purl.version}", *([purl.version] if value == "0" else ())}
        return (purl.kind, name, value, package.manager.upper()) == ("maven", "type", "jar", "JAR")

    if purl.kind in SYSTEM_TYPES and not _is_of_distribution(purl, package.distribution):
        return False
    return not purl.subpath and all(holds(name, value) for name, value in purl.qualifiers.items())


def _is_of_distribution(purl: Purl, distribution: str) -> bool:
    """Whether the package's system is the one that the URL names: Ubuntu's openssl is not Debian's."""
    if purl.namespace and distribution_name(purl.namespace) != distribution:
        return False
    return not distribution or kind_of(distribution) == purl.kind


def _is_image(identifier: str, subject: Subject, digests: set[str], platform: str, *, strict: bool) -> bool:
    purl = Purl.parse(identifier)
    if purl is None:
        repository, _, digest = identifier.rpartition("@") if "@" in identifier else (identifier, "", "")
        if identifier in digests:
            return True
        return bool(subject.repository) and repository == subject.repository and digest in {"", *digests}
    if purl.kind != "oci" or not subject.name or not purl.is_named(subject.name):
        return False
    if purl.version and purl.version not in digests:
        return False
    return not strict or _holds_image(purl, subject, platform)


def _holds_image(purl: Purl, subject: Subject, platform: str) -> bool:
    """Whether every qualifier is known to be true of the image; its tags are not, they move."""
    system, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    known = {
        "repository_url": subject.repository,
        "os": system,
        "arch": architecture,
        "variant": variant,
    }

    def holds(name: str, value: str) -> bool:
        value = _architecture(value) if name == "arch" else value
        return value == known.get(name, "")

    return not purl.subpath and all(holds(name, value) for name, value in purl.qualifiers.items())


def _architecture(name: str) -> str:
    """The architecture as a platform names it."""
    return _ARCHITECTURES.get(name.lower(), name.lower())


@dataclass(frozen=True)
class Statement:
    """A statement about one vulnerability in products.

    names: all names of the vulnerability, in upper case.
    order: when it was made; of statements on the same subject the latest applies.
    """

    names: tuple[str, ...]
    status: VexStatus
    products: tuple[Product, ...]
    justification: str = ""
    note: str = ""
    author: str = ""
    order: float = 0.0
    where: str = ""

    @property
    def excludes(self) -> bool:
        return self.status in ("not_affected", "fixed")

    def covers(self, package: Package, subject: Subject, digest: str, platform: str) -> bool:
        """Whether it speaks of this package in this image."""
        return any(
            one.covers(package, subject, digest, platform, strict=self.excludes) for one in self.products
        )

    def limits(self, package: Package, subject: Subject, digest: str, platform: str) -> tuple[str, ...]:
        """The qualifiers of the products that would cover the package without them, if none covers it."""
        near = (one for one in self.products if one.covers(package, subject, digest, platform, strict=False))
        return tuple(dict.fromkeys(said for one in near for said in one.qualifiers()))

    def names_image(self, subject: Subject, digest: str, platform: str) -> bool:
        return any(one.is_image(subject, digest, platform, strict=self.excludes) for one in self.products)

    def __str__(self) -> str:
        why = f": {self.justification}" if self.justification else ""
        return f"{self.names[0]} {self.status.replace('_', ' ')}{why}"
