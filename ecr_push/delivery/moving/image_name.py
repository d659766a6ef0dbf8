"""`HOST/NAME:TAG` as a file writes it -> its parts, any of which may be facts of the run. Pure."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.values import Fact, FactKind, Value

_ECR = lazy_regex(r".*\.dkr[.-]ecr(-fips)?\..*|public\.ecr\.aws|ecr-public\.aws\.com")
_OTHERS = lazy_regex(r".*(?:ghcr|docker\.?hub|docker\.io|quay|gcr|pkg\.dev|azurecr|gitlab|harbor|jfrog).*")


@dataclass(frozen=True)
class ImageName:
    """registry: empty where there is none. tag: None where there is none, or it is within a variable."""

    registry: Value
    repository: Value
    tag: Value | None = None

    @property
    def is_in_own_registry(self) -> bool:
        """Whether the host is that of the caller's own account and region, which --region settles."""
        only = self.registry.only
        return only is not None and only.kind is FactKind.REGISTRY

    @property
    def address(self) -> Value:
        """For --repository: the name alone in the own registry, else with its host."""
        if not self.registry.parts or self.is_in_own_registry:
            return self.repository
        return self.registry + Value.constant("/") + self.repository


def image_name(value: Value) -> ImageName:
    """Divides a reference as docker does: the first part is a host where it has a dot, a colon, or is a fact.

    A digest is left out. A whole reference in one variable is a repository.
    """
    whole = _without_digest(value)
    divided = whole.partition(":", last=True)
    tag = None
    if divided and divided[1].partition("/") is None:  # else it is a port
        whole, tag = divided
    parts = whole.partition("/")
    if parts and _is_host(parts[0]):
        return ImageName(parts[0], parts[1], tag)
    return ImageName(Value(), whole, tag)


def _without_digest(value: Value) -> Value:
    divided = value.partition("@")
    return divided[0] if divided else value


def _is_host(value: Value) -> bool:
    """A name that begins with a variable, as `$REGISTRY/app`, has a registry there."""
    if value.text is not None:
        return bool({".", ":"} & set(value.text)) or value.text == "localhost"
    return isinstance(value.parts[0], Fact) or any(
        isinstance(one, str) and {".", ":"} & set(one) for one in value.parts
    )


def is_in_ecr(name: ImageName) -> bool:
    """Whether a registry is ECR's, or may be: of one that a secret names, its name is all that is known."""
    host = name.registry
    if not host.parts:
        return bool(name.repository.facts) and not _OTHERS.fullmatch(name.repository.source.lower())
    if host.text is not None:
        return bool(_ECR.fullmatch(host.text))
    return bool(_ECR.fullmatch(host.source)) or not _OTHERS.fullmatch(host.source.lower())
