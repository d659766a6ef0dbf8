"""An image that is to be copied, as a user names it: of any registry, ECR's or another one. Pure."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Registry, Repository, Tag, check_repository_name, has_registry
from ecr_push.base.regex import lazy_regex

DOCKER_HUB = "docker.io"
# https://github.com/distribution/reference/blob/v0.6.0/normalize.go
_OF_DOCKER_HUB = frozenset({DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_HOST = lazy_regex(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?")


@dataclass(frozen=True)
class SourceName:
    """`[HOST/]NAME[:TAG][@DIGEST]`. registry: None for the one that --region and --registry-id name.

    Neither a tag nor a digest: the repository, of which other words choose the tags.
    """

    registry: Registry | None
    name: str
    tag: Tag | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> SourceName:
        """Raises ValueError."""
        rest, at, digest = text.removeprefix("docker://").partition("@")
        host, rest = rest.split("/", 1) if has_registry(rest) else ("", rest)
        name, colon, tag = rest.partition(":")
        if (colon and not tag) or (at and not digest):
            raise ValueError(f"{text!r} is not a valid image name: expected NAME:TAG or NAME@sha256:…")
        registry = parse_host(host) if host else None
        if registry and registry.host == DOCKER_HUB and "/" not in name:
            name = f"library/{name}"
        return cls(
            registry,
            check_repository_name(name),
            Tag(tag) if tag else None,
            Digest(digest) if digest else None,
        )

    @property
    def repository(self) -> str:
        """As a user names it."""
        return Repository(self.registry, self.name).uri if self.registry else self.name

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}{f'@{self.digest}' if self.digest else ''}"


def parse_host(host: str) -> Registry:
    """The registry at a host, whatever it runs. Raises ValueError for what is not a host."""
    if host.lower() in _OF_DOCKER_HUB:
        return Registry(DOCKER_HUB, "other")
    try:
        return Registry.parse(host)
    except ValueError:
        if not _HOST.fullmatch(host):
            raise ValueError(f"{host!r} is not a valid host of a registry") from None
        return Registry(host.lower(), "other")
