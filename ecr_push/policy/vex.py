"""OpenVEX statements, and whether one applies to this image and this package.

A product matches if it is the image that is evaluated, or a package in it:

- `pkg:oci/NAME[@sha256:…]`: NAME is the last part of the repository's name. Where the statement has a
  digest, it is the index's or the platform's own; where it has `repository_url`, that is the whole
  repository, and where it has `arch`, the platform's.
- an identifier or hash that is the image's or the index's digest, or `HOST/REPOSITORY[@sha256:…]`.
- a purl of any other type: a package by type, name and exact version. Without a version it would apply to
  every release of the package, so it excludes nothing.

Other products are ignored. https://github.com/openvex/spec
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

from ecr_push.scan.findings import Package

VexStatus = Literal["not_affected", "affected", "fixed", "under_investigation"]

_MANAGERS = {
    "pypi": {"PIP", "PIPENV", "POETRY", "PYTHONPKG", "PYTHON"},
    "npm": {"NPM", "YARN", "NODEPKG"},
    "maven": {"JAR", "POM"},
    "gem": {"BUNDLER", "GEMSPEC"},
    "golang": {"GOBINARY", "GOMOD"},
    "cargo": {"CARGO"},
    "composer": {"COMPOSER"},
    "nuget": {"NUGET", "DOTNET_CORE"},
    # Basic scanning names no manager, and scans the operating system's packages.
    **{one: {"OS", ""} for one in ("deb", "rpm", "apk", "alpm")},
}


@dataclass(frozen=True)
class Purl:
    """A package URL, in parts. https://github.com/package-url/purl-spec"""

    kind: str
    namespace: str
    name: str
    version: str = ""
    qualifiers: Mapping[str, str] = field(default_factory=dict, hash=False)

    @staticmethod
    @lru_cache(maxsize=65536)
    def parse(text: str) -> Purl | None:
        """Parses a package URL; None if text is not one."""
        if not text.startswith("pkg:"):
            return None
        rest, _, _ = text.removeprefix("pkg:").partition("#")
        rest, _, query = rest.partition("?")
        path, at, version = rest.rpartition("@")
        # The unescaped @ of an npm scope belongs to the path.
        path, version = (path, version) if at and "/" not in version else (rest, "")
        kind, *names = [unquote(part) for part in path.strip("/").split("/") if part]
        if not names:
            return None
        pairs = (pair.partition("=") for pair in query.split("&") if pair)
        return Purl(
            kind.lower(),
            "/".join(names[:-1]),
            names[-1],
            unquote(version),
            {name.lower(): unquote(value) for name, _, value in pairs},
        )

    def is_package(self, package: Package) -> bool:
        """Whether a finding's package is this one. A version must be equal."""
        if self.kind != "generic" and package.manager.upper() not in _MANAGERS.get(self.kind, ()):
            return False
        spellings = {self.name}
        if self.kind == "pypi":
            spellings, name = {_pypi(self.name)}, _pypi(package.name)
        elif self.namespace and self.kind not in ("deb", "rpm", "apk", "alpm"):
            spellings = {f"{self.namespace}{mark}{self.name}" for mark in ("/", ":")}
            name = package.name
        else:
            name = package.name
        return name in spellings and (not self.version or _same_version(self, package.version))


def _pypi(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _same_version(purl: Purl, version: str) -> bool:
    wanted = {purl.version}
    if epoch := purl.qualifiers.get("epoch"):
        wanted.add(f"{epoch}:{purl.version}")
    return version in wanted


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

    def covers(self, package: Package, subject: Subject, digest: str, platform: str, *, exact: bool) -> bool:
        """Whether the product includes this package. digest and platform are those of the platform's image.

        exact: a package that is a product by itself must be named with its version.
        """
        if self.is_image(subject, digest, platform):
            return not self.subcomponents or _names(self.subcomponents, package)
        return not self.subcomponents and _names(self.identifiers, package, exact=exact)

    def is_image(self, subject: Subject, digest: str, platform: str) -> bool:
        digests = {one for one in (digest, subject.digest) if one}
        if digests & set(self.digests):
            return True
        return any(_is_image(one, subject, digests, platform) for one in self.identifiers)


def _names(identifiers: Iterable[str], package: Package, *, exact: bool = False) -> bool:
    purls = (Purl.parse(one) for one in identifiers)
    return any(
        purl.is_package(package)
        for purl in purls
        if purl and purl.kind not in ("oci", "docker") and (purl.version or not exact)
    )


def _is_image(identifier: str, subject: Subject, digests: set[str], platform: str) -> bool:
    purl = Purl.parse(identifier)
    if purl is None:
        repository, _, digest = identifier.rpartition("@") if "@" in identifier else (identifier, "", "")
        if identifier in digests:
            return True
        return bool(subject.repository) and repository == subject.repository and digest in {"", *digests}
    if purl.kind != "oci" or not subject.name or purl.name != subject.name:
        return False
    wanted = purl.qualifiers.get("repository_url", subject.repository)
    architecture = purl.qualifiers.get("arch", "")
    return (
        wanted == subject.repository
        and (not purl.version or purl.version in digests)
        and (not architecture or architecture in platform.split("/"))
    )


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
        return any(
            one.covers(package, subject, digest, platform, exact=self.excludes) for one in self.products
        )

    def names_image(self, subject: Subject, digest: str, platform: str) -> bool:
        return any(one.is_image(subject, digest, platform) for one in self.products)

    def __str__(self) -> str:
        why = f": {self.justification}" if self.justification else ""
        return f"{self.names[0]} {self.status.replace('_', ' ')}{why}"
