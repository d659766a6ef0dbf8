"""The options that say which version it is."""

from __future__ import annotations

from typing import Annotated, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import COPYING, NAMING, WHICH_VERSION, Parsed, option

Strategy = Literal["describe", "tag", "conventional", "file", "explicit"]


@dataclass(frozen=True)
class Channel:
    """What the pre-releases of the branches that match pattern (`release/*`) are called."""

    pattern: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Channel:
        """`next=rc`. Raises ValueError."""
        pattern, equals, name = (part.strip() for part in text.rpartition("="))
        if not equals or not pattern or not (name.isascii() and name.replace("-", "a").isalnum()):
            raise ValueError(
                f"{text!r} is not a valid channel: expected BRANCH=NAME, such as next=rc or 'hotfix/*=fix'"
            )
        if name.isdigit():
            raise ValueError(f"{text!r}: a channel's name needs a letter, such as rc")
        return cls(pattern, name)


def _scheme(text: str) -> str:
    from ecr_push.versions.schemes.choice import parse_scheme

    parse_scheme(text)
    return text


SchemeText = Annotated[str, Parsed(_scheme)]
ChannelText = Annotated[Channel, Parsed(Channel.parse)]


@dataclass(frozen=True, eq=False, repr=False)
class VersionOptions:
    """How versions are derived."""

    version_strategy: Strategy = option(
        "describe",
        WHICH_VERSION,
        NAMING,
        "Where the version of a commit without a release tag comes from: describe counts commits after the "
        "last release, conventional reads their messages, file reads the project's own file, explicit takes "
        "--version, tag gives none.",
    )
    version: str = option(
        "",
        WHICH_VERSION,
        NAMING,
        "The version. Implies --version-strategy explicit.",
        metavar="VERSION",
    )
    version_file: str = option(
        "",
        WHICH_VERSION,
        NAMING,
        "The file that states the version. Implies --version-strategy file.",
        metavar="FILE",
        default_text="with --version-strategy file the first of pyproject.toml, package.json, Cargo.toml, "
        "VERSION, pom.xml, Chart.yaml in DIR",
    )
    version_scheme: SchemeText = option(
        "semver",
        WHICH_VERSION,
        NAMING | {"promote", "rollback", "lifecycle test", "status"} | COPYING,
        "Which git tags are versions: semver, two-part (v1.4), pep440, or a CalVer pattern such as "
        "YYYY.0M.MICRO.",
        metavar="SCHEME",
    )
    channels: tuple[ChannelText, ...] = option(
        (),
        WHICH_VERSION,
        NAMING,
        "What the pre-releases of a branch are called, such as next=rc; may be repeated, and the first that "
        "matches counts.",
        metavar="BRANCH=NAME",
        key="channel",
        separator=",",
        mapping=True,
        default_text="dev for every branch",
    )
    commit_scopes: tuple[str, ...] = option(
        (),
        WHICH_VERSION,
        NAMING,
        "With --version-strategy conventional, count only commits of this scope; may be repeated.",
        metavar="SCOPE",
        key="commit-scope",
        separator=",",
    )
