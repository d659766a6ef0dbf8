"""Registry, Repository, Tag and Digest: parsed and validated once.

Constructors raise `ValueError` with a message for the user; nothing later needs to check again.
"""

from __future__ import annotations

import re
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex

RegistryKind = Literal["private", "public", "local", "other"]

# Private registry hosts: plain, FIPS and dual-stack, in every partition's suffix.
# https://docs.aws.amazon.com/general/latest/gr/ecr.html
_PRIVATE_HOST = lazy_regex(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\."
    r"(?:on\.aws|on\.amazonwebservices\.com\.cn"
    r"|amazonaws\.(?:com(?:\.cn)?|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
_LOCAL_HOST = lazy_regex(r"(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d{1,5})?")
PUBLIC_HOST = "public.ecr.aws"
# https://docs.aws.amazon.com/AmazonECR/latest/public/public-ecr-requests.html
PUBLIC_DUAL_STACK_HOST = "ecr-public.aws.com"
PUBLIC_REGION = "us-east-1"

# botocore's service model, shape RepositoryName.
_NAME_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY_NAME = lazy_regex(rf"{_NAME_PART}(?:/{_NAME_PART})*")
# OCI distribution specification 1.1, "Pulling manifests".
_TAG = lazy_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = lazy_regex(r"sha256:[0-9a-f]{64}")
# An image as `docker pull` takes it: a host, a repository, a tag and a digest.
_WHOLE_NAME = lazy_regex(
    rf"(?P<repository>(?:(?P<host>[A-Za-z0-9.:\[\]-]+)/)?{_NAME_PART}(?:/{_NAME_PART})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?P<digest>@sha256:[0-9a-f]{64})?"
)
_LONGEST_NAME = 1_024  # characters; more is not searched for an image's name


@dataclass(frozen=True)
class Tag:
    """A tag that every registry accepts: 1 to 128 of [A-Za-z0-9_.-], the first neither `.` nor `-`."""

    name: str

    def __post_init__(self) -> None:
        if not _TAG.fullmatch(self.name):
            if whole := not_a_tag_alone(self.name):
                raise ValueError(whole)
            raise ValueError(
                f"{self.name!r} is not a valid image tag: expected 1 to 128 letters, digits, '_', '.' and "
                "'-', the first neither '.' nor '-'"
            )

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Digest:
    """`sha256:` and 64 hexadecimal digits: the name of exactly one manifest."""

    value: str

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.value):
            raise ValueError(
                f"{self.value!r} is not a valid digest: expected sha256: and 64 hexadecimal digits"
            )

    @property
    def short(self) -> str:
        return self.value[: len("sha256:") + 12]

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Registry:
    """A registry's host as docker writes it; `local` is one on this machine, such as the sandbox, and `other`
    one that is not ECR's, from which images are copied.

    account and region are empty if the host does not contain them.
    """

    host: str
    kind: RegistryKind
    account: str = ""
    region: str = ""

    @classmethod
    def parse(cls, host: str) -> Registry:
        """Parses a host name. Raises ValueError if it is not one of ECR's."""
        if host in (PUBLIC_HOST, PUBLIC_DUAL_STACK_HOST):
            return cls(host, "public", region=PUBLIC_REGION)
        if private := _PRIVATE_HOST.fullmatch(host):
            return cls(host, "private", private["account"], private["region"])
        if _LOCAL_HOST.fullmatch(host):
            return cls(host, "local")
        raise ValueError(
            f"{host!r} is not an Amazon ECR registry: expected ACCOUNT.dkr.ecr.REGION.amazonaws.com "
            f"or {PUBLIC_HOST}"
        )

    @property
    def dual_stack(self) -> bool:
        """Whether the host is reached over IPv6 as well as over IPv4."""
        return self.host == PUBLIC_DUAL_STACK_HOST or self.host.endswith(
            (".on.aws", ".on.amazonwebservices.com.cn")
        )

    def __str__(self) -> str:
        return self.host


def check_repository_name(name: str) -> str:
    """Returns name if ECR allows it for a repository. Raises ValueError."""
    if 2 <= len(name) <= 256 and _REPOSITORY_NAME.fullmatch(name):
        return name
    raise ValueError(
        f"{name!r} is not a valid repository name: 2 to 256 lower-case letters and digits, with '.', '_', "
        "'__' or '-' only between them, in parts separated by '/'"
    )


@dataclass(frozen=True)
class Repository:
    """A repository in a registry. The name of a public one includes its registry's alias: `ALIAS/NAME`."""

    registry: Registry
    name: str

    def __post_init__(self) -> None:
        check_repository_name(self.name)

    @property
    def uri(self) -> str:
        return f"{self.registry.host}/{self.name}"

    def tagged(self, tag: Tag) -> str:
        return f"{self.uri}:{tag}"

    def pinned(self, digest: Digest) -> str:
        return f"{self.uri}@{digest}"

    def __str__(self) -> str:
        return self.uri


def whole_name(text: str) -> tuple[str, str]:
    """The repository and the tag of a text that is an image's whole name, two empty texts for any other.

    `HOST/NAME` without a tag is one if the host is a registry of ECR's: `feature/login` is a branch.
    """
    found = _WHOLE_NAME.fullmatch(text) if len(text) <= _LONGEST_NAME else None
    # `12:30` is a time, and `sha256:…` a digest.
    if not found or not re.search("[A-Za-z]", found["repository"]) or found["repository"] == "sha256":
        return "", ""
    if not found["tag"] and not found["digest"] and not _is_registry(found["host"] or ""):
        return "", ""
    return found["repository"], found["tag"] or ""


def not_a_tag_alone(text: str) -> str:
    """What is wrong with an image's whole name that was given as a tag; "" for any other text."""
    repository, tag = whole_name(text)
    if not repository:
        return ""
    meant = f"its tag is {tag!r}" if tag else "it has no tag"
    why = f"it is an image's whole name; {meant}, its repository {repository}"
    return f"{text!r} is not a valid image tag: {why}"


def _is_registry(host: str) -> bool:
    try:
        return bool(Registry.parse(host))
    except ValueError:
        return False


def has_registry(reference: str) -> bool:
    """Whether the first part is a host, by docker's rule: it has a `.` or `:`, or is `localhost`."""
    first, slash, _ = reference.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")


def is_same_repository(image: str, repository: str) -> bool:
    """Whether an image's repository, as a user names it, is that one; either may be without its registry."""
    (host, name), (own_host, own_name) = (
        text.split("/", 1) if has_registry(text) else ("", text) for text in (image, repository)
    )
    same_host = host == own_host or not host or (not own_host and _is_registry(host))
    return name == own_name and same_host


def parse_repository(uri: str) -> Repository:
    """Parses `HOST/NAME`. Raises ValueError."""
    host, _, name = uri.partition("/")
    return Repository(Registry.parse(host), name)


@dataclass(frozen=True)
class ImageName:
    """An image as a user names it: `[HOST/]NAME[:TAG][@DIGEST]`. host may be empty."""

    host: str
    name: str
    tag: Tag | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> ImageName:
        """Raises ValueError if a part is not valid, or if there is neither a tag nor a digest."""
        rest, _, digest_text = text.partition("@")
        host, rest = rest.split("/", 1) if has_registry(rest) else ("", rest)
        name, _, tag_text = rest.partition(":")
        if not tag_text and not digest_text:
            raise ValueError(f"{text!r} is not a valid image name: expected NAME:TAG or NAME@sha256:…")
        return cls(
            str(Registry.parse(host)) if host else "",
            check_repository_name(name),
            Tag(tag_text) if tag_text else None,
            Digest(digest_text) if digest_text else None,
        )
