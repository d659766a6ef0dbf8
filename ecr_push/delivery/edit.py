"""Changes of a file's text by place, and the image that is written there. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, has_registry
from ecr_push.base.yaml_spans import Text


@dataclass(frozen=True)
class Deployed:
    """The image that is written: HOST/NAME and its digest."""

    repository: str
    digest: Digest

    @classmethod
    def parse(cls, text: str) -> Deployed:
        """Raises ValueError for what is not HOST/NAME@DIGEST; a tag before the digest is left out."""
        name, at, digest = text.partition("@")
        repository, _ = split_tag(name)
        if not at:
            raise ValueError(
                f"{text!r} has no digest: a tag may name another image tomorrow. `ecr-push run` prints "
                "REPOSITORY@sha256:…, and `ecr-push verify IMAGE` that of a tag"
            )
        if not has_registry(repository):
            raise ValueError(f"{text!r} has no registry: expected HOST/NAME@sha256:…")
        return cls(repository, Digest(digest))

    @property
    def name(self) -> str:
        """The repository without its registry."""
        return self.repository.partition("/")[2]

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True)
class Edit:
    """text in the place of the characters from begin to end. before: what stands there, for people."""

    begin: int
    end: int
    text: str
    line: int
    before: str = ""


def split_tag(name: str) -> tuple[str, str]:
    """An image without its digest -> its repository and its tag."""
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, "")


def repository_of(image: str) -> str:
    """The repository that an image's text names, without tag and digest."""
    return split_tag(image.partition("@")[0])[0]


def is_of(image: str, deployed: Deployed) -> bool:
    """Whether a text names an image of that repository, in any registry: files move between accounts."""
    repository = repository_of(image)
    name = repository.partition("/")[2] if has_registry(repository) else repository
    return bool(name) and name == deployed.name


def replaced(text: Text, value: str) -> Edit:
    """The edit that gives a scalar another value, in its own quotes. Raises ValueError for a block."""
    if text.style in ("|", ">"):
        raise ValueError(
            f"line {text.line}: the image stands in a block ({text.style}): write it on one line"
        )
    quote = text.style
    return Edit(text.begin, text.end, f"{quote}{value}{quote}", text.line, text.value)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits; each place is changed once."""
    for edit in sorted({(one.begin, one.end, one.text) for one in edits}, reverse=True):
        begin, end, fresh = edit
        text = text[:begin] + fresh + text[end:]
    return text
